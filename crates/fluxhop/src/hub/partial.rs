//! A blob that is not whole yet: its bytes so far, and their hash.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use super::api::Wanted;
use super::cache::{INCOMPLETE, cannot};
use crate::{Error, ErrorKind, Result};

/// The file `ETAG.incomplete`. Only one program writes it: it holds the blob's lock.
pub(super) struct Partial {
    file: File,
    path: PathBuf,
    /// Where the file goes when it is whole.
    blob: PathBuf,
    etag: String,
    size: u64,
    written: u64,
    hash: Option<Context>,
    _lock: File,
}

/// Where the bytes of a blob are while it is not whole.
pub(super) fn path_of(blobs: &Path, etag: &str) -> PathBuf {
    blobs.join(format!("{etag}{INCOMPLETE}"))
}

/// What its name says of a blob's bytes: their sha256 where it has 64 digits, git's hash of them
/// where it has 40; a name of another kind says nothing.
fn hash_of(etag: &str, size: u64) -> Option<Context> {
    if !etag.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    match etag.len() {
        64 => Some(Context::new(&SHA256)),
        40 => {
            let mut hash = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
            hash.update(format!("blob {size}\0").as_bytes());
            Some(hash)
        }
        _ => None,
    }
}

impl Partial {
    /// Opens the file and hashes what is in it.
    pub(super) fn open(blobs: &Path, wanted: &Wanted, lock: File) -> Result<Self> {
        let path = path_of(blobs, &wanted.etag);
        let mut options = File::options();
        let file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let mut partial = Self {
            file: file.map_err(|error| cannot("written", &path, error))?,
            blob: blobs.join(&wanted.etag),
            etag: wanted.etag.clone(),
            size: wanted.size,
            written: 0,
            hash: hash_of(&wanted.etag, wanted.size),
            path,
            _lock: lock,
        };
        let read = partial.read_again();
        read.map_err(|error| cannot("read", &partial.path, error))?;
        if partial.written > partial.size {
            partial.restart()?;
        }
        Ok(partial)
    }

    fn read_again(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 20];
        loop {
            let count = self.file.read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            self.take(&buffer[..count]);
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.written += bytes.len() as u64;
        if let Some(hash) = &mut self.hash {
            hash.update(bytes);
        }
    }

    /// How many bytes are here.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Adds bytes at the end; more than the file has are an error.
    pub(super) fn write(&mut self, pieces: &[Bytes]) -> Result<()> {
        for piece in pieces {
            if self.written + piece.len() as u64 > self.size {
                let message = format!("more than the {} bytes of the file came", self.size);
                return Err(Error::new(ErrorKind::Protocol, message));
            }
            let written = self.file.write_all(piece);
            if let Err(error) = written {
                // Whatever part of the piece is on the disk is not in the hash.
                self.file.set_len(self.written).ok();
                return Err(cannot("written", &self.path, error));
            }
            self.take(piece);
        }
        Ok(())
    }

    /// Forgets all bytes.
    pub(super) fn restart(&mut self) -> Result<()> {
        let emptied = self
            .file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)));
        emptied.map_err(|error| cannot("written", &self.path, error))?;
        self.written = 0;
        self.hash = hash_of(&self.etag, self.size);
        Ok(())
    }

    /// Gives the file its name, where its bytes are those that its name says; else forgets them.
    pub(super) fn finish(&mut self) -> Result<()> {
        let hash = self.hash.take().map(|hash| hex(hash.finish().as_ref()));
        if let Some(hash) = hash.filter(|hash| *hash != self.etag.to_ascii_lowercase()) {
            self.restart()?;
            let message = "the bytes that came are not those that the hub names";
            return Err(Error::new(ErrorKind::Protocol, message)
                .with_context("expected", self.etag.as_str())
                .with_context("got", hash));
        }
        let placed = self
            .file
            .sync_all()
            .and_then(|()| fs::rename(&self.path, &self.blob));
        placed.map_err(|error| cannot("written", &self.blob, error))
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in bytes {
        // A String takes all that is written to it.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(etag: &str, size: u64) -> Wanted {
        Wanted {
            repo: "a/b".to_owned(),
            commit: "c".to_owned(),
            path: "f".to_owned(),
            etag: etag.to_owned(),
            linked: true,
            size,
        }
    }

    fn open(folder: &Path, etag: &str, size: u64) -> Partial {
        let lock = File::create(folder.join("lock")).expect("a lock");
        Partial::open(folder, &wanted(etag, size), lock).expect("opened")
    }

    /// `printf hello | sha256sum`, and `printf hello | git hash-object --stdin`.
    const HASHES: [&str; 2] = [
        "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0",
    ];

    #[test]
    fn bytes_of_two_pulls_make_one_file_by_either_hash() {
        let folder = tempfile::tempdir().expect("a folder");
        for etag in HASHES {
            let mut first = open(folder.path(), etag, 5);
            first.write(&["he".into(), "l".into()]).expect("written");
            drop(first);
            let mut second = open(folder.path(), etag, 5);
            assert_eq!(second.written(), 3);
            second.write(&["lo".into()]).expect("written");
            second.finish().expect("whole");
            assert_eq!(fs::read(folder.path().join(etag)).expect("there"), b"hello");
            assert!(!path_of(folder.path(), etag).exists());
        }
    }

    #[test]
    fn other_bytes_are_refused_and_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        for etag in HASHES {
            let mut partial = open(folder.path(), etag, 5);
            partial.write(&["jello".into()]).expect("written");
            let error = partial.finish().expect_err("another hash");
            assert_eq!(error.kind(), &ErrorKind::Protocol);
            assert_eq!(partial.written(), 0);
            assert!(!folder.path().join(etag).exists());
            partial.write(&["hello".into()]).expect("written");
            partial.finish().expect("whole now");
        }
    }

    #[test]
    fn more_bytes_than_the_file_has_are_refused_and_an_older_longer_part_is_emptied() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut partial = open(folder.path(), "odd-etag", 5);
        let error = partial.write(&["hello!".into()]).expect_err("too many");
        assert_eq!(error.kind(), &ErrorKind::Protocol);
        partial.write(&["hello".into()]).expect("as many");
        drop(partial);
        assert_eq!(open(folder.path(), "odd-etag", 4).written(), 0);
    }
}
