//! The events that a provider emits while it generates images.
//!
//! ```text
//! Attempt ─► Queued* ─► Started ─► Progress*, Preview* ─► Image ─► … ─► end
//!    ▲                                          │
//!    └───────────── retry or failover ──────────┘
//! ```
//!
//! - The first event is [`Event::Attempt`]. A later `Attempt` means that a policy has sent the
//!   request again, possibly to another provider; it voids the queue positions, progress and
//!   previews before it. No `Attempt` follows an [`Event::Image`].
//! - [`Event::Queued`], [`Event::Started`], [`Event::Progress`] and [`Event::Preview`] are emitted
//!   if the provider supports them (see [`Capabilities`](crate::Capabilities)). They repeat for
//!   each image if the provider generates several images in sequence.
//! - [`Event::Notice`] and [`Event::Skipped`] may appear anywhere after the first event.
//! - [`Event::Image`] is emitted once per requested image; then the stream ends.
//! - An `Err` is the last item of the stream. Images delivered before it remain valid.
//! - Dropping the stream cancels the work, on the server too if the server supports it.

use std::time::Duration;

use futures_util::stream::BoxStream;

use crate::{Error, GeneratedImage, Picture, Result};

/// The events of one request. Dropping the stream cancels the request.
pub type EventStream = BoxStream<'static, Result<Event>>;

/// An event of one request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A provider starts an attempt. Earlier queue positions, progress and previews are void.
    Attempt {
        /// The provider's name.
        provider: String,
        /// The number of the attempt, from 1.
        number: u32,
    },
    /// The request is waiting in a queue.
    Queued {
        /// The number of requests ahead of this one; 0 if it is next.
        position: Option<u32>,
        /// The length of the queue.
        of: Option<u32>,
        /// The provider's estimate of the remaining time.
        eta: Option<Duration>,
    },
    /// Generation has started.
    Started,
    /// Generation has progressed.
    Progress {
        /// Completed steps.
        step: Option<u64>,
        /// Total steps.
        of: Option<u64>,
        /// The provider's description of the current stage.
        stage: Option<String>,
    },
    /// An intermediate picture; only if [`Request::previews`](crate::Request::previews) is set.
    Preview(Picture),
    /// A message for the user, such as a size that was rounded or a provider's log line.
    Notice(String),
    /// A provider earlier in the order was skipped.
    Skipped {
        /// The provider's name.
        provider: String,
        /// Its error in this request, or in an earlier one if it is still cooling down.
        error: Error,
    },
    /// A finished image.
    Image(GeneratedImage),
}
