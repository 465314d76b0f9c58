//! Lookup of providers by name and by model, from the catalogue and the configuration.

#[cfg(feature = "local")]
mod local;
mod models;
mod settings;
mod space;
mod unavailable;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fluxhop_http::{Client, ClientOptions, Secret, Url};

use crate::config::{Config, HubConfig, Network};
use crate::hub::{Hub, HubOptions};
use crate::policies::{Candidate, Failover, Limit, Retry, Timeout};
#[cfg(feature = "sketch")]
use crate::providers::sketch::Sketch;
use crate::providers::space::{Space, SpaceDescription};
use crate::{Error, ErrorKind, Provider, ProviderInfo, Result, names};

pub use models::ModelEntry;
pub(crate) use settings::{Kind, Settings};
use unavailable::Unavailable;

/// All providers and models of the catalogue and the configuration.
///
/// Providers are returned wrapped in their policies, in the order that
/// [`policies`](crate::policies) describes. A provider's failure record is shared by all names it
/// can be looked up by. Creating a registry makes no network requests; a provider connects when it
/// generates its first image.
///
/// ```no_run
/// use fluxhop::config::Config;
/// use fluxhop::{ProviderExt, Registry, Request, Secrets};
///
/// # async fn example() -> fluxhop::Result<()> {
/// let registry = Registry::new(Config::default(), Secrets::default())?;
/// let images = registry.model("flux")?.draw(Request::new("a cat wearing a hat")).await?;
/// # Ok(())
/// # }
/// ```
pub struct Registry {
    network: Network,
    #[cfg(feature = "local")]
    hub: HubConfig,
    /// The URL of the hub.
    endpoint: Url,
    client: Client,
    secrets: Secrets,
    construct: Construct,
    settings: Vec<Settings>,
    providers: Vec<Candidate>,
    models: Vec<ModelEntry>,
}

/// Constructs a provider without policies.
type Construct = Box<dyn Fn(&Client, &Kind) -> Result<Arc<dyn Provider>> + Send + Sync>;

/// Tokens and passwords.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Secrets {
    /// The Hugging Face token; only sent to the hub and to Spaces on Hugging Face.
    pub hub_token: Option<Secret>,
    /// The values of the environment variables that [`Config::secret_variables`] lists.
    pub variables: BTreeMap<String, Secret>,
}

impl Secrets {
    /// Looks up a variable that the configuration of `provider` refers to.
    fn variable(&self, provider: &str, name: &str) -> Result<Secret> {
        let value = self.variables.get(name).filter(|value| !value.is_empty());
        value.cloned().ok_or_else(|| {
            let message = format!("the environment variable `{name}` is not set");
            Error::new(ErrorKind::Unauthorized, message).with_context("provider", provider)
        })
    }
}

/// Returns the constructor for the built-in kinds of providers.
fn constructor(hub: &HubConfig) -> Construct {
    #[cfg(feature = "local")]
    let locals = local::LocalProviders::new(hub);
    #[cfg(not(feature = "local"))]
    let _ = hub;
    Box::new(move |client, kind| match kind {
        Kind::Space(options) => {
            let space = Space::new(client.clone(), (**options).clone())?;
            Ok(Arc::new(space))
        }
        #[cfg(feature = "local")]
        Kind::Local(options) => Ok(Arc::new(locals.provider(options))),
        #[cfg(feature = "sketch")]
        Kind::Sketch => Ok(Arc::new(Sketch::new())),
    })
}

impl Registry {
    /// Creates a registry from the catalogue and `config`.
    ///
    /// Fails with [`ErrorKind::Config`] if `config` has an invalid setting or refers to an unknown
    /// provider.
    pub fn new(config: Config, secrets: Secrets) -> Result<Self> {
        let construct = constructor(&config.hub);
        Self::with_constructor(config, secrets, construct)
    }

