//! A response's server-sent events, with limits.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use url::Url;

use crate::body::Body;
use crate::error::{Error, ErrorKind, redacted};
use crate::idle_timeout::IdleTimeout;
use crate::sse::{Events, Fault, SseEvent};

/// Limits on a stream of events.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct EventLimits {
    /// The maximum size of one event in bytes; 16 MiB by default.
    pub event_bytes: usize,
    /// The maximum time between two chunks; 45 s by default. Comments count, so heartbeats keep a
    /// stream alive.
    pub idle: Duration,
}

impl Default for EventLimits {
    fn default() -> Self {
        Self {
            event_bytes: 16 * 1024 * 1024,
            idle: Duration::from_secs(45),
        }
    }
}

impl EventLimits {
    /// Sets the maximum size of one event in bytes.
    #[must_use]
    pub fn with_event_bytes(mut self, limit: usize) -> Self {
        self.event_bytes = limit;
        self
    }

    /// Sets the maximum time between two chunks.
    #[must_use]
    pub fn with_idle(mut self, limit: Duration) -> Self {
        self.idle = limit;
        self
    }
}

/// The events of a response, as they arrive.
///
/// The stream ends with `None` at the end of the body; an incomplete event is dropped, as the
/// specification requires. An `Err` is the last item before `None`. Dropping the stream closes its
/// connection.
pub struct EventStream {
    events: Events<IdleTimeout<Body>>,
    url: Url,
}

impl EventStream {
    pub(crate) fn new(body: Body, url: Url, limits: EventLimits) -> Self {
        let body = IdleTimeout::new(body, limits.idle);
        Self {
            events: Events::new(body, limits.event_bytes),
            url,
        }
    }
}

impl Stream for EventStream {
    type Item = Result<SseEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.events).poll_next(cx);
        next.map_err(|fault| {
            let error = match fault {
                Fault::Source(error) => error,
                Fault::TooLarge { limit } => {
                    let kind = ErrorKind::TooLarge {
                        limit: limit as u64,
                    };
                    Error::new(kind, format!("an event is larger than {limit} bytes"))
                }
            };
            error.with_url(&self.url)
        })
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventStream({})", redacted(&self.url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Phase;
    use crate::idle_timeout::tests::{MINUTE, heartbeats};
    use futures_util::StreamExt as _;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn comments_reset_the_idle_timeout() {
        let start = Instant::now();
        let mut events = Events::new(IdleTimeout::new(heartbeats(), MINUTE), 100);
        let Some(Err(Fault::Source(error))) = events.next().await else {
            panic!("expected a timeout")
        };
        assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Idle));
        assert_eq!(start.elapsed().as_secs(), 3 * 40 + 60);
        assert!(events.next().await.is_none());
    }
}
