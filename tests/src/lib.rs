//! What the proofs share: real Gradio servers, and a server that fails on purpose.

pub mod fault;
pub mod peer;
pub mod picture;
