//! The text of a failure: its message, and its causes one per line.

use std::error::Error as StdError;
use std::fmt::Write as _;

use fluxhop::{Error, ErrorKind};

use super::Failure;
use super::hint::{are_unreachable, context};

/// The message of a failure, in one line.
///
/// If several providers failed because none could be reached, it says only that.
pub(crate) fn message(failure: &Failure) -> String {
    match failure {
        Failure::Library(error) if !error.causes().is_empty() => {
            if *error.kind() != ErrorKind::Unavailable || error.message().is_empty() {
                error.to_string()
            } else if are_unreachable(error.causes()) {
                "no provider is reachable".to_owned()
            } else {
                error.message().to_owned()
            }
        }
        failure => failure.to_string(),
    }
}

/// The causes and the context of a failure, one per line and outermost first, without repeating
/// text already printed.
pub(crate) fn causes(failure: &Failure) -> Vec<String> {
    let mut printed = failure.to_string();
    let mut lines = Vec::new();
    if let Failure::Library(error) = failure {
        for cause in error.causes() {
            let reason = summary(cause);
            if printed.contains(&reason) {
                continue;
            }
            printed.push_str(&reason);
            lines.push(match context(cause, "provider") {
                Some(name) => format!("{name}: {reason}"),
                None => reason,
            });
        }
    }
    // A converted error's source can repeat its message.
    let repeated = match failure {
        Failure::Library(error) => error.message(),
        _ => "",
    };
    let mut source = failure.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if repeated.is_empty() || !text.contains(repeated) {
            add_unique(&mut lines, &mut printed, "cause", &text);
        }
        source = cause.source();
    }
    if let Failure::Library(error) = failure {
        for (name, value) in error.context() {
            add_unique(&mut lines, &mut printed, name, value);
        }
    }
    lines
}

fn add_unique(lines: &mut Vec<String>, printed: &mut String, name: &str, text: &str) {
    if !printed.contains(text) {
        printed.push_str(text);
        lines.push(format!("{name}: {text}"));
    }
}

/// An error with its root cause, in one line: `cannot connect to https://… (connection refused)`.
///
/// Omits the text of the kind if the message is clear without it.
pub(crate) fn summary(error: &Error) -> String {
    let is_clear = matches!(
        error.kind(),
        ErrorKind::InvalidRequest { .. } | ErrorKind::Unavailable | ErrorKind::Upstream
    );
    let mut text = if is_clear && !error.message().is_empty() {
        error.message().to_owned()
    } else {
        error.to_string()
    };
    let root = std::iter::successors(error.source(), |source| (*source).source()).last();
    let root = root.map(ToString::to_string).unwrap_or_default();
    if !root.is_empty() && !text.contains(&root) && !root.contains(error.message()) {
        let _ = write!(text, " ({root})");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use fluxhop::{Client, ClientOptions, Url};
    use fluxhop_tests::fault::RefusingServer;

    use super::*;

    #[test]
    fn causes_are_one_per_line_with_their_provider() {
        let unreachable = Error::new(ErrorKind::Unavailable, "cannot connect to https://a")
            .with_context("provider", "one")
            .with_source(io::Error::other("connection refused"));
        let invalid =
            Error::invalid("prompt", "unknown words: astronaut").with_context("provider", "sketch");
        let error = Error::new(
            ErrorKind::Unavailable,
            "no provider could handle this prompt",
        )
        .with_causes(vec![unreachable, invalid]);
        let failure = Failure::from(error);
        assert_eq!(message(&failure), "no provider could handle this prompt");
        assert_eq!(
            causes(&failure),
            [
                "one: cannot connect to https://a (connection refused)",
                "sketch: unknown words: astronaut"
            ]
        );
        assert_eq!(
            failure.hint().as_deref(),
            Some("check the network connection; use --proxy if you are behind a proxy")
        );
    }

    #[tokio::test]
    async fn unreachable_is_reported_only_if_no_connection_was_made() {
        let server = RefusingServer::new();
        let client = Client::new(ClientOptions::default()).expect("failed to build a client");
        let url = Url::parse(&server.url()).expect("failed to parse the URL");
        let refused = client.get(&url).send().await.expect_err("connected");
        let refused =
            Error::new(ErrorKind::Unavailable, "cannot connect to https://a").with_source(refused);
        let missing =
            Error::new(ErrorKind::Unavailable, "weights are missing").with_retryable(false);
        let asleep = Error::new(ErrorKind::Unavailable, "the Space is asleep");
        let failed = |causes: &[&Error]| {
            let causes = causes.iter().copied().cloned().collect();
            let error = Error::new(ErrorKind::Unavailable, "all failed").with_causes(causes);
            message(&Failure::from(error))
        };
        assert_eq!(failed(&[&refused, &missing]), "no provider is reachable");
        assert_eq!(failed(&[&refused, &asleep]), "all failed");
        assert_eq!(failed(&[&missing]), "all failed");
    }

    #[test]
    fn a_cause_that_repeats_the_message_is_not_printed_again() {
        let cause = Error::new(ErrorKind::Unavailable, "asleep");
        let error =
            Error::new(ErrorKind::Unavailable, "all failed: one: asleep").with_causes(vec![cause]);
        assert!(causes(&error.into()).is_empty());
        let source = io::Error::other("model.gguf is damaged");
        let error = Error::new(ErrorKind::Unavailable, "model.gguf is damaged").with_source(source);
        assert!(causes(&error.into()).is_empty());
    }

    #[test]
    fn an_error_about_a_local_file_has_no_network_hint() {
        let error = Error::new(ErrorKind::Unavailable, "damaged weights").with_retryable(false);
        assert_eq!(Failure::from(error).hint(), None);
    }
}
