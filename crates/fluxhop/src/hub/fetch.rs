//! One file, from the hub to its blob: on from what is here, again after what may pass.

use std::fs;
use std::path::Path;
use std::time::Duration;

use async_stream::try_stream;
use bytes::Bytes;
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::time::sleep;

use super::Hub;
use super::api::Wanted;
use super::partial::{Partial, path_of};
use super::refusal::unreached;
use crate::{Error, ErrorKind, Result};

/// The longest time without a byte.
const SILENCE: Duration = Duration::from_secs(30);
/// The longest wait between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The longest wait that the hub may ask for before its asking becomes the error.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long to wait before looking whether another program is done with a file.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// The most that is written, hashed and told at a time.
const BATCH: usize = 1 << 20;

/// What happens to a file.
pub(super) enum Step {
    Waiting,
    Checking(u64),
    /// So many of its bytes are here.
    Here(u64),
    Retrying(Error, Duration),
}

/// Whether a blob of this name and size is there.
pub(super) fn is_whole(blobs: &Path, wanted: &Wanted) -> bool {
    let found = blobs.join(&wanted.etag).metadata();
    found.is_ok_and(|found| found.is_file() && found.len() == wanted.size)
}

/// Brings one file's bytes into its blob; ends when that is whole.
///
/// Dropped, it leaves what was written: all that had come, but for the last moment's.
pub(super) fn fetch(hub: Hub, wanted: Wanted) -> impl Stream<Item = Result<Step>> + Send {
    try_stream! {
        let blobs = hub.cache.repo(&wanted.repo).join("blobs");
        let mut told = false;
        let lock = loop {
            if let Some(lock) = hub.cache.lock(&wanted.repo, &wanted.etag)? {
                break lock;
            }
            if !told {
                told = true;
                yield Step::Waiting;
            }
            sleep(LOOK_AGAIN).await;
        };
        if is_whole(&blobs, &wanted) {
            // Another program has fetched it; what was begun of it here is litter.
            fs::remove_file(path_of(&blobs, &wanted.etag)).ok();
            return;
        }
        let before = path_of(&blobs, &wanted.etag).metadata().map_or(0, |found| found.len());
        if before > 0 {
            yield Step::Checking(before);
        }
        let of = wanted.clone();
        let mut partial = blocking(move || Partial::open(&blobs, &of, lock).map(Box::new)).await?;
        yield Step::Here(partial.written());

        let mut failures = 0;
        let mut begun = false;
        loop {
            let start = partial.written();
            let failed = {
                let mut attempt = std::pin::pin!(attempt(&hub, &wanted, partial));
                loop {
                    match attempt.next().await {
                        Some(Progress::Here(bytes)) => {
                            // Bytes that came make the failures before them old.
                            (begun, failures) = (true, 0);
                            yield Step::Here(bytes);
                        }
                        Some(Progress::Whole) => return,
                        Some(Progress::Failed(error, left)) => break Some((error, left)),
                        None => break None,
                    }
                }
            };
            let Some((mut error, left)) = failed else {
                Err(Error::new(ErrorKind::Internal, "a download ended without an end"))?;
                return;
            };
            partial = left?;
            if *error.kind() == ErrorKind::Protocol && start > 0 {
                // What was here before, or the answer that went on from it, was wrong: all anew.
                partial = blocking(move || partial.restart().map(|()| partial)).await?;
                error = error.with_retryable(true);
            } else if begun && *error.kind() == ErrorKind::Unavailable {
                // The network was there just now.
                error = error.with_retryable(true);
            }
            failures += 1;
            let Some(wait) = hub.wait(failures, &error) else {
                Err(error.with_context("file", wanted.path.as_str()))?;
                return;
            };
            yield Step::Retrying(error, wait);
            sleep(wait).await;
        }
    }
}

/// How an attempt goes; the last two end it.
enum Progress {
    Here(u64),
    Whole,
    /// The failure, and the file; its own failure where it is lost.
    Failed(Error, Result<Box<Partial>>),
}

/// One request for what is missing, and the check of the whole.
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
                yield Progress::Here(0);
            }
            let mut chunks = response.chunks(SILENCE);
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
                yield Progress::Here(partial.written());
            }
            if let Some(Err(error)) = ended {
                yield Progress::Failed(unreached(error), Ok(partial));
                return;
            }
            if partial.written() < wanted.size {
                let (here, size) = (partial.written(), wanted.size);
                let message = format!("the download ended after {here} of {size} bytes");
                yield Progress::Failed(Error::new(ErrorKind::Unavailable, message), Ok(partial));
                return;
            }
        }
        match blocking(move || Ok((partial.finish(), partial))).await {
            Ok((Ok(()), _)) => yield Progress::Whole,
            Ok((Err(error), partial)) => yield Progress::Failed(error, Ok(partial)),
            Err(error) => yield Progress::Failed(error.clone(), Err(error)),
        }
    }
}

/// How a body goes on or ends.
type End = Option<Result<(), fluxhop_http::Error>>;

/// The next pieces of a body, those that are there without a wait, and its end where that has come.
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
                if length >= BATCH {
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

/// Runs work on files where it holds up nobody. Once begun it ends, even where nobody waits for it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        let message = "the work on a file was broken off";
        Err(Error::new(ErrorKind::Internal, message).with_source(error))
    })
}

impl Hub {
    /// The wait before the next attempt after so many failures; none where it is not worth it.
    pub(super) fn wait(&self, failures: u32, error: &Error) -> Option<Duration> {
        if failures > self.options.retries || !error.is_retryable() {
            return None;
        }
        if let ErrorKind::RateLimited {
            retry_after: Some(asked),
        } = error.kind()
        {
            return (*asked <= PATIENCE).then_some(*asked);
        }
        let doubled = self
            .options
            .pause
            .saturating_mul(1_u32 << (failures - 1).min(16));
        // Between half of it and all of it, so that programs that failed together spread.
        Some(
            doubled
                .min(LONGEST_PAUSE)
                .mul_f64(0.5 + fastrand::f64() / 2.0),
        )
    }

    /// Asks the hub, again where a failure may pass.
    pub(super) async fn patiently<T, F>(&self, ask: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut failures = 0;
        loop {
            let error = match ask().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            failures += 1;
            match self.wait(failures, &error) {
                Some(wait) => sleep(wait).await,
                None => return Err(error),
            }
        }
    }
}
