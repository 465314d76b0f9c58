//! Any text-to-image Gradio Space as a provider.
//!
//! If the catalogue contains the Space's endpoint and parameters, the first HTTP request is already
//! the call. Otherwise the Space is *discovered*: its API description determines which endpoint
//! generates images, what its parameters mean and what limits they have. If a known Space differs
//! from the catalogue, it is discovered too, once per request, and the request continues with the
//! result.

mod call_result;
mod describe;
mod draw;
mod error;
mod fetch;
mod mapping;
mod previews;
mod recovery;
mod roles;
mod timer;
mod wake;

use std::sync::{Arc, Mutex, PoisonError};

use fluxhop_gradio::{Address, Client, Login, Options};
use fluxhop_hub::{Hub, HubOptions};
use futures_util::StreamExt;

use crate::{EventStream, Provider, ProviderInfo, Request, Result, Secret, Url};

pub use describe::{ParameterDescription, SpaceDescription};
use error::translate;
pub use fluxhop_gradio::Limits;
use mapping::Mapping;
/// The type of [`ParameterDescription::default`] and [`ParameterDescription::choices`].
pub use serde_json::Value;

/// A Gradio Space that generates images from text.
#[derive(Clone)]
pub struct Space(Arc<Inner>);

struct Inner {
    http: crate::Client,
    options: SpaceOptions,
    address: Address,
    /// The connection and mapping of the last successful request.
    connected: Mutex<Option<Connected>>,
}

/// The options of a [`Space`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SpaceOptions {
    /// The name, models and capabilities of the provider.
    pub info: ProviderInfo,
    /// A URL, or `owner/name` on the hub.
    pub target: String,
    /// Its `owner/name` on the hub if `target` is a URL, so that its state can be queried.
    pub hub_name: Option<String>,
    /// The endpoint to call; `None` selects one that generates images from text.
    pub api_name: Option<String>,
    /// The API prefix (`/gradio_api` since Gradio 5) of a Space whose endpoint is known to be
    /// `(prompt, seed, randomize_seed, width, height, num_inference_steps) -> (image, seed)`, with
    /// the limits of `info`'s capabilities; `None` if the Space is to be discovered.
    pub flux_prefix: Option<String>,
    /// The Hugging Face token.
    pub token: Option<Secret>,
    /// The user name and password of an app that requires a login.
    pub login: Option<(String, Secret)>,
    /// The hub's URL; huggingface.co by default.
    pub hub: Option<Url>,
    /// The time and size limits of a call.
    pub limits: Limits,
}

/// A connection to a Space, and the mapping of its endpoint.
#[derive(Clone)]
struct Connected {
    client: Client,
    mapping: Arc<Mapping>,
}

impl Connected {
    /// Whether `other` makes the same call.
    fn is_same_call(&self, other: &Self) -> bool {
        self.client.prefix() == other.client.prefix() && self.mapping.is_same_call(&other.mapping)
    }
}

impl SpaceOptions {
    /// Creates options for the Space at `target`, which is discovered on first use.
    pub fn new(info: ProviderInfo, target: impl Into<String>) -> Self {
        Self {
            info,
            target: target.into(),
            hub_name: None,
            api_name: None,
            flux_prefix: None,
            token: None,
            login: None,
            hub: None,
            limits: Limits::default(),
        }
    }

    /// Sets the endpoint to call.
    #[must_use]
    pub fn with_api_name(mut self, api_name: impl Into<String>) -> Self {
        self.api_name = Some(api_name.into());
        self
    }

    /// Sets the Hugging Face token.
    #[must_use]
    pub fn with_token(mut self, token: Secret) -> Self {
        self.token = Some(token);
        self
    }

    /// Sets the user name and password.
    #[must_use]
    pub fn with_login(mut self, user: impl Into<String>, password: Secret) -> Self {
        self.login = Some((user.into(), password));
        self
    }

    /// Sets the time and size limits of a call.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

impl Space {
    /// Creates a provider; sends nothing until an image is requested.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) if the target is neither an http or https
    /// URL nor `owner/name`.
    pub fn new(http: crate::Client, options: SpaceOptions) -> Result<Self> {
        let mut address = Address::parse(&options.target).map_err(translate)?;
        if let Some(name) = &options.hub_name {
            address = address.with_space(name);
        }
        Ok(Self(Arc::new(Inner {
            http,
            options,
            address,
            connected: Mutex::new(None),
        })))
    }

