//! Converts an unsuccessful response to an error, from its status and body.

use std::time::Duration;

use fluxhop_http::{BodyLimits, Response};
use serde_json::Value;

use crate::error::excerpt;
use crate::{Error, ErrorKind, plain_text};

/// The maximum size of an error body, in bytes.
const MAX_BODY_SIZE: u64 = 64 << 10;

/// The error for an unsuccessful response.
pub(crate) async fn error_response(response: Response, what: &str) -> Error {
    let status = response.status();
    let retry_after = response.retry_after();
    let limits = BodyLimits::default()
        .with_bytes(MAX_BODY_SIZE)
        .with_total(Duration::from_secs(5));
    // Without a body, the status alone determines the error.
    let body = response.text(limits).await.unwrap_or_default();
    let detail = detail(&body);
    let is_page = looks_like_page(&body);
    let kind = match status {
        401 | 403 | 407 => ErrorKind::Unauthorized,
        404 if is_page => ErrorKind::NotGradio { status },
        404 | 405 => ErrorKind::NoEndpoint,
        429 => ErrorKind::RateLimited { retry_after },
        400 | 413 | 414 | 422 => ErrorKind::Rejected { status },
        503 if detail
            .as_deref()
            .is_some_and(|detail| detail.contains("Queue is full")) =>
        {
            ErrorKind::QueueFull
        }
        502..=504 if detail.is_none() => ErrorKind::NotGradio { status },
        200..=299 => ErrorKind::NotGradio { status },
        _ => ErrorKind::Status { status },
    };
    let text = detail.unwrap_or_else(|| excerpt(&plain_text(&body)));
    let message = if text.is_empty() {
        format!("{what} returned {status}")
    } else {
        format!("{what} returned {status}: {text}")
    };
    Error::new(kind, message)
}

/// The `detail` of a JSON error body: a string, an object with `error`, or a list of validation
/// errors.
fn detail(body: &str) -> Option<String> {
    let value: Value = serde_json::from_str(body).ok()?;
    let detail = value
        .get("detail")
        .or_else(|| value.get("error"))
        .or_else(|| value.get("message"))?;
    let text = match detail {
        Value::String(text) => text.clone(),
        Value::Object(object) => object.get("error")?.as_str()?.to_owned(),
        Value::Array(items) => {
            let format_item = |item: &Value| {
                let location: Vec<String> = item
                    .get("loc")?
                    .as_array()?
                    .iter()
                    .map(Value::to_string)
                    .collect();
                Some(format!(
                    "{} {}",
                    location.join("."),
                    item.get("msg")?.as_str()?
                ))
            };
            items
                .iter()
                .filter_map(format_item)
                .collect::<Vec<_>>()
                .join("; ")
        }
        _ => return None,
    };
    Some(excerpt(&plain_text(&text)))
}

pub(crate) fn looks_like_page(body: &str) -> bool {
    body.trim_start().starts_with('<')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_details_are_parsed() {
        let parse = |body| detail(body).expect("a detail");
        assert_eq!(
            parse(r#"{"detail":"Queue is full. Max size is 1 and size is 1."}"#),
            "Queue is full. Max size is 1 and size is 1."
        );
        assert_eq!(
            parse(r#"{"detail":{"error":"Not authenticated","auth_message":null}}"#),
            "Not authenticated"
        );
        assert_eq!(
            parse(
                r#"{"detail":[{"type":"missing","loc":["body","data"],"msg":"Field required"}]}"#
            ),
            "\"body\".\"data\" Field required"
        );
        assert_eq!(detail("<html>"), None);
        assert_eq!(detail("[]"), None);
    }
}
