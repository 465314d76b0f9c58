//! The local cache, in the layout of Python's `huggingface_hub`, which shares it:
//!
//! ```text
//! models--OWNER--NAME/
//!   blobs/ETAG              a file's bytes; ETAG.incomplete until they are complete
//!   snapshots/COMMIT/PATH   a relative symlink to the blob
//!   refs/REVISION           the commit of a branch or tag
//! ```
//!
//! If symlinks are not allowed, snapshots hold hard links or copies.

mod files;
mod link;
mod remove;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::repo::is_name;
use crate::{ModelSource, Result};

pub(crate) use files::{create_parent, io_error, is_relative_path};
use files::{files_in, names_in, refs_in};
use link::LinkKind;

/// A folder of models, such as `~/.cache/huggingface/hub`; it need not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    folder: PathBuf,
    link_kind: LinkKind,
}

/// One revision of a model in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CachedModel {
    /// `OWNER/NAME`; the hub's oldest models have no owner.
    pub repo: String,
    /// The commit; absent if the cache has only partial files.
    pub commit: Option<String>,
    /// The branches and tags that point to this commit.
    pub revisions: Vec<String>,
    /// The folder that contains its files.
    pub path: PathBuf,
    /// The size of its files in bytes; blobs that two revisions share count for both.
    pub bytes: u64,
    /// The size in bytes of the model's partial files, left by an interrupted pull.
    pub partial_bytes: u64,
    /// Whether the model has no partial files and no dangling links.
    pub complete: bool,
}

/// The suffix of an incomplete blob.
pub(crate) const INCOMPLETE: &str = ".incomplete";

impl Cache {
    /// The cache in `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            link_kind: LinkKind::default(),
        }
    }

    /// The cache's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder that contains the files of `source`, complete or not.
    pub fn find(&self, source: &ModelSource) -> Option<PathBuf> {
        let repo = self.repo(source.repo());
        let target = fs::read_to_string(repo.join("refs").join(source.revision())).ok();
        let commit = target.as_deref().map_or(source.revision(), str::trim);
        if !is_name(commit) {
            return None;
        }
        let snapshot = repo.join("snapshots").join(commit);
        snapshot.is_dir().then_some(snapshot)
    }

    /// Returns every revision of every model in the cache, sorted by name.
    pub fn models(&self) -> Result<Vec<CachedModel>> {
        let mut models = Vec::new();
        for folder in names_in(&self.folder)? {
            if let Some(repo) = folder.strip_prefix("models--") {
                models.extend(self.revisions(&repo.replace("--", "/"))?);
            }
        }
        Ok(models)
    }

    /// The cached revisions of one model.
    pub(crate) fn revisions(&self, repo: &str) -> Result<Vec<CachedModel>> {
        let folder = self.repo(repo);
        let refs = refs_in(&folder.join("refs"))?;
        let blobs = folder.join("blobs");
        let mut partial = names_in(&blobs)?;
        // A partial file next to its complete blob is a leftover.
        partial.retain(|name| {
            let blob = name.strip_suffix(INCOMPLETE);
            blob.is_some_and(|blob| !blobs.join(blob).exists())
        });
        let length =
            |name: &String| fs::metadata(blobs.join(name)).map_or(0, |metadata| metadata.len());
        let partial_bytes = partial.iter().map(length).sum();
        let revision = |commit: Option<String>, path: PathBuf| -> Result<CachedModel> {
            let files = if commit.is_some() {
                files_in(&path)?
            } else {
                Vec::new()
            };
            let lengths = files
                .iter()
                .map(|file| fs::metadata(file).map(|metadata| metadata.len()));
            let lengths: Vec<io::Result<u64>> = lengths.collect();
            let is_own = |(_, target): &&(String, String)| Some(target) == commit.as_ref();
            Ok(CachedModel {
                repo: repo.to_owned(),
                revisions: refs
                    .iter()
                    .filter(is_own)
                    .map(|(name, _)| name.clone())
                    .collect(),
                complete: commit.is_some()
                    && partial.is_empty()
                    && lengths.iter().all(Result::is_ok),
                commit,
                path,
                bytes: lengths.into_iter().flatten().sum(),
                partial_bytes,
            })
        };
        let snapshots = folder.join("snapshots");
        let mut revisions = Vec::new();
        for commit in names_in(&snapshots)? {
            let path = snapshots.join(&commit);
            revisions.push(revision(Some(commit), path)?);
        }
        if revisions.is_empty() && !partial.is_empty() {
            revisions.push(revision(None, folder)?);
        }
        Ok(revisions)
    }

    /// The folder of one model.
    pub(crate) fn repo(&self, repo: &str) -> PathBuf {
        self.folder.join(folder_name(repo))
    }

    /// The folder of one model's locks, shared with `huggingface_hub`.
    pub(crate) fn locks(&self, repo: &str) -> PathBuf {
        self.folder.join(".locks").join(folder_name(repo))
    }

    /// Takes the lock of one blob; returns `None` if another process holds it.
    pub(crate) fn lock(&self, repo: &str, etag: &str) -> Result<Option<File>> {
        let path = self.locks(repo).join(format!("{etag}.lock"));
        create_parent(&path)?;
        let mut options = File::options();
        // Windows locks only files that are open for reading or writing, not just for appending.
        let lock = options.create(true).read(true).append(true).open(&path);
        let lock = lock.map_err(|error| io_error("written", &path, error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(io_error("locked", &path, error)),
        }
    }

    /// Links `path` of a snapshot to its blob, replacing an existing file.
    pub(crate) fn link(&self, repo: &str, commit: &str, path: &str, etag: &str) -> Result<()> {
        let folder = self.repo(repo);
        let link = folder.join("snapshots").join(commit).join(path);
        create_parent(&link)?;
        let up = "../".repeat(2 + path.matches('/').count());
        match fs::remove_file(&link) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_error("replaced", &link, error));
            }
            _ => {}
        }
        let blob = folder.join("blobs").join(etag);
        let target = format!("{up}blobs/{etag}");
        link::link(self.link_kind, &target, &blob, &link)
            .map_err(|error| io_error("written", &link, error))
    }

    /// Records the commit of a branch or tag; does nothing for a commit.
    pub(crate) fn set_ref(&self, repo: &str, revision: &str, commit: &str) -> Result<()> {
        if revision == commit {
            return Ok(());
        }
        let path = self.repo(repo).join("refs").join(revision);
        create_parent(&path)?;
        // Renamed into place so that no reader sees a partial commit.
        let temporary = path.with_file_name(format!(".{}.{}", std::process::id(), commit));
        let result = File::create(&temporary)
            .and_then(|mut file| file.write_all(commit.as_bytes()))
            .and_then(|()| fs::rename(&temporary, &path));
        result.map_err(|error| io_error("written", &path, error))
    }
}

