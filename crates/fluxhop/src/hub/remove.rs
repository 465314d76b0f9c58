//! Taking models off this machine.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::cache::{INCOMPLETE, cannot, files_in, names_in, refs_in};
use super::{Cache, ModelSource};
use crate::{Error, ErrorKind, Result};

impl Cache {
    /// Removes a model, or with `only_revision` the one version that `source` names, with the blobs
    /// that no other version has; returns how many bytes that frees.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`] for `name` where it is not there, and with
    /// [`ErrorKind::Unavailable`] while another program downloads a file of it.
    pub fn remove(&self, source: &ModelSource, only_revision: bool) -> Result<u64> {
        let repo = self.repo(source.repo());
        if !repo.is_dir() || (only_revision && self.find(source).is_none()) {
            return Err(self.not_here(source));
        }
        self.refuse_while_pulled(source.repo())?;
        let before = bytes_in(&repo.join("blobs"))?;
        let snapshot = self.find(source).filter(|_| only_revision);
        let others = match &snapshot {
            Some(snapshot) => {
                let versions = repo.join("snapshots");
                let names = names_in(&versions)?
                    .into_iter()
                    .map(|name| versions.join(name));
                names.filter(|path| path != snapshot).collect()
            }
            None => Vec::new(),
        };
        let Some(snapshot) = snapshot.filter(|_| !others.is_empty()) else {
            let locks = self.locks(source.repo());
            for folder in [&repo, &locks] {
                remove_folder(folder)?;
            }
            return Ok(before);
        };
        let commit = snapshot
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let refs = repo.join("refs");
        for (name, of) in refs_in(&refs)? {
            if of == commit {
                remove_file(&refs.join(name))?;
            }
        }
        remove_folder(&snapshot)?;
        let mut kept = BTreeSet::new();
        for other in others {
            for file in files_in(&other)? {
                kept.extend(blob_of(&file));
            }
        }
        let blobs = repo.join("blobs");
        for name in names_in(&blobs)? {
            if !kept.contains(&name) && !name.ends_with(INCOMPLETE) {
                remove_file(&blobs.join(name))?;
            }
        }
        Ok(before.saturating_sub(bytes_in(&blobs)?))
    }

    fn not_here(&self, source: &ModelSource) -> Error {
        let folder = self.folder().display();
        let message = format!("{source} is not on this machine, in {folder}");
        Error::invalid("name", message)
    }

    fn refuse_while_pulled(&self, repo: &str) -> Result<()> {
        for name in names_in(&self.locks(repo))? {
            let Some(etag) = name.strip_suffix(".lock") else {
                continue;
            };
            if self.lock(repo, etag)?.is_none() {
                let message = format!("{repo} is being downloaded by another program just now");
                return Err(Error::new(ErrorKind::Unavailable, message));
            }
        }
        Ok(())
    }
}

/// The name of the blob that a link of a version leads to.
fn blob_of(link: &Path) -> Option<String> {
    let target = fs::read_link(link).ok()?;
    Some(target.file_name()?.to_str()?.to_owned())
}

fn bytes_in(blobs: &Path) -> Result<u64> {
    let lengths = names_in(blobs)?.into_iter().map(|name| blobs.join(name));
    Ok(lengths
        .map(|path: PathBuf| fs::metadata(path).map_or(0, |found| found.len()))
        .sum())
}

fn remove_file(path: &Path) -> Result<()> {
    fs::remove_file(path).map_err(|error| cannot("removed", path, error))
}

fn remove_folder(path: &Path) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    fs::remove_dir_all(path).map_err(|error| cannot("removed", path, error))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn cache() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path());
        let blobs = cache.repo("a/b").join("blobs");
        fs::create_dir_all(&blobs).expect("made");
        for (etag, bytes) in [("old", "12345"), ("both", "123"), ("new", "1234567")] {
            fs::write(blobs.join(etag), bytes).expect("written");
        }
        for (commit, etags) in [("c1", ["old", "both"]), ("c2", ["new", "both"])] {
            for (name, etag) in ["f", "x/g"].into_iter().zip(etags) {
                cache.link("a/b", commit, name, etag).expect("linked");
            }
        }
        cache.note("a/b", "main", "c2").expect("noted");
        cache.note("a/b", "v1", "c1").expect("noted");
        (folder, cache)
    }

    fn source(name: &str) -> ModelSource {
        ModelSource::parse(name).expect("a name")
    }

    #[test]
    fn a_version_goes_with_the_blobs_that_no_other_has() {
        let (_folder, cache) = cache();
        assert_eq!(cache.remove(&source("a/b@v1"), true).expect("removed"), 5);
        assert_eq!(
            names_in(&cache.repo("a/b").join("blobs")).expect("read"),
            ["both", "new"]
        );
        assert_eq!(cache.find(&source("a/b@v1")), None);
        assert!(cache.models().expect("read")[0].complete);
        assert_eq!(cache.remove(&source("a/b"), true).expect("removed"), 10);
        assert!(
            !cache.repo("a/b").exists(),
            "the last version takes the model along"
        );
    }

    #[test]
    fn a_model_goes_whole_with_its_locks() {
        let (_folder, cache) = cache();
        drop(cache.lock("a/b", "new").expect("locked"));
        assert_eq!(cache.remove(&source("a/b"), false).expect("removed"), 15);
        assert!(!cache.repo("a/b").exists() && !cache.locks("a/b").exists());
        let error = cache.remove(&source("a/b"), false).expect_err("gone");
        assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "name" });
    }

    #[test]
    fn what_another_program_downloads_stays() {
        let (_folder, cache) = cache();
        let lock = cache.lock("a/b", "new").expect("locked").expect("free");
        assert!(cache.lock("a/b", "new").expect("asked").is_none());
        let error = cache.remove(&source("a/b"), false).expect_err("in use");
        assert_eq!(error.kind(), &ErrorKind::Unavailable);
        drop(lock);
        cache.remove(&source("a/b"), false).expect("removed");
    }
}
