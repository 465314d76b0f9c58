//! A client for Gradio apps and Hugging Face Spaces (Gradio 4.44, 5 and 6), and the protocol's
//! messages.
//!
//! ```no_run
//! use fluxhop_gradio::{Address, Client, Options, Update};
//! use futures_util::StreamExt;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let http = fluxhop_http::Client::new(fluxhop_http::ClientOptions::default())?;
//! let address = Address::parse("http://127.0.0.1:7860")?;
//! let client = Client::connect(http, &address, Options::default()).await?;
//! let arguments = client.api().await?.endpoint("/infer")?.arguments([("prompt", "a cat".into())])?;
//! let mut call = client.call("/infer", arguments);
//! while let Some(update) = call.next().await {
//!     if let Update::Completed { data, .. } = update? {
//!         println!("{data:?}");
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod address;
mod api;
mod call;
mod client;
mod error;
mod error_response;
mod file;
mod html;
pub mod wire;

pub use address::Address;
pub use api::{Api, Endpoint, Output, Parameter};
pub use call::{Call, Update};
pub use client::{Client, Limits, Login, Options};
pub use error::{Error, ErrorKind, Result};
pub use file::FileRef;
pub use html::plain_text;
