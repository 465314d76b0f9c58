//! The client against servers that send raw bytes, and the parser of server-sent events.

#![expect(clippy::unwrap_used, reason = "a panic in a helper fails the test")]

mod bodies;
mod connecting;
mod event_streams;
mod redirects;
mod sse;
mod sse_reference;
mod support;
