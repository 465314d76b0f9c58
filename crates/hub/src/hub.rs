//! The client and its options: the endpoint, the token and the retries.

use std::time::Duration;

use fluxhop_http::{Client, Secret, Url};

/// A client for the Hugging Face hub or another server with its API.
#[derive(Clone, Debug)]
pub struct Hub {
    pub(crate) client: Client,
    pub(crate) options: HubOptions,
}

/// How to reach a [`Hub`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HubOptions {
    /// The URL of the hub; `https://huggingface.co` by default.
    pub endpoint: Url,
    /// The token for private and gated models and for private Spaces.
    pub token: Option<Secret>,
    /// The maximum number of retries after a transient failure during a pull; 5 by default.
    /// Receiving data resets the count.
    pub retries: u32,
    /// The delay before the first retry, 1 s by default; it doubles with each further one, up to
    /// 30 s.
    pub retry_delay: Duration,
}

impl Default for HubOptions {
    fn default() -> Self {
        Self {
            endpoint: Url::parse("https://huggingface.co").expect("a constant URL"),
            token: None,
            retries: 5,
            retry_delay: Duration::from_secs(1),
        }
    }
}

impl Hub {
    /// Creates a client; sends no request.
    pub fn new(client: Client, options: HubOptions) -> Self {
        Self { client, options }
    }

    /// The options that this client was created with.
    pub fn options(&self) -> &HubOptions {
        &self.options
    }
}
