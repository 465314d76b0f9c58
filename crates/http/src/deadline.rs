//! Time limits that do not disturb the runtime.
//!
//! Tokio wakes its driver, at the cost of a few system calls, for each timer that is due before all
//! others. A picture takes limits of many lengths one after the other (60 s for a head, 45 s of
//! silence), so that every other one would be such a timer. Here none is set further ahead than
//! [`STRIDE`], and it is set again where there is time left when it rings: of two timers, the one
//! set later rings later. And a [`Timer`] that was not needed is kept for the next wait.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::task::coop::unconstrained;
use tokio::time::{Instant, Sleep, sleep_until};

/// The furthest that a timer is set ahead: below the usual limits, and seldom enough.
const STRIDE: Duration = Duration::from_secs(30);

/// The time was up before the work was done.
#[derive(Debug, PartialEq, Eq)]
pub struct Elapsed;

/// A timer for one wait after another.
#[derive(Debug, Default)]
pub struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// Waits for `work` until `end`; without an end, for as long as it takes. Work that is ready
    /// at its end is done in time.
    pub async fn until<T>(
        &mut self,
        end: Option<Instant>,
        work: impl Future<Output = T>,
    ) -> Result<T, Elapsed> {
        let mut work = pin!(work);
        poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Ok(done)),
            Poll::Pending => self.poll(end, cx).map(Err),
        })
        .await
    }

    /// Whether `end` has passed; wakes the task then.
    pub(crate) fn poll(&mut self, end: Option<Instant>, cx: &mut Context<'_>) -> Poll<Elapsed> {
        let Some(end) = end else {
            return Poll::Pending;
        };
        let ring = || end.min(Instant::now() + STRIDE);
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(ring())));
        if sleep.deadline() > end {
            sleep.as_mut().reset(ring());
        }
        loop {
            // Work that uses up the task's budget each time must not keep it from being told.
            ready!(pin!(unconstrained(sleep.as_mut())).poll(cx));
            if sleep.deadline() >= end {
                return Poll::Ready(Elapsed);
            }
            sleep.as_mut().reset(ring());
        }
    }
}

/// Waits for `work` for at most `limit`; a limit beyond what time can count is none.
pub async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Result<T, Elapsed> {
    let end = Instant::now().checked_add(limit);
    Timer::default().until(end, work).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use tokio::time::sleep;

    #[tokio::test(start_paused = true)]
    async fn a_limit_of_any_length_passes_at_its_end_and_not_before() {
        for seconds in [0.01, 29.0, 30.0, 31.0, 600.0] {
            let limit = Duration::from_secs_f64(seconds);
            let start = Instant::now();
            assert_eq!(within(limit, pending::<()>()).await, Err(Elapsed));
            // Timers are exact to a millisecond.
            let passed = limit..=limit + Duration::from_millis(1);
            assert!(passed.contains(&start.elapsed()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_done_in_time_is_given_and_no_limit_at_all_waits() {
        let work = || async {
            sleep(Duration::from_secs(100)).await;
            7
        };
        assert_eq!(within(Duration::from_secs(101), work()).await, Ok(7));
        assert_eq!(within(Duration::MAX, work()).await, Ok(7));
        assert_eq!(Timer::default().until(None, work()).await, Ok(7));
        assert_eq!(within(Duration::ZERO, async { 7 }).await, Ok(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_serves_one_wait_after_another_whether_shorter_or_longer() {
        let mut timer = Timer::default();
        for seconds in [600, 5, 45, 1, 100] {
            let start = Instant::now();
            let end = start.checked_add(Duration::from_secs(seconds));
            assert_eq!(timer.until(end, async { 7 }).await, Ok(7));
            assert_eq!(timer.until(end, pending::<()>()).await, Err(Elapsed));
            assert_eq!(start.elapsed().as_secs(), seconds);
        }
    }
}