fn folder_name(repo: &str) -> String {
    format!("models--{}", repo.replace('/', "--"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_cache_is_empty() {
        let cache = Cache::new("/no/such/folder");
        assert_eq!(cache.models().expect("failed to read the cache"), []);
        let source = ModelSource::parse("c/d").expect("a valid name");
        assert_eq!(cache.find(&source), None);
    }

    #[test]
    fn a_ref_that_points_outside_the_cache_is_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path());
        let refs = cache.repo("a/b").join("refs");
        fs::create_dir_all(&refs).expect("failed to create the folder");
        fs::write(refs.join("main"), "../../..").expect("failed to write the file");
        let source = ModelSource::parse("a/b").expect("a valid name");
        assert_eq!(cache.find(&source), None);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_relative_and_resolve_to_the_blob() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path());
        let blobs = cache.repo("a/b").join("blobs");
        fs::create_dir_all(&blobs).expect("failed to create the folder");
        fs::write(blobs.join("e1"), "bytes").expect("failed to write the file");
        for path in ["f", "x/f", "x/y/f"] {
            // The second call replaces the first link.
            cache.link("a/b", "c1", path, "e1").expect("failed to link");
            cache.link("a/b", "c1", path, "e1").expect("failed to link");
            let link = cache.repo("a/b").join("snapshots/c1").join(path);
            assert_eq!(
                fs::read(&link).expect("failed to follow the link"),
                b"bytes"
            );
            assert!(fs::read_link(&link).expect("a link").is_relative());
        }
        cache
            .set_ref("a/b", "refs/pr/1", "c1")
            .expect("failed to write the ref");
        let source = ModelSource::parse("a/b@refs/pr/1").expect("a valid name");
        assert!(
            cache
                .find(&source)
                .expect("not in the cache")
                .ends_with("snapshots/c1")
        );
        let models = cache.models().expect("failed to read the cache");
        let [model] = models.as_slice() else {
            panic!("{models:?}")
        };
        assert_eq!(
            (model.repo.as_str(), model.bytes, model.complete),
            ("a/b", 15, true)
        );
        assert_eq!(model.revisions, ["refs/pr/1"]);
        fs::remove_file(blobs.join("e1")).expect("failed to remove the blob");
        assert!(!cache.models().expect("failed to read the cache")[0].complete);
    }
}
