//! Atomic file writes: a file appears complete or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

/// Writes `bytes` to `path`; fails if the file exists, unless `force` is set.
///
/// The bytes are written to a hidden file in the same folder, synced and renamed. Missing folders are
/// created. With `force`, a symbolic link is followed to its target.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8], force: bool) -> io::Result<()> {
    let target = if force {
        fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
    } else {
        path.to_owned()
    };
    let folder = or_current(target.parent().unwrap_or(Path::new("")));
    let written = write_temporary(folder, bytes)?;
    if force {
        written.persist(&target).map_err(|error| error.error)?;
    } else {
        written
            .persist_noclobber(&target)
            .map_err(|error| error.error)?;
    }
    Ok(())
}

/// Writes `bytes` to `path`, or to the first unused of `path-2`, `path-3`, …; returns the path.
pub(crate) fn write_unique(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let folder = or_current(path.parent().unwrap_or(Path::new("")));
    let mut written = write_temporary(folder, bytes)?;
    let mut target = path.to_owned();
    for number in 2.. {
        match written.persist_noclobber(&target) {
            Ok(()) => break,
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                written = error.path;
                target = with_number(path, number);
            }
            Err(error) => return Err(error.error),
        }
    }
    Ok(target)
}

/// Writes `bytes` to a pipe or a device.
pub(crate) fn write_special(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    file.write_all(bytes)?;
    file.flush()
}

/// A temporary file in `folder` with the permissions of a new file; deleted when dropped.
pub(super) fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".fluxhop-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Subject to the umask; tempfile's default is 0o600.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn write_temporary(folder: &Path, bytes: &[u8]) -> io::Result<TempPath> {
    let mut file = match temporary(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            temporary(folder)?
        }
        created => created?,
    };
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file.into_temp_path())
}

/// Appends a number to the file stem: `cat.png` becomes `cat-2.png`.
pub(super) fn with_number(path: &Path, number: usize) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// The folder; an empty path is the working folder.
pub(super) fn or_current(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("failed to read the folder");
        let name = |entry: io::Result<fs::DirEntry>| {
            entry
                .expect("failed to read a folder entry")
                .file_name()
                .into_string()
                .expect("not valid UTF-8")
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn an_existing_file_is_replaced_only_with_force() {
        let folder = tempfile::tempdir().expect("failed to create a temporary folder");
        let path = folder.path().join("cat.png");
        write_atomic(&path, b"first", false).expect("failed to write the file");
        let error = write_atomic(&path, b"second", false).expect_err("overwrote the file");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).expect("failed to read the file"), b"first");
        write_atomic(&path, b"third", true).expect("failed to overwrite the file");
        assert_eq!(fs::read(&path).expect("failed to read the file"), b"third");
        assert_eq!(names(folder.path()), ["cat.png"]);
    }

    #[test]
    fn missing_folders_are_created() {
        let folder = tempfile::tempdir().expect("failed to create a temporary folder");
        let path = folder.path().join("birds/small/wren.png");
        write_atomic(&path, b"x", false).expect("failed to write the file");
        write_unique(&path, b"y").expect("failed to write the file");
        let names = names(path.parent().expect("no parent folder"));
        assert_eq!(names, ["wren-2.png", "wren.png"]);
    }

    #[test]
    fn an_existing_name_gets_the_next_unused_number() {
        let folder = tempfile::tempdir().expect("failed to create a temporary folder");
        let path = folder.path().join("cat.png");
        for name in ["cat.png", "cat-2.png", "cat-3.png"] {
            let written = write_unique(&path, b"x").expect("failed to write the file");
            assert_eq!(written, folder.path().join(name));
        }
    }

    #[test]
    fn concurrent_writes_get_distinct_names() {
        let folder = tempfile::tempdir().expect("failed to create a temporary folder");
        let path = folder.path().join("cat.png");
        std::thread::scope(|scope| {
            for i in 0..16_u8 {
                let path = &path;
                scope.spawn(move || write_unique(path, &[i]).expect("failed to write the file"));
            }
        });
        let files = names(folder.path());
        assert_eq!(files.len(), 16, "{files:?}");
        let mut bytes: Vec<u8> = files
            .iter()
            .flat_map(|name| fs::read(folder.path().join(name)).expect("failed to read the file"))
            .collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0..16).collect::<Vec<u8>>());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_an_error() {
        let error =
            write_special(Path::new("/dev/full"), &[0; 4096]).expect_err("wrote to a full device");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }

    #[cfg(unix)]
    #[test]
    fn force_follows_symbolic_links() {
        let folder = tempfile::tempdir().expect("failed to create a temporary folder");
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").expect("failed to write the file");
        std::os::unix::fs::symlink(&file, &link).expect("failed to create the link");
        write_atomic(&link, b"new", true).expect("failed to overwrite the file");
        assert_eq!(fs::read(&file).expect("failed to read the file"), b"new");
        assert!(link.is_symlink());
    }

    #[cfg(unix)]
    #[test]
    fn files_have_the_permissions_of_new_files() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("failed to create a temporary folder");
        let mode = |name: &str| {
            let metadata = fs::metadata(folder.path().join(name)).expect("failed to read the file");
            metadata.permissions().mode() & 0o777
        };
        write_atomic(&folder.path().join("ours"), b"x", false).expect("failed to write the file");
        fs::write(folder.path().join("theirs"), "x").expect("failed to write the file");
        assert_eq!(mode("ours"), mode("theirs"));
    }
}
