//! A response's server-sent events, with limits.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::Instant;
use url::Url;

use crate::body::Body;
use crate::deadline::{TimeIsUp, Timer};
use crate::error::{Error, ErrorKind, Phase, redacted};
use crate::sse::{Events, Fault, SseEvent};

/// What a stream of events may cost.
#[derive(Debug, Clone, Copy)]
pub struct EventLimits {
    /// The most bytes of one event; 16 MiB by default.
    pub event_bytes: usize,
    /// The longest time without a byte, 45 s by default. Comments count as bytes: heartbeats keep
    /// a stream alive.
    pub silence: Duration,
}

impl Default for EventLimits {
    fn default() -> Self {
        Self {
            event_bytes: 16 * 1024 * 1024,
            silence: Duration::from_secs(45),
        }
    }
}

/// The events of a response, as they come.
///
/// The stream ends with `None` where the body ends, and an event that was not complete by then is
/// dropped, as the specification has it. An `Err` is the last item before `None`. Dropping the
/// stream closes its connection.
pub struct EventStream {
    events: Events<Watched<Body>>,
    url: Url,
}

impl EventStream {
    pub(crate) fn new(body: Body, url: Url, limits: EventLimits) -> Self {
        let watched = Watched::new(body, limits.silence);
        Self {
            events: Events::new(watched, limits.event_bytes),
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

/// A body that fails when it is silent for too long.
///
/// Time counts only while the reader waits: a reader that is busy for a minute has not made the
/// server silent.
struct Watched<S> {
    body: S,
    silence: Duration,
    /// When the reader will have waited for too long; there is none while it does not wait.
    end: Option<Instant>,
    timer: Timer,
}

impl<S> Watched<S> {
    fn new(body: S, silence: Duration) -> Self {
        Self {
            body,
            silence,
            end: None,
            timer: Timer::default(),
        }
    }
}

impl<S> Stream for Watched<S>
where
    S: Stream<Item = Result<Bytes, Error>> + Unpin,
{
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Poll::Ready(chunk) = Pin::new(&mut this.body).poll_next(cx) {
            this.end = None;
            return Poll::Ready(chunk);
        }
        if this.end.is_none() {
            this.end = Instant::now().checked_add(this.silence);
        }
        this.timer
            .poll(this.end, cx)
            .map(|TimeIsUp| Some(Err(Error::timeout(Phase::Silence, this.silence))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{StreamExt as _, stream};
    use tokio::time::{Instant, sleep};

    const MINUTE: Duration = Duration::from_mins(1);

    /// A comment every 40 s, three times, then nothing.
    fn heartbeats() -> Pin<Box<dyn Stream<Item = Result<Bytes, Error>>>> {
        let beats = stream::iter(0..3).then(|_| async {
            sleep(Duration::from_secs(40)).await;
            Ok(Bytes::from_static(b": beat\n\n"))
        });
        Box::pin(beats.chain(stream::pending()))
    }

    #[tokio::test(start_paused = true)]
    async fn comments_keep_a_stream_alive_and_silence_ends_it() {
        let start = Instant::now();
        let mut events = Events::new(Watched::new(heartbeats(), MINUTE), 100);
        let Some(Err(Fault::Source(error))) = events.next().await else {
            panic!("an error")
        };
        assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Silence));
        assert_eq!(start.elapsed().as_secs(), 3 * 40 + 60);
        assert!(events.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_reader_does_not_make_the_server_silent() {
        let mut watched = Watched::new(heartbeats(), MINUTE);
        for _ in 0..3 {
            watched.next().await.unwrap().unwrap();
            sleep(10 * MINUTE).await;
        }
    }
}
