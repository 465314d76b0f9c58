//! Why a call of a Space gave nothing, in terms of what a caller can do.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the Gradio client; cheap to clone and one pointer wide.
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The address is neither `owner/name` nor a URL of http or https.
    InvalidAddress,
    /// An argument is missing, unknown or out of the range that the Space itself gives.
    InvalidArgument {
        /// The parameter's name.
        name: String,
    },
    /// The request did not get through, or its answer did not get back whole.
    Transport(fluxhop_http::ErrorKind),
    /// What answers there is no Gradio server, or none that is awake.
    NotGradio {
        /// The status it answered with.
        status: u16,
    },
    /// The server has no endpoint of that name, or no such path.
    NoEndpoint,
    /// A token or a login is wanted, or the one given is refused.
    Unauthorized,
    /// The Space's queue is full (503).
    QueueFull,
    /// Too many requests (429).
    RateLimited {
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// The server refused the request itself (400, 413, 422).
    Refused {
        /// The status.
        status: u16,
    },
    /// Another status that is no success.
    Status {
        /// The status.
        status: u16,
    },
    /// The Space's function failed.
    Failed {
        /// Whether the message is its own words, cleaned of HTML; else the app shows none.
        explained: bool,
    },
    /// The server lost the call: its stream ended early, it stopped, or it knows the call or its
    /// file no more.
    Lost,
    /// The server said something that the protocol does not know.
    Protocol,
    /// No event came in the time allowed for the first one, or for all.
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

    pub(crate) fn protocol(expected: &str, came: &str) -> Self {
        let came = excerpt(came);
        Self::new(
            ErrorKind::Protocol,
            format!("expected {expected}, and `{came}` came"),
        )
    }

    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// The same words for something that is worse, or better, than its status alone says.
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// What happened: a lowercase fragment, or the Space's own words.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

/// The head of `text` for a message: one line of at most 200 characters.
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
