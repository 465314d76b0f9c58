//! Downloads one file into its blob: resumes a partial download, and retries transient failures.

use std::fs;
use std::path::Path;
use std::time::Duration;

use async_stream::try_stream;
use bytes::Bytes;
use fluxhop_http::ErrorKind as HttpErrorKind;
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::time::sleep;

use super::api::Wanted;
use super::partial::{Partial, partial_path};
use crate::{Cache, Error, ErrorKind, Hub, Result};

/// The longest time between two pieces of a body.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// How often the lock of a file that another process downloads is tried again.
const LOCK_POLL_INTERVAL: Duration = Duration::from_millis(200);
/// The most that is written and hashed in one go, in bytes.
const MAX_BATCH: usize = 1 << 20;

/// A step of a file's download.
pub(super) enum Step {
    Waiting,
    Checking(u64),
    /// How many of its bytes are on disk.
    Written(u64),
    Retrying(Error, Duration),
}

/// Whether a blob of this name and size exists.
pub(super) fn is_complete(blobs: &Path, wanted: &Wanted) -> bool {
    let found = blobs.join(&wanted.etag).metadata();
    found.is_ok_and(|found| found.is_file() && found.len() == wanted.size)
}

/// Downloads one file into its blob; ends once the blob is complete.
///
/// Dropping the stream keeps what was written so far.
pub(super) fn fetch(
    hub: Hub,
    cache: Cache,
    wanted: Wanted,
) -> impl Stream<Item = Result<Step>> + Send {
    try_stream! {
        let blobs = cache.repo(&wanted.repo).join("blobs");
        let mut reported = false;
        let lock = loop {
            if let Some(lock) = cache.lock(&wanted.repo, &wanted.etag)? {
                break lock;
            }
            if !reported {
                reported = true;
                yield Step::Waiting;
            }
            sleep(LOCK_POLL_INTERVAL).await;
        };
        if is_complete(&blobs, &wanted) {
            // Another process has completed it; a partial file is no longer needed.
            fs::remove_file(partial_path(&blobs, &wanted.etag)).ok();
            return;
        }
        let before = partial_path(&blobs, &wanted.etag).metadata().map_or(0, |found| found.len());
        if before > 0 {
            yield Step::Checking(before);
        }
        let file = wanted.clone();
        let mut partial = blocking(move || Partial::open(&blobs, &file, lock).map(Box::new)).await?;
        yield Step::Written(partial.written());

        let mut failures = 0;
        let mut received = false;
        loop {
            let start = partial.written();
            let failed = {
                let mut attempt = std::pin::pin!(attempt(&hub, &wanted, partial));
                loop {
                    match attempt.next().await {
                        Some(Progress::Written(bytes)) => {
                            // Progress resets the count of failures.
                            (received, failures) = (true, 0);
                            yield Step::Written(bytes);
                        }
                        Some(Progress::Complete) => return,
                        Some(Progress::Failed(error, left)) => break Some((error, left)),
                        None => break None,
                    }
                }
            };
            let Some((mut error, left)) = failed else {
                Err(Error::new(ErrorKind::Internal, "a download ended without a result"))?;
                return;
            };
            partial = left?;
            if *error.kind() == ErrorKind::Protocol && start > 0 {
                // The earlier bytes or their continuation were wrong: start over.
                partial = blocking(move || partial.restart().map(|()| partial)).await?;
                error = error.with_retryable(true);
            } else if received && is_unreachable(&error) {
                // It was reachable a moment ago.
                error = error.with_retryable(true);
            }
            failures += 1;
            let Some(wait) = hub.retry_delay(failures, &error) else {
                Err(error.with_context("file", wanted.path.as_str()))?;
                return;
            };
            yield Step::Retrying(error, wait);
            sleep(wait).await;
        }
    }
}

/// The progress of one attempt; the last two variants end it.
enum Progress {
    Written(u64),
    Complete,
    /// The failure, and the file if it can still be used.
    Failed(Error, Result<Box<Partial>>),
}

/// Requests the missing bytes once, writes them, and checks the hash of the complete file.
fn attempt<'a>(
    hub: &'a Hub,
    wanted: &'a Wanted,
    mut partial: Box<Partial>,
) -> impl Stream<Item = Progress> + Send + 'a {
    async_stream::stream! {
        if partial.written() < wanted.size {
            let (response, from) = match hub.open(wanted, partial.written()).await {
                Ok(opened) => opened,
                Err(error) => {
                    yield Progress::Failed(error, Ok(partial));
                    return;
                }
            };
            if from < partial.written() {
                if let Err(error) = partial.restart() {
                    yield Progress::Failed(error, Ok(partial));
                    return;
                }
                yield Progress::Written(0);
            }
            let mut chunks = response.chunks(IDLE_TIMEOUT);
            let mut ended = None;
            while ended.is_none() {
                let (pieces, end) = batch(&mut chunks).await;
                ended = end;
                if pieces.is_empty() {
                    continue;
                }
                let (left, outcome) = match write(partial, pieces).await {
                    Ok(done) => done,
                    Err(error) => {
                        yield Progress::Failed(error.clone(), Err(error));
                        return;
                    }
                };
                partial = left;
                if let Err(error) = outcome {
                    yield Progress::Failed(error, Ok(partial));
                    return;
                }
                yield Progress::Written(partial.written());
            }
            if let Some(Err(error)) = ended {
                yield Progress::Failed(error.into(), Ok(partial));
                return;
            }
            if partial.written() < wanted.size {
                let (written, size) = (partial.written(), wanted.size);
                let message = format!("the download ended after {written} of {size} bytes");
                yield Progress::Failed(Error::new(ErrorKind::Unavailable, message), Ok(partial));
                return;
            }
        }
        match blocking(move || Ok((partial.finish(), partial))).await {
            Ok((Ok(()), _)) => yield Progress::Complete,
            Ok((Err(error), partial)) => yield Progress::Failed(error, Ok(partial)),
            Err(error) => yield Progress::Failed(error.clone(), Err(error)),
        }
    }
}

/// The end of a body; `None` while there may be more.
type End = Option<Result<(), fluxhop_http::Error>>;

/// Waits for the next piece of a body and adds those that are available without waiting.
async fn batch(chunks: &mut fluxhop_http::Chunks) -> (Vec<Bytes>, End) {
    let mut pieces = Vec::new();
    let mut length = 0;
    loop {
        let next = if pieces.is_empty() {
            chunks.next().await
        } else {
            match chunks.next().now_or_never() {
                Some(next) => next,
                None => return (pieces, None),
            }
        };
        match next {
            Some(Ok(piece)) => {
                length += piece.len();
                pieces.push(piece);
                if length >= MAX_BATCH {
                    return (pieces, None);
                }
            }
            Some(Err(error)) => return (pieces, Some(Err(error))),
            None => return (pieces, Some(Ok(()))),
        }
    }
}

async fn write(
    mut partial: Box<Partial>,
    pieces: Vec<Bytes>,
) -> Result<(Box<Partial>, Result<()>)> {
    blocking(move || {
        let outcome = partial.write(&pieces);
        Ok((partial, outcome))
    })
    .await
}

/// Runs file operations on the blocking thread pool; they finish even if the future is dropped.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        let message = "a file operation was aborted";
        Err(Error::new(ErrorKind::Internal, message).with_source(error))
    })
}

fn is_unreachable(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Unavailable
            | ErrorKind::Transport(HttpErrorKind::Connect | HttpErrorKind::Broken)
    )
}
