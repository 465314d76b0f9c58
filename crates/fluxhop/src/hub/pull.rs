//! One pull: the files looked up, room looked for, and each file fetched, linked and told.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use async_stream::try_stream;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::api::Wanted;
use super::cache::{cannot, create_parent};
use super::fetch::{Step, fetch, is_whole};
use super::partial::path_of;
use super::select::select;
use super::{Hub, ModelSource, PullEvent, PullStream, bytes_for_people};
use crate::{Error, ErrorKind, Result};

/// How many files are looked up at once.
const LOOKS: usize = 8;

pub(super) fn stream(hub: Hub, source: ModelSource) -> PullStream {
    try_stream! {
        let version = hub.patiently(|| hub.version(&source)).await?;
        let (repo, commit) = (source.repo(), version.commit.as_str());
        let files = select(&source, &version.files)?;
        let snapshot = hub.cache.repo(repo).join("snapshots").join(commit);
        let blobs = hub.cache.repo(repo).join("blobs");

        // A commit never changes: a file that is linked under it is the right one.
        let missing = files.iter().map(|file| file.path.clone());
        let missing = missing.filter(|path| !snapshot.join(path).is_file()).collect();
        let mut wanted = looked_up(&hub, repo, commit, missing).await?;
        // The smallest first: what is wrong with a model, or with a token, is known soon.
        wanted.sort_by(|a, b| (a.size, &a.path).cmp(&(b.size, &b.path)));
        let missing = Missing::of(&wanted, &blobs);
        missing.check_room(hub.cache.folder(), &blobs)?;
        mark(&wanted, &blobs)?;
        yield PullEvent::Found {
            repo: repo.to_owned(),
            commit: commit.to_owned(),
            files: files.len(),
            bytes: missing.bytes,
            here: missing.here,
        };

        let mut others = missing.here;
        for wanted in wanted {
            let is_counted = !is_whole(&blobs, &wanted);
            if is_counted {
                others = others.saturating_sub(partial_length(&blobs, &wanted));
            }
            let mut steps = std::pin::pin!(fetch(hub.clone(), wanted.clone()));
            while let Some(step) = steps.next().await {
                let file = wanted.path.clone();
                yield match step? {
                    Step::Waiting => PullEvent::Waiting { file },
                    Step::Checking(bytes) => PullEvent::Checking { file, bytes },
                    Step::Here(done) => PullEvent::Progress {
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
            hub.cache.link(repo, commit, &wanted.path, &wanted.etag)?;
            yield PullEvent::Fetched { file: wanted.path, bytes: wanted.size };
        }
        hub.cache.note(repo, source.revision(), commit)?;
        yield PullEvent::Done { path: snapshot };
    }
    .boxed()
}

/// What the hub says of these files, several asked for at once.
async fn looked_up(hub: &Hub, repo: &str, commit: &str, paths: Vec<String>) -> Result<Vec<Wanted>> {
    let looks = paths
        .into_iter()
        .map(|path| async move { hub.patiently(|| hub.look(repo, commit, &path)).await });
    stream::iter(looks).buffered(LOOKS).try_collect().await
}

/// What is to be fetched, each blob once.
struct Missing {
    bytes: u64,
    /// How many of these are here already.
    here: u64,
}

impl Missing {
    fn of(wanted: &[Wanted], blobs: &Path) -> Self {
        let mut seen = BTreeSet::new();
        let missing = wanted
            .iter()
            .filter(|wanted| !is_whole(blobs, wanted) && seen.insert(&wanted.etag));
        missing.fold(Self { bytes: 0, here: 0 }, |sum, wanted| Self {
            bytes: sum.bytes + wanted.size,
            here: sum.here + partial_length(blobs, wanted),
        })
    }

    /// Refuses what the disk has no room for, before it is begun.
    fn check_room(&self, cache: &Path, blobs: &Path) -> Result<()> {
        let needed = self.bytes - self.here;
        if needed == 0 {
            return Ok(());
        }
        create_parent(&blobs.join("x"))?;
        let Some(free) = free_bytes(blobs).filter(|free| *free < needed) else {
            return Ok(());
        };
        let message = format!(
            "{} are needed in {} and {} are free: make room, or set HF_HOME to a folder on another \
             disk",
            bytes_for_people(needed),
            cache.display(),
            bytes_for_people(free),
        );
        Err(Error::new(ErrorKind::Internal, message))
    }
}

/// Leaves a file for every blob that is to come: who looks at the cache then sees what is not whole.
fn mark(wanted: &[Wanted], blobs: &Path) -> Result<()> {
    for wanted in wanted.iter().filter(|wanted| !is_whole(blobs, wanted)) {
        let path = path_of(blobs, &wanted.etag);
        create_parent(&path)?;
        let made = File::options().create(true).append(true).open(&path);
        made.map_err(|error| cannot("written", &path, error))?;
    }
    Ok(())
}

fn partial_length(blobs: &Path, wanted: &Wanted) -> u64 {
    let length = fs::metadata(path_of(blobs, &wanted.etag)).map_or(0, |found| found.len());
    // One that is longer than the file is begun anew.
    if length > wanted.size { 0 } else { length }
}

/// The bytes that this user may still write to the disk that `folder` is on.
#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}
