//! Text to image from Gradio Spaces, from FLUX weights on this machine, or from a built-in renderer.
//!
//! A [`Provider`] takes a [`Request`] and returns a stream of [`Event`]s, which ends with the
//! images. [`ProviderExt`] has shortcuts for callers that only need the images. A [`Registry`]
//! creates providers from the [`catalogue`] and the [`config`] and wraps them in [`policies`].
//!
//! The HTTP types in the public API are re-exported here: [`Client`], [`ClientOptions`], [`Proxy`],
//! [`Secret`], [`Url`] and [`Bytes`].

mod capabilities;
pub mod catalogue;
mod chat;
pub mod config;
pub mod encode;
mod error;
mod event;
pub mod hub;
mod image;
pub mod metadata;
mod names;
pub mod policies;
mod provider;
pub mod providers;
mod registry;
mod request;
mod resolved;
mod seed;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use self::image::{GeneratedImage, ImageFormat, Picture, Timings};
pub use capabilities::{Capabilities, SeedRange, SizeRule, StepRange};
pub use chat::{Message, Role, prompt_of};
pub use error::{Error, ErrorKind, Phase, Result};
pub use event::{Event, EventStream};
pub use fluxhop_http::{Bytes, Client, ClientOptions, Proxy, Secret, Url};
pub use provider::{Provider, ProviderExt, ProviderInfo};
pub use registry::{ModelEntry, Registry, Secrets};
pub use request::Request;
pub use resolved::ResolvedRequest;
pub use seed::Seed;
