//! The library's error type. Its kind says what a caller can do about it.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The error of a request or of the configuration.
///
/// One pointer wide. [`fmt::Display`] prints the kind and the message; the context and the
/// underlying error are available from [`Error::context`] and [`StdError::source`].
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    retryable: bool,
    context: Vec<(&'static str, String)>,
    causes: Vec<Error>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// The kind of an error, by what a caller can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request is invalid; change the named field.
    InvalidRequest {
        /// A field of [`Request`](crate::Request), or the name of an option or a setting.
        field: &'static str,
    },
    /// No provider has this model; the message lists the known ones.
    ModelNotFound,
    /// The provider requires a token or a login, or rejected the one that was sent.
    Unauthorized,
    /// The caller's quota at the provider is exhausted.
    QuotaExceeded {
        /// When the quota resets, if the provider reports it.
        resets_at: Option<SystemTime>,
    },
    /// Too many requests in a short time.
    RateLimited {
        /// How long to wait, if the provider reports it.
        retry_after: Option<Duration>,
    },
    /// The provider rejected the prompt or the image because of its content.
    ContentRejected,
    /// The provider is unreachable, asleep, starting, paused or moved.
    Unavailable,
    /// The provider's queue is full.
    QueueFull,
    /// A time limit was exceeded.
    Timeout {
        /// The limit that was exceeded.
        phase: Phase,
    },
    /// The provider failed; the message is the provider's.
    Upstream,
    /// The response does not follow the protocol.
    Protocol,
    /// The caller cancelled the request.
    Cancelled,
    /// A setting, from a file or the environment, is invalid; the message names it.
    Config,
    /// A bug in fluxhop or a fault of this machine.
    Internal,
}

/// The part of a request that a time limit applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Until the connection is established.
    Connect,
    /// Until the first event.
    FirstEvent,
    /// Between two events.
    Idle,
    /// The complete request.
    Total,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Connect => "while connecting",
            Phase::FirstEvent => "waiting for the first event",
            Phase::Idle => "waiting for the next event",
            Phase::Total => "before the image was complete",
        })
    }
}

impl ErrorKind {
    /// Whether a retry can help, unless the error itself says otherwise.
    fn retryable(&self) -> bool {
        match self {
            ErrorKind::RateLimited { .. } | ErrorKind::Unavailable | ErrorKind::QueueFull => true,
            ErrorKind::Timeout { phase } => *phase != Phase::Total,
            _ => false,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::InvalidRequest { field } => write!(f, "invalid {field}"),
            ErrorKind::ModelNotFound => f.write_str("unknown model"),
            ErrorKind::Unauthorized => f.write_str("unauthorized"),
            ErrorKind::QuotaExceeded { .. } => f.write_str("quota exceeded"),
            ErrorKind::RateLimited { .. } => f.write_str("rate limited"),
            ErrorKind::ContentRejected => f.write_str("content rejected"),
            ErrorKind::Unavailable => f.write_str("unavailable"),
            ErrorKind::QueueFull => f.write_str("queue full"),
            ErrorKind::Timeout { phase } => write!(f, "timed out {phase}"),
            ErrorKind::Upstream => f.write_str("provider error"),
            ErrorKind::Protocol => f.write_str("unexpected response"),
            ErrorKind::Cancelled => f.write_str("cancelled"),
            ErrorKind::Config => f.write_str("invalid settings"),
            ErrorKind::Internal => f.write_str("internal error"),
        }
    }
}

impl Error {
    /// Creates an error; `message` is a lowercase fragment without a full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let retryable = kind.retryable();
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            retryable,
            context: Vec::new(),
            causes: Vec::new(),
            source: None,
        }))
    }

    /// Creates an [`ErrorKind::InvalidRequest`] for `field`.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidRequest { field }, message)
    }

    /// Creates an [`ErrorKind::Config`]; `message` names the setting.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// Sets whether a retry can help, overriding the default of the kind.
    #[must_use]
    pub fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// Adds a named value, such as the provider's name or the Space's URL.
    #[must_use]
    pub fn with_context(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.context.push((name, value.into()));
        self
    }

    /// Sets the underlying error.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Sets the errors of the candidates that failed.
    #[must_use]
    pub fn with_causes(mut self, causes: Vec<Error>) -> Self {
        self.0.causes = causes;
        self
    }

    /// The kind of the error.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The message, without the kind.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether sending the same request again can help.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// The named values, in insertion order.
    pub fn context(&self) -> &[(&'static str, String)] {
        &self.0.context
    }

    /// The errors of the candidates that failed; empty unless this error summarizes several.
    pub fn causes(&self) -> &[Error] {
        &self.0.causes
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.kind)?;
        if !self.0.message.is_empty() {
            write!(f, ": {}", self.0.message)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("retryable", &self.0.retryable)
            .field("context", &self.0.context)
            .field("causes", &self.0.causes)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn only_the_total_timeout_is_not_retryable() {
        let error = |phase| Error::new(ErrorKind::Timeout { phase }, "");
        assert!(!error(Phase::Total).is_retryable());
        assert!(error(Phase::Connect).is_retryable());
        assert!(error(Phase::FirstEvent).is_retryable());
        assert!(error(Phase::Idle).is_retryable());
    }

    #[test]
    fn an_invalid_request_names_its_field() {
        let error = Error::invalid("width", "4096 is above the limit of 2048");
        assert_eq!(
            error.to_string(),
            "invalid width: 4096 is above the limit of 2048"
        );
    }
}
