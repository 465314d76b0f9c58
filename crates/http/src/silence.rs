//! A limit on how long a body may be silent.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::Instant;

use crate::deadline::{Elapsed, Timer};
use crate::error::{Error, Phase};

/// A body that fails when it is silent for too long.
///
/// Time counts only while the reader waits: a reader that is busy for a minute has not made the
/// server silent.
pub(crate) struct IdleTimeout<S> {
    body: S,
    silence: Duration,
    /// When the reader will have waited for too long; there is none while it does not wait.
    end: Option<Instant>,
    timer: Timer,
}

impl<S> IdleTimeout<S> {
    pub(crate) fn new(body: S, silence: Duration) -> Self {
        Self {
            body,
            silence,
            end: None,
            timer: Timer::default(),
        }
    }
}

impl<S> Stream for IdleTimeout<S>
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
            .map(|Elapsed| Some(Err(Error::timeout(Phase::Silence, this.silence))))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use futures_util::{StreamExt as _, stream};
    use tokio::time::sleep;

    pub(crate) const MINUTE: Duration = Duration::from_mins(1);

    /// A comment every 40 s, three times, then nothing.
    pub(crate) fn heartbeats() -> Pin<Box<dyn Stream<Item = Result<Bytes, Error>>>> {
        let beats = stream::iter(0..3).then(|_| async {
            sleep(Duration::from_secs(40)).await;
            Ok(Bytes::from_static(b": beat\n\n"))
        });
        Box::pin(beats.chain(stream::pending()))
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_reader_does_not_make_the_server_silent() {
        let mut watched = IdleTimeout::new(heartbeats(), MINUTE);
        for _ in 0..3 {
            watched.next().await.unwrap().unwrap();
            sleep(10 * MINUTE).await;
        }
    }
}
