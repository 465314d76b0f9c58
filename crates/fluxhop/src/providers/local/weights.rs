//! Resolves the `weights` setting to a path: a file, a folder, or a downloaded model.

use std::path::{Path, PathBuf};

use crate::hub::{self, Cache};
use crate::{Error, ErrorKind, Result};

/// Whether `text` can only be a path; hub names begin with a letter or a digit.
pub(super) fn is_path(text: &str) -> bool {
    text.starts_with(['/', '.', '~', '\\']) || text.contains('\\') || Path::new(text).is_absolute()
}

/// Checks that `text` is a path or the name of a model.
pub(crate) fn check(text: &str) -> Result<()> {
    if text.trim().is_empty() {
        let message = "is empty; expected a folder, a file, or the name of a model";
        return Err(Error::invalid("weights", message));
    }
    if is_path(text) || Path::new(text).exists() {
        return Ok(());
    }
    hub::resolve(text).map(drop)
}

/// Resolves the setting to a folder or file; reads the file system.
pub(super) fn path(text: &str, cache: Option<&Cache>) -> Result<PathBuf> {
    let path = PathBuf::from(text);
    if path.exists() {
        return Ok(path);
    }
    let missing =
        |message: String| Err(Error::new(ErrorKind::Unavailable, message).with_retryable(false));
    if is_path(text) {
        return missing(format!("no such file or folder: {text}"));
    }
    let source = hub::resolve(text)?;
    if let Some(path) = cache.and_then(|cache| cache.find(&source)) {
        return Ok(path);
    }
    let name = hub::short_name(&source);
    missing(format!(
        "the weights of {name} are not downloaded; run `fluxhop models pull {name}` to download them"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_used_as_given_and_names_are_looked_up_in_the_cache() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = folder.path().to_str().expect("UTF-8");
        assert_eq!(path(text, None).expect("a path"), folder.path());
        let error = path("/no/such/folder", None).expect_err("missing");
        assert_eq!(error.message(), "no such file or folder: /no/such/folder");
        assert!(!error.is_retryable());
        let cache = Cache::new(folder.path());
        let error = path("flux-schnell", Some(&cache)).expect_err("not downloaded");
        assert_eq!(error.kind(), &ErrorKind::Unavailable);
        assert!(
            error
                .message()
                .ends_with("run `fluxhop models pull flux-schnell` to download them"),
            "{error}"
        );
        let snapshot = folder.path().join("models--a--b/snapshots/c1");
        std::fs::create_dir_all(&snapshot).expect("a folder");
        assert_eq!(path("a/b@c1", Some(&cache)).expect("a path"), snapshot);
    }

    #[test]
    fn text_that_is_neither_a_path_nor_a_name_is_rejected() {
        for text in ["", " ", "flux-schnel", "a/b/c"] {
            assert!(check(text).is_err(), "{text}");
        }
        for text in ["/a", "./a", "~/a", "C:\\a", "flux-schnell", "a/b@c"] {
            assert!(check(text).is_ok(), "{text}");
        }
    }
}
