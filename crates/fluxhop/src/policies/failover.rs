//! Other providers, where one fails.

use std::sync::Arc;

use async_stream::stream;
use futures_util::StreamExt;

use super::health::Health;
use super::without_picture;
use crate::{Error, ErrorKind, Event, EventStream, Provider, ProviderInfo, Request, Result};

/// Asks candidates in order until one draws.
///
/// - It moves on at any failure but [`ErrorKind::InvalidRequest`] and
///   [`ErrorKind::ContentRejected`], which another candidate must not be used to get round, and
///   [`ErrorKind::Cancelled`]; never once a picture was delivered. A preview does not stop it.
/// - A candidate that failed three times in a row is passed over for 30 s, and again at once if it
///   then fails; one that is not authorized for 10 min; one without quota or with too many requests
///   for as long as it says, at most an hour. A picture clears its record. Candidates that are
///   passed over come last: they are asked when the others have failed, and so when all are passed
///   over. The record belongs to the [`Candidate`] and its clones.
/// - [`Event::Attempt`] is numbered anew, in the order in which the caller sees them. When it moves
///   on or passes a candidate over, an [`Event::Skipped`] names it and says why.
/// - When all fail, the error names each and has their errors as its
///   [`causes`](Error::causes). Its kind is the one a caller can do most about, and it can be
///   retried if any can. The error of the only candidate is told as it came.
///
/// A failed candidate's stream is dropped before the next is asked. Capabilities are those of the
/// `info` given.
pub struct Failover {
    info: ProviderInfo,
    candidates: Vec<Candidate>,
}

/// One of the providers of a [`Failover`], with the record of its failures.
#[derive(Clone)]
pub struct Candidate {
    provider: Arc<dyn Provider>,
    model: Option<String>,
    health: Arc<Health>,
}

impl Candidate {
    /// A candidate with a clean record.
    pub fn new(provider: Arc<dyn Provider>) -> Self {
        Self {
            provider,
            model: None,
            health: Arc::default(),
        }
    }

    /// Asks it for `model`, by the name that it knows, whatever the request says; the record is
    /// shared.
    #[must_use]
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// The provider itself.
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
    /// Asks `candidates` in this order; `info` is what it says of itself.
    pub fn new(info: ProviderInfo, candidates: Vec<Candidate>) -> Self {
        Self { info, candidates }
    }

    /// The candidates in the order in which they are asked now, and what to say about it.
    fn line(&self) -> (Vec<Candidate>, Vec<Event>) {
        let (mut ready, mut cooling, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
        for candidate in &self.candidates {
            match candidate.health.cooling() {
                None => ready.push(candidate.clone()),
                Some(error) => {
                    skipped.push(candidate.skipped(error));
                    cooling.push(candidate.clone());
                }
            }
        }
        if ready.is_empty() {
            skipped.clear(); // there is nobody else
        }
        ready.append(&mut cooling);
        (ready, skipped)
    }

    fn check(&self, request: &Request) -> Result<()> {
        // Where each candidate is told its model, the name in the request is this policy's own.
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

    fn generate(&self, request: Request) -> EventStream {
        let (candidates, mut skipped) = self.line();
        let checked = self.check(&request);
        stream! {
            if let Err(error) = checked {
                yield Err(error);
                return;
            }
            let mut failures: Vec<(String, Error)> = Vec::new();
            let mut seen = 0;
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
                            seen += 1;
                            yield Ok(Event::Attempt { provider, number: seen });
                            for event in skipped.drain(..) {
                                yield Ok(event);
                            }
                        }
                        Some(Ok(event)) => {
                            if matches!(event, Event::Image(_)) {
                                delivered = true;
                                candidate.health.succeeded();
                            }
                            yield Ok(event);
                        }
                        Some(Err(error)) => break error,
                        None if delivered => return,
                        None => break without_picture(candidate.provider.info()),
                    }
                };
                drop(events);
                if delivered {
                    yield Err(error);
                    return;
                }
                let goes_on = goes_on(&error);
                if goes_on {
                    candidate.health.failed(&error);
                }
                let next = candidates.get(i + 1).filter(|_| goes_on);
                if next.is_some() {
                    skipped.push(candidate.skipped(error.clone()));
                    if seen > 0 {
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

/// Whether another candidate may be asked after this failure.
fn goes_on(error: &Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::InvalidRequest { .. } | ErrorKind::ContentRejected | ErrorKind::Cancelled
    )
}

/// One error for all that failed.
fn summary(mut failures: Vec<(String, Error)>) -> Error {
    if failures.len() == 1 {
        return failures.remove(0).1;
    }
    let told: Vec<String> = failures
        .iter()
        .map(|(name, error)| format!("{name}: {error}"))
        .collect();
    let message = if told.is_empty() {
        "there is no provider to ask".to_owned()
    } else {
        format!("no provider drew the picture: {}", told.join("; "))
    };
    let causes: Vec<Error> = failures.into_iter().map(|(_, error)| error).collect();
    let kind = causes
        .iter()
        .map(Error::kind)
        .min_by_key(|kind| rank(kind))
        .cloned();
    let retryable = causes.iter().any(Error::is_retryable);
    Error::new(kind.unwrap_or(ErrorKind::Internal), message)
        .with_retryable(retryable)
        .with_causes(causes)
}

/// The kinds in the order of what a caller can do: change the request, bring a token, wait.
fn rank(kind: &ErrorKind) -> u8 {
    match kind {
        ErrorKind::InvalidRequest { .. } => 0,
        ErrorKind::ContentRejected => 1,
        ErrorKind::Cancelled => 2,
        ErrorKind::Config | ErrorKind::Unauthorized => 3,
        ErrorKind::QuotaExceeded { .. } => 4,
        ErrorKind::RateLimited { .. } => 5,
        ErrorKind::QueueFull => 6,
        ErrorKind::Timeout { .. } => 7,
        ErrorKind::Unavailable => 8,
        ErrorKind::Upstream => 9,
        ErrorKind::Protocol => 10,
        ErrorKind::ModelNotFound => 11,
        ErrorKind::Internal => 12,
    }
}
