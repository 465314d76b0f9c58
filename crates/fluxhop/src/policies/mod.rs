//! Providers around a provider: time limits, retries, other candidates, limits on the load.
//!
//! Each wraps an `Arc<dyn Provider>`, is a [`Provider`](crate::Provider) itself, and changes one
//! thing about the stream. Dropping the outermost stream drops all within, down to the provider's,
//! which cancels the work; so does the policy that gives a stream up.
//!
//! The order matters. From the outside in:
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use fluxhop::Provider;
//! use fluxhop::policies::{Candidate, Failover, Limit, Retry, Timeout};
//!
//! # fn example(first: Arc<dyn Provider>, second: Arc<dyn Provider>) -> Timeout {
//! // Right: one limit on all that is tried; each candidate with retries of its own; a place that
//! // is held only while a request is out; and time limits on what the provider itself does.
//! let around = |provider: Arc<dyn Provider>| {
//!     let timed = Timeout::new(provider)
//!         .with_first_event(Duration::from_secs(60))
//!         .with_silence(Duration::from_secs(180));
//!     let limited = Limit::new(Arc::new(timed)).with_concurrency(2);
//!     Candidate::new(Arc::new(Retry::new(Arc::new(limited), 2)))
//! };
//! let info = first.info().clone();
//! let failover = Failover::new(info, vec![around(first), around(second)]);
//! Timeout::new(Arc::new(failover)).with_whole(Duration::from_secs(600))
//! # }
//! ```
//!
//! Wrong: `Timeout::with_silence` around `Retry` or `Limit` takes their waits for the provider's
//! silence; `Limit` around `Retry` holds its place through the waits; `Retry` around `Failover`
//! asks every candidate again, the refused ones too; `Timeout::with_whole` within `Retry` is no
//! limit on the whole.

mod circuit_breaker;
mod failover;
mod limit;
mod retry;
mod timeout;

pub use failover::{Candidate, Failover};
pub use limit::Limit;
pub use retry::Retry;
pub use timeout::Timeout;

use crate::{Error, ErrorKind, ProviderInfo};

/// The error for a stream that ended without a picture and without saying why.
fn without_picture(info: &ProviderInfo) -> Error {
    Error::new(ErrorKind::Protocol, "the stream ended without a picture")
        .with_retryable(true)
        .with_context("provider", &info.name)
}

#[cfg(test)]
mod tests;
