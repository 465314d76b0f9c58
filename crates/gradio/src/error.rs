//! Errors, by what a caller can do about them.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A [`Result`](std::result::Result) with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the Gradio client; cheap to clone and one pointer in size.
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// The kind of an [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The address is neither `owner/name` nor an http or https URL.
    InvalidAddress,
    /// An argument is missing, unknown or outside the range that the Space declares.
    InvalidArgument {
        /// The parameter's name.
        name: String,
    },
    /// The request could not be sent, or its response was incomplete.
    Transport(fluxhop_http::ErrorKind),
    /// The server is not a Gradio server, or is asleep.
    NotGradio {
        /// The status of its response.
        status: u16,
    },
    /// The server has no such endpoint or path.
    NoEndpoint,
    /// A token or login is required, or was rejected.
    Unauthorized,
    /// The Space's queue is full (503).
    QueueFull,
    /// Too many requests (429).
    RateLimited {
        /// How long to wait, if the server reports it.
        retry_after: Option<Duration>,
    },
    /// The server rejected the request as invalid (400, 413, 414, 422).
    Rejected {
        /// The status.
        status: u16,
    },
    /// Any other unsuccessful status.
    Status {
        /// The status.
        status: u16,
    },
    /// The Space's function failed.
    Failed {
        /// Whether the message comes from the Space, with HTML removed; otherwise the app does not
        /// show its errors.
        explained: bool,
    },
    /// The server lost the call: its stream ended early, it stopped, or the call or its file has
    /// expired.
    Lost,
    /// The server violated the protocol.
    Protocol,
    /// A time limit was exceeded.
    Timeout(fluxhop_http::Phase),
    /// The hub could not resolve the Space's name.
    Hub(fluxhop_hub::ErrorKind),
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            source: None,
        }))
    }

    pub(crate) fn protocol(expected: &str, actual: &str) -> Self {
        let actual = excerpt(actual);
        Self::new(
            ErrorKind::Protocol,
            format!("expected {expected}, got `{actual}`"),
        )
    }

    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Replaces the kind, if the caller knows more than the status reveals.
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The kind of the error.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The message: a lowercase fragment, or the Space's own message.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

/// The error for an exceeded time limit.
pub(crate) fn timed_out(phase: fluxhop_http::Phase, limit: Duration) -> Error {
    let message = match phase {
        fluxhop_http::Phase::Total => {
            format!("the Space did not finish within {} s", limit.as_secs_f32())
        }
        _ => format!("the Space sent nothing for {} s", limit.as_secs_f32()),
    };
    Error::new(ErrorKind::Timeout(phase), message)
}

/// Shortens `text` for a message to one line of at most 200 characters.
pub(crate) fn excerpt(text: &str) -> String {
    let mut short: String = text
        .chars()
        .take(200)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<fluxhop_hub::Error> for Error {
    fn from(error: fluxhop_hub::Error) -> Self {
        Self::new(ErrorKind::Hub(error.kind().clone()), error.message()).with_source(error)
    }
}

impl From<fluxhop_http::Error> for Error {
    fn from(error: fluxhop_http::Error) -> Self {
        let kind = match error.kind() {
            fluxhop_http::ErrorKind::Timeout(phase) => ErrorKind::Timeout(phase),
            other => ErrorKind::Transport(other),
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
