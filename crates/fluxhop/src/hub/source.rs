//! Which files of which model: a name of the catalogue's, or `OWNER/NAME[@REVISION]`.

use std::fmt;

use crate::{Error, Result, catalogue, names};

/// A model on the hub, and which of its files are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSource {
    repo: String,
    revision: String,
    patterns: Vec<String>,
}

/// The revision where none is named.
const MAIN: &str = "main";
/// The longest part of a name that the hub allows.
const LONGEST: usize = 96;

impl ModelSource {
    /// Reads a name of [`catalogue::WEIGHTS`], or `OWNER/NAME[@REVISION]`.
    ///
    /// ```
    /// use fluxhop::hub::ModelSource;
    ///
    /// let source = ModelSource::parse("flux-schnell")?;
    /// assert_eq!((source.repo(), source.revision()), ("black-forest-labs/FLUX.1-schnell", "main"));
    /// let source = ModelSource::parse("city96/FLUX.1-schnell-gguf@refs/pr/1")?;
    /// assert_eq!(source.revision(), "refs/pr/1");
    /// assert!(ModelSource::parse("../secrets").is_err());
    /// # Ok::<(), fluxhop::Error>(())
    /// ```
    pub fn parse(name: &str) -> Result<Self> {
        let name = name.trim();
        let (path, revision) = name.split_once('@').unwrap_or((name, MAIN));
        let known = catalogue::WEIGHTS
            .iter()
            .find(|known| names::same(known.name, path));
        let repo = known.map_or(path, |known| known.repo);
        let parts: Vec<&str> = repo.split('/').collect();
        if parts.len() == 1 {
            let known = catalogue::WEIGHTS.iter().map(|known| known.name);
            let suggestion = names::suggestion(repo, known);
            let message = format!(
                "`{}` is not known; {suggestion}; any model of the hub is written OWNER/NAME",
                names::shortened(repo)
            );
            return Err(Error::invalid("name", message));
        }
        if parts.len() != 2 || !parts.iter().all(|part| is_name(part)) {
            let message = format!("`{}` is not OWNER/NAME", names::shortened(repo));
            return Err(Error::invalid("name", message));
        }
        if !revision.split('/').all(is_name) {
            let shown = names::shortened(revision);
            let message = format!("`{shown}` is no branch, tag or commit");
            return Err(Error::invalid("revision", message));
        }
        Ok(Self {
            repo: repo.to_owned(),
            revision: revision.to_owned(),
            patterns: Vec::new(),
        })
    }

    /// Takes the files that match one of `patterns`, in place of those that the model is drawn
    /// with. `*` stands for any text and `?` for a character; a pattern without `/` counts for
    /// files in folders too.
    #[must_use]
    pub fn with_files(mut self, patterns: Vec<String>) -> Self {
        self.patterns = patterns;
        self
    }

    /// `OWNER/NAME`.
    pub fn repo(&self) -> &str {
        &self.repo
    }

    /// The branch, the tag or the commit.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    pub(super) fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// What `fluxhop models pull` takes for it.
    pub fn name(&self) -> String {
        let known = catalogue::WEIGHTS
            .iter()
            .find(|known| known.repo == self.repo);
        let name = known.map_or(self.repo.as_str(), |known| known.name);
        if self.revision == MAIN {
            name.to_owned()
        } else {
            format!("{name}@{}", self.revision)
        }
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

/// Whether it can be one part of a path, in a URL and in a folder alike.
pub(super) fn is_name(part: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=LONGEST).contains(&part.len()) && part.bytes().all(good) && !part.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_leave_the_cache_are_refused() {
        for (field, name) in [
            ("name", ""),
            ("name", "flux"),
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
            let kind = crate::ErrorKind::InvalidRequest { field };
            assert_eq!(error.kind(), &kind, "{name}: {error}");
        }
        assert!(ModelSource::parse(&format!("a/{}", "x".repeat(97))).is_err());
    }

    #[test]
    fn a_name_of_the_catalogue_is_found_whatever_its_case_and_told_again() {
        let source = ModelSource::parse("Flux-Schnell@v1").expect("known");
        assert_eq!(source.to_string(), "black-forest-labs/FLUX.1-schnell@v1");
        assert_eq!(source.name(), "flux-schnell@v1");
        let error = ModelSource::parse("flux-schnel").expect_err("unknown");
        assert!(
            error.message().contains("did you mean `flux-schnell`?"),
            "{error}"
        );
    }
}
