//! Time limits on a provider.

use std::sync::Arc;
use std::time::Duration;

use async_stream::stream;
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use crate::{Error, ErrorKind, Event, EventStream, Phase, Provider, ProviderInfo, Request};

/// Fails a request with [`ErrorKind::Timeout`] when a limit is exceeded.
///
/// - [`Phase::FirstEvent`]: from the first poll to the first event that shows activity: a queue
///   position, a start, progress, a preview or an image, but not an [`Event::Attempt`] or an
///   [`Event::Notice`]. It includes the time to connect, which the HTTP client also limits
///   separately ([`Phase::Connect`]).
/// - [`Phase::Idle`]: after that, the time between events that report something *new*. A
///   repeated queue position or step is a heartbeat and does not count, nor does a notice.
/// - [`Phase::Total`]: the complete request, regardless of activity.
///
/// A new `Attempt` restarts the first phase. An image that is ready when a limit expires is
/// delivered. The first two limits run only while the stream is polled, so that a slow consumer
/// does not cause a timeout.
///
/// When a limit is exceeded, the provider's stream is dropped, which cancels its work, before the
/// error is returned. Images delivered before it remain valid.
pub struct Timeout {
    inner: Arc<dyn Provider>,
    first_event: Option<Duration>,
    idle: Option<Duration>,
    total: Option<Duration>,
}

impl Timeout {
    /// Wraps `inner` without limits.
    pub fn new(inner: Arc<dyn Provider>) -> Self {
        Self {
            inner,
            first_event: None,
            idle: None,
            total: None,
        }
    }

    /// Limits the time to the first event that shows activity.
    #[must_use]
    pub fn with_first_event(mut self, limit: Duration) -> Self {
        self.first_event = Some(limit);
        self
    }

    /// Limits the time between events that report something new.
    #[must_use]
    pub fn with_idle(mut self, limit: Duration) -> Self {
        self.idle = Some(limit);
        self
    }

    /// Limits the complete request.
    #[must_use]
    pub fn with_total(mut self, limit: Duration) -> Self {
        self.total = Some(limit);
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
        let (first_event, idle, total) = (self.first_event, self.idle, self.total);
        stream! {
            let end = total.and_then(|limit| Instant::now().checked_add(limit));
            let mut timeout = PhaseTimeout::new(Phase::FirstEvent, first_event);
            let mut last = None;
            let error = loop {
                let poll_start = Instant::now();
                let idle_end = timeout.left.and_then(|left| poll_start.checked_add(left));
                let item = match earlier(end, idle_end) {
                    Some(end) => timeout_at(end, events.next()).await,
                    None => Ok(events.next().await),
                };
                timeout.spend(poll_start.elapsed());
                let is_over = end.is_some_and(|end| Instant::now() >= end);
                let event = match item {
                    Ok(None) => return,
                    Ok(Some(Err(error))) => break error,
                    // An image is delivered even if the limit has just expired.
                    Ok(Some(Ok(event @ Event::Image(_)))) => event,
                    _ if is_over => break timed_out(Phase::Total, total, &name),
                    Ok(Some(Ok(event))) => event,
                    Err(_) => break timed_out(timeout.phase, timeout.limit, &name),
                };
                if matches!(event, Event::Attempt { .. }) {
                    last = None;
                    timeout = PhaseTimeout::new(Phase::FirstEvent, first_event);
                } else if let Some(milestone) = Milestone::from_event(&event)
                    && (milestone == Milestone::Image || last.as_ref() != Some(&milestone))
                {
                    last = Some(milestone);
                    timeout = PhaseTimeout::new(Phase::Idle, idle);
                } else if timeout.is_over() {
                    // Heartbeats that are always ready would otherwise evade the limit.
                    break timed_out(timeout.phase, timeout.limit, &name);
                }
                yield Ok(event);
            };
            drop(events);
            yield Err(error);
        }
        .boxed()
    }
}

/// The remaining time of a phase, reduced only while waiting for the provider.
struct PhaseTimeout {
    phase: Phase,
    limit: Option<Duration>,
    left: Option<Duration>,
}

impl PhaseTimeout {
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

/// The progress that an event reports, to be compared with the previous one.
#[derive(PartialEq)]
enum Milestone {
    Queued(Option<u32>, Option<u32>),
    Started,
    Progress(Option<u64>, Option<u64>, Option<String>),
    Image,
}

impl Milestone {
    fn from_event(event: &Event) -> Option<Self> {
        match event {
            // The estimate is excluded because it changes without activity.
            Event::Queued { position, of, .. } => Some(Self::Queued(*position, *of)),
            Event::Started => Some(Self::Started),
            Event::Progress { step, of, stage } => Some(Self::Progress(*step, *of, stage.clone())),
            Event::Preview(_) | Event::Image(_) => Some(Self::Image),
            Event::Attempt { .. } | Event::Notice(_) | Event::Skipped { .. } => None,
        }
    }
}

fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    a.into_iter().chain(b).min()
}

fn timed_out(phase: Phase, limit: Option<Duration>, provider: &str) -> Error {
    let limit = humantime::format_duration(limit.unwrap_or_default());
    Error::new(
        ErrorKind::Timeout { phase },
        format!("the limit is {limit}"),
    )
    .with_context("provider", provider)
}
