//! Model files from the Hugging Face Hub; also accepts the names of the [`catalogue`].

pub use fluxhop_hub::{
    Cache, CachedModel, Error, ErrorKind, Hub, HubOptions, ModelSource, PullEvent, PullStream,
    Result, format_bytes,
};

use crate::{catalogue, names};

/// The components of a diffusers pipeline that FLUX needs.
const COMPONENTS: [&str; 7] = [
    "scheduler",
    "text_encoder",
    "text_encoder_2",
    "tokenizer",
    "tokenizer_2",
    TRANSFORMER,
    "vae",
];
/// The component that distinguishes FLUX pipelines from those of other models.
const TRANSFORMER: &str = "transformer";

/// Resolves a name in [`catalogue::WEIGHTS`], or parses `OWNER/NAME[@REVISION]`.
///
/// ```
/// let source = fluxhop::hub::resolve("flux-schnell")?;
/// assert_eq!(source.repo(), "black-forest-labs/FLUX.1-schnell");
/// assert_eq!(fluxhop::hub::short_name(&source), "flux-schnell");
/// # Ok::<(), fluxhop::Error>(())
/// ```
pub fn resolve(name: &str) -> crate::Result<ModelSource> {
    let name = name.trim();
    let (path, revision) = match name.split_once('@') {
        Some((path, revision)) => (path, Some(revision)),
        None => (name, None),
    };
    let known = catalogue::WEIGHTS
        .iter()
        .find(|known| names::same(known.name, path));
    if known.is_none() && !path.contains('/') {
        let known = catalogue::WEIGHTS.iter().map(|known| known.name);
        let suggestion = names::suggestion(path, known);
        let message = format!(
            "`{}` is neither a known model nor OWNER/NAME; {suggestion}",
            names::shortened(path)
        );
        return Err(crate::Error::invalid("name", message));
    }
    let repo = known.map_or(path, |known| known.repo);
    let source = match revision {
        Some(revision) => ModelSource::parse(&format!("{repo}@{revision}"))?,
        None => ModelSource::parse(repo)?,
    };
    Ok(source.with_components(&COMPONENTS, TRANSFORMER))
}

/// The shortest name that [`resolve`] accepts for `source`.
pub fn short_name(source: &ModelSource) -> String {
    let full = source.to_string();
    let known = catalogue::WEIGHTS
        .iter()
        .find(|known| known.repo == source.repo());
    match known {
        Some(known) => full.replacen(known.repo, known.name, 1),
        None => full,
    }
}

/// Converts the kind of a hub error.
pub(crate) fn error_kind(kind: &ErrorKind) -> crate::ErrorKind {
    match kind {
        ErrorKind::Invalid { field } => crate::ErrorKind::InvalidRequest { field },
        ErrorKind::NotFound => crate::ErrorKind::ModelNotFound,
        ErrorKind::Unauthorized => crate::ErrorKind::Unauthorized,
        ErrorKind::RateLimited { retry_after } => crate::ErrorKind::RateLimited {
            retry_after: *retry_after,
        },
        ErrorKind::Unavailable | ErrorKind::NotRunning { .. } => crate::ErrorKind::Unavailable,
        ErrorKind::Transport(kind) => http_error_kind(*kind, crate::ErrorKind::Config),
        ErrorKind::Protocol => crate::ErrorKind::Protocol,
        _ => crate::ErrorKind::Internal,
    }
}

/// Converts the kind of an HTTP error; an invalid URL becomes `invalid_url`, which says where it came
/// from.
pub(crate) fn http_error_kind(
    kind: fluxhop_http::ErrorKind,
    invalid_url: crate::ErrorKind,
) -> crate::ErrorKind {
    use fluxhop_http::ErrorKind as Http;
    match kind {
        Http::Connect | Http::Interrupted => crate::ErrorKind::Unavailable,
        Http::ProxyAuth => crate::ErrorKind::Unauthorized,
        Http::Timeout(phase) => crate::ErrorKind::Timeout {
            phase: phase.into(),
        },
        Http::InvalidProxy | Http::InvalidHeader => crate::ErrorKind::Config,
        Http::InvalidUrl => invalid_url,
        Http::TooLarge { .. } | Http::Decode | Http::Redirect | Http::Blocked => {
            crate::ErrorKind::Protocol
        }
        _ => crate::ErrorKind::Internal,
    }
}

impl From<fluxhop_http::Phase> for crate::Phase {
    fn from(phase: fluxhop_http::Phase) -> Self {
        match phase {
            fluxhop_http::Phase::Connect => Self::Connect,
            fluxhop_http::Phase::Head => Self::FirstEvent,
            fluxhop_http::Phase::Idle => Self::Idle,
            fluxhop_http::Phase::Total => Self::Total,
        }
    }
}

impl From<Error> for crate::Error {
    fn from(error: Error) -> Self {
        let mut converted = Self::new(error_kind(error.kind()), error.message())
            .with_retryable(error.is_retryable());
        for (name, value) in error.context() {
            converted = converted.with_context(name, value.as_str());
        }
        converted.with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalogue_names_are_resolved_ignoring_case() {
        let source = resolve("Flux-Schnell@v1").expect("known");
        assert_eq!(source.to_string(), "black-forest-labs/FLUX.1-schnell@v1");
        assert_eq!(short_name(&source), "flux-schnell@v1");
        let error = resolve("flux-schnel").expect_err("unknown");
        assert!(
            error.message().contains("did you mean `flux-schnell`?"),
            "{error}"
        );
    }
}
