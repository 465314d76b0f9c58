//! Requests to the hub: URLs, the token, and retries.

use std::time::Duration;

use fluxhop_http::{RequestBuilder, Response, Url};
use tokio::time::sleep;

use crate::error_response::{Subject, error_response};
use crate::{Error, ErrorKind, Hub, Result, may_receive_token};

/// How long the hub may take to send a response's head.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);
/// The longest delay between two attempts.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(30);
/// The longest `Retry-After` to wait for; a longer one is an error.
const MAX_RETRY_AFTER: Duration = Duration::from_mins(1);

impl Hub {
    /// The URL with these path segments, which are escaped.
    pub(crate) fn url<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.options.endpoint.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Whether requests to the hub carry a token.
    pub(crate) fn sends_token(&self) -> bool {
        let endpoint = &self.options.endpoint;
        self.options.token.is_some() && may_receive_token(endpoint, endpoint)
    }

    /// Sends a request to the hub; a status other than 2xx and 3xx is an error about `subject`.
    pub(crate) async fn send(
        &self,
        request: RequestBuilder,
        subject: &Subject<'_>,
    ) -> Result<Response> {
        let mut request = request.timeout(RESPONSE_TIMEOUT).guarded_on_redirect();
        if let Some(token) = self.options.token.as_ref().filter(|_| self.sends_token()) {
            request = request.bearer(token);
        }
        let response = request.send().await?;
        // A HEAD request may be answered with a redirect, which has the file's metadata.
        if response.is_success() || matches!(response.status(), 301..=308) {
            return Ok(response);
        }
        Err(error_response(self, response, subject).await)
    }

    /// The delay before the next attempt, after this many failures; `None` to give up.
    pub(crate) fn retry_delay(&self, failures: u32, error: &Error) -> Option<Duration> {
        if failures > self.options.retries || !error.is_retryable() {
            return None;
        }
        if let ErrorKind::RateLimited {
            retry_after: Some(delay),
        } = error.kind()
        {
            return (*delay <= MAX_RETRY_AFTER).then_some(*delay);
        }
        let factor = 1_u32 << (failures - 1).min(16);
        let delay = self.options.retry_delay.saturating_mul(factor);
        // Jitter (50–100 %) spreads out clients that failed at the same time.
        Some(
            delay
                .min(MAX_RETRY_DELAY)
                .mul_f64(0.5 + fastrand::f64() / 2.0),
        )
    }

    /// Runs `attempt` until it succeeds, fails permanently, or exhausts the retries.
    pub(crate) async fn with_retries<T, F>(&self, attempt: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut failures = 0;
        loop {
            let error = match attempt().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            failures += 1;
            match self.retry_delay(failures, &error) {
                Some(delay) => sleep(delay).await,
                None => return Err(error),
            }
        }
    }
}
