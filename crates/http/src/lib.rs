//! The HTTP client of fluxhop: redirects that drop credentials, proxies, a time limit for each phase,
//! event streams and downloads with size limits, and a guard against private addresses.
//!
//! Everything has a limit: connecting, waiting for the response headers, the time between chunks of
//! a body, the time and size of the complete body, the size of an event. A status of 400 or more is a
//! [`Response`], not an [`Error`]. The crate does not read the environment and never prints a
//! credential.
//!
//! The client speaks HTTP/1.1 without compression and keeps cookies in memory, each for the host
//! that set it.
//!
//! ```no_run
//! # async fn example() -> Result<(), fluxhop_http::Error> {
//! use fluxhop_http::{BodyLimits, Client, ClientOptions, Url};
//!
//! let client = Client::new(ClientOptions::default())?;
//! let url = Url::parse("https://example.com/config").expect("a URL");
//! let response = client.get(&url).send().await?;
//! if response.is_success() {
//!     let config: serde_json::Value = response.json(BodyLimits::default()).await?;
//! }
//! # Ok(())
//! # }
//! ```

mod background;
mod body;
mod chunks;
mod client;
mod cookies;
mod error;
mod event_stream;
mod guard;
mod headers;
mod idle_timeout;
mod outgoing;
mod proxy;
mod redirect;
mod request;
mod response;
mod secret;
mod sniff;
pub mod sse;
mod tls;
mod transport;

pub use bytes::Bytes;
pub use chunks::Chunks;
pub use client::{Client, ClientOptions};
pub use error::{Error, ErrorKind, Phase};
pub use event_stream::{EventLimits, EventStream};
pub use proxy::Proxy;
pub use request::RequestBuilder;
pub use response::{BodyLimits, Response};
pub use secret::Secret;
pub use sniff::sniff;
pub use sse::SseEvent;
pub use url::Url;
