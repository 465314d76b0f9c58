//! Why the hub gives no model, as errors of fluxhop with the hub's own words.

use std::time::Duration;

use fluxhop_http::{BodyLimits, Response};
use serde::Deserialize;

use super::Hub;
use crate::{Error, ErrorKind, Phase};

/// How much of an answer that says no is read.
const WORDS: u64 = 64 * 1024;

#[derive(Deserialize)]
struct Body {
    error: String,
}

/// The error for an answer that is no success, about a revision of a model.
pub(super) async fn refused(hub: &Hub, response: Response, repo: &str, revision: &str) -> Error {
    let status = response.status();
    let header = |name| response.header(name).unwrap_or_default().to_owned();
    let (code, mut words) = (header("x-error-code"), header("x-error-message"));
    let wait = retry_after(&response);
    let is_hub = response.url().origin() == hub.options.endpoint.origin();
    if words.is_empty() {
        let limits = BodyLimits {
            bytes: WORDS,
            silence: Duration::from_secs(5),
            whole: Duration::from_secs(5),
        };
        // An answer whose words cannot be read says what its status says.
        let body: Option<Body> = response.json(limits).await.ok();
        words = body.map(|body| body.error).unwrap_or_default();
    }
    let error = if is_hub {
        of_hub(hub, status, &code, &words, wait, (repo, revision))
    } else {
        // A signed address lives for a while; the hub gives a new one when it is asked again.
        let message = format!("the storage behind the hub answers {status}");
        Error::new(ErrorKind::Unavailable, message)
    };
    if words.is_empty() {
        return error;
    }
    let words: String = words.chars().take(500).collect();
    error.with_context("the hub says", words)
}

fn of_hub(
    hub: &Hub,
    status: u16,
    code: &str,
    words: &str,
    wait: Option<Duration>,
    (repo, revision): (&str, &str),
) -> Error {
    let has_token = hub.options.token.is_some();
    let endpoint = hub.options.endpoint.as_str().trim_end_matches('/');
    let page = format!("{endpoint}/{repo}");
    let is_gated = code == "GatedRepo" || (matches!(status, 401 | 403) && words.contains("gated"));
    if is_gated {
        let who = if has_token {
            "the token's account has no access to it yet: accept its licence"
        } else {
            "accept its licence, signed in,"
        };
        let token = if has_token {
            ""
        } else {
            ", then give a token of that account"
        };
        let message = format!("{repo} is gated; {who} at {page}{token}");
        return Error::new(ErrorKind::Unauthorized, message).with_context("licence", page);
    }
    match status {
        404 if code == "RevisionNotFound" => {
            let message = format!("{repo} has no branch, tag or commit `{revision}`");
            Error::invalid("revision", message)
        }
        404 if code == "EntryNotFound" => Error::new(
            ErrorKind::Protocol,
            format!("{repo} has no more of a file that it lists"),
        ),
        404 => Error::new(
            ErrorKind::ModelNotFound,
            format!("the hub has no model {repo}"),
        ),
        401 if code == "RepoNotFound" || (!has_token && code.is_empty()) => {
            let why = if has_token {
                "or the token may not see it"
            } else {
                "or it is private and needs a token"
            };
            let message = format!("the hub shows no model {repo}: it does not exist, {why}");
            Error::new(ErrorKind::Unauthorized, message)
        }
        401 | 403 if has_token => {
            let message = format!("the hub refuses the token for {repo} ({status})");
            Error::new(ErrorKind::Unauthorized, message)
        }
        401 | 403 => {
            let message = format!("the hub refuses {repo} without a token ({status})");
            Error::new(ErrorKind::Unauthorized, message)
        }
        429 => {
            let kind = ErrorKind::RateLimited { retry_after: wait };
            Error::new(kind, "the hub was asked too much in too little time")
        }
        500.. => Error::new(ErrorKind::Unavailable, format!("the hub answers {status}")),
        _ => Error::new(ErrorKind::Protocol, format!("the hub answers {status}")),
    }
}

/// The wait that the hub asks for: `Retry-After`, or `t` of the draft `RateLimit` field.
fn retry_after(response: &Response) -> Option<Duration> {
    let of_limit = || {
        let mut parts = response.header("ratelimit")?.split(';');
        parts.find_map(|part| part.trim().strip_prefix("t="))
    };
    let seconds = response.header("retry-after").or_else(of_limit)?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

/// The error for a hub, or a storage behind it, that was not reached or broke off.
pub(super) fn unreached(error: fluxhop_http::Error) -> Error {
    use fluxhop_http::ErrorKind as Http;
    let kind = match error.kind() {
        Http::Connect | Http::Broken => ErrorKind::Unavailable,
        Http::ProxyAuth => ErrorKind::Unauthorized,
        Http::Timeout(phase) => {
            let phase = match phase {
                fluxhop_http::Phase::Connect => Phase::Connect,
                fluxhop_http::Phase::Head => Phase::FirstEvent,
                fluxhop_http::Phase::Silence => Phase::Silence,
                fluxhop_http::Phase::Whole => Phase::Whole,
            };
            ErrorKind::Timeout { phase }
        }
        Http::InvalidProxy => ErrorKind::InvalidRequest { field: "proxy" },
        Http::InvalidUrl => ErrorKind::InvalidRequest {
            field: "HF_ENDPOINT",
        },
        Http::InvalidHeader => ErrorKind::InvalidRequest { field: "token" },
        Http::TooLarge { .. } | Http::Decode | Http::Redirect | Http::Blocked => {
            ErrorKind::Protocol
        }
        _ => ErrorKind::Internal,
    };
    // A host that is not there is not there in a second either.
    let retryable = !matches!(error.kind(), Http::Connect);
    let told = Error::new(kind, error.to_string());
    let retryable = retryable && told.is_retryable();
    told.with_retryable(retryable).with_source(error)
}
