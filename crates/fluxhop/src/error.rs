//! The one error of the library: a kind that says what a caller can do, and the true reason.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no picture.
///
/// Cheap to clone and one pointer wide. [`fmt::Display`] prints the kind's words and the message;
/// the context and the sources are read with [`Error::context`] and [`StdError::source`].
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

/// What went wrong, in terms of what a caller can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request itself cannot be drawn: change the named field.
    InvalidRequest {
        /// The field of [`Request`](crate::Request), or the name of the option or setting.
        field: &'static str,
    },
    /// No provider knows this model; the message lists what there is.
    ModelNotFound,
    /// The provider wants a token or a login, or refuses the one it got.
    Unauthorized,
    /// The caller's share of the provider's time is used up.
    QuotaExceeded {
        /// When the provider says that there is some again.
        resets_at: Option<SystemTime>,
    },
    /// Too many requests in too little time.
    RateLimited {
        /// How long the provider asks to wait.
        retry_after: Option<Duration>,
    },
    /// The provider will not draw this prompt.
    ContentRejected,
    /// Asleep, building, paused, moved or unreachable.
    Unavailable,
    /// The provider's queue takes no more requests.
    QueueFull,
    /// A time limit ran out.
    Timeout {
        /// Which one.
        phase: Phase,
    },
    /// The provider's own failure, in its own words.
    Upstream,
    /// The provider answered something else than its protocol says.
    Protocol,
    /// The caller stopped it.
    Cancelled,
    /// A setting, from a file or the environment, is invalid; the message names it.
    Config,
    /// A fault of fluxhop or of this machine.
    Internal,
}

/// The part of a request that a time limit watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Until the connection stands.
    Connect,
    /// Until the first event came.
    FirstEvent,
    /// Between two events.
    Silence,
    /// The whole request.
    Whole,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Connect => "while connecting",
            Phase::FirstEvent => "before the first event",
            Phase::Silence => "in silence between two events",
            Phase::Whole => "before the picture was done",
        })
    }
}

impl ErrorKind {
    /// Whether sending the same request again can help, where nothing more is known.
    fn retryable(&self) -> bool {
        match self {
            ErrorKind::RateLimited { .. } | ErrorKind::Unavailable | ErrorKind::QueueFull => true,
            ErrorKind::Timeout { phase } => *phase != Phase::Whole,
            _ => false,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::InvalidRequest { field } => write!(f, "invalid {field}"),
            ErrorKind::ModelNotFound => f.write_str("unknown model"),
            ErrorKind::Unauthorized => f.write_str("not authorized"),
            ErrorKind::QuotaExceeded { .. } => f.write_str("quota exceeded"),
            ErrorKind::RateLimited { .. } => f.write_str("rate limited"),
            ErrorKind::ContentRejected => f.write_str("content rejected"),
            ErrorKind::Unavailable => f.write_str("unavailable"),
            ErrorKind::QueueFull => f.write_str("queue full"),
            ErrorKind::Timeout { phase } => write!(f, "timed out {phase}"),
            ErrorKind::Upstream => f.write_str("failed upstream"),
            ErrorKind::Protocol => f.write_str("unexpected answer"),
            ErrorKind::Cancelled => f.write_str("cancelled"),
            ErrorKind::Config => f.write_str("invalid settings"),
            ErrorKind::Internal => f.write_str("internal error"),
        }
    }
}

impl Error {
    /// An error of `kind` whose message, a lowercase fragment, says what happened.
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

    /// An [`ErrorKind::InvalidRequest`] for `field`.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidRequest { field }, message)
    }

    /// An [`ErrorKind::Config`]; `message` names the setting.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// Says whether sending the request again can help, against the kind's own default.
    #[must_use]
    pub fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// Adds a named value, such as the provider or the Space's address.
    #[must_use]
    pub fn with_context(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.context.push((name, value.into()));
        self
    }

    /// Adds the error that led to this one.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Adds the errors of several attempts, all of which failed.
    #[must_use]
    pub fn with_causes(mut self, causes: Vec<Error>) -> Self {
        self.0.causes = causes;
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// What happened, without the kind's words.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether sending the same request again can help.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Named values, in the order in which they were added.
    pub fn context(&self) -> &[(&'static str, String)] {
        &self.0.context
    }

    /// The errors of the attempts that this one sums up.
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
    fn the_whole_time_limit_is_not_retried_and_the_others_are() {
        let error = |phase| Error::new(ErrorKind::Timeout { phase }, "");
        assert!(!error(Phase::Whole).is_retryable());
        assert!(error(Phase::Connect).is_retryable());
        assert!(error(Phase::FirstEvent).is_retryable());
        assert!(error(Phase::Silence).is_retryable());
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
