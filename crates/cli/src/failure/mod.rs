//! Failures of the program: message, causes, hint and exit code.

mod hint;
mod render;

use std::io;

use fluxhop::{Error, ErrorKind};

use crate::signals::Signal;
pub(crate) use render::{causes, message, summary};

/// Why the program failed.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// An error of the library.
    #[error(transparent)]
    Library(#[from] Error),
    /// Invalid arguments or settings.
    #[error("{0}")]
    Usage(String),
    /// An I/O error on this machine.
    #[error("{message}")]
    File {
        /// The operation that failed, with its path.
        message: String,
        /// The I/O error.
        #[source]
        source: std::sync::Arc<io::Error>,
    },
    /// Stdout is closed; nothing is printed.
    #[error("stdout is closed")]
    ClosedPipe {
        /// Whether this stopped unfinished work.
        unfinished: bool,
    },
    /// A signal ended the program.
    #[error("interrupted{remaining}")]
    Interrupted {
        /// The signal.
        signal: Signal,
        /// The remaining work, appended to the message.
        remaining: String,
    },
    /// Some images of a batch failed; each failure has already been reported.
    #[error("{failed} of {total} images failed")]
    Batch {
        /// The number of images that failed.
        failed: usize,
        /// The number of images that were attempted.
        total: usize,
        /// The exit code of the worst failure.
        code: u8,
    },
}

impl Failure {
    /// Creates an I/O failure; a broken pipe becomes [`ClosedPipe`](Self::ClosedPipe).
    pub(crate) fn file(message: impl Into<String>, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::BrokenPipe {
            return Self::ClosedPipe { unfinished: true };
        }
        Self::File {
            message: message.into(),
            source: std::sync::Arc::new(source),
        }
    }

    /// Marks the work as unfinished if stdout was closed.
    #[must_use]
    pub(crate) fn into_unfinished(self) -> Self {
        match self {
            Self::ClosedPipe { .. } => Self::ClosedPipe { unfinished: true },
            other => other,
        }
    }

    /// The program's exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Library(error) => exit_code(error.kind()),
            Self::Usage(_) => 2,
            Self::File { .. } => 1,
            Self::ClosedPipe { unfinished: false } => 0,
            Self::ClosedPipe { unfinished: true } => 141,
            Self::Interrupted { signal, .. } => signal.exit_code(),
            Self::Batch { code, .. } => *code,
        }
    }

    /// The severity among the failures of a batch: the worst determines the exit code.
    pub(crate) fn rank(&self) -> u8 {
        match self.exit_code() {
            0 => 0,
            3 => 1,
            124 => 2,
            4 => 3,
            5 => 4,
            2 => 5,
            1 => 6,
            _ => 7,
        }
    }

    /// The kind's name in JSON.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self {
            Self::Library(error) => kind_name(error.kind()),
            Self::Usage(_) => "usage",
            Self::File { .. } => "file",
            Self::ClosedPipe { .. } => "closed_pipe",
            Self::Interrupted { .. } => "interrupted",
            Self::Batch { .. } => "batch",
        }
    }

    /// What the user can do about it, if anything.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Library(error) => hint::hint(error),
            Self::File { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::FileTooLarge => Some(
                    "free some disk space, or choose another location with --output".to_owned(),
                ),
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    Some("choose another location with --output".to_owned())
                }
                _ => None,
            },
            // With code 3, every failed request is invalid, so retrying alone cannot succeed.
            Self::Batch { code: 3, .. } => Some(
                "correct these lines, then run the same command again to retry only these images"
                    .to_owned(),
            ),
            Self::Batch { .. } => {
                Some("run the same command again to retry only these images".to_owned())
            }
            _ => None,
        }
    }
}

