//! Why the program fails: what is printed, what could help, and the exit code.

use std::io;

use fluxhop::{Error, ErrorKind, Phase};

use crate::signals::Signal;
use crate::text::duration;

/// Why the program fails.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The library's error.
    #[error(transparent)]
    Draw(#[from] Error),
    /// What was asked for cannot be: the arguments, or what they name.
    #[error("{0}")]
    Usage(String),
    /// A file or a folder of this machine.
    #[error("{what}")]
    File {
        /// What could not be done, with the path.
        what: String,
        /// Why.
        #[source]
        why: std::sync::Arc<io::Error>,
    },
    /// Whoever reads stdout reads no more; nothing is printed.
    #[error("stdout is closed")]
    ClosedPipe {
        /// Whether something asked for was not done for that.
        unfinished: bool,
    },
    /// A signal; `left` says how much was not drawn.
    #[error("interrupted{left}")]
    Interrupted {
        /// Which one.
        signal: Signal,
        /// What is left, as the rest of a sentence.
        left: String,
    },
    /// Some of a batch was not drawn; each line's own failure is told before.
    #[error("{failed} of {of} pictures could not be drawn")]
    Batch {
        /// Pictures not drawn.
        failed: usize,
        /// Pictures that were to be drawn.
        of: usize,
        /// The exit code of the worst.
        code: u8,
    },
}

impl Failure {
    /// What could not be done with a file, and why.
    pub(crate) fn file(what: impl Into<String>, why: io::Error) -> Self {
        if why.kind() == io::ErrorKind::BrokenPipe {
            return Self::ClosedPipe { unfinished: true };
        }
        Self::File {
            what: what.into(),
            why: std::sync::Arc::new(why),
        }
    }

    /// For work that this failure cut short: a closed pipe then left something undone.
    #[must_use]
    pub(crate) fn of_unfinished_work(self) -> Self {
        match self {
            Self::ClosedPipe { .. } => Self::ClosedPipe { unfinished: true },
            other => other,
        }
    }

    /// The program's exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Draw(error) => exit_code(error.kind()),
            Self::Usage(_) => 2,
            Self::File { .. } => 1,
            Self::ClosedPipe { unfinished: false } => 0,
            Self::ClosedPipe { unfinished: true } => 141,
            Self::Interrupted { signal, .. } => signal.exit_code(),
            Self::Batch { code, .. } => *code,
        }
    }

    /// How bad it is beside the other failures of a batch: the worst gives the exit code.
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

    /// The kind's name, as `--json` gives it.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self {
            Self::Draw(error) => kind_name(error.kind()),
            Self::Usage(_) => "usage",
            Self::File { .. } => "file",
            Self::ClosedPipe { .. } => "closed_pipe",
            Self::Interrupted { .. } => "interrupted",
            Self::Batch { .. } => "batch",
        }
    }

    /// What the user can do, where something can help.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Draw(error) => hint(error),
            Self::File { why, .. } => match why.kind() {
                io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::FileTooLarge => {
                    Some("make room, or write elsewhere with --output FOLDER/".to_owned())
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    Some("write elsewhere with --output FOLDER/".to_owned())
                }
                _ => None,
            },
            Self::Batch { .. } => Some("run the same command again to draw only these".to_owned()),
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

/// The kind's name, as `--json` gives it.
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

/// What can help with the files of a model, of which the library names the model.
fn hint_for_files(error: &Error) -> Option<String> {
    let hint = match error.kind() {
        ErrorKind::Unauthorized => format!("{TOKEN}, or `hf auth login`"),
        ErrorKind::ModelNotFound => "https://huggingface.co/models lists them".to_owned(),
        ErrorKind::Unavailable | ErrorKind::Timeout { .. } => {
            "what has come is kept: the same command goes on from it; behind a proxy, give --proxy"
                .to_owned()
        }
        _ => return None,
    };
    Some(hint)
}

const TOKEN: &str = "give a token of your own with HF_TOKEN or --token \
                     (https://huggingface.co/settings/tokens)";