    pub(crate) fn with_constructor(
        config: Config,
        secrets: Secrets,
        construct: Construct,
    ) -> Result<Self> {
        let client = client(&config.network)?;
        let endpoint = hub_endpoint(&config.hub)?;
        let mut registry = Self {
            network: config.network,
            #[cfg(feature = "local")]
            hub: config.hub,
            client,
            construct,
            settings: settings::all(&config.providers, &secrets, &endpoint)?,
            endpoint,
            secrets,
            providers: Vec::new(),
            models: Vec::new(),
        };
        for settings in &registry.settings {
            registry.providers.push(registry.candidate(settings)?);
        }
        let kinds = registry.settings.iter().map(|settings| &settings.kind);
        let locals = kinds.filter(|kind| kind.has_local_weights());
        let locals: Vec<String> = locals.map(|kind| kind.name().to_owned()).collect();
        registry.models = models::all(&config.models, &registry.infos(), &locals)?;
        Ok(registry)
    }

    /// Returns the provider named `name`, ignoring case.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`] for the field `provider` if there is none.
    pub fn provider(&self, name: &str) -> Result<Arc<dyn Provider>> {
        Ok(self.single(self.find(name)?.clone()))
    }

    /// Returns a provider that tries the providers of a model in order.
    ///
    /// An empty name means `auto`, the model that uses the first provider that works. Fails with
    /// [`ErrorKind::ModelNotFound`] if no provider has the model.
    pub fn model(&self, name: &str) -> Result<Arc<dyn Provider>> {
        let name = name.trim();
        let name = if name.is_empty() { models::AUTO } else { name };
        let entry = models::find(&self.models, &self.infos(), name)?;
        let mut candidates = Vec::new();
        for provider in &entry.providers {
            let candidate = self.find(provider)?.clone();
            let model = entry.name_for(candidate.provider().info());
            candidates.push(candidate.with_model(model));
        }
        let first = candidates
            .first()
            .map(|candidate| candidate.provider().info());
        let info = entry.info(first);
        Ok(self.limited(Failover::new(info, candidates)))
    }

    /// Returns a provider for a Space given by its URL or `owner/name`.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`] for the field `space` if `target` is invalid.
    pub fn space(&self, target: &str, api_name: Option<&str>) -> Result<Arc<dyn Provider>> {
        let settings = Settings::from_address(target, api_name, &self.secrets, &self.endpoint)?;
        Ok(self.single(self.candidate(&settings)?))
    }

    /// Describes the API of a Space, given by its URL, `owner/name` or provider name, and how
    /// fluxhop would use it.
    pub async fn describe_space(
        &self,
        target: &str,
        api_name: Option<&str>,
    ) -> Result<SpaceDescription> {
        let named = self
            .settings
            .iter()
            .find(|settings| names::same(settings.kind.name(), target.trim()));
        let settings = match named {
            Some(settings) => settings.clone(),
            None => Settings::from_address(target, api_name, &self.secrets, &self.endpoint)?,
        };
        if let Some(error) = settings.error {
            return Err(error);
        }
        let mut options = match settings.kind {
            Kind::Space(options) => *options,
            #[cfg(any(feature = "local", feature = "sketch"))]
            _ => {
                let message = format!(
                    "`{}` runs on this machine and is not a Space",
                    target.trim()
                );
                return Err(Error::invalid("space", message));
            }
        };
        if let Some(api_name) = api_name {
            options.api_name = Some(api_name.to_owned());
        }
        Space::new(self.client.clone(), options)?.describe().await
    }

    /// All models; those of the catalogue come first, starting with `auto`.
    pub fn models(&self) -> Vec<ModelEntry> {
        self.models.clone()
    }

    /// All providers; those of the catalogue come first.
    pub fn providers(&self) -> Vec<ProviderInfo> {
        self.infos().into_iter().cloned().collect()
    }

    /// Like [`providers`](Self::providers), but describes local providers from their model files.
    ///
    /// Reads the files and blocks the current thread.
    pub fn describe_providers(&self) -> Vec<ProviderInfo> {
        let describe = |info: &ProviderInfo| {
            #[cfg(feature = "local")]
            for settings in &self.settings {
                if let Kind::Local(options) = &settings.kind
                    && options.name == info.name
                {
                    return local::describe(&self.hub, options);
                }
            }
            info.clone()
        };
        self.infos().into_iter().map(describe).collect()
    }

