//! The HTTP client of fluxhop: redirects that drop credentials, proxies, time limits by phase,
//! event streams and downloads with caps, and a guard against private addresses.
//!
//! Everything has a limit: connecting, waiting for the response's head, silence within a body, the
//! body as a whole, its bytes, the bytes of one event. A status of 400 and more is a [`Response`],
//! not an [`Error`]. Nothing here reads the environment, and nothing prints a credential.
//!
//! The client speaks HTTP/1.1, asks for no compression, and keeps cookies for as long as it lives,
//! each for the host that set it.
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
mod deadline;
mod error;
mod event_stream;
mod guard;
mod headers;
mod proxy;
mod redirect;
mod request;
mod response;
mod secret;
mod silence;
mod sniff;
pub mod sse;
mod transport;

pub use bytes::Bytes;
pub use chunks::Chunks;
pub use client::{Client, ClientOptions};
pub use deadline::{Elapsed, Timer, within};
pub use error::{Error, ErrorKind, Phase};
pub use event_stream::{EventLimits, EventStream};
pub use proxy::Proxy;
pub use request::RequestBuilder;
pub use response::{BodyLimits, Response};
pub use secret::Secret;
pub use sniff::sniff;
pub use sse::SseEvent;
pub use url::Url;
