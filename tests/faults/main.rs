//! Faults observed in Spaces, their hosts, the hub and the network. Each test expects an image or
//! an error that states the cause, within the time limits and with the expected requests.

mod call_responses;
mod cancelling;
mod credentials;
mod downloads;
mod error_messages;
mod hub;
mod limits;
mod results;
mod retrying;
mod shapes;
mod stream_ends;
mod stream_formats;
mod support;
