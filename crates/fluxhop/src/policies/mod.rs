//! Providers that wrap a provider: time limits, retries, failover, and load limits.
//!
//! A policy wraps an `Arc<dyn Provider>`, implements [`Provider`](crate::Provider), and changes one
//! thing about the stream. Dropping the outermost stream drops the inner ones, which cancels the
//! work; so does a policy that abandons a stream.
//!
//! The order matters. A correct one:
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use fluxhop::Provider;
//! use fluxhop::policies::{Candidate, Failover, Limit, Retry, Timeout};
//!
//! # fn example(first: Arc<dyn Provider>, second: Arc<dyn Provider>) -> Timeout {
//! // One limit on the complete request; retries per candidate; a concurrency permit that is held
//! // only during an attempt; and time limits on the provider itself.
//! let wrap = |provider: Arc<dyn Provider>| {
//!     let timed = Timeout::new(provider)
//!         .with_first_event(Duration::from_secs(60))
//!         .with_idle(Duration::from_secs(180));
//!     let limited = Limit::new(Arc::new(timed)).with_concurrency(2);
//!     Candidate::new(Arc::new(Retry::new(Arc::new(limited), 2)))
//! };
//! let info = first.info().clone();
//! let failover = Failover::new(info, vec![wrap(first), wrap(second)]);
//! Timeout::new(Arc::new(failover)).with_total(Duration::from_secs(600))
//! # }
//! ```
//!
//! Incorrect: `Timeout::with_idle` around `Retry` or `Limit` counts their delays as idle time of
//! the provider; `Limit` around `Retry` holds its permit during the delays; `Retry` around
//! `Failover` tries every candidate again, even those whose error was not retryable;
//! `Timeout::with_total` inside `Retry` limits each attempt rather than the request.

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

/// The error of a stream that ended with neither an image nor an error.
fn without_image(info: &ProviderInfo) -> Error {
    Error::new(ErrorKind::Protocol, "the stream ended without an image")
        .with_retryable(true)
        .with_context("provider", &info.name)
}

#[cfg(test)]
mod tests;
