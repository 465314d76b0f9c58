//! The journal of a batch, `FILE.done.jsonl`: one JSON object per image, appended once its file is
//! complete.
//!
//! An image is identified by its complete request, not by its line, so lines may be moved, added and
//! removed between runs; equal requests are numbered in order. An image whose file is missing is
//! generated again. An incomplete last line, left by a crash or a full disk, is ignored. Entries are
//! not synced to disk: after a power failure, images with lost entries are generated again.

use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// The journal of one batch, locked against other processes.
pub(super) struct Journal {
    path: PathBuf,
    /// The absolute path of its folder, if known.
    folder: Option<PathBuf>,
    file: Mutex<File>,
    done: HashSet<String>,
}

/// A generated image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The key of its request.
    pub(super) key: String,
    /// Its path, relative to the journal's folder if inside it.
    pub(super) path: PathBuf,
    /// Its seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<u64>,
}

impl Journal {
    /// Opens or creates the journal of a batch file.
    pub(super) fn open(batch: &Path) -> Result<Self, Failure> {
        let mut name = batch.as_os_str().to_owned();
        name.push(".done.jsonl");
        let path = PathBuf::from(name);
        let open_failed =
            |error| Failure::file(format!("cannot open the journal {}", path.display()), error);
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(open_failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = format!(
                    "another process is running this batch: {} is locked",
                    path.display()
                );
                return Err(Failure::Usage(message));
            }
            // The file system has no locks: concurrent runs are not detected.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(open_failed(error)),
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let done = read(&file, folder).map_err(open_failed)?;
        terminate_last_line(&mut file).map_err(open_failed)?;
        Ok(Self {
            folder: std::path::absolute(&path)
                .ok()
                .and_then(|path| path.parent().map(Path::to_owned)),
            path,
            file: Mutex::new(file),
            done,
        })
    }

    /// Whether the image with this key was generated and its file still exists.
    pub(super) fn has(&self, key: &str) -> bool {
        self.done.contains(key)
    }

    /// Appends an image.
    pub(super) fn add(&self, key: &str, picture: &Path, seed: Option<u64>) -> Result<(), Failure> {
        let entry = Entry {
            key: key.to_owned(),
            path: self.relative_path(picture),
            seed,
        };
        let append = || {
            let mut line = serde_json::to_vec(&entry)?;
            line.push(b'\n');
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.write_all(&line)
        };
        append().map_err(|error| {
            Failure::file(
                format!("cannot write the journal {}", self.path.display()),
                error,
            )
        })
    }

    /// The image's path relative to the journal's folder, or absolute if it is outside.
    fn relative_path(&self, picture: &Path) -> PathBuf {
        match (std::path::absolute(picture).ok(), &self.folder) {
            (Some(picture), Some(folder)) => match picture.strip_prefix(folder) {
                Ok(inner) => inner.to_owned(),
                Err(_) => picture,
            },
            _ => picture.to_owned(),
        }
    }
}

/// The keys of the images whose files exist.
fn read(file: &File, folder: &Path) -> io::Result<HashSet<String>> {
    let mut done = HashSet::new();
    for line in BufReader::new(file).split(b'\n') {
        // Skip incomplete lines and those of later versions.
        if let Ok(entry) = serde_json::from_slice::<Entry>(&line?)
            && folder.join(&entry.path).exists()
        {
            done.insert(entry.key);
        }
    }
    Ok(done)
}

/// Adds the missing line break to an incomplete last line.
fn terminate_last_line(file: &mut File) -> io::Result<()> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(());
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    match last {
        [b'\n'] => Ok(()),
        _ => file.write_all(b"\n"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn batch() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("failed to create a temporary folder");
        let batch = folder.path().join("prompts.txt");
        (folder, batch)
    }

    #[test]
    fn entries_are_ignored_if_their_file_is_missing() {
        let (folder, batch) = batch();
        let picture = |name: &str| {
            let path = folder.path().join(name);
            fs::write(&path, "x").expect("failed to write the file");
            path
        };
        let journal = Journal::open(&batch).expect("failed to open the journal");
        journal
            .add("one", &picture("1.png"), Some(u64::MAX))
            .expect("failed to add the entry");
        journal
            .add("two", &picture("2.png"), None)
            .expect("failed to add the entry");
        drop(journal);
        fs::remove_file(folder.path().join("2.png")).expect("failed to remove the file");
        let journal = Journal::open(&batch).expect("failed to open the journal");
        assert!(journal.has("one") && !journal.has("two") && !journal.has("three"));
    }

    #[test]
    fn a_journal_survives_moving_its_folder() {
        let (folder, batch) = batch();
        let picture = folder.path().join("1.png");
        fs::write(&picture, "x").expect("failed to write the file");
        Journal::open(&batch)
            .expect("failed to open the journal")
            .add("one", &picture, None)
            .expect("failed to add the entry");
        let moved = tempfile::tempdir().expect("failed to create a temporary folder");
        for name in ["1.png", "prompts.txt.done.jsonl"] {
            fs::rename(folder.path().join(name), moved.path().join(name))
                .expect("failed to move the file");
        }
        let journal =
            Journal::open(&moved.path().join("prompts.txt")).expect("failed to open the journal");
        assert!(journal.has("one"));
    }

    #[test]
    fn an_incomplete_last_line_is_ignored() {
        let (folder, batch) = batch();
        let picture = folder.path().join("1.png");
        fs::write(&picture, "x").expect("failed to write the file");
        let path = folder.path().join("prompts.txt.done.jsonl");
        Journal::open(&batch)
            .expect("failed to open the journal")
            .add("one", &picture, None)
            .expect("failed to add the entry");
        let mut incomplete = fs::read(&path).expect("failed to read the file");
        incomplete.extend_from_slice(b"{\"key\":\"tw");
        fs::write(&path, incomplete).expect("failed to write the file");
        Journal::open(&batch)
            .expect("failed to open the journal")
            .add("three", &picture, None)
            .expect("failed to add the entry");
        let journal = Journal::open(&batch).expect("failed to open the journal");
        assert!(journal.has("one") && journal.has("three") && !journal.has("two"));
    }

    #[test]
    fn concurrent_runs_are_rejected() {
        let (_folder, batch) = batch();
        let _first = Journal::open(&batch).expect("failed to open the journal");
        let failure = Journal::open(&batch)
            .map(drop)
            .expect_err("opened a locked journal");
        assert!(failure.to_string().contains("another process"), "{failure}");
    }
}
