//! Downloading model files: selection, resuming, errors, and the cache shared with Python.

mod errors;
mod pulling;
#[cfg(feature = "peers")]
mod python;
mod resuming;
mod support;
