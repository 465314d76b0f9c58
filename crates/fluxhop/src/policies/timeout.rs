//! Time limits for a provider that may fall silent.

use std::sync::Arc;
use std::time::Duration;

use async_stream::stream;
use fluxhop_http::Timer;
use futures_util::StreamExt;
use tokio::time::Instant;

use crate::{Error, ErrorKind, Event, EventStream, Phase, Provider, ProviderInfo, Request};

/// Ends a request with [`ErrorKind::Timeout`] when a limit runs out.
///
/// - [`Phase::FirstEvent`]: from the first poll until the provider first tells something. Its
///   [`Event::Attempt`] and [`Event::Notice`] are its own words and do not count; a place in the
///   queue, a start, a step, a preview or a picture does. Connecting belongs to this phase, and has
///   a limit of its own in the HTTP client, which alone sees it ([`Phase::Connect`]).
/// - [`Phase::Silence`]: after that, the time in which it must tell something *new*. The same place
///   in the queue or the same step told again is a heartbeat, and a notice is talk: neither counts.
/// - [`Phase::Whole`]: the whole stream, however lively it is.
///
/// A new `Attempt` from within begins the first phase anew. A picture that is ready when a limit
/// runs out is delivered. The limits of the first two phases run only while the stream is polled:
/// a caller that takes its time over an event is no fault of the provider.
///
/// When a limit runs out, the provider's stream is dropped, which cancels its work, before the
/// error is told. Pictures delivered before it stay good.
pub struct Timeout {
    inner: Arc<dyn Provider>,
    first_event: Option<Duration>,
    silence: Option<Duration>,
    whole: Option<Duration>,
}

impl Timeout {
    /// No limits yet.
    pub fn new(inner: Arc<dyn Provider>) -> Self {
        Self {
            inner,
            first_event: None,
            silence: None,
            whole: None,
        }
    }

    /// Limits the time until the provider first tells something.
    #[must_use]
    pub fn with_first_event(mut self, limit: Duration) -> Self {
        self.first_event = Some(limit);
        self
    }

    /// Limits the time until it tells something new.
    #[must_use]
    pub fn with_silence(mut self, limit: Duration) -> Self {
        self.silence = Some(limit);
        self
    }

    /// Limits the whole request.
    #[must_use]
    pub fn with_whole(mut self, limit: Duration) -> Self {
        self.whole = Some(limit);
        self
    }
}

impl Provider for Timeout {
    fn info(&self) -> &ProviderInfo {
        self.inner.info()
    }

    fn generate(&self, request: Request) -> EventStream {
        let mut events = self.inner.generate(request);
        let name = self.info().name.clone();
        let (first_event, silence, whole) = (self.first_event, self.silence, self.whole);
        stream! {
            let end = whole.and_then(|limit| Instant::now().checked_add(limit));
            let mut watch = Watch::new(Phase::FirstEvent, first_event);
            let mut timer = Timer::default();
            let mut last = None;
            let error = loop {
                let polled = Instant::now();
                let idle_end = watch.left.and_then(|left| polled.checked_add(left));
                let item = timer.until(earlier(end, idle_end), events.next()).await;
                watch.spend(polled.elapsed());
                let over = end.is_some_and(|end| Instant::now() >= end);
                let event = match item {
                    Ok(None) => return,
                    Ok(Some(Err(error))) => break error,
                    // A picture is what was waited for, even at the last moment.
                    Ok(Some(Ok(event @ Event::Image(_)))) => event,
                    _ if over => break overdue(Phase::Whole, whole, &name),
                    Ok(Some(Ok(event))) => event,
                    Err(_) => break overdue(watch.phase, watch.limit, &name),
                };
                if matches!(event, Event::Attempt { .. }) {
                    last = None;
                    watch = Watch::new(Phase::FirstEvent, first_event);
                } else if let Some(milestone) = Milestone::of(&event)
                    && (milestone == Milestone::Picture || last.as_ref() != Some(&milestone))
                {
                    last = Some(milestone);
                    watch = Watch::new(Phase::Silence, silence);
                } else if watch.is_over() {
                    // Heartbeats that never let the provider wait would otherwise outrun the limit.
                    break overdue(watch.phase, watch.limit, &name);
                }
                yield Ok(event);
            };
            drop(events);
            yield Err(error);
        }
        .boxed()
    }
}

/// What is left of a phase's limit; it is spent while the provider is waited for.
struct Watch {
    phase: Phase,
    limit: Option<Duration>,
    left: Option<Duration>,
}

impl Watch {
    fn new(phase: Phase, limit: Option<Duration>) -> Self {
        Self {
            phase,
            limit,
            left: limit,
        }
    }

    fn spend(&mut self, time: Duration) {
        self.left = self.left.map(|left| left.saturating_sub(time));
    }

    fn is_over(&self) -> bool {
        self.left == Some(Duration::ZERO)
    }
}

/// What an event tells of the work, to be compared with what was told before.
#[derive(PartialEq)]
enum Milestone {
    Queued(Option<u32>, Option<u32>),
    Started,
    Progress(Option<u64>, Option<u64>, Option<String>),
    Picture,
}

impl Milestone {
    fn of(event: &Event) -> Option<Self> {
        match event {
            // The estimate is left out: it changes by itself while nothing happens.
            Event::Queued { position, of, .. } => Some(Self::Queued(*position, *of)),
            Event::Started => Some(Self::Started),
            Event::Progress { step, of, stage } => Some(Self::Progress(*step, *of, stage.clone())),
            Event::Preview(_) | Event::Image(_) => Some(Self::Picture),
            Event::Attempt { .. } | Event::Notice(_) | Event::Skipped { .. } => None,
        }
    }
}

fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    a.into_iter().chain(b).min()
}

fn overdue(phase: Phase, limit: Option<Duration>, provider: &str) -> Error {
    let limit = humantime::format_duration(limit.unwrap_or_default());
    Error::new(
        ErrorKind::Timeout { phase },
        format!("the limit is {limit}"),
    )
    .with_context("provider", provider)
}
