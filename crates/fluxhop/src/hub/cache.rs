//! The cache on this machine: where things are, and what is there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use super::ModelSource;
use crate::{Error, ErrorKind, Result};

/// The folder of models that the hub's library keeps, `~/.cache/huggingface/hub` by default; it need
/// not be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    folder: PathBuf,
}

/// One version of a model that is on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CachedModel {
    /// `OWNER/NAME`, or a name without an owner as the oldest models have it.
    pub repo: String,
    /// The commit; absent where nothing but parts of files has come yet.
    pub commit: Option<String>,
    /// The branches and tags that stand for this commit.
    pub revisions: Vec<String>,
    /// The folder with its files.
    pub path: PathBuf,
    /// Bytes on the disk of its files; blobs that two versions share count for each.
    pub bytes: u64,
    /// Bytes of files of this model that a cut pull has left unfinished.
    pub partial_bytes: u64,
    /// Whether no file of the model is unfinished and no link leads nowhere.
    pub complete: bool,
}

/// The end of the name of a blob that is not whole.
pub(super) const INCOMPLETE: &str = ".incomplete";

impl Cache {
    /// The cache in `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self { folder }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder with the files of `source`, whether all of them are there or not.
    pub fn find(&self, source: &ModelSource) -> Option<PathBuf> {
        let repo = self.repo(source.repo());
        let named = fs::read_to_string(repo.join("refs").join(source.revision())).ok();
        let commit = named.as_deref().map_or(source.revision(), str::trim);
        if !super::source::is_name(commit) {
            return None;
        }
        let snapshot = repo.join("snapshots").join(commit);
        snapshot.is_dir().then_some(snapshot)
    }

    /// Every version of every model that is there, by name.
    pub fn models(&self) -> Result<Vec<CachedModel>> {
        let mut models = Vec::new();
        for folder in names_in(&self.folder)? {
            if let Some(repo) = folder.strip_prefix("models--") {
                models.extend(self.versions(&repo.replace("--", "/"))?);
            }
        }
        Ok(models)
    }

    /// The versions of one model that are there.
    pub(super) fn versions(&self, repo: &str) -> Result<Vec<CachedModel>> {
        let folder = self.repo(repo);
        let refs = refs_in(&folder.join("refs"))?;
        let blobs = folder.join("blobs");
        let mut unfinished = names_in(&blobs)?;
        // A part whose blob is whole, thanks to another program, is only litter.
        unfinished.retain(|name| {
            let blob = name.strip_suffix(INCOMPLETE);
            blob.is_some_and(|blob| !blobs.join(blob).exists())
        });
        let length = |name: &String| fs::metadata(blobs.join(name)).map_or(0, |found| found.len());
        let partial_bytes = unfinished.iter().map(length).sum();
        let version = |commit: Option<String>, path: PathBuf| -> Result<CachedModel> {
            let files = if commit.is_some() {
                files_in(&path)?
            } else {
                Vec::new()
            };
            let lengths = files
                .iter()
                .map(|file| fs::metadata(file).map(|found| found.len()));
            let lengths: Vec<io::Result<u64>> = lengths.collect();
            let is_named = |(_, own): &&(String, String)| Some(own) == commit.as_ref();
            Ok(CachedModel {
                repo: repo.to_owned(),
                revisions: refs
                    .iter()
                    .filter(is_named)
                    .map(|(name, _)| name.clone())
                    .collect(),
                complete: commit.is_some()
                    && unfinished.is_empty()
                    && lengths.iter().all(Result::is_ok),
                commit,
                path,
                bytes: lengths.into_iter().flatten().sum(),
                partial_bytes,
            })
        };
        let snapshots = folder.join("snapshots");
        let mut versions = Vec::new();
        for commit in names_in(&snapshots)? {
            let path = snapshots.join(&commit);
            versions.push(version(Some(commit), path)?);
        }
        if versions.is_empty() && !unfinished.is_empty() {
            versions.push(version(None, folder)?);
        }
        Ok(versions)
    }

    /// The folder of one model.
    pub(super) fn repo(&self, repo: &str) -> PathBuf {
        self.folder.join(folder_of(repo))
    }

    /// The folder of the locks of one model, which `huggingface_hub` takes too.
    pub(super) fn locks(&self, repo: &str) -> PathBuf {
        self.folder.join(".locks").join(folder_of(repo))
    }

    /// The lock of one blob; absent while another program has it.
    pub(super) fn lock(&self, repo: &str, etag: &str) -> Result<Option<File>> {
        let path = self.locks(repo).join(format!("{etag}.lock"));
        create_parent(&path)?;
        let mut options = File::options();
        let lock = options.create(true).append(true).open(&path);
        let lock = lock.map_err(|error| cannot("written", &path, error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(cannot("locked", &path, error)),
        }
    }

    /// Links `path` of a version to its blob, in place of what is there.
    pub(super) fn link(&self, repo: &str, commit: &str, path: &str, etag: &str) -> Result<()> {
        let folder = self.repo(repo);
        let link = folder.join("snapshots").join(commit).join(path);
        create_parent(&link)?;
        let up = "../".repeat(2 + path.matches('/').count());
        match fs::remove_file(&link) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(cannot("replaced", &link, error));
            }
            _ => {}
        }
        let blob = folder.join("blobs").join(etag);
        symlink(&format!("{up}blobs/{etag}"), &blob, &link)
            .map_err(|error| cannot("written", &link, error))
    }

    /// Notes which commit a revision stands for; a commit itself needs no note.
    pub(super) fn note(&self, repo: &str, revision: &str, commit: &str) -> Result<()> {
        if revision == commit {
            return Ok(());
        }
        let path = self.repo(repo).join("refs").join(revision);
        create_parent(&path)?;
        // Written beside and renamed, so that no reader sees half a commit.
        let beside = path.with_file_name(format!(".{}.{}", std::process::id(), commit));
        let written = File::create(&beside)
            .and_then(|mut file| file.write_all(commit.as_bytes()))
            .and_then(|()| fs::rename(&beside, &path));
        written.map_err(|error| cannot("written", &path, error))
    }
}

