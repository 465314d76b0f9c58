//! What the user can do about an error of the library.

use std::error::Error as StdError;
use std::time::SystemTime;

use fluxhop::{Error, ErrorKind, Phase};

use crate::text::format_duration;

const TOKEN: &str = "set HF_TOKEN or pass --token (create one at \
                     https://huggingface.co/settings/tokens)";

/// The hint for an error, if there is one.
pub(super) fn hint(error: &Error) -> Option<String> {
    // The hub's errors name the model whose files were requested.
    let is_download = context(error, "model").is_some();
    if is_download && !matches!(error.kind(), ErrorKind::RateLimited { .. }) {
        return download_hint(error);
    }
    let hint = match error.kind() {
        ErrorKind::InvalidRequest { field: "provider" } => {
            "run `fluxhop providers` to list them".to_owned()
        }
        ErrorKind::InvalidRequest { field: "model" } | ErrorKind::ModelNotFound => {
            "run `fluxhop models` to list them".to_owned()
        }
        ErrorKind::InvalidRequest { field: "prompt" } if is_from_sketch(error) => {
            "the built-in renderer draws things such as a cat, a house or a boat; run `fluxhop \
             models show sketch` for the full list, or choose another provider with --provider"
                .to_owned()
        }
        ErrorKind::InvalidRequest { field: "format" } => {
            "supported formats: png, jpeg and webp, and avif in builds with `--features avif`"
                .to_owned()
        }
        ErrorKind::Config => {
            "run `fluxhop config path` to see which settings files are read".to_owned()
        }
        ErrorKind::Unauthorized => format!(
            "{TOKEN}; for your own Space, set `token_env`, or `username` and `password_env`, in \
             fluxhop.toml"
        ),
        ErrorKind::QuotaExceeded { resets_at } => {
            let left = resets_at.and_then(|at| at.duration_since(SystemTime::now()).ok());
            let resets =
                left.map(|left| format!("the quota resets in {}; ", format_duration(left)));
            format!("{}to generate now, {TOKEN}", resets.unwrap_or_default())
        }
        ErrorKind::RateLimited { retry_after } => match retry_after {
            Some(wait) => format!("try again in {}", format_duration(*wait)),
            None => format!("try again later, or {TOKEN}"),
        },
        ErrorKind::ContentRejected => "rephrase the prompt".to_owned(),
        ErrorKind::Unavailable if !error.causes().is_empty() => {
            if !error.causes().iter().any(is_network) {
                return None;
            }
            "check the network connection; use --proxy if you are behind a proxy".to_owned()
        }
        ErrorKind::Unavailable if is_network(error) => {
            "run `fluxhop providers --check` to see which providers are reachable; use --proxy if \
             you are behind a proxy"
                .to_owned()
        }
        ErrorKind::QueueFull => {
            "try again in a minute, or choose another provider with --provider".to_owned()
        }
        ErrorKind::Timeout { phase } => match phase {
            Phase::Total => "raise the limit with --timeout, such as --timeout 20m".to_owned(),
            Phase::Connect => {
                "check the network connection; use --proxy if you are behind a proxy".to_owned()
            }
            _ => "raise `first_event_timeout` or `idle_timeout` under [network] in fluxhop.toml"
                .to_owned(),
        },
        ErrorKind::Protocol => {
            "run `fluxhop space OWNER/NAME` to see what a Space accepts and returns".to_owned()
        }
        _ => return None,
    };
    Some(hint)
}

fn download_hint(error: &Error) -> Option<String> {
    let hint = match error.kind() {
        ErrorKind::Unauthorized => format!("{TOKEN}, or run `hf auth login`"),
        ErrorKind::ModelNotFound => "see https://huggingface.co/models for a list".to_owned(),
        ErrorKind::InvalidRequest { field: "file" } => "select files with --file NAME".to_owned(),
        ErrorKind::Internal => "check the free space and the permissions of the cache folder; set \
                                HF_HOME to use another one"
            .to_owned(),
        ErrorKind::Unavailable | ErrorKind::Timeout { .. } => {
            "run the same command again to resume; use --proxy if you are behind a proxy".to_owned()
        }
        _ => return None,
    };
    Some(hint)
}

/// Whether the network may be the cause, rather than files on this machine.
fn is_network(error: &Error) -> bool {
    let may_be_network = matches!(
        error.kind(),
        ErrorKind::Unavailable | ErrorKind::Timeout { .. }
    );
    // A refused connection is a network error although it is not retryable.
    may_be_network
        && context(error, "file").is_none()
        && (error.is_retryable() || is_unreachable(error))
}

/// Whether there are network errors, and all of them occurred before a connection was made.
pub(super) fn are_unreachable(errors: &[Error]) -> bool {
    let mut network = errors.iter().filter(|error| is_network(error)).peekable();
    network.peek().is_some() && network.all(is_unreachable)
}

/// Whether no connection could be established.
fn is_unreachable(error: &Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(http) = cause.downcast_ref::<fluxhop_http::Error>() {
            return http.kind() == fluxhop_http::ErrorKind::Connect;
        }
        source = cause.source();
    }
    false
}

/// Whether the error comes from the built-in renderer, which draws only the words it knows.
fn is_from_sketch(error: &Error) -> bool {
    context(error, "provider") == Some("sketch")
}

/// The value of the error's context `name`.
pub(super) fn context<'a>(error: &'a Error, name: &str) -> Option<&'a str> {
    let (_, value) = error.context().iter().find(|(key, _)| *key == name)?;
    Some(value)
}
