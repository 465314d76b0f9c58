//! The events of a pull.

use std::path::PathBuf;
use std::time::Duration;

use futures_util::stream::BoxStream;

use crate::{Error, Result};

/// The events of one pull. Dropping the stream stops the pull; a later pull resumes it.
pub type PullStream = BoxStream<'static, Result<PullEvent>>;

/// A step of a pull.
///
/// [`Found`](Self::Found) comes first and [`Done`](Self::Done) last. In between, each file in turn
/// emits [`Waiting`](Self::Waiting), [`Checking`](Self::Checking), [`Progress`](Self::Progress) and
/// [`Retrying`](Self::Retrying) as needed, and then [`Fetched`](Self::Fetched).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PullEvent {
    /// The hub has listed the files.
    Found {
        /// The model, `OWNER/NAME`.
        repo: String,
        /// The commit that the revision resolved to.
        commit: String,
        /// The number of files.
        files: usize,
        /// Their total size in bytes, without files that are already complete.
        bytes: u64,
        /// How many of these bytes earlier pulls downloaded.
        downloaded: u64,
    },
    /// Another process is downloading this file; the pull waits for it.
    Waiting {
        /// The file's path in the model.
        file: String,
    },
    /// The part of this file that an earlier pull downloaded is being hashed.
    Checking {
        /// The file's path in the model.
        file: String,
        /// The length of that part in bytes.
        bytes: u64,
    },
    /// More bytes were written.
    Progress {
        /// The file's path in the model.
        file: String,
        /// Bytes of this file written so far.
        done: u64,
        /// The size of this file in bytes.
        of: u64,
        /// Bytes written so far of all files that [`Found`](Self::Found) counted.
        total_done: u64,
        /// The total size of those files in bytes.
        total: u64,
    },
    /// A transient failure; the download continues after a delay.
    Retrying {
        /// The file's path in the model.
        file: String,
        /// What failed.
        error: Error,
        /// The delay before the next attempt.
        wait: Duration,
    },
    /// A file is complete and its hash is correct.
    Fetched {
        /// The file's path in the model.
        file: String,
        /// Its size in bytes.
        bytes: u64,
    },
    /// All files are complete.
    Done {
        /// The folder that contains them.
        path: PathBuf,
    },
}
