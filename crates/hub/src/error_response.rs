//! Converts error responses of the hub, or of its storage, to errors.

use std::time::Duration;

use fluxhop_http::{BodyLimits, Response};
use serde::Deserialize;

use crate::{Error, ErrorKind, Hub};

/// The maximum number of bytes to read from the body.
const MAX_BODY: u64 = 64 * 1024;
/// How long reading the body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum length of the hub's message, in characters; the rest is dropped.
const MAX_MESSAGE: usize = 500;

/// What a request is about.
pub(crate) enum Subject<'a> {
    /// A model or one of its files.
    Model { repo: &'a str, revision: &'a str },
    /// A Space.
    Space(&'a str),
}

#[derive(Deserialize)]
struct Body {
    error: String,
}

/// The contents of an error response.
struct HubError {
    status: u16,
    /// `X-Error-Code`, e.g. `GatedRepo`.
    code: String,
    /// `X-Error-Message`, or `error` in the body.
    message: String,
    retry_after: Option<Duration>,
}

/// Reads a failed response and returns the error for it.
pub(crate) async fn error_response(hub: &Hub, response: Response, subject: &Subject<'_>) -> Error {
    let header = |name| response.header(name).unwrap_or_default().to_owned();
    let mut hub_error = HubError {
        status: response.status(),
        code: header("x-error-code"),
        message: header("x-error-message"),
        retry_after: response.retry_after(),
    };
    let is_hub = response.url().origin() == hub.options.endpoint.origin();
    if hub_error.message.is_empty() {
        let limits = BodyLimits::default()
            .with_bytes(MAX_BODY)
            .with_idle(BODY_TIMEOUT)
            .with_total(BODY_TIMEOUT);
        // The status is enough if the body cannot be read.
        let body: Option<Body> = response.json(limits).await.ok();
        hub_error.message = body.map(|body| body.error).unwrap_or_default();
    }
    let error = if is_hub {
        match subject {
            Subject::Model { repo, revision } => model_error(hub, &hub_error, repo, revision),
            Subject::Space(name) => space_error(hub, &hub_error, name),
        }
    } else {
        // A signed URL expires; the hub returns a new one for the next attempt.
        let message = format!("the hub's storage returned {}", hub_error.status);
        Error::new(ErrorKind::Unavailable, message)
    };
    if hub_error.message.is_empty() {
        return error;
    }
    let message: String = hub_error.message.chars().take(MAX_MESSAGE).collect();
    error.with_context("the hub says", message)
}

fn model_error(hub: &Hub, hub_error: &HubError, repo: &str, revision: &str) -> Error {
    let has_token = hub.sends_token();
    let status = hub_error.status;
    let code = hub_error.code.as_str();
    let is_denied = matches!(status, 401 | 403);
    if code == "GatedRepo" || (is_denied && hub_error.message.contains("gated")) {
        return gated(hub, repo);
    }
    match status {
        404 if code == "RevisionNotFound" => {
            let message = format!("{repo} has no branch, tag or commit `{revision}`");
            Error::invalid("revision", message)
        }
        404 if code == "EntryNotFound" => {
            let message = format!("{repo} no longer has a file that it lists");
            Error::new(ErrorKind::Protocol, message)
        }
        404 => Error::new(ErrorKind::NotFound, format!("the hub has no model {repo}")),
        401 if code == "RepoNotFound" || (!has_token && code.is_empty()) => {
            let reason = if has_token {
                "it does not exist, or the token has no access to it"
            } else {
                "it does not exist, or it is private and needs a token"
            };
            let message = format!("model {repo} is not visible ({status}): {reason}");
            Error::new(ErrorKind::Unauthorized, message)
        }
        401 | 403 if has_token => {
            let message = format!("the hub rejected the token for {repo} ({status})");
            Error::new(ErrorKind::Unauthorized, message)
        }
        401 | 403 => {
            let message = format!("the hub denied access to {repo} without a token ({status})");
            Error::new(ErrorKind::Unauthorized, message)
        }
        _ => other_error(hub_error),
    }
}

fn gated(hub: &Hub, repo: &str) -> Error {
    let page = format!(
        "{}/{repo}",
        hub.options.endpoint.as_str().trim_end_matches('/')
    );
    let message = if hub.sends_token() {
        format!(
            "{repo} is gated and the token's account has no access yet: accept the licence at {page}"
        )
    } else {
        format!(
            "{repo} is gated: accept the licence at {page}, then provide a token of that account"
        )
    };
    Error::new(ErrorKind::Unauthorized, message).with_context("licence", page)
}

/// The hub returns 401 or 404 both for a private Space and for one that does not exist.
fn space_error(hub: &Hub, hub_error: &HubError, name: &str) -> Error {
    let status = hub_error.status;
    if !matches!(status, 401 | 403 | 404) {
        return other_error(hub_error);
    }
    let reason = if hub.sends_token() {
        "it does not exist, or the token has no access to it"
    } else {
        "it does not exist, or it is private and needs a token"
    };
    let message = format!("Space {name} is not visible ({status}): {reason}");
    Error::new(ErrorKind::Unauthorized, message)
}

fn other_error(hub_error: &HubError) -> Error {
    let status = hub_error.status;
    let kind = match status {
        429 => ErrorKind::RateLimited {
            retry_after: hub_error.retry_after,
        },
        500.. => ErrorKind::Unavailable,
        _ => ErrorKind::Protocol,
    };
    Error::new(kind, format!("the hub returned {status}"))
}