fn folder_of(repo: &str) -> String {
    format!("models--{}", repo.replace('/', "--"))
}

/// A relative link, so that the cache can be moved; where the system lets users make none, the same
/// file under a second name.
#[cfg(unix)]
fn symlink(relative: &str, _: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(relative, link)
}

#[cfg(not(unix))]
fn symlink(_: &str, blob: &Path, link: &Path) -> io::Result<()> {
    fs::hard_link(blob, link)
}

/// Whether `path`, which the hub has named, stays within the model's folder.
pub(super) fn stays_within(path: &str) -> bool {
    let is_plain = |component: Component<'_>| matches!(component, Component::Normal(_));
    let has_odd = path.contains(['\\', ':']) || path.chars().any(char::is_control);
    !path.is_empty()
        && !has_odd
        && !path.ends_with('/')
        && Path::new(path).components().all(is_plain)
        && !path.split('/').any(|part| part.is_empty() || part == ".")
}

/// The names in a folder, sorted; none where there is no such folder.
pub(super) fn names_in(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(cannot("read", folder, error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| cannot("read", folder, error))?;
        names.extend(entry.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

/// Every file under a folder; links count as files, wherever they lead.
pub(super) fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for name in names_in(folder)? {
        let path = folder.join(name);
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
        if is_folder {
            files.extend(files_in(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// The references under `refs`, each with its commit.
pub(super) fn refs_in(folder: &Path) -> Result<Vec<(String, String)>> {
    let files = files_in(folder)?;
    let read = |path: PathBuf| {
        let name = path.strip_prefix(folder).ok()?.to_str()?.to_owned();
        let commit = fs::read_to_string(&path).ok()?.trim().to_owned();
        Some((name, commit))
    };
    Ok(files.into_iter().filter_map(read).collect())
}

pub(super) fn create_parent(path: &Path) -> Result<()> {
    let Some(parent) = path.parent() else {
        return Ok(());
    };
    fs::create_dir_all(parent).map_err(|error| cannot("made", parent, error))
}

/// The error for a file of the cache that cannot be read or written.
pub(super) fn cannot(done: &str, path: &Path, error: io::Error) -> Error {
    let shown = path.display();
    let message = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => format!(
            "{shown} cannot be {done}: the disk is full; make room and pull again to go on, or set \
             HF_HOME to a folder on another disk"
        ),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            format!("{shown} cannot be {done}; HF_HOME sets another folder for models")
        }
        _ => format!("{shown} cannot be {done}"),
    };
    Error::new(ErrorKind::Internal, message).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_would_leave_the_models_folder_is_seen() {
        for path in ["a", "a/b.json", ".gitattributes", "a..b/c", "ä b/c"] {
            assert!(stays_within(path), "{path}");
        }
        for path in [
            "",
            "/a",
            "..",
            "a/..",
            "../a",
            "a/../../b",
            "./a",
            "a/./b",
            "a//b",
            "a/",
            "a\\b",
            "C:a",
            "a\0b",
            "a\nb",
        ] {
            assert!(!stays_within(path), "{path:?}");
        }
    }

    #[test]
    fn a_cache_that_is_not_there_holds_nothing() {
        let cache = Cache::new("/no/such/folder");
        assert_eq!(cache.models().expect("nothing"), []);
        let source = ModelSource::parse("flux-schnell").expect("known");
        assert_eq!(cache.find(&source), None);
    }

    #[test]
    fn a_note_that_names_a_folder_elsewhere_is_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path());
        let refs = cache.repo("a/b").join("refs");
        fs::create_dir_all(&refs).expect("made");
        fs::write(refs.join("main"), "../../..").expect("written");
        let source = ModelSource::parse("a/b").expect("a name");
        assert_eq!(cache.find(&source), None);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_relative_and_lead_to_the_blob_from_any_depth() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path());
        let blobs = cache.repo("a/b").join("blobs");
        fs::create_dir_all(&blobs).expect("made");
        fs::write(blobs.join("e1"), "bytes").expect("written");
        for path in ["f", "x/f", "x/y/f"] {
            // Twice: what is there is replaced.
            cache.link("a/b", "c1", path, "e1").expect("linked");
            cache.link("a/b", "c1", path, "e1").expect("linked");
            let link = cache.repo("a/b").join("snapshots/c1").join(path);
            assert_eq!(fs::read(&link).expect("leads there"), b"bytes");
            assert!(fs::read_link(&link).expect("a link").is_relative());
        }
        cache.note("a/b", "refs/pr/1", "c1").expect("noted");
        let source = ModelSource::parse("a/b@refs/pr/1").expect("a name");
        assert!(
            cache
                .find(&source)
                .expect("there")
                .ends_with("snapshots/c1")
        );
        let models = cache.models().expect("read");
        let [model] = models.as_slice() else {
            panic!("{models:?}")
        };
        assert_eq!(
            (model.repo.as_str(), model.bytes, model.complete),
            ("a/b", 15, true)
        );
        assert_eq!(model.revisions, ["refs/pr/1"]);
        fs::remove_file(blobs.join("e1")).expect("removed");
        assert!(!cache.models().expect("read")[0].complete);
    }
}
