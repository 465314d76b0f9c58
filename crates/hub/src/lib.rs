//! A client for the Hugging Face hub: model files and Spaces.
//!
//! [`Hub::pull`] downloads the files of a [`ModelSource`] into a [`Cache`] and emits
//! [`PullEvent`]s. [`Hub::locate`] returns the URL of a Space, [`Hub::stage`] its stage, and
//! [`Hub::wake`] waits for one that is asleep.
//!
//! ```no_run
//! use fluxhop_http::{Client, ClientOptions};
//! use fluxhop_hub::{Cache, Hub, HubOptions, ModelSource, PullEvent};
//! use futures_util::StreamExt;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let hub = Hub::new(Client::new(ClientOptions::default())?, HubOptions::default());
//! let cache = Cache::new("/home/me/.cache/huggingface/hub");
//! let mut events = hub.pull(&cache, ModelSource::parse("openai-community/gpt2")?);
//! while let Some(event) = events.next().await {
//!     if let PullEvent::Done { path } = event? {
//!         println!("{}", path.display());
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The token is sent only to the endpoint's origin, over https or on the loopback interface. See
//! [`may_receive_token`] for the one exception, the hosts of Spaces.

mod cache;
mod error;
mod error_response;
mod format;
mod hub;
mod models;
mod repo;
mod request;
mod source;
mod spaces;
mod token;

pub use cache::{Cache, CachedModel};
pub use error::{Error, ErrorKind, Result};
pub use format::format_bytes;
pub use hub::{Hub, HubOptions};
pub use models::{PullEvent, PullStream};
pub use repo::is_repo_name;
pub use source::ModelSource;
pub use spaces::Stage;
pub use token::may_receive_token;
