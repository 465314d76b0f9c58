//! Removing models from the cache.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use same_file::Handle;

use super::files::{files_in, io_error, names_in, refs_in};
use super::{Cache, INCOMPLETE};
use crate::{Error, ErrorKind, ModelSource, Result};

impl Cache {
    /// Removes a model and returns the number of bytes freed.
    ///
    /// With `only_revision`, removes only the revision in `source` and the blobs that no other
    /// revision uses.
    ///
    /// Fails with [`ErrorKind::Invalid`] for `name` if it is not in the cache, and with
    /// [`ErrorKind::Unavailable`] while another process is downloading one of its files.
    pub fn remove(&self, source: &ModelSource, only_revision: bool) -> Result<u64> {
        let repo = self.repo(source.repo());
        if !repo.is_dir() || (only_revision && self.find(source).is_none()) {
            let folder = self.folder().display();
            let message = format!("{source} is not in the cache {folder}");
            return Err(Error::invalid("name", message));
        }
        self.check_not_downloading(source.repo())?;
        let before = disk_usage(&repo)?;
        let snapshots = repo.join("snapshots");
        let snapshot = self.find(source).filter(|_| only_revision);
        let is_last = names_in(&snapshots)?.len() < 2;
        let Some(snapshot) = snapshot.filter(|_| !is_last) else {
            for folder in [&repo, &self.locks(source.repo())] {
                remove_folder(folder)?;
            }
            return Ok(before);
        };
        let commit = snapshot
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let refs = repo.join("refs");
        for (name, target) in refs_in(&refs)? {
            if target == commit {
                remove_file(&refs.join(name))?;
            }
        }
        remove_folder(&snapshot)?;
        remove_unused_blobs(&repo.join("blobs"), &snapshots)?;
        Ok(before.saturating_sub(disk_usage(&repo)?))
    }

    fn check_not_downloading(&self, repo: &str) -> Result<()> {
        for name in names_in(&self.locks(repo))? {
            let Some(etag) = name.strip_suffix(".lock") else {
                continue;
            };
            if self.lock(repo, etag)?.is_none() {
                let message = format!("{repo} is being downloaded by another process");
                return Err(Error::new(ErrorKind::Unavailable, message));
            }
        }
        Ok(())
    }
}

/// Removes the blobs that no symlink or hard link under `snapshots` refers to.
fn remove_unused_blobs(blobs: &Path, snapshots: &Path) -> Result<()> {
    let mut names = HashSet::new();
    let mut files = HashSet::new();
    for file in files_in(snapshots)? {
        match fs::read_link(&file) {
            Ok(target) => names.extend(target.file_name().map(ToOwned::to_owned)),
            Err(_) => {
                files.insert(handle(&file)?);
            }
        }
    }
    for name in names_in(blobs)? {
        let blob = blobs.join(&name);
        let is_used = name.ends_with(INCOMPLETE)
            || names.contains(name.as_ref() as &std::ffi::OsStr)
            || files.contains(&handle(&blob)?);
        if !is_used {
            remove_file(&blob)?;
        }
    }
    Ok(())
}

/// The size in bytes of a model's files; hard links to the same file count once.
fn disk_usage(repo: &Path) -> Result<u64> {
    let mut seen = HashSet::new();
    let mut bytes = 0;
    for file in files_in(&repo.join("blobs"))?
        .into_iter()
        .chain(files_in(&repo.join("snapshots"))?)
    {
        let metadata =
            fs::symlink_metadata(&file).map_err(|error| io_error("read", &file, error))?;
        if metadata.is_file() && seen.insert(handle(&file)?) {
            bytes += metadata.len();
        }
    }
    Ok(bytes)
}

/// The identity of a file, the same for all its hard links.
fn handle(file: &Path) -> Result<Handle> {
    Handle::from_path(file).map_err(|error| io_error("read", file, error))
}

fn remove_file(path: &Path) -> Result<()> {
    fs::remove_file(path).map_err(|error| io_error("removed", path, error))
}

