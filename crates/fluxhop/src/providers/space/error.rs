//! Converts errors of the Gradio client.

use std::time::{Duration, SystemTime};

use fluxhop_gradio::ErrorKind as Gradio;
use fluxhop_http::ErrorKind as Http;
use fluxhop_hub::ErrorKind as HubKind;

use crate::hub::{self, http_error_kind};
use crate::{Error, ErrorKind};

/// Converts an error of the Gradio client.
pub(super) fn translate(error: fluxhop_gradio::Error) -> Error {
    let kind = match error.kind() {
        Gradio::InvalidAddress => ErrorKind::InvalidRequest { field: "space" },
        Gradio::InvalidArgument { .. } | Gradio::Rejected { .. } => {
            ErrorKind::InvalidRequest { field: "request" }
        }
        Gradio::Transport(kind) => {
            http_error_kind(*kind, ErrorKind::InvalidRequest { field: "space" })
        }
        Gradio::NoEndpoint => ErrorKind::InvalidRequest { field: "api_name" },
        Gradio::Unauthorized => ErrorKind::Unauthorized,
        Gradio::QueueFull => ErrorKind::QueueFull,
        Gradio::RateLimited { retry_after } => ErrorKind::RateLimited {
            retry_after: *retry_after,
        },
        Gradio::Hub(kind) => hub::error_kind(kind),
        Gradio::NotGradio { .. } | Gradio::Lost | Gradio::Status { status: 502..=504 } => {
            ErrorKind::Unavailable
        }
        Gradio::Status { status: 500.. } => ErrorKind::Upstream,
        Gradio::Failed { explained } => {
            // An error without a message may be transient, such as a GPU out of memory.
            return from_message(error.message())
                .with_retryable_if(!explained)
                .with_source(error);
        }
        Gradio::Timeout(phase) => ErrorKind::Timeout {
            phase: (*phase).into(),
        },
        _ => ErrorKind::Protocol,
    };
    // An unknown or unreachable host rarely recovers within seconds. A lost call is retryable: a
    // repeated call generates the same image.
    let unlikely_to_recover = matches!(
        error.kind(),
        Gradio::Transport(Http::Connect) | Gradio::Hub(HubKind::Transport(Http::Connect))
    );
    let translated = Error::new(kind, error.message());
    let retryable = translated.is_retryable() && !unlikely_to_recover;
    translated.with_retryable(retryable).with_source(error)
}

impl Error {
    fn with_retryable_if(self, retryable: bool) -> Self {
        let retryable = retryable || self.is_retryable();
        self.with_retryable(retryable)
    }
}

/// Classifies a Space's own error by common phrases in its message.
fn from_message(message: &str) -> Error {
    let lower = message.to_lowercase();
    let contains_any = |phrases: &[&str]| phrases.iter().any(|phrase| lower.contains(phrase));
    let kind = if lower.contains("quota") && contains_any(&["exceed", "run out", "reached", "gpu"])
    {
        let resets_at = parse_delay(&lower).map(|delay| SystemTime::now() + delay);
        ErrorKind::QuotaExceeded { resets_at }
    } else if contains_any(&["rate limit", "too many requests"]) {
        ErrorKind::RateLimited {
            retry_after: parse_delay(&lower),
        }
    } else if contains_any(&[
        "nsfw",
        "content policy",
        "safety checker",
        "unsafe content",
        "inappropriate",
    ]) {
        ErrorKind::ContentRejected
    } else if contains_any(&["queue is full"]) {
        ErrorKind::QueueFull
    } else if contains_any(&[
        "no gpu is currently available",
        "no gpu was available",
        "gpu task aborted",
    ]) {
        ErrorKind::Unavailable
    } else if contains_any(&[
        "is greater than maximum value",
        "is less than minimum value",
    ]) {
        ErrorKind::InvalidRequest { field: "request" }
    } else {
        ErrorKind::Upstream
    };
    Error::new(kind, message)
}

/// Parses a delay after `in`: `retry in 0:09:48`, `try again in 12 seconds`.
fn parse_delay(text: &str) -> Option<Duration> {
    let mut rest = text;
    while let Some(index) = rest.find(" in ") {
        rest = &rest[index + 4..];
        let mut parts = rest.split_whitespace();
        let Some(number) = parts.next() else { break };
        let number = number.trim_end_matches([',', '.', ';', ')', '!']);
        if let Some(delay) = parse_clock(number) {
            return Some(delay);
        }
        let unit = parts.next().unwrap_or_default();
        if let Ok(number) = number.trim_end_matches('s').parse::<u32>() {
            let seconds = match unit.get(..3) {
                Some("min") => 60,
                Some("hou") => 3600,
                _ => 1,
            };
            return Some(Duration::from_secs(u64::from(number) * seconds));
        }
    }
    None
}

/// Parses `h:mm:ss` or `mm:ss`.
fn parse_clock(text: &str) -> Option<Duration> {
    let parts: Result<Vec<u32>, _> = text.split(':').map(str::parse).collect();
    let parts = parts.ok().filter(|parts| (2..=3).contains(&parts.len()))?;
    let seconds = parts
        .into_iter()
        .fold(0, |sum, part| sum * 60 + u64::from(part));
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_error_contains_the_reset_time() {
        let error = from_message(
            "You have exceeded your GPU quota (60s requested vs. 56s left). \
             Create a free account to get more, or retry in 0:09:48",
        );
        let ErrorKind::QuotaExceeded {
            resets_at: Some(resets_at),
        } = error.kind()
        else {
            panic!("{error:?}");
        };
        let wait = resets_at
            .duration_since(SystemTime::now())
            .expect("in the future");
        assert!((580..=588).contains(&wait.as_secs()), "{wait:?}");
        assert!(!error.is_retryable());
    }

    #[test]
    fn delays_are_parsed_in_all_formats() {
        let seconds = |text| parse_delay(text).map(|delay| delay.as_secs());
        assert_eq!(seconds("try again in 12 seconds"), Some(12));
        assert_eq!(seconds("try again in 2 minutes."), Some(120));
        assert_eq!(seconds("retry in 9:48."), Some(588));
        assert_eq!(seconds("in a while, retry in 30s"), Some(30));
        assert_eq!(seconds("an error in line"), None);
        assert_eq!(seconds(" in "), None);
    }

    #[test]
    fn common_messages_are_classified() {
        let kind = |text| from_message(text).kind().clone();
        assert_eq!(kind("NSFW content detected"), ErrorKind::ContentRejected);
        assert_eq!(
            kind("No GPU is currently available for you after 60s"),
            ErrorKind::Unavailable
        );
        assert_eq!(
            kind("Value 100000 is greater than maximum value 2048."),
            ErrorKind::InvalidRequest { field: "request" }
        );
        assert_eq!(kind("CUDA out of memory"), ErrorKind::Upstream);
    }
}
