//! Listing, selecting and downloading a model's files.
//!
//! - A file appears under its name once it is complete and its hash is the one that the hub reports:
//!   sha256 for files in large-file storage, otherwise git's blob hash.
//! - An interrupted pull resumes where it stopped: `.incomplete` files are kept. A pull creates all
//!   of them at the start, so that the cache shows the model as incomplete. Blobs are named by
//!   their content, so bytes of different versions are never mixed.
//! - A revision is resolved once; all files are then requested by commit.
//! - The token is sent to the hub's own origin, but not along a redirect to its storage.

mod api;
mod event;
mod fetch;
mod partial;
mod pull;
mod select;

pub use event::{PullEvent, PullStream};
