//! Model files from the Hugging Face hub, in the cache that its own library keeps.
//!
//! [`Hub::pull`] brings the files of a [`ModelSource`] here and tells of it in [`PullEvent`]s;
//! [`Cache`] is what is on this machine. The cache is laid out as `huggingface_hub` lays it, so that
//! what Python has pulled is found here, and what is pulled here is found by Python:
//!
//! ```text
//! models--OWNER--NAME/
//!   blobs/ETAG              a file's bytes; ETAG.incomplete while some are missing
//!   snapshots/COMMIT/PATH   a relative link to the blob
//!   refs/REVISION           the commit that a branch or a tag stands for
//! ```
//!
//! - A file appears under its name when all its bytes are there and are those that the hub names:
//!   by sha256 where its storage knows one, else by git's own hash of the blob.
//! - A pull that was cut, or dropped, goes on where it was: `.incomplete` files are kept, and each
//!   that a pull is going to fill is there from its start. A blob is named by its content, so bytes
//!   of an older version are never taken for those of a newer.
//! - A revision is looked up once; all files are then asked for by its commit.
//! - The token goes to the hub's own address, never along a redirect to the storage behind it.

mod api;
mod cache;
mod fetch;
mod partial;
mod pull;
mod refusal;
mod remove;
mod select;
mod source;

use std::fmt;
use std::time::Duration;

use fluxhop_http::{Client, Secret, Url};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use crate::{Error, Result};

pub use cache::{Cache, CachedModel};
pub use source::ModelSource;

/// The hub, and the cache that its files go into.
#[derive(Clone, Debug)]
pub struct Hub {
    client: Client,
    cache: Cache,
    options: HubOptions,
}

/// How a [`Hub`] is reached.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HubOptions {
    /// Its address; `https://huggingface.co` by default.
    pub endpoint: Url,
    /// The token, for models that are private or gated.
    pub token: Option<Secret>,
    /// How often a request is sent again after a failure that may pass; 5 by default. Bytes that
    /// came in between start the count anew.
    pub retries: u32,
    /// The wait before the first of these, 1 s by default; each further one is twice as long, up to
    /// 30 s.
    pub pause: Duration,
}

impl Default for HubOptions {
    fn default() -> Self {
        Self {
            endpoint: Url::parse("https://huggingface.co").expect("a constant URL"),
            token: None,
            retries: 5,
            pause: Duration::from_secs(1),
        }
    }
}

/// The events of one pull; dropping it stops the pull, and another goes on from there.
pub type PullStream = BoxStream<'static, Result<PullEvent>>;

/// One thing that happened on the way to a model's files.
///
/// [`Found`](Self::Found) comes first and [`Done`](Self::Done) last; in between come, for each file
/// in turn, [`Waiting`](Self::Waiting), [`Checking`](Self::Checking), [`Progress`](Self::Progress)
/// and [`Retrying`](Self::Retrying) as it happens, and [`Fetched`](Self::Fetched).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PullEvent {
    /// The hub has named the files.
    Found {
        /// The model, `OWNER/NAME`.
        repo: String,
        /// The commit that its revision stands for.
        commit: String,
        /// How many files are wanted.
        files: usize,
        /// Their bytes in all, less those of files that are here already, whole.
        bytes: u64,
        /// How many of these bytes an earlier pull has brought.
        here: u64,
    },
    /// Another program downloads this file just now; this one waits for it.
    Waiting {
        /// The file's path in the model.
        file: String,
    },
    /// What an earlier pull has brought of this file is read again, for the hash of the whole.
    Checking {
        /// The file's path in the model.
        file: String,
        /// How many bytes.
        bytes: u64,
    },
    /// More bytes came.
    Progress {
        /// The file's path in the model.
        file: String,
        /// Bytes of it that are here.
        done: u64,
        /// Its bytes.
        of: u64,
        /// Bytes of all files that are here, of those that [`Found`](Self::Found) has counted.
        all_done: u64,
        /// Those bytes in all.
        all_of: u64,
    },
    /// A failure that may pass; the download goes on after a wait.
    Retrying {
        /// The file's path in the model.
        file: String,
        /// What failed.
        error: Error,
        /// How long the wait is.
        wait: Duration,
    },
    /// A file is here, whole and checked.
    Fetched {
        /// The file's path in the model.
        file: String,
        /// Its bytes.
        bytes: u64,
    },
    /// All files are here.
    Done {
        /// The folder that they are in.
        path: std::path::PathBuf,
    },
}

impl Hub {
    /// A hub whose files go into `cache`.
    pub fn new(client: Client, cache: Cache, options: HubOptions) -> Self {
        Self {
            client,
            cache,
            options,
        }
    }

    /// Brings the files of `source` into the cache, those that are not there.
    ///
    /// Fails with [`ErrorKind::ModelNotFound`](crate::ErrorKind::ModelNotFound) where the hub has no
    /// such model or revision, with [`Unauthorized`](crate::ErrorKind::Unauthorized) where it is
    /// gated or private, with [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for `file` where
    /// it holds several files of weights and none was chosen, and with
    /// [`Internal`](crate::ErrorKind::Internal) where this machine cannot keep it; every error has
    /// the `model` in its context.
    pub fn pull(&self, source: ModelSource) -> PullStream {
        let model = source.to_string();
        let events = pull::stream(self.clone(), source);
        let named = move |error: Error| error.with_context("model", model.as_str());
        events.map(move |event| event.map_err(&named)).boxed()
    }
}

/// A number of bytes for people: `34.0 GB`, by powers of 1000 as disks are sold.
pub fn bytes_for_people(bytes: u64) -> String {
    struct Shown(u64);
    impl fmt::Display for Shown {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let (unit, name) = match self.0 {
                0..1_000 => return write!(f, "{} B", self.0),
                1_000..1_000_000 => (100, "kB"),
                1_000_000..1_000_000_000 => (100_000, "MB"),
                1_000_000_000.. => (100_000_000, "GB"),
            };
            let tenths = self.0 / unit;
            write!(f, "{}.{} {name}", tenths / 10, tenths % 10)
        }
    }
    Shown(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_as_disks_are_sold() {
        for (bytes, said) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (33_700_000_000, "33.7 GB"),
            (u64::MAX, "18446744073.7 GB"),
        ] {
            assert_eq!(bytes_for_people(bytes), said);
        }
    }
}
