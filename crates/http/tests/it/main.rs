//! The client against servers of raw bytes, and the parser of server-sent events against all bytes.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod bodies;
mod connecting;
mod event_streams;
mod redirects;
mod sse;
mod sse_reference;
mod support;
