//! Files and folders of the cache.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::{Error, ErrorKind, Result};

/// Whether `path`, as named by the hub, is relative and stays within the model's folder.
pub(crate) fn is_relative_path(path: &str) -> bool {
    let is_plain = |component: Component<'_>| matches!(component, Component::Normal(_));
    let has_special = path.contains(['\\', ':']) || path.chars().any(char::is_control);
    !path.is_empty()
        && !has_special
        && !path.ends_with('/')
        && Path::new(path).components().all(is_plain)
        && !path.split('/').any(|part| part.is_empty() || part == ".")
}

/// The sorted names in a folder; empty if the folder does not exist.
pub(crate) fn names_in(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io_error("read", folder, error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| io_error("read", folder, error))?;
        names.extend(entry.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

/// The files under a folder, recursively; symlinks count as files and are not followed.
pub(crate) fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for name in names_in(folder)? {
        let path = folder.join(name);
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        if is_folder {
            files.extend(files_in(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// The branches and tags under `refs`, each with its commit.
pub(crate) fn refs_in(folder: &Path) -> Result<Vec<(String, String)>> {
    let files = files_in(folder)?;
    let read = |path: PathBuf| {
        let name = path.strip_prefix(folder).ok()?.to_str()?.to_owned();
        let commit = fs::read_to_string(&path).ok()?.trim().to_owned();
        Some((name, commit))
    };
    Ok(files.into_iter().filter_map(read).collect())
}

pub(crate) fn create_parent(path: &Path) -> Result<()> {
    let Some(parent) = path.parent() else {
        return Ok(());
    };
    fs::create_dir_all(parent).map_err(|error| io_error("created", parent, error))
}

/// The error for a file of the cache: `path` cannot be `action`, such as `read` or `written`.
pub(crate) fn io_error(action: &str, path: &Path, error: io::Error) -> Error {
    let message = format!("{} cannot be {action}", path.display());
    Error::new(ErrorKind::Io, message).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_outside_the_models_folder_are_rejected() {
        for path in ["a", "a/b.json", ".gitattributes", "a..b/c", "ä b/c"] {
            assert!(is_relative_path(path), "{path}");
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
            assert!(!is_relative_path(path), "{path:?}");
        }
    }
}
