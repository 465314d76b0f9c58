//! Model files from a hub: pulled, cut, resumed, refused, and shared with Python.

mod pulling;
#[cfg(feature = "peers")]
mod python;
mod refusals;
mod resuming;
mod support;
