//! The error of this crate.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fluxhop_http::{ErrorKind as HttpErrorKind, Phase};

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the hub or of the cache; cheap to move, one pointer wide.
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    retryable: bool,
    context: Vec<(&'static str, String)>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A name, revision or file pattern is malformed, ambiguous or matches nothing.
    Invalid {
        /// `name`, `revision` or `file`.
        field: &'static str,
    },
    /// The hub has no such model.
    NotFound,
    /// The model or Space is private or gated, or does not exist, or the token was rejected.
    Unauthorized,
    /// Too many requests (429).
    RateLimited {
        /// How long to wait, if the hub specifies it.
        retry_after: Option<Duration>,
    },
    /// The hub or its storage failed, or another process is downloading the file.
    Unavailable,
    /// The Space is not running: its owner has to start or fix it, or it did not start in time.
    NotRunning {
        /// The stage that the hub reports, e.g. `PAUSED`.
        stage: String,
    },
    /// The request or its response was not transferred completely.
    Transport(HttpErrorKind),
    /// The hub sent something unexpected, or data with the wrong hash.
    Protocol,
    /// A file in the cache cannot be read or written, or the disk is full.
    Io,
    /// A bug in this crate.
    Internal,
}

impl ErrorKind {
    fn is_retryable(&self) -> bool {
        match self {
            // Other transport errors, such as an unknown host, are rarely transient.
            Self::RateLimited { .. }
            | Self::Unavailable
            | Self::Transport(HttpErrorKind::Interrupted) => true,
            Self::Transport(HttpErrorKind::Timeout(phase)) => *phase != Phase::Total,
            _ => false,
        }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let retryable = kind.is_retryable();
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            retryable,
            context: Vec::new(),
            source: None,
        }))
    }

    pub(crate) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid { field }, message)
    }

    /// The error for an unexpected value in a response of the hub.
    pub(crate) fn protocol(expected: &str, got: &str) -> Self {
        let got: String = got.chars().take(100).collect();
        let message = format!("expected {expected} from the hub, got {got:?}");
        Self::new(ErrorKind::Protocol, message)
    }

    pub(crate) fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    pub(crate) fn with_context(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.context.push((name, value.into()));
        self
    }

    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// What failed and with what value, as a lowercase fragment.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Additional values by name, e.g. `model` and `file`.
    pub fn context(&self) -> &[(&'static str, String)] {
        &self.0.context
    }
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

impl From<fluxhop_http::Error> for Error {
    fn from(error: fluxhop_http::Error) -> Self {
        Self::new(ErrorKind::Transport(error.kind()), error.to_string()).with_source(error)
    }
}
