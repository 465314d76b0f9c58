//! Lookup of names, with suggestions for unknown ones.

use crate::{Error, ErrorKind, ProviderInfo, Result};

/// The minimum Jaro-Winkler similarity, from 0 to 1, for a name to be suggested.
const MIN_SIMILARITY: f64 = 0.7;

/// The known name most similar to `name`, if one is similar enough.
pub(crate) fn closest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    known
        .into_iter()
        .map(|other| (strsim::jaro_winkler(&name, &other.to_lowercase()), other))
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, other)| other)
}

/// The closest known name and a list of all, to append to an error about an unknown name.
pub(crate) fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let all = known.join(", ");
    match closest(name, known) {
        Some(closest) => format!("did you mean `{closest}`? Known: {all}"),
        None => format!("known: {all}"),
    }
}

impl ProviderInfo {
    /// Resolves a model name.
    ///
    /// An empty name resolves to the default model and an alias to its target; case is ignored.
    /// Fails with [`ErrorKind::ModelNotFound`] if the name is unknown; the message lists the known
    /// names.
    ///
    /// ```
    /// use fluxhop::ProviderInfo;
    ///
    /// let mut info = ProviderInfo::new("voodoohop", "flux-schnell");
    /// info.model_aliases.push(("flux".into(), "flux-schnell".into()));
    /// assert_eq!(info.resolve("")?, "flux-schnell");
    /// assert_eq!(info.resolve("FLUX")?, "flux-schnell");
    /// assert!(info.resolve("dall-e").is_err());
    /// # Ok::<(), fluxhop::Error>(())
    /// ```
    pub fn resolve(&self, name: &str) -> Result<&str> {
        let name = name.trim();
        if name.is_empty() {
            return Ok(&self.default_model);
        }
        let alias = self
            .model_aliases
            .iter()
            .find(|(alias, _)| same(alias, name));
        if let Some((_, target)) = alias {
            return Ok(target);
        }
        let mut models = self.model_names();
        models.find(|model| same(model, name)).ok_or_else(|| {
            let aliases = self.model_aliases.iter().map(|(alias, _)| alias.as_str());
            let mut known: Vec<&str> = self.model_names().chain(aliases).collect();
            known.sort_unstable();
            known.dedup();
            unknown_model(name, known)
        })
    }

    fn model_names(&self) -> impl Iterator<Item = &str> {
        let all = [&self.default_model].into_iter().chain(&self.models);
        all.map(String::as_str).filter(|name| !name.is_empty())
    }
}

/// Whether two names are equal, ignoring case.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}

/// The error for a model that is not among `known`.
pub(crate) fn unknown_model<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
    let suggestion = suggestion(name, known);
    Error::new(
        ErrorKind::ModelNotFound,
        format!("`{}`; {suggestion}", shortened(name)),
    )
}

/// The error for a value of `field` that is not among `known`.
pub(crate) fn unknown<'a>(
    field: &'static str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Error {
    let suggestion = suggestion(name, known);
    Error::invalid(
        field,
        format!("`{}` is not known; {suggestion}", shortened(name)),
    )
}

/// Truncates a name for use in a message.
pub(crate) fn shortened(name: &str) -> String {
    const MAX_CHARS: usize = 80;
    match name.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info() -> ProviderInfo {
        let mut info = ProviderInfo::new("voodoohop", "voodoohop-flux-1-schnell");
        let target = "voodoohop-flux-1-schnell".to_owned();
        info.model_aliases = vec![
            ("flux-schnell".into(), target.clone()),
            ("flux".into(), target),
        ];
        info.models = vec!["flux-schnell".into(), "flux".into()];
        info
    }

    #[test]
    fn an_empty_name_is_the_default_and_case_is_ignored() {
        for name in ["", "  ", "flux", "FLUX-Schnell", "Voodoohop-Flux-1-Schnell"] {
            assert_eq!(
                info().resolve(name).expect("known"),
                "voodoohop-flux-1-schnell"
            );
        }
    }

    #[test]
    fn an_unknown_model_is_an_error_with_suggestions() {
        let error = info().resolve("flux-schnel").expect_err("unknown");
        assert_eq!(error.kind(), &ErrorKind::ModelNotFound);
        assert_eq!(
            error.message(),
            "`flux-schnel`; did you mean `flux-schnell`? \
             Known: flux, flux-schnell, voodoohop-flux-1-schnell"
        );
        let error = info().resolve("zzz").expect_err("unknown");
        assert!(
            error.message().starts_with("`zzz`; known: flux, "),
            "{error}"
        );
    }

    #[test]
    fn long_names_are_truncated_in_the_message() {
        let error = info().resolve(&"ä".repeat(1 << 20)).expect_err("unknown");
        assert!(error.message().len() < 400, "{}", error.message().len());
    }
}
