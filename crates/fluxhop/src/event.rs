//! What a provider tells while it draws.
//!
//! A stream of events runs so:
//!
//! ```text
//! Attempt ─► Queued* ─► Started ─► Progress*, Preview* ─► Image ─► … ─► end
//!    ▲                                          │
//!    └──────────── a policy tries again ────────┘
//! ```
//!
//! - The first event is [`Event::Attempt`]. A consumer that meets another one forgets the queue,
//!   progress and previews it was told before: a policy has sent the request again, perhaps
//!   elsewhere. No `Attempt` follows an [`Event::Image`].
//! - [`Event::Queued`], [`Event::Started`], [`Event::Progress`] and [`Event::Preview`] come where
//!   the provider knows of them ([`Capabilities`](crate::Capabilities) tells), and come anew for
//!   each picture where a provider draws several one after the other.
//! - [`Event::Notice`] and [`Event::Skipped`] may stand anywhere after the first event.
//! - [`Event::Image`] comes once for each picture asked for; then the stream ends.
//! - An `Err` is the last item of a stream. Pictures delivered before it stay good.
//! - Dropping the stream stops the work, upstream too where the upstream can be told.

use std::time::Duration;

use futures_util::stream::BoxStream;

use crate::{Error, GeneratedImage, Picture, Result};

/// The events of one request; it may be dropped at any time.
pub type EventStream = BoxStream<'static, Result<Event>>;

/// One thing that happened on the way to a picture.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A provider takes the request on; what was told before is void.
    Attempt {
        /// The provider's name.
        provider: String,
        /// Counts the attempts of this request, from 1.
        number: u32,
    },
    /// The request waits for its turn.
    Queued {
        /// How many are before it; 0 is next.
        position: Option<u32>,
        /// How many wait in all.
        of: Option<u32>,
        /// How long the provider thinks it will take.
        eta: Option<Duration>,
    },
    /// The provider draws.
    Started,
    /// So much is done.
    Progress {
        /// Steps done.
        step: Option<u64>,
        /// Steps in all.
        of: Option<u64>,
        /// What is being done, in the provider's words.
        stage: Option<String>,
    },
    /// An intermediate picture; only if [`Request::previews`](crate::Request::previews) is set.
    Preview(Picture),
    /// Something the caller should know, such as a size that was rounded or a provider's log line.
    Notice(String),
    /// A provider that comes before the one that is asked now does not draw.
    Skipped {
        /// The provider's name.
        provider: String,
        /// Why: its failure just now, or the last one, from which it is given time to recover.
        error: Error,
    },
    /// A picture, done.
    Image(GeneratedImage),
}
