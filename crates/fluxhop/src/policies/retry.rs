//! Sending a request again after a failure that may pass.

use std::sync::Arc;
use std::time::Duration;

use async_stream::stream;
use futures_util::StreamExt;
use tokio::time::sleep;

use super::without_picture;
use crate::{Error, ErrorKind, Event, EventStream, Provider, ProviderInfo, Request};

/// Sends a request again, a few times, where [`Error::is_retryable`] says that it can help.
///
/// - It waits before each retry: a random time up to a bound that doubles from `base` to `cap`
///   ("full jitter"), so that callers that failed together do not come back together. Where the
///   provider asks for a wait ([`ErrorKind::RateLimited`]), that is waited for, and a random time
///   up to `base` more; where it asks for more than `max_retry_after`, the error is told at once.
/// - It never retries once a picture was delivered. A preview does not stop it.
/// - A random seed is drawn once, before the first attempt ([`Seed::Sampled`](crate::Seed::Sampled)),
///   so that every attempt draws the same picture.
/// - [`Event::Attempt`] is numbered anew, in the order in which the caller sees them. A
///   [`Event::Notice`] before each wait says what failed and how long the wait is.
/// - A stream that ends without a picture and without an error counts as a failure that may pass.
///
/// The failed stream is dropped before the wait. Dropping this one during a wait sends nothing
/// more. The last error is told as it came, with the number of attempts in its context.
pub struct Retry {
    inner: Arc<dyn Provider>,
    retries: u32,
    base: Duration,
    cap: Duration,
    max_retry_after: Duration,
}

impl Retry {
    /// At most `retries` retries after the first attempt, with delays from 0.5 s to 20 s; an error
    /// that asks for more than 60 s is returned at once.
    pub fn new(inner: Arc<dyn Provider>, retries: u32) -> Self {
        Self {
            inner,
            retries,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(20),
            max_retry_after: Duration::from_mins(1),
        }
    }

    /// Sets the bound of the first wait and that of all.
    #[must_use]
    pub fn with_backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// Sets the longest wait that a provider may ask for.
    #[must_use]
    pub fn with_max_retry_after(mut self, max_retry_after: Duration) -> Self {
        self.max_retry_after = max_retry_after;
        self
    }

    /// The wait before retry `number`, from 1; none where it is not worth it.
    fn wait(&self, number: u32, error: &Error) -> Option<Duration> {
        if number > self.retries || !error.is_retryable() {
            return None;
        }
        match error.kind() {
            ErrorKind::RateLimited {
                retry_after: Some(asked),
            } => (*asked <= self.max_retry_after)
                .then(|| *asked + self.base.mul_f64(fastrand::f64())),
            _ => Some(backoff(self.base, self.cap, number).mul_f64(fastrand::f64())),
        }
    }

    fn copy(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            ..*self
        }
    }
}

/// The bound of the wait before retry `number`, from 1.
fn backoff(base: Duration, cap: Duration, number: u32) -> Duration {
    let doubled = 1_u32
        .checked_shl(number - 1)
        .and_then(|factor| base.checked_mul(factor));
    doubled.unwrap_or(cap).min(cap)
}

impl Provider for Retry {
    fn info(&self) -> &ProviderInfo {
        self.inner.info()
    }

    fn generate(&self, mut request: Request) -> EventStream {
        let policy = self.copy();
        stream! {
            request.seed = request.seed.sampled();
            let (mut sent, mut seen) = (0, 0);
            loop {
                sent += 1;
                let mut events = policy.inner.generate(request.clone());
                let mut delivered = false;
                let error = loop {
                    match events.next().await {
                        Some(Ok(Event::Attempt { provider, .. })) => {
                            seen += 1;
                            yield Ok(Event::Attempt { provider, number: seen });
                        }
                        Some(Ok(event)) => {
                            delivered |= matches!(event, Event::Image(_));
                            yield Ok(event);
                        }
                        Some(Err(error)) => break error,
                        None if delivered => return,
                        None => break without_picture(policy.info()),
                    }
                };
                drop(events);
                let wait = if delivered { None } else { policy.wait(sent, &error) };
                let Some(wait) = wait else {
                    yield Err(if sent > 1 { error.with_context("attempts", sent.to_string()) } else { error });
                    return;
                };
                if seen > 0 {
                    let name = &policy.info().name;
                    let seconds = wait.as_secs_f64();
                    yield Ok(Event::Notice(format!("{name}: {error}; trying again in {seconds:.1} s")));
                }
                sleep(wait).await;
            }
        }
        .boxed()
    }
}
