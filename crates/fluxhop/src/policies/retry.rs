//! Retries a request after a transient failure.

use std::sync::Arc;
use std::time::Duration;

use async_stream::stream;
use futures_util::StreamExt;
use tokio::time::sleep;

use super::without_image;
use crate::{Error, ErrorKind, Event, EventStream, Provider, ProviderInfo, Request};

/// Retries a request whose error is [retryable](Error::is_retryable).
///
/// - The delay before a retry is random, up to a bound that doubles from `base` to `cap` ("full
///   jitter"), so that callers that failed together do not retry together. If the provider reports
///   a delay ([`ErrorKind::RateLimited`]), it is used, plus a random time up to `base`; if it is
///   longer than `max_retry_after`, the error is returned immediately.
/// - It never retries after an image was delivered; a preview does not count.
/// - A random seed is sampled once, before the first attempt
///   ([`Seed::Sampled`](crate::Seed::Sampled)), so that every attempt generates the same image.
/// - [`Event::Attempt`]s are renumbered in the order in which the caller sees them. An
///   [`Event::Notice`] before each delay reports the error and the delay.
/// - A stream that ends with neither an image nor an error counts as a retryable failure.
///
/// The failed stream is dropped before the delay. If this stream is dropped during a delay, no
/// further request is sent. The last error is returned unchanged, except that its context gains
/// the number of attempts as `attempts`.
pub struct Retry {
    inner: Arc<dyn Provider>,
    retries: u32,
    base: Duration,
    cap: Duration,
    max_retry_after: Duration,
}

impl Retry {
    /// Retries up to `retries` times after the first attempt, with delays from 0.5 s to 20 s. An
    /// error with a requested delay above 60 s is returned immediately.
    pub fn new(inner: Arc<dyn Provider>, retries: u32) -> Self {
        Self {
            inner,
            retries,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(20),
            max_retry_after: Duration::from_mins(1),
        }
    }

    /// Sets the bound of the first delay and the maximum: 0.5 s and 20 s by default.
    #[must_use]
    pub fn with_backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// Sets the longest delay that a provider may request: 60 s by default.
    #[must_use]
    pub fn with_max_retry_after(mut self, max_retry_after: Duration) -> Self {
        self.max_retry_after = max_retry_after;
        self
    }

    /// The delay before retry `number`, from 1; `None` if the error is final.
    fn delay(&self, number: u32, error: &Error) -> Option<Duration> {
        if number > self.retries || !error.is_retryable() {
            return None;
        }
        match error.kind() {
            ErrorKind::RateLimited {
                retry_after: Some(requested),
            } => (*requested <= self.max_retry_after)
                .then(|| *requested + self.base.mul_f64(fastrand::f64())),
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

/// The bound of the delay before retry `number`, from 1.
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
            let (mut requests, mut attempts) = (0, 0);
            loop {
                requests += 1;
                let mut events = policy.inner.generate(request.clone());
                let mut delivered = false;
                let error = loop {
                    match events.next().await {
                        Some(Ok(Event::Attempt { provider, .. })) => {
                            attempts += 1;
                            yield Ok(Event::Attempt { provider, number: attempts });
                        }
                        Some(Ok(event)) => {
                            delivered |= matches!(event, Event::Image(_));
                            yield Ok(event);
                        }
                        Some(Err(error)) => break error,
                        None if delivered => return,
                        None => break without_image(policy.info()),
                    }
                };
                drop(events);
                let delay = if delivered { None } else { policy.delay(requests, &error) };
                let Some(delay) = delay else {
                    yield Err(if requests > 1 { error.with_context("attempts", requests.to_string()) } else { error });
                    return;
                };
                if attempts > 0 {
                    let name = &policy.info().name;
                    let seconds = delay.as_secs_f64();
                    yield Ok(Event::Notice(format!("{name}: {error}; retrying in {seconds:.1} s")));
                }
                sleep(delay).await;
            }
        }
        .boxed()
    }
}
