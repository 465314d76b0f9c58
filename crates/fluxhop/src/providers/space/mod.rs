//! Any text-to-image Gradio Space as a provider.
//!
//! A Space is either *known*, its endpoint and values told by the catalogue, so that its first
//! request is already the drawing, or it is *found out*: its own description says which endpoint
//! draws, what its parameters are for and what limits they have. A known Space that turns out to
//! be different is found out too, once, and the request goes on as that says.

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

/// A Gradio Space that draws from text.
#[derive(Clone)]
pub struct Space(Arc<Inner>);

struct Inner {
    http: crate::Client,
    options: SpaceOptions,
    address: Address,
    /// The connection and the plan of the last request that got through.
    connected: Mutex<Option<Connected>>,
}

/// What a Space's provider is made from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SpaceOptions {
    /// Who it is; its models and aliases are resolved by it.
    pub info: ProviderInfo,
    /// A URL, or `owner/name` on the hub.
    pub target: String,
    /// Its name on the hub, where the target is a URL: its state can then be asked.
    pub hub_name: Option<String>,
    /// The endpoint; absent for the one that draws from text.
    pub api_name: Option<String>,
    /// The API's prefix (`/gradio_api` since Gradio 5) of a Space whose endpoint is known to be
    /// `(prompt, seed, randomize_seed, width, height, num_inference_steps) -> (image, seed)`, with
    /// the limits of `info`'s capabilities; absent for one to find out.
    pub flux_prefix: Option<String>,
    /// The hub's token.
    pub token: Option<Secret>,
    /// User name and password of an app with a login.
    pub login: Option<(String, Secret)>,
    /// The hub; huggingface.co by default.
    pub hub: Option<Url>,
    /// Limits on the wire.
    pub limits: Limits,
}

/// A Space that can be called, and how.
#[derive(Clone)]
struct Connected {
    client: Client,
    mapping: Arc<Mapping>,
}

impl Connected {
    /// Whether a call of `other` would be the same call.
    fn is_same_call(&self, other: &Self) -> bool {
        self.client.prefix() == other.client.prefix() && self.mapping.is_same_call(&other.mapping)
    }
}

impl SpaceOptions {
    /// A Space at `target`, to find out.
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
    /// A provider for the Space; nothing is sent before it draws.
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

    /// Reads what the Space offers and how it is used; draws nothing.
    pub async fn describe(&self) -> Result<SpaceDescription> {
        let client = self.connect().await.map_err(translate)?;
        let api = client.api().await.map_err(translate)?;
        let chosen = describe::choose(api, self.0.options.api_name.as_deref());
        let endpoint = match chosen {
            Ok(endpoint) => Some(endpoint),
            Err(error) if self.0.options.api_name.is_some() => return Err(error),
            Err(_) => None,
        };
        Ok(describe::describe(&client, api, endpoint))
    }

    /// What the next request starts from: the last that got through, or what the catalogue knows.
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
            // A login comes before everything else.
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

    /// Asks the Space itself which endpoint draws and what it takes.
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
        options.login = login.as_ref().map(|(user, password)| Login {
            user: user.clone(),
            password: password.clone(),
        });
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

/// The values that a call of `api` would send for `request`, for fuzzing the way there.
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

/// An error on the way: Gradio's, of which a Space may be woken, or one of fluxhop's own.
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
