//! Fixtures shared by the integration tests: real Gradio servers, a scripted fault server, and a
//! model hub served by it.

pub mod fault;
pub mod hub;
pub mod peer;
pub mod picture;
#[cfg(doctest)]
mod readmes;
