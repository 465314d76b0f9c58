//! The journal of a batch, `FILE.done.jsonl`: one JSON object per picture, appended once its file is
//! complete.
//!
//! A picture is identified by its whole request and not by its line, so lines may be moved, added and
//! removed between runs; equal requests are numbered in order. A picture whose file is missing is
//! drawn again. A torn last line, from a crash or a full disk, is ignored. Entries are not synced to
//! the disk: after a power failure, pictures with lost entries are drawn again.

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
    /// Its absolute folder, if known.
    folder: Option<PathBuf>,
    file: Mutex<File>,
    done: HashSet<String>,
}

/// A picture that was drawn.
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
        let cannot =
            |error| Failure::file(format!("cannot open the journal {}", path.display()), error);
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = format!(
                    "another process is drawing this batch: {} is locked",
                    path.display()
                );
                return Err(Failure::Usage(message));
            }
            // The file system has no locks: concurrent runs are not detected.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let done = read(&file, folder).map_err(cannot)?;
        end_line(&mut file).map_err(cannot)?;
        Ok(Self {
            folder: std::path::absolute(&path)
                .ok()
                .and_then(|path| path.parent().map(Path::to_owned)),
            path,
            file: Mutex::new(file),
            done,
        })
    }

    /// Whether the picture with this key was drawn and its file still exists.
    pub(super) fn has(&self, key: &str) -> bool {
        self.done.contains(key)
    }

    /// Appends a picture.
    pub(super) fn add(&self, key: &str, picture: &Path, seed: Option<u64>) -> Result<(), Failure> {
        let entry = Entry {
            key: key.to_owned(),
            path: self.named(picture),
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

    /// The picture's path as written to the journal.
    fn named(&self, picture: &Path) -> PathBuf {
        match (std::path::absolute(picture).ok(), &self.folder) {
            (Some(picture), Some(folder)) => match picture.strip_prefix(folder) {
                Ok(inner) => inner.to_owned(),
                Err(_) => picture,
            },
            _ => picture.to_owned(),
        }
    }
}

/// The keys of the pictures whose files exist.
fn read(file: &File, folder: &Path) -> io::Result<HashSet<String>> {
    let mut done = HashSet::new();
    for line in BufReader::new(file).split(b'\n') {
        // Skip torn lines and those of later versions.
        if let Ok(entry) = serde_json::from_slice::<Entry>(&line?)
            && folder.join(&entry.path).exists()
        {
            done.insert(entry.key);
        }
    }
    Ok(done)
}

/// Ends a torn last line with a line break.
fn end_line(file: &mut File) -> io::Result<()> {
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
        let folder = tempfile::tempdir().expect("a folder");
        let batch = folder.path().join("prompts.txt");
        (folder, batch)
    }

    #[test]
    fn entries_with_existing_files_are_found_again() {
        let (folder, batch) = batch();
        let picture = |name: &str| {
            let path = folder.path().join(name);
            fs::write(&path, "x").expect("written");
            path
        };
        let journal = Journal::open(&batch).expect("a journal");
        journal
            .add("one", &picture("1.png"), Some(u64::MAX))
            .expect("added");
        journal.add("two", &picture("2.png"), None).expect("added");
        drop(journal);
        fs::remove_file(folder.path().join("2.png")).expect("removed");
        let journal = Journal::open(&batch).expect("a journal");
        assert!(journal.has("one") && !journal.has("two") && !journal.has("three"));
    }

    #[test]
    fn a_journal_survives_moving_its_folder() {
        let (folder, batch) = batch();
        let picture = folder.path().join("1.png");
        fs::write(&picture, "x").expect("written");
        Journal::open(&batch)
            .expect("a journal")
            .add("one", &picture, None)
            .expect("added");
        let other = tempfile::tempdir().expect("a folder");
        for name in ["1.png", "prompts.txt.done.jsonl"] {
            fs::rename(folder.path().join(name), other.path().join(name)).expect("moved");
        }
        let journal = Journal::open(&other.path().join("prompts.txt")).expect("a journal");
        assert!(journal.has("one"));
    }

    #[test]
    fn a_torn_last_line_is_ignored() {
        let (folder, batch) = batch();
        let picture = folder.path().join("1.png");
        fs::write(&picture, "x").expect("written");
        let path = folder.path().join("prompts.txt.done.jsonl");
        Journal::open(&batch)
            .expect("a journal")
            .add("one", &picture, None)
            .expect("added");
        let mut torn = fs::read(&path).expect("the journal");
        torn.extend_from_slice(b"{\"key\":\"tw");
        fs::write(&path, torn).expect("written");
        Journal::open(&batch)
            .expect("a journal")
            .add("three", &picture, None)
            .expect("added");
        let journal = Journal::open(&batch).expect("a journal");
        assert!(journal.has("one") && journal.has("three") && !journal.has("two"));
    }

    #[test]
    fn concurrent_runs_are_rejected() {
        let (_folder, batch) = batch();
        let _first = Journal::open(&batch).expect("a journal");
        let failure = Journal::open(&batch).map(drop).expect_err("locked");
        assert!(failure.to_string().contains("another process"), "{failure}");
    }
}
