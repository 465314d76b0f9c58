//! A limit on the time between two chunks of a body.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::{Sleep, sleep};

use crate::error::{Error, Phase};

/// A body that fails if the next chunk does not arrive within a limit.
///
/// Time counts only while the reader waits, so a slow reader does not cause a timeout.
pub(crate) struct IdleTimeout<S> {
    body: S,
    limit: Duration,
    /// Set while the reader waits for a chunk.
    timer: Option<Pin<Box<Sleep>>>,
}

impl<S> IdleTimeout<S> {
    pub(crate) fn new(body: S, limit: Duration) -> Self {
        Self {
            body,
            limit,
            timer: None,
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
            this.timer = None;
            return Poll::Ready(chunk);
        }
        let limit = this.limit;
        let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        timer
            .as_mut()
            .poll(cx)
            .map(|()| Some(Err(Error::timeout(Phase::Idle, limit))))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use futures_util::{StreamExt as _, stream};

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
    async fn a_slow_reader_does_not_cause_a_timeout() {
        let mut body = IdleTimeout::new(heartbeats(), MINUTE);
        for _ in 0..3 {
            body.next().await.unwrap().unwrap();
            sleep(10 * MINUTE).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_without_a_limit_never_times_out() {
        let mut body = IdleTimeout::new(heartbeats(), Duration::MAX);
        for _ in 0..3 {
            body.next().await.unwrap().unwrap();
        }
        let result = tokio::time::timeout(60 * MINUTE, body.next()).await;
        assert!(result.is_err());
    }
}
