//! A model on the hub, `OWNER/NAME[@REVISION]`, and a selection of its files.

use std::fmt;
use std::str::FromStr;

use crate::repo::is_name;
use crate::{Error, Result, is_repo_name};

/// A model on the hub and a selection of its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSource {
    repo: String,
    revision: String,
    patterns: Vec<String>,
    components: Option<Components>,
}

/// The components of a diffusers pipeline to pull.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Components {
    pub(crate) folders: &'static [&'static str],
    pub(crate) required: &'static str,
}

/// The default revision.
const MAIN: &str = "main";

impl ModelSource {
    /// Parses `OWNER/NAME[@REVISION]`.
    ///
    /// ```
    /// use fluxhop_hub::ModelSource;
    ///
    /// let source = ModelSource::parse("openai-community/gpt2@refs/pr/1")?;
    /// assert_eq!((source.repo(), source.revision()), ("openai-community/gpt2", "refs/pr/1"));
    /// assert_eq!(ModelSource::parse("openai-community/gpt2")?.revision(), "main");
    /// assert!(ModelSource::parse("../secrets").is_err());
    /// # Ok::<(), fluxhop_hub::Error>(())
    /// ```
    pub fn parse(name: &str) -> Result<Self> {
        let name = name.trim();
        let (repo, revision) = name.split_once('@').unwrap_or((name, MAIN));
        if !is_repo_name(repo) {
            let message = format!("`{}` is not OWNER/NAME", shortened(repo));
            return Err(Error::invalid("name", message));
        }
        if !revision.split('/').all(is_name) {
            let message = format!("`{}` is not a branch, tag or commit", shortened(revision));
            return Err(Error::invalid("revision", message));
        }
        Ok(Self {
            repo: repo.to_owned(),
            revision: revision.to_owned(),
            patterns: Vec::new(),
            components: None,
        })
    }

    /// Selects the files that match one of `patterns`, instead of the default selection.
    ///
    /// `*` matches any text and `?` one character; a pattern without `/` matches file names in any
    /// folder.
    #[must_use]
    pub fn with_files(mut self, patterns: Vec<String>) -> Self {
        self.patterns = patterns;
        self
    }

    /// Selects these folders if the model is a diffusers pipeline; all of them by default.
    ///
    /// A pipeline without the folder `required` is an error, before anything is downloaded.
    #[must_use]
    pub fn with_components(
        mut self,
        folders: &'static [&'static str],
        required: &'static str,
    ) -> Self {
        self.components = Some(Components { folders, required });
        self
    }

    /// `OWNER/NAME`.
    pub fn repo(&self) -> &str {
        &self.repo
    }

    /// The branch, tag or commit; `main` by default.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    pub(crate) fn patterns(&self) -> &[String] {
        &self.patterns
    }

    pub(crate) fn components(&self) -> Option<Components> {
        self.components
    }
}

impl FromStr for ModelSource {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::parse(name)
    }
}

impl fmt::Display for ModelSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repo)?;
        if self.revision != MAIN {
            write!(f, "@{}", self.revision)?;
        }
        Ok(())
    }
}

fn shortened(name: &str) -> String {
    const MAX_LEN: usize = 80;
    match name.char_indices().nth(MAX_LEN) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn names_that_could_leave_the_cache_are_rejected() {
        for (field, name) in [
            ("name", ""),
            ("name", "gpt2"),
            ("name", "a/b/c"),
            ("name", "../b"),
            ("name", "a/.."),
            ("name", "/etc/passwd"),
            ("name", "a/b c"),
            ("name", "a/b\nc"),
            ("revision", "a/b@"),
            ("revision", "a/b@.."),
            ("revision", "a/b@refs/../../x"),
            ("revision", "a/b@a\\b"),
        ] {
            let error = ModelSource::parse(name).expect_err(name);
            assert_eq!(error.kind(), &ErrorKind::Invalid { field }, "{name}");
        }
        assert!(ModelSource::parse(&format!("a/{}", "x".repeat(97))).is_err());
    }

    #[test]
    fn display_round_trips_through_parse() {
        for name in ["a/b", "a/b@v1", "a/b@refs/pr/1"] {
            assert_eq!(
                ModelSource::parse(name).expect("a valid name").to_string(),
                name
            );
        }
    }
}