fn hint(error: &Error) -> Option<String> {
    let is_of_files = error.context().iter().any(|(name, _)| *name == "model");
    if is_of_files && !matches!(error.kind(), ErrorKind::RateLimited { .. }) {
        return hint_for_files(error);
    }
    let hint = match error.kind() {
        ErrorKind::InvalidRequest { field } => match *field {
            "provider" => "`fluxhop providers` lists them".to_owned(),
            "model" => "`fluxhop models` lists them".to_owned(),
            _ => return None,
        },
        ErrorKind::ModelNotFound => "`fluxhop models` lists them".to_owned(),
        ErrorKind::Config => "`fluxhop config path` tells which files are read".to_owned(),
        ErrorKind::Unauthorized => format!(
            "{TOKEN}; for a Space of your own, `token_env` or `username` and `password_env` in \
             fluxhop.toml"
        ),
        ErrorKind::QuotaExceeded { resets_at } => {
            let left =
                resets_at.and_then(|at| at.duration_since(std::time::SystemTime::now()).ok());
            let back = left.map(|left| format!("there is some again in {}; ", duration(left)));
            format!("{}to draw now, {TOKEN}", back.unwrap_or_default())
        }
        ErrorKind::RateLimited { retry_after } => match retry_after {
            Some(wait) => format!("try again in {}", duration(*wait)),
            None => format!("try again later, or {TOKEN}"),
        },
        ErrorKind::ContentRejected => "the provider refuses this prompt: word it anew".to_owned(),
        ErrorKind::Unavailable => {
            "`fluxhop providers --check` tells who answers; behind a proxy, give --proxy".to_owned()
        }
        ErrorKind::QueueFull => "try again in a minute, or ask another with --provider".to_owned(),
        ErrorKind::Timeout { phase } => match phase {
            Phase::Whole => "give it more time with --timeout, such as --timeout 20m".to_owned(),
            Phase::Connect => "is there a network? Behind a proxy, give --proxy".to_owned(),
            _ => "`first_event` and `silence` under [network] in fluxhop.toml give it more time"
                .to_owned(),
        },
        ErrorKind::Protocol => {
            "`fluxhop space OWNER/NAME` shows what a Space takes and returns".to_owned()
        }
        _ => return None,
    };
    Some(hint)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn every_kind_has_the_exit_code_of_what_a_caller_can_do() {
        let phase = Phase::Whole;
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
            let failure = Failure::Draw(Error::new(kind.clone(), ""));
            assert_eq!(failure.exit_code(), code, "{kind:?}");
        }
    }

    #[test]
    fn a_quota_says_when_there_is_some_again_and_how_to_get_more() {
        let resets_at = Some(SystemTime::now() + Duration::from_secs(2 * 3600 + 30));
        let error = Error::new(ErrorKind::QuotaExceeded { resets_at }, "60 s left");
        let hint = Failure::Draw(error).hint().expect("a hint");
        assert!(
            hint.starts_with("there is some again in 2 h 0 min; "),
            "{hint}"
        );
        assert!(
            hint.contains("HF_TOKEN") && hint.contains("--token"),
            "{hint}"
        );
    }

    #[test]
    fn a_full_disk_says_to_make_room() {
        let failure = Failure::file("cat.png", io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(failure.exit_code(), 1);
        assert!(failure.hint().expect("a hint").starts_with("make room"));
    }

    #[test]
    fn the_worst_failure_of_a_batch_is_this_machine_and_the_least_a_bad_request() {
        let of = |kind| Failure::Draw(Error::new(kind, "")).rank();
        let disk = Failure::file("cat.png", io::Error::from(io::ErrorKind::StorageFull));
        assert!(disk.rank() > of(ErrorKind::Upstream));
        assert!(of(ErrorKind::Upstream) > of(ErrorKind::Unavailable));
        assert!(of(ErrorKind::Unavailable) > of(ErrorKind::ModelNotFound));
    }
}
