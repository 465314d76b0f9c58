//! Model files: which a model has, which are wanted, and their download into the cache.
//!
//! - A file appears under its name once all its bytes are there and have the hash that the hub
//!   gives: sha256 for files in large-file storage, else git's hash of the blob.
//! - An interrupted pull continues where it stopped: `.incomplete` files are kept, and each that a
//!   pull is going to fill exists from its start. Blobs are named by their content, so bytes of an
//!   older version are never mixed with those of a newer one.
//! - A revision is resolved once; all files are then requested by its commit.
//! - The token is sent to the hub's own origin, never along a redirect to its storage.

mod api;
mod event;
mod fetch;
mod partial;
mod pull;
mod select;
mod source;

pub use event::{PullEvent, PullStream};
pub use source::ModelSource;
