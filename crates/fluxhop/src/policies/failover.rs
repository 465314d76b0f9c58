//! Falls back to other providers when one fails.

use std::sync::Arc;

use async_stream::stream;
use futures_util::StreamExt;

use super::circuit_breaker::CircuitBreaker;
use super::without_image;
use crate::{Error, ErrorKind, Event, EventStream, Provider, ProviderInfo, Request, Result};

/// Tries candidates in order until one succeeds.
///
/// - It fails over after any error except [`ErrorKind::Cancelled`], [`ErrorKind::InvalidRequest`]
///   and [`ErrorKind::ContentRejected`] (another candidate must not be used to circumvent a
///   rejection). It never fails over after an image was delivered; a preview does not count.
/// - A candidate that fails three times in a row is skipped for 30 s, and for another 30 s if the
///   next request to it fails as well. One that reports [`ErrorKind::Unauthorized`] is skipped for
///   10 min, one that reports a quota or a rate limit until that resets, but for at most 1 h. An
///   image resets the record. Skipped candidates move to the end of the order: they are tried when
///   all others have failed. The record belongs to the [`Candidate`] and is shared by its clones.
/// - [`Event::Attempt`]s are renumbered in the order in which the caller sees them. Each skipped or
///   failed candidate is reported by an [`Event::Skipped`].
/// - If all candidates fail, the error has each one's error as a [cause](Error::causes), with the
///   candidate's name as the context value `provider`. Its kind is the most actionable one; an
///   invalid request counts only if no candidate failed for any other reason. It is retryable if
///   any cause is. If there is only one candidate, its error is returned unchanged.
///
/// A random seed is sampled once, before the first candidate is tried, so that all candidates use
/// the same seed. A failed candidate's stream is dropped before the next one is polled. The
/// capabilities are those of the given `info`.
pub struct Failover {
    info: ProviderInfo,
    candidates: Vec<Candidate>,
}

/// A provider in a [`Failover`], with the record of its failures.
#[derive(Clone)]
pub struct Candidate {
    provider: Arc<dyn Provider>,
    model: Option<String>,
    breaker: Arc<CircuitBreaker>,
}

impl Candidate {
    /// A candidate without recorded failures.
    pub fn new(provider: Arc<dyn Provider>) -> Self {
        Self {
            provider,
            model: None,
            breaker: Arc::default(),
        }
    }

    /// Requests `model` from this provider in place of the request's model. The failure record is
    /// still shared.
    #[must_use]
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// The wrapped provider.
    pub fn provider(&self) -> &Arc<dyn Provider> {
        &self.provider
    }

    fn name(&self) -> &str {
        &self.provider.info().name
    }

    fn skipped(&self, error: Error) -> Event {
        Event::Skipped {
            provider: self.name().to_owned(),
            error,
        }
    }
}

impl Failover {
    /// Tries `candidates` in this order; `info` describes the group.
    pub fn new(info: ProviderInfo, candidates: Vec<Candidate>) -> Self {
        Self { info, candidates }
    }

