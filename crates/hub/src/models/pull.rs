//! One pull: reads the files' metadata, checks the free disk space, and fetches and links each file.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use async_stream::try_stream;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::api::Wanted;
use super::fetch::{Step, fetch, is_complete};
use super::partial::partial_path;
use super::select::select;
use super::{ModelSource, PullEvent, PullStream};
use crate::cache::{create_parent, io_error};
use crate::{Cache, Error, ErrorKind, Hub, Result, format_bytes};

/// How many requests for metadata run at once.
const CONCURRENT_REQUESTS: usize = 8;

pub(super) fn stream(hub: Hub, cache: Cache, source: ModelSource) -> PullStream {
    try_stream! {
        let version = hub.with_retries(|| hub.version(&source)).await?;
        let (repo, commit) = (source.repo(), version.commit.as_str());
        let files = select(&source, &version.files)?;
        let snapshot = cache.repo(repo).join("snapshots").join(commit);
        let blobs = cache.repo(repo).join("blobs");

        // A commit never changes, so a file that is linked under it needs no check.
        let missing = files.iter().map(|file| file.path.clone());
        let missing = missing.filter(|path| !snapshot.join(path).is_file()).collect();
        let mut wanted = metadata(&hub, repo, commit, missing).await?;
        // Smallest first, so that problems with the model or the token show early.
        wanted.sort_by(|a, b| (a.size, &a.path).cmp(&(b.size, &b.path)));
        let missing = Missing::of(&wanted, &blobs);
        missing.check_disk_space(cache.folder(), &blobs)?;
        create_partial_files(&wanted, &blobs)?;
        yield PullEvent::Found {
            repo: repo.to_owned(),
            commit: commit.to_owned(),
            files: files.len(),
            bytes: missing.bytes,
            here: missing.here,
        };

        let mut others = missing.here;
        for wanted in wanted {
            let is_counted = !is_complete(&blobs, &wanted);
            if is_counted {
                others = others.saturating_sub(partial_length(&blobs, &wanted));
            }
            let mut steps = std::pin::pin!(fetch(hub.clone(), cache.clone(), wanted.clone()));
            while let Some(step) = steps.next().await {
                let file = wanted.path.clone();
                yield match step? {
                    Step::Waiting => PullEvent::Waiting { file },
                    Step::Checking(bytes) => PullEvent::Checking { file, bytes },
                    Step::Written(done) => PullEvent::Progress {
                        file,
                        done,
                        of: wanted.size,
                        all_done: others + done,
                        all_of: missing.bytes,
                    },
                    Step::Retrying(error, wait) => PullEvent::Retrying { file, error, wait },
                };
            }
            if is_counted {
                others += wanted.size;
            }
            cache.link(repo, commit, &wanted.path, &wanted.etag)?;
            yield PullEvent::Fetched { file: wanted.path, bytes: wanted.size };
        }
        cache.set_ref(repo, source.revision(), commit)?;
        yield PullEvent::Done { path: snapshot };
    }
    .boxed()
}

/// Reads the metadata of these files, several at once.
async fn metadata(hub: &Hub, repo: &str, commit: &str, paths: Vec<String>) -> Result<Vec<Wanted>> {
    let requests = paths
        .into_iter()
        .map(|path| async move { hub.with_retries(|| hub.metadata(repo, commit, &path)).await });
    stream::iter(requests)
        .buffered(CONCURRENT_REQUESTS)
        .try_collect()
        .await
}

/// The size of the missing blobs, each counted once.
struct Missing {
    bytes: u64,
    /// How many of these bytes are in partial files.
    here: u64,
}

impl Missing {
    fn of(wanted: &[Wanted], blobs: &Path) -> Self {
        let mut seen = BTreeSet::new();
        let missing = wanted
            .iter()
            .filter(|wanted| !is_complete(blobs, wanted) && seen.insert(&wanted.etag));
        missing.fold(Self { bytes: 0, here: 0 }, |sum, wanted| Self {
            bytes: sum.bytes + wanted.size,
            here: sum.here + partial_length(blobs, wanted),
        })
    }

    /// Fails if the disk has too little free space.
    fn check_disk_space(&self, cache: &Path, blobs: &Path) -> Result<()> {
        let needed = self.bytes - self.here;
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
fn create_partial_files(wanted: &[Wanted], blobs: &Path) -> Result<()> {
    for wanted in wanted.iter().filter(|wanted| !is_complete(blobs, wanted)) {
        let path = partial_path(blobs, &wanted.etag);
        create_parent(&path)?;
        let created = File::options().create(true).append(true).open(&path);
        created.map_err(|error| io_error("written", &path, error))?;
    }
    Ok(())
}

fn partial_length(blobs: &Path, wanted: &Wanted) -> u64 {
    let length = fs::metadata(partial_path(blobs, &wanted.etag)).map_or(0, |found| found.len());
    // A partial file that is too long is discarded.
    if length > wanted.size { 0 } else { length }
}