    /// Reads the Space's API description without generating an image.
    pub async fn describe(&self) -> Result<SpaceDescription> {
        let client = self.connect().await.map_err(translate)?;
        let api = client.api().await.map_err(translate)?;
        let endpoint = describe::choose(api, self.0.options.api_name.as_deref());
        let endpoint = match endpoint {
            Ok(endpoint) => Some(endpoint),
            Err(error) if self.0.options.api_name.is_some() => return Err(error),
            Err(_) => None,
        };
        Ok(describe::describe(&client, api, endpoint))
    }

    /// The connection of the last successful request, or the one known from the catalogue.
    fn known(&self) -> Option<Connected> {
        let last = self
            .0
            .connected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        last.or_else(|| {
            let options = &self.0.options;
            let prefix = options.flux_prefix.as_deref()?;
            // A login requires a connection first.
            let base = self
                .0
                .address
                .base()
                .filter(|_| options.login.is_none())?
                .clone();
            let http = self.0.http.clone();
            let client = Client::assume(http, base, prefix, self.client_options());
            let endpoint = options.api_name.as_deref().unwrap_or("/infer");
            let mapping = Mapping::flux(endpoint, &options.info.capabilities);
            Some(Connected {
                client,
                mapping: Arc::new(mapping),
            })
        })
    }

    /// Connects and maps the endpoint from the Space's own API description.
    async fn discover(&self) -> Result<Connected, Failure> {
        let client = self.connect().await?;
        let api = client.api().await?;
        let endpoint = describe::choose(api, self.0.options.api_name.as_deref())?;
        let mapping = Arc::new(Mapping::of(endpoint, &self.0.options.info.capabilities)?);
        Ok(Connected { client, mapping })
    }

    fn remember(&self, connected: Option<&Connected>) {
        *self
            .0
            .connected
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = connected.cloned();
    }

    async fn connect(&self) -> fluxhop_gradio::Result<Client> {
        Client::connect(self.0.http.clone(), &self.0.address, self.client_options()).await
    }

    fn client_options(&self) -> Options {
        let SpaceOptions {
            token,
            login,
            limits,
            ..
        } = &self.0.options;
        let mut options = Options::default();
        options.token.clone_from(token);
        options.login = login
            .as_ref()
            .map(|(user, password)| Login::new(user.as_str(), password.clone()));
        options.limits = *limits;
        options.hub = self.hub_options();
        options
    }

    fn hub_options(&self) -> HubOptions {
        let mut options = HubOptions::default();
        if let Some(endpoint) = &self.0.options.hub {
            options.endpoint = endpoint.clone();
        }
        options.token.clone_from(&self.0.options.token);
        options
    }

    fn hub(&self) -> Hub {
        Hub::new(self.0.http.clone(), self.hub_options())
    }
}

/// Returns the arguments that a call of `api` would send for `request`; used by fuzz targets.
#[cfg(feature = "testing")]
pub fn call_values(
    api: &fluxhop_gradio::Api,
    api_name: Option<&str>,
    request: &Request,
) -> Result<Vec<Value>> {
    let endpoint = describe::choose(api, api_name)?;
    let mapping = Mapping::of(endpoint, &crate::catalogue::space_capabilities())?;
    let resolved = request.resolve(&mapping.capabilities)?;
    mapping.values(request, &resolved, 0)
}

impl Provider for Space {
    fn info(&self) -> &ProviderInfo {
        &self.0.options.info
    }

    fn generate(&self, request: Request) -> EventStream {
        draw::draw(self.clone(), request).boxed()
    }
}

/// An error of the Gradio client, which may be recoverable, or one of this crate.
enum Failure {
    Gradio(fluxhop_gradio::Error),
    Own(crate::Error),
}

impl From<fluxhop_gradio::Error> for Failure {
    fn from(error: fluxhop_gradio::Error) -> Self {
        Self::Gradio(error)
    }
}

impl Failure {
    fn into_error(self) -> crate::Error {
        match self {
            Self::Gradio(error) => translate(error),
            Self::Own(error) => error,
        }
    }
}