    /// The candidates in their current order, and a `Skipped` event for each one moved to the end.
    fn order(&self) -> (Vec<Candidate>, Vec<Event>) {
        let (mut ready, mut deferred, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
        for candidate in &self.candidates {
            match candidate.breaker.open() {
                None => ready.push(candidate.clone()),
                Some(error) => {
                    skipped.push(candidate.skipped(error));
                    deferred.push(candidate.clone());
                }
            }
        }
        if ready.is_empty() {
            skipped.clear(); // none is deferred
        }
        ready.append(&mut deferred);
        (ready, skipped)
    }

    fn check(&self, request: &Request) -> Result<()> {
        // If every candidate has its own model name, the request names a model of the group.
        if self
            .candidates
            .iter()
            .all(|candidate| candidate.model.is_some())
        {
            self.info.resolve(&request.model)?;
        }
        Ok(())
    }
}

impl Provider for Failover {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn generate(&self, mut request: Request) -> EventStream {
        let (candidates, mut skipped) = self.order();
        let checked = self.check(&request);
        stream! {
            if let Err(error) = checked {
                yield Err(error);
                return;
            }
            // Sampled once, so that every candidate starts from the same seed.
            request.seed = request.seed.sampled();
            let mut failures: Vec<(String, Error)> = Vec::new();
            let mut attempts = 0;
            for (i, candidate) in candidates.iter().enumerate() {
                let mut request = request.clone();
                if let Some(model) = &candidate.model {
                    request.model.clone_from(model);
                }
                let mut events = candidate.provider.generate(request);
                let mut delivered = false;
                let error = loop {
                    match events.next().await {
                        Some(Ok(Event::Attempt { provider, .. })) => {
                            attempts += 1;
                            yield Ok(Event::Attempt { provider, number: attempts });
                            for event in skipped.drain(..) {
                                yield Ok(event);
                            }
                        }
                        Some(Ok(event)) => {
                            if matches!(event, Event::Image(_)) {
                                delivered = true;
                                candidate.breaker.succeeded();
                            }
                            yield Ok(event);
                        }
                        Some(Err(error)) => break error,
                        None if delivered => return,
                        None => break without_image(candidate.provider.info()),
                    }
                };
                drop(events);
                if delivered {
                    yield Err(error);
                    return;
                }
                let allows_failover = allows_failover(&error);
                if allows_failover {
                    candidate.breaker.failed(&error);
                }
                let next = candidates.get(i + 1).filter(|_| allows_failover);
                if next.is_some() {
                    skipped.push(candidate.skipped(error.clone()));
                    if attempts > 0 {
                        for event in skipped.drain(..) {
                            yield Ok(event);
                        }
                    }
                }
                failures.push((candidate.name().to_owned(), error));
                if next.is_none() {
                    break;
                }
            }
            yield Err(summary(failures));
        }
        .boxed()
    }
}

/// Whether another candidate may be tried after this error.
fn allows_failover(error: &Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::InvalidRequest { .. } | ErrorKind::ContentRejected | ErrorKind::Cancelled
    )
}

/// The error if every candidate failed.
fn summary(mut failures: Vec<(String, Error)>) -> Error {
    if failures.len() == 1 {
        return failures.remove(0).1;
    }
    if failures.is_empty() {
        return Error::new(ErrorKind::Internal, "no providers are configured");
    }
    let causes: Vec<Error> = failures
        .into_iter()
        .map(|(name, error)| {
            let mut context = error.context().iter();
            if context.any(|(key, _)| *key == "provider") {
                return error;
            }
            error.with_context("provider", name)
        })
        .collect();
    let kind = causes
        .iter()
        .map(Error::kind)
        .min_by_key(|kind| rank(kind))
        .cloned();
    let retryable = causes.iter().any(Error::is_retryable);
    let message = "no provider could generate the image";
    Error::new(kind.unwrap_or(ErrorKind::Internal), message)
        .with_retryable(retryable)
        .with_causes(causes)
}

/// Orders kinds by what the caller can do: change the prompt, supply a token, wait, report a bug.
///
/// An invalid request ranks low: it is due to the limits of one provider, and must not hide that
/// the others could not be reached.
fn rank(kind: &ErrorKind) -> u8 {
    match kind {
        ErrorKind::ContentRejected => 0,
        ErrorKind::Cancelled => 1,
        ErrorKind::Config | ErrorKind::Unauthorized => 2,
        ErrorKind::QuotaExceeded { .. } => 3,
        ErrorKind::RateLimited { .. } => 4,
        ErrorKind::QueueFull => 5,
        ErrorKind::Timeout { .. } => 6,
        ErrorKind::Unavailable => 7,
        ErrorKind::Upstream => 8,
        ErrorKind::Protocol => 9,
        ErrorKind::InvalidRequest { .. } => 10,
        ErrorKind::ModelNotFound => 11,
        ErrorKind::Internal => 12,
    }
}