    /// The hub that model files are downloaded from, with the network settings of the providers.
    ///
    pub fn hub(&self) -> Hub {
        let mut options = HubOptions::default();
        options.endpoint = self.endpoint.clone();
        options.token.clone_from(&self.secrets.hub_token);
        options.retries = self.network.retries.unwrap_or(options.retries);
        Hub::new(self.client.clone(), options)
    }

    /// Waits until pending cancel requests have been sent, for at most `limit`.
    pub async fn close(&self, limit: Duration) {
        self.client.finish_background(limit).await;
    }

    fn infos(&self) -> Vec<&ProviderInfo> {
        self.providers
            .iter()
            .map(|candidate| candidate.provider().info())
            .collect()
    }

    fn find(&self, name: &str) -> Result<&Candidate> {
        let name = name.trim();
        let mut providers = self.providers.iter();
        let provider =
            providers.find(|candidate| names::same(&candidate.provider().info().name, name));
        provider.ok_or_else(|| {
            let known = self
                .providers
                .iter()
                .map(|candidate| candidate.provider().info().name.as_str());
            names::unknown("provider", name, known)
        })
    }

    /// Constructs a provider and wraps it in its own policies.
    fn candidate(&self, settings: &Settings) -> Result<Candidate> {
        let provider = match &settings.error {
            None => (self.construct)(&self.client, &settings.kind)?,
            Some(error) => Arc::new(Unavailable::new(settings.kind.info(), error.clone())),
        };
        let is_local = settings.kind.is_on_this_machine();
        let mut provider = if is_local {
            // A long gap between events only means that a step is slow.
            provider
        } else {
            let timed = Timeout::new(provider)
                .with_first_event(
                    self.network
                        .first_event_timeout
                        .unwrap_or(Network::FIRST_EVENT_TIMEOUT),
                )
                .with_idle(self.network.idle_timeout.unwrap_or(Network::IDLE_TIMEOUT));
            Arc::new(timed) as Arc<dyn Provider>
        };
        if let Some(limit) = settings.concurrency {
            provider = Arc::new(Limit::new(provider).with_concurrency(limit));
        }
        if let Some(requests) = settings.requests_per_minute {
            let minute = Duration::from_mins(1);
            provider = Arc::new(Limit::new(provider).with_rate(requests, minute));
        }
        let retries = self.network.retries.unwrap_or(Network::RETRIES);
        let mut provider: Arc<dyn Provider> = Arc::new(Retry::new(provider, retries));
        if self.network.timeout.is_none() && !is_local {
            // Without a configured limit on the request, each remote provider has its own.
            provider = Arc::new(Timeout::new(provider).with_total(Network::TIMEOUT));
        }
        Ok(Candidate::new(provider))
    }

    /// Wraps a single candidate, with its failure record and the limit on the request.
    fn single(&self, candidate: Candidate) -> Arc<dyn Provider> {
        let info = candidate.provider().info().clone();
        self.limited(Failover::new(info, vec![candidate]))
    }

    fn limited(&self, failover: Failover) -> Arc<dyn Provider> {
        let failover = Arc::new(failover);
        match self.network.timeout {
            Some(limit) => Arc::new(Timeout::new(failover).with_total(limit)),
            None => failover,
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("providers", &self.infos())
            .field("models", &self.models)
            .finish_non_exhaustive()
    }
}

/// The hub that resolves Spaces and stores models.
fn hub_endpoint(config: &HubConfig) -> Result<Url> {
    match &config.endpoint {
        None => Ok(HubOptions::default().endpoint),
        Some(endpoint) if matches!(endpoint.scheme(), "http" | "https") => Ok(endpoint.clone()),
        Some(endpoint) => Err(Error::config(format!(
            "`hub.endpoint`: `{}:` is not http or https",
            endpoint.scheme()
        ))),
    }
}

fn client(network: &Network) -> Result<Client> {
    let mut options = ClientOptions::default();
    options.proxy.clone_from(&network.proxy);
    if let Some(limit) = network.connect_timeout {
        options.connect_timeout = limit;
    }
    Client::new(options).map_err(|error| {
        Error::new(ErrorKind::Internal, "could not create the HTTP client").with_source(error)
    })
}

#[cfg(test)]
mod tests;
