//! What the proofs share: real Gradio servers, a server that fails on purpose, and a hub of models on it.

pub mod fault;
pub mod hub;
pub mod peer;
pub mod picture;
#[cfg(doctest)]
mod readmes;
