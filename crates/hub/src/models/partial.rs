//! An incomplete blob: the bytes written so far, and their hash.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use super::api::RemoteFile;
use crate::cache::{INCOMPLETE, io_error};
use crate::{Error, ErrorKind, Result};

/// The file `ETAG.incomplete`. Only the process that holds the blob's lock writes to it.
pub(super) struct Partial {
    file: File,
    path: PathBuf,
    /// The path that the file is moved to once it is complete.
    blob: PathBuf,
    etag: String,
    size: u64,
    written: u64,
    hasher: Option<Context>,
    _lock: File,
}

/// The path of a blob while it is incomplete.
pub(super) fn partial_path(blobs: &Path, etag: &str) -> PathBuf {
    blobs.join(format!("{etag}{INCOMPLETE}"))
}

/// The hasher for a blob's name: sha256 if it has 64 hexadecimal digits, git's blob hash if it has
/// 40. Blobs with other names are not checked.
fn hasher_for(etag: &str, size: u64) -> Option<Context> {
    if !etag.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    match etag.len() {
        64 => Some(Context::new(&SHA256)),
        40 => {
            let mut hasher = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
            hasher.update(format!("blob {size}\0").as_bytes());
            Some(hasher)
        }
        _ => None,
    }
}

impl Partial {
    /// Opens or creates the file and hashes its contents.
    pub(super) fn open(blobs: &Path, remote: &RemoteFile, lock: File) -> Result<Self> {
        let path = partial_path(blobs, &remote.etag);
        let mut options = File::options();
        let file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let mut partial = Self {
            file: file.map_err(|error| io_error("written", &path, error))?,
            blob: blobs.join(&remote.etag),
            etag: remote.etag.clone(),
            size: remote.size,
            written: 0,
            hasher: hasher_for(&remote.etag, remote.size),
            path,
            _lock: lock,
        };
        let result = partial.hash_contents();
        result.map_err(|error| io_error("read", &partial.path, error))?;
        if partial.written > partial.size {
            partial.restart()?;
        }
        Ok(partial)
    }

    fn hash_contents(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 20];
        loop {
            let count = self.file.read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            self.record(&buffer[..count]);
        }
    }

    fn record(&mut self, bytes: &[u8]) {
        self.written += bytes.len() as u64;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
    }

    /// The number of bytes written.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Appends bytes; fails if they exceed the file's size.
    pub(super) fn write(&mut self, chunks: &[Bytes]) -> Result<()> {
        for chunk in chunks {
            if self.written + chunk.len() as u64 > self.size {
                let message = format!("received more than the {} bytes of the file", self.size);
                return Err(Error::new(ErrorKind::Protocol, message));
            }
            if let Err(error) = self.file.write_all(chunk) {
                // Part of the chunk may be on disk but is not hashed.
                self.file.set_len(self.written).ok();
                return Err(io_error("written", &self.path, error));
            }
            self.record(chunk);
        }
        Ok(())
    }

    /// Discards the contents.
    pub(super) fn restart(&mut self) -> Result<()> {
        let result = self
            .file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)));
        result.map_err(|error| io_error("written", &self.path, error))?;
        self.written = 0;
        self.hasher = hasher_for(&self.etag, self.size);
        Ok(())
    }

    /// Moves the file to its blob if its hash is correct, otherwise discards the contents.
    pub(super) fn finish(&mut self) -> Result<()> {
        let hash = self
            .hasher
            .take()
            .map(|hasher| hex(hasher.finish().as_ref()));
        if let Some(hash) = hash.filter(|hash| *hash != self.etag.to_ascii_lowercase()) {
            self.restart()?;
            let message = format!(
                "the hash of the received bytes is {hash}, not {}",
                self.etag
            );
            return Err(Error::new(ErrorKind::Protocol, message));
        }
        let result = self
            .file
            .sync_all()
            .and_then(|()| fs::rename(&self.path, &self.blob));
        result.map_err(|error| io_error("written", &self.blob, error))
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote_file(etag: &str, size: u64) -> RemoteFile {
        RemoteFile {
            repo: "a/b".to_owned(),
            commit: "c".to_owned(),
            path: "f".to_owned(),
            etag: etag.to_owned(),
            in_storage: true,
            size,
        }
    }

    fn open(folder: &Path, etag: &str, size: u64) -> Partial {
        let lock = File::create(folder.join("lock")).expect("failed to create the lock");
        Partial::open(folder, &remote_file(etag, size), lock).expect("failed to open")
    }

    /// `printf hello | sha256sum`, and `printf hello | git hash-object --stdin`.
    const HASHES: [&str; 2] = [
        "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0",
    ];

    #[test]
    fn a_resumed_file_passes_the_hash_check() {
        let folder = tempfile::tempdir().expect("a folder");
        for etag in HASHES {
            let mut first = open(folder.path(), etag, 5);
            first
                .write(&["he".into(), "l".into()])
                .expect("failed to write");
            drop(first);
            let mut second = open(folder.path(), etag, 5);
            assert_eq!(second.written(), 3);
            second.write(&["lo".into()]).expect("failed to write");
            second.finish().expect("failed to finish");
            assert_eq!(
                fs::read(folder.path().join(etag)).expect("no blob"),
                b"hello"
            );
            assert!(!partial_path(folder.path(), etag).exists());
        }
    }

    #[test]
    fn a_wrong_hash_discards_the_bytes() {
        let folder = tempfile::tempdir().expect("a folder");
        for etag in HASHES {
            let mut partial = open(folder.path(), etag, 5);
            partial.write(&["jello".into()]).expect("failed to write");
            let error = partial.finish().expect_err("accepted a wrong hash");
            assert_eq!(error.kind(), &ErrorKind::Protocol);
            assert_eq!(partial.written(), 0);
            assert!(!folder.path().join(etag).exists());
            partial.write(&["hello".into()]).expect("failed to write");
            partial.finish().expect("failed to finish");
        }
    }

    #[test]
    fn excess_bytes_are_rejected_and_a_partial_file_that_is_too_long_is_truncated() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut partial = open(folder.path(), "odd-etag", 5);
        let error = partial
            .write(&["hello!".into()])
            .expect_err("accepted excess bytes");
        assert_eq!(error.kind(), &ErrorKind::Protocol);
        partial.write(&["hello".into()]).expect("failed to write");
        drop(partial);
        assert_eq!(open(folder.path(), "odd-etag", 4).written(), 0);
    }
}
