//! Text to image, from whatever can draw it: one request in, a stream of events out.
//!
//! A [`Provider`] draws a [`Request`] and tells of it in [`Event`]s, the last of which carry the
//! pictures. [`ProviderExt`] has the short ways of calling one. A [`Registry`] makes providers from
//! the [`catalogue`] and the [`config`], each with its [`policies`] around it.

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
pub use provider::{Provider, ProviderExt, ProviderInfo};
pub use registry::{ModelEntry, Registry, Secrets};
pub use request::Request;
pub use resolved::ResolvedRequest;
pub use seed::Seed;