fn remove_folder(path: &Path) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    fs::remove_dir_all(path).map_err(|error| io_error("removed", path, error))
}

#[cfg(test)]
mod tests {
    use super::super::link::LinkKind;
    use super::*;

    fn cache(link_kind: LinkKind) -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut cache = Cache::new(folder.path());
        cache.link_kind = link_kind;
        let blobs = cache.repo("a/b").join("blobs");
        fs::create_dir_all(&blobs).expect("failed to create the folder");
        for (etag, bytes) in [("old", "12345"), ("both", "123"), ("new", "1234567")] {
            fs::write(blobs.join(etag), bytes).expect("failed to write the file");
        }
        for (commit, etags) in [("c1", ["old", "both"]), ("c2", ["new", "both"])] {
            for (name, etag) in ["f", "x/g"].into_iter().zip(etags) {
                cache
                    .link("a/b", commit, name, etag)
                    .expect("failed to link");
            }
        }
        cache
            .set_ref("a/b", "main", "c2")
            .expect("failed to write the ref");
        cache
            .set_ref("a/b", "v1", "c1")
            .expect("failed to write the ref");
        (folder, cache)
    }

    fn source(name: &str) -> ModelSource {
        ModelSource::parse(name).expect("a valid name")
    }

    #[test]
    fn removing_a_revision_keeps_the_blobs_that_others_use() {
        for (link_kind, freed, kept, total) in [
            (LinkKind::Symlink, 5, &["both", "new"][..], 10),
            (LinkKind::Hard, 5, &["both", "new"][..], 10),
            // Copies do not use the blobs, so all blobs are removed with the first revision.
            (LinkKind::Copy, 5 + 3 + 15, &[][..], 10),
        ] {
            let (_folder, cache) = cache(link_kind);
            let removed = cache
                .remove(&source("a/b@v1"), true)
                .expect("failed to remove");
            assert_eq!(removed, freed, "{link_kind:?}");
            let blobs = cache.repo("a/b").join("blobs");
            assert_eq!(
                names_in(&blobs).expect("failed to read the blobs"),
                kept,
                "{link_kind:?}"
            );
            assert_eq!(cache.find(&source("a/b@v1")), None);
            let snapshot = cache.find(&source("a/b")).expect("the other revision");
            assert_eq!(
                fs::read(snapshot.join("f")).expect("failed to read the file"),
                b"1234567"
            );
            assert_eq!(
                fs::read(snapshot.join("x/g")).expect("failed to read the file"),
                b"123"
            );
            assert!(cache.models().expect("failed to read the cache")[0].complete);
            let removed = cache
                .remove(&source("a/b"), true)
                .expect("failed to remove");
            assert_eq!(removed, total, "{link_kind:?}");
            assert!(
                !cache.repo("a/b").exists(),
                "the last revision is removed with the model"
            );
        }
    }

    #[test]
    fn a_model_is_removed_with_its_locks() {
        let (_folder, cache) = cache(LinkKind::default());
        drop(cache.lock("a/b", "new").expect("failed to lock"));
        assert_eq!(
            cache
                .remove(&source("a/b"), false)
                .expect("failed to remove"),
            15
        );
        assert!(!cache.repo("a/b").exists() && !cache.locks("a/b").exists());
        let error = cache
            .remove(&source("a/b"), false)
            .expect_err("not an error");
        assert_eq!(error.kind(), &ErrorKind::Invalid { field: "name" });
    }

    #[test]
    fn a_model_is_not_removed_while_another_process_downloads_it() {
        let (_folder, cache) = cache(LinkKind::default());
        let lock = cache
            .lock("a/b", "new")
            .expect("failed to lock")
            .expect("already locked");
        assert!(cache.lock("a/b", "new").expect("failed to lock").is_none());
        let error = cache
            .remove(&source("a/b"), false)
            .expect_err("not an error");
        assert_eq!(error.kind(), &ErrorKind::Unavailable);
        drop(lock);
        cache
            .remove(&source("a/b"), false)
            .expect("failed to remove");
    }
}
