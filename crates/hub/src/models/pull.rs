//! A pull: reads the files' metadata, checks the free disk space, and fetches and links each file.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use async_stream::try_stream;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::api::RemoteFile;
use super::event::{PullEvent, PullStream};
use super::fetch::{Step, fetch, is_complete};
use super::partial::partial_path;
use super::select::select;
use crate::cache::{create_parent, io_error};
use crate::{Cache, Error, ErrorKind, Hub, ModelSource, Result, format_bytes};

/// How many requests for metadata run at once.
const CONCURRENT_REQUESTS: usize = 8;

impl Hub {
    /// Downloads the files of `source` that are not in `cache`.
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the hub has no such model, with
    /// [`Unauthorized`](crate::ErrorKind::Unauthorized) if it is gated or private, with
    /// [`Invalid`](crate::ErrorKind::Invalid) for `revision` if it has no such revision and for
    /// `file` if it has several weight files and none was selected, and with
    /// [`Io`](crate::ErrorKind::Io) if a file cannot be written. Every error has the `model` in its
    /// context.
    pub fn pull(&self, cache: &Cache, source: ModelSource) -> PullStream {
        let model = source.to_string();
        let events = stream(self.clone(), cache.clone(), source);
        let with_model = move |error: Error| error.with_context("model", model.as_str());
        events.map(move |event| event.map_err(&with_model)).boxed()
    }
}

fn stream(hub: Hub, cache: Cache, source: ModelSource) -> PullStream {
    try_stream! {
        let revision = hub.with_retries(|| hub.revision(&source)).await?;
        let (repo, commit) = (source.repo(), revision.commit.as_str());
        let files = select(&source, &revision.files)?;
        let snapshot = cache.repo(repo).join("snapshots").join(commit);
        let blobs = cache.repo(repo).join("blobs");

        // A commit is immutable, so files that are already in its snapshot are not checked again.
        let paths = files.iter().map(|file| file.path.clone());
        let paths = paths.filter(|path| !snapshot.join(path).is_file()).collect();
        let mut missing = metadata(&hub, repo, commit, paths).await?;
        // Smallest first, so that problems with the model or the token show early.
        missing.sort_by(|a, b| (a.size, &a.path).cmp(&(b.size, &b.path)));
        let total = Total::new(&missing, &blobs);
        total.check_disk_space(cache.folder(), &blobs)?;
        create_partial_files(&missing, &blobs)?;
        yield PullEvent::Found {
            repo: repo.to_owned(),
            commit: commit.to_owned(),
            files: files.len(),
            bytes: total.bytes,
            downloaded: total.downloaded,
        };

        // The bytes on disk of all other files.
        let mut others = total.downloaded;
        for remote in missing {
            let is_counted = !is_complete(&blobs, &remote);
            if is_counted {
                others = others.saturating_sub(partial_length(&blobs, &remote));
            }
            let mut steps = std::pin::pin!(fetch(hub.clone(), cache.clone(), remote.clone()));
            while let Some(step) = steps.next().await {
                let file = remote.path.clone();
                yield match step? {
                    Step::Waiting => PullEvent::Waiting { file },
                    Step::Checking(bytes) => PullEvent::Checking { file, bytes },
                    Step::Written(done) => PullEvent::Progress {
                        file,
                        done,
                        of: remote.size,
                        total_done: others + done,
                        total: total.bytes,
                    },
                    Step::Retrying(error, wait) => PullEvent::Retrying { file, error, wait },
                };
            }
            if is_counted {
                others += remote.size;
            }
            cache.link(repo, commit, &remote.path, &remote.etag)?;
            yield PullEvent::Fetched { file: remote.path, bytes: remote.size };
        }
        cache.set_ref(repo, source.revision(), commit)?;
        yield PullEvent::Done { path: snapshot };
    }
    .boxed()
}

/// Reads the metadata of these files concurrently.
async fn metadata(
    hub: &Hub,
    repo: &str,
    commit: &str,
    paths: Vec<String>,
) -> Result<Vec<RemoteFile>> {
    let requests = paths
        .into_iter()
        .map(|path| async move { hub.with_retries(|| hub.metadata(repo, commit, &path)).await });
    stream::iter(requests)
        .buffered(CONCURRENT_REQUESTS)
        .try_collect()
        .await
}

/// The total size of the missing blobs, each counted once.
struct Total {
    bytes: u64,
    /// How many of these bytes are in partial files.
    downloaded: u64,
}

impl Total {
    fn new(files: &[RemoteFile], blobs: &Path) -> Self {
        let mut seen = BTreeSet::new();
        let missing = files
            .iter()
            .filter(|file| !is_complete(blobs, file) && seen.insert(&file.etag));
        let none = Self {
            bytes: 0,
            downloaded: 0,
        };
        missing.fold(none, |total, file| Self {
            bytes: total.bytes + file.size,
            downloaded: total.downloaded + partial_length(blobs, file),
        })
    }

    /// Fails if the disk has too little free space.
    fn check_disk_space(&self, cache: &Path, blobs: &Path) -> Result<()> {
        let needed = self.bytes - self.downloaded;
        if needed == 0 {
            return Ok(());
        }
        create_parent(&blobs.join("x"))?;
        let Some(free) = fs4::available_space(blobs)
            .ok()
            .filter(|free| *free < needed)
        else {
            return Ok(());
        };
        let message = format!(
            "not enough disk space in {}: {} needed, {} free",
            cache.display(),
            format_bytes(needed),
            format_bytes(free),
        );
        Err(Error::new(ErrorKind::Io, message))
    }
}

/// Creates the partial file of every missing blob, so that the cache shows the model as incomplete.
fn create_partial_files(files: &[RemoteFile], blobs: &Path) -> Result<()> {
    for file in files.iter().filter(|file| !is_complete(blobs, file)) {
        let path = partial_path(blobs, &file.etag);
        create_parent(&path)?;
        let result = File::options().create(true).append(true).open(&path);
        result.map_err(|error| io_error("written", &path, error))?;
    }
    Ok(())
}

fn partial_length(blobs: &Path, file: &RemoteFile) -> u64 {
    let length = fs::metadata(partial_path(blobs, &file.etag)).map_or(0, |metadata| metadata.len());
    // A partial file that is too long will be discarded.
    if length > file.size { 0 } else { length }
}