fn exit_code(kind: &ErrorKind) -> u8 {
    match kind {
        ErrorKind::Config => 2,
        ErrorKind::InvalidRequest { .. }
        | ErrorKind::ModelNotFound
        | ErrorKind::ContentRejected => 3,
        ErrorKind::Unauthorized
        | ErrorKind::QuotaExceeded { .. }
        | ErrorKind::RateLimited { .. }
        | ErrorKind::Unavailable
        | ErrorKind::QueueFull => 4,
        ErrorKind::Upstream | ErrorKind::Protocol => 5,
        ErrorKind::Timeout { .. } => 124,
        ErrorKind::Cancelled => 130,
        _ => 1,
    }
}

/// The kind's name in JSON.
pub(crate) fn kind_name(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidRequest { .. } => "invalid_request",
        ErrorKind::ModelNotFound => "model_not_found",
        ErrorKind::Config => "config",
        ErrorKind::Unauthorized => "unauthorized",
        ErrorKind::QuotaExceeded { .. } => "quota_exceeded",
        ErrorKind::RateLimited { .. } => "rate_limited",
        ErrorKind::ContentRejected => "content_rejected",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::QueueFull => "queue_full",
        ErrorKind::Timeout { .. } => "timeout",
        ErrorKind::Upstream => "upstream",
        ErrorKind::Protocol => "protocol",
        ErrorKind::Cancelled => "cancelled",
        _ => "internal",
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use fluxhop::Phase;

    use super::*;

    #[test]
    fn every_kind_has_an_exit_code() {
        let phase = Phase::Total;
        for (kind, code) in [
            (ErrorKind::InvalidRequest { field: "width" }, 3),
            (ErrorKind::Config, 2),
            (ErrorKind::ModelNotFound, 3),
            (ErrorKind::ContentRejected, 3),
            (ErrorKind::Unauthorized, 4),
            (ErrorKind::QuotaExceeded { resets_at: None }, 4),
            (ErrorKind::RateLimited { retry_after: None }, 4),
            (ErrorKind::Unavailable, 4),
            (ErrorKind::QueueFull, 4),
            (ErrorKind::Upstream, 5),
            (ErrorKind::Protocol, 5),
            (ErrorKind::Timeout { phase }, 124),
            (ErrorKind::Cancelled, 130),
            (ErrorKind::Internal, 1),
        ] {
            let failure = Failure::Library(Error::new(kind.clone(), ""));
            assert_eq!(failure.exit_code(), code, "{kind:?}");
        }
    }

    #[test]
    fn a_quota_hint_has_the_reset_time_and_mentions_tokens() {
        let resets_at = Some(SystemTime::now() + Duration::from_secs(2 * 3600 + 30));
        let error = Error::new(ErrorKind::QuotaExceeded { resets_at }, "60 s left");
        let hint = Failure::Library(error).hint().expect("no hint");
        assert!(
            hint.starts_with("the quota resets in 2 h 0 min; "),
            "{hint}"
        );
        assert!(
            hint.contains("HF_TOKEN") && hint.contains("--token"),
            "{hint}"
        );
    }

    #[test]
    fn a_prompt_without_known_words_has_a_hint() {
        let error = Error::invalid("prompt", "unknown words: entropy");
        assert_eq!(Failure::Library(error.clone()).hint(), None);
        let error = error.with_context("provider", "sketch");
        let hint = Failure::Library(error).hint().expect("no hint");
        for part in ["a cat", "fluxhop models show sketch", "--provider"] {
            assert!(hint.contains(part), "{hint}");
        }
    }

    #[test]
    fn a_full_disk_has_a_hint() {
        let failure = Failure::file("cat.png", io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(failure.exit_code(), 1);
        assert!(
            failure
                .hint()
                .expect("no hint")
                .starts_with("free some disk space")
        );
    }

    #[test]
    fn failures_rank_from_local_to_upstream_to_invalid_requests() {
        let rank = |kind| Failure::Library(Error::new(kind, "")).rank();
        let disk = Failure::file("cat.png", io::Error::from(io::ErrorKind::StorageFull));
        assert!(disk.rank() > rank(ErrorKind::Upstream));
        assert!(rank(ErrorKind::Upstream) > rank(ErrorKind::Unavailable));
        assert!(rank(ErrorKind::Unavailable) > rank(ErrorKind::ModelNotFound));
    }
}
