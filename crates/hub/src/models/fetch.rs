//! Downloads one file into its blob, resuming partial downloads and retrying transient failures.

use std::fs;
use std::path::Path;
use std::time::Duration;

use async_stream::try_stream;
use bytes::Bytes;
use fluxhop_http::ErrorKind as HttpErrorKind;
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::time::sleep;

use super::api::RemoteFile;
use super::partial::{Partial, partial_path};
use crate::{Cache, Error, ErrorKind, Hub, Result};

/// The longest time between two chunks of a body.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// The delay between two attempts to lock a file that another process is downloading.
const LOCK_POLL_INTERVAL: Duration = Duration::from_millis(200);
/// The maximum number of bytes to write and hash at once.
const MAX_BATCH: usize = 1 << 20;

/// A step of a file's download.
pub(super) enum Step {
    Waiting,
    Checking(u64),
    /// How many of its bytes are on disk.
    Written(u64),
    Retrying(Error, Duration),
}

/// Whether the cache has a blob with this name and size.
pub(super) fn is_complete(blobs: &Path, file: &RemoteFile) -> bool {
    let metadata = blobs.join(&file.etag).metadata();
    metadata.is_ok_and(|metadata| metadata.is_file() && metadata.len() == file.size)
}

/// Downloads one file into its blob; ends once the blob is complete.
///
/// Dropping the stream keeps the bytes written so far.
pub(super) fn fetch(
    hub: Hub,
    cache: Cache,
    file: RemoteFile,
) -> impl Stream<Item = Result<Step>> + Send {
    try_stream! {
        let blobs = cache.repo(&file.repo).join("blobs");
        let mut is_reported = false;
        let lock = loop {
            if let Some(lock) = cache.lock(&file.repo, &file.etag)? {
                break lock;
            }
            if !is_reported {
                is_reported = true;
                yield Step::Waiting;
            }
            sleep(LOCK_POLL_INTERVAL).await;
        };
        if is_complete(&blobs, &file) {
            // Another process has completed it; a partial file is no longer needed.
            fs::remove_file(partial_path(&blobs, &file.etag)).ok();
            return;
        }
        let metadata = partial_path(&blobs, &file.etag).metadata();
        let length = metadata.map_or(0, |metadata| metadata.len());
        if length > 0 {
            yield Step::Checking(length);
        }
        let remote = file.clone();
        let open = move || Partial::open(&blobs, &remote, lock).map(Box::new);
        let mut partial = blocking(open).await?;
        yield Step::Written(partial.written());

        let mut failures = 0;
        let mut received = false;
        loop {
            let start = partial.written();
            let failure = {
                let mut attempt = std::pin::pin!(attempt(&hub, &file, partial));
                loop {
                    match attempt.next().await {
                        Some(Progress::Written(bytes)) => {
                            // Progress resets the count of failures.
                            (received, failures) = (true, 0);
                            yield Step::Written(bytes);
                        }
                        Some(Progress::Complete) => return,
                        Some(Progress::Failed(error, partial)) => break Some((error, partial)),
                        None => break None,
                    }
                }
            };
            let Some((mut error, remaining)) = failure else {
                Err(Error::new(ErrorKind::Internal, "a download ended without a result"))?;
                return;
            };
            partial = remaining?;
            if *error.kind() == ErrorKind::Protocol && start > 0 {
                // The earlier bytes or their continuation were wrong: start over.
                partial = blocking(move || partial.restart().map(|()| partial)).await?;
                error = error.with_retryable(true);
            } else if received && is_unreachable(&error) {
                // The server was reachable a moment ago.
                error = error.with_retryable(true);
            }
            failures += 1;
            let Some(wait) = hub.retry_delay(failures, &error) else {
                Err(error.with_context("file", file.path.as_str()))?;
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
    file: &'a RemoteFile,
    mut partial: Box<Partial>,
) -> impl Stream<Item = Progress> + Send + 'a {
    async_stream::stream! {
        if partial.written() < file.size {
            let (response, from) = match hub.open(file, partial.written()).await {
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
            let mut end = None;
            while end.is_none() {
                let (batch, batch_end) = next_batch(&mut chunks).await;
                end = batch_end;
                if batch.is_empty() {
                    continue;
                }
                let (returned, result) = match write(partial, batch).await {
                    Ok(output) => output,
                    Err(error) => {
                        yield Progress::Failed(error.clone(), Err(error));
                        return;
                    }
                };
                partial = returned;
                if let Err(error) = result {
                    yield Progress::Failed(error, Ok(partial));
                    return;
                }
                yield Progress::Written(partial.written());
            }
            if let Some(Err(error)) = end {
                yield Progress::Failed(error.into(), Ok(partial));
                return;
            }
            if partial.written() < file.size {
                let (written, size) = (partial.written(), file.size);
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

/// Waits for the next chunk of a body, and adds those that are available without waiting.
async fn next_batch(chunks: &mut fluxhop_http::Chunks) -> (Vec<Bytes>, End) {
    let mut batch = Vec::new();
    let mut length = 0;
    loop {
        let next = if batch.is_empty() {
            chunks.next().await
        } else {
            match chunks.next().now_or_never() {
                Some(next) => next,
                None => return (batch, None),
            }
        };
        match next {
            Some(Ok(chunk)) => {
                length += chunk.len();
                batch.push(chunk);
                if length >= MAX_BATCH {
                    return (batch, None);
                }
            }
            Some(Err(error)) => return (batch, Some(Err(error))),
            None => return (batch, Some(Ok(()))),
        }
    }
}

async fn write(
    mut partial: Box<Partial>,
    chunks: Vec<Bytes>,
) -> Result<(Box<Partial>, Result<()>)> {
    blocking(move || {
        let result = partial.write(&chunks);
        Ok((partial, result))
    })
    .await
}

/// Runs file operations on the blocking thread pool; they finish even if the future is dropped.
async fn blocking<T: Send + 'static>(
    operation: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let result = tokio::task::spawn_blocking(operation).await;
    result.unwrap_or_else(|error| {
        let message = "a file operation was aborted";
        Err(Error::new(ErrorKind::Internal, message).with_source(error))
    })
}

fn is_unreachable(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Unavailable
            | ErrorKind::Transport(HttpErrorKind::Connect | HttpErrorKind::Interrupted)
    )
}
