//! What a provider is made from: the catalogue's facts, changed as the configuration says.

use std::collections::BTreeMap;

use fluxhop_gradio::Address;
use fluxhop_http::{Secret, Url};

use super::Secrets;
use super::models::LOCAL;
use crate::config::{ProviderConfig, ProviderKind};
use crate::providers::sketch;
use crate::providers::space::SpaceOptions;
use crate::{Error, ProviderInfo, Result, catalogue, names};

/// What a provider is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A Gradio Space.
    Space,
    /// Weights on this machine.
    #[cfg(feature = "local")]
    Local(Box<crate::providers::local::LocalOptions>),
}

/// One provider's settings, with its secrets.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// What it is; what follows of targets and secrets is a Space's.
    pub(crate) kind: Kind,
    /// Who it is; capabilities are what is known before it is reached.
    pub(crate) info: ProviderInfo,
    /// A URL, or `owner/name`.
    pub(crate) target: String,
    /// Its name on the hub, where the target is its URL.
    pub(crate) hub_name: Option<String>,
    /// See [`SpaceEntry::flux_prefix`](catalogue::SpaceEntry::flux_prefix).
    pub(crate) flux_prefix: Option<String>,
    /// The endpoint, where it is known.
    pub(crate) api_name: Option<String>,
    /// The token for it.
    pub(crate) token: Option<Secret>,
    /// User and password.
    pub(crate) login: Option<(String, Secret)>,
    /// How many requests at once.
    pub(crate) concurrency: Option<u32>,
    /// How many requests a minute.
    pub(crate) requests_per_minute: Option<u32>,
    config: ProviderConfig,
}

impl Settings {
    fn new(info: ProviderInfo, target: &str, api_name: Option<&str>) -> Self {
        Self {
            kind: Kind::Space,
            info,
            target: target.to_owned(),
            hub_name: None,
            flux_prefix: None,
            api_name: api_name.map(str::to_owned),
            token: None,
            login: None,
            concurrency: None,
            requests_per_minute: None,
            config: ProviderConfig::default(),
        }
    }

    fn of_entry(entry: &catalogue::SpaceEntry) -> Self {
        let target = entry.url.unwrap_or(entry.space);
        let mut settings = Self::new(entry.info(), target, None);
        settings.hub_name = entry.url.map(|_| entry.space.to_owned());
        settings.flux_prefix = entry.flux_prefix.map(str::to_owned);
        settings
    }

    /// The settings of a Space that is named by its address alone.
    pub(super) fn of_space(target: &str, api_name: Option<&str>) -> Result<Self> {
        let target = target.trim();
        check_target(target).map_err(|what| Error::invalid("space", what))?;
        let mut info = ProviderInfo::new(target, target);
        target.clone_into(&mut info.url);
        info.capabilities = catalogue::space_capabilities();
        Ok(Self::new(info, target, api_name))
    }

    /// Lays the configuration of this provider over.
    fn configured(mut self, config: &ProviderConfig) -> Result<Self> {
        let name = &self.info.name;
        let invalid =
            |key: &str, what: String| Error::config(format!("`providers.{name}.{key}`: {what}"));
        if let Some(url) = &config.url {
            check_target(url.trim()).map_err(|what| invalid("url", what))?;
            url.trim().clone_into(&mut self.target);
            self.info.url.clone_from(&self.target);
            // What the hub says of the catalogue's Space says nothing of this one.
            self.hub_name = None;
        }
        if config.api_name.is_some() {
            self.api_name.clone_from(&config.api_name);
        }
        if config.username.is_some() != config.password_env.is_some() {
            let what = "a login takes both `username` and `password_env`";
            return Err(invalid("username", what.to_owned()));
        }
        for (key, is_set) in local_keys(config) {
            if is_set {
                let what = "goes with kind = \"local\", and this is a Space";
                return Err(invalid(key, what.to_owned()));
            }
        }
        self.limited(config)
    }

    /// Lays the settings over that every kind of provider has.
    fn limited(mut self, config: &ProviderConfig) -> Result<Self> {
        let name = &self.info.name;
        let invalid =
            |key: &str, what: &str| Error::config(format!("`providers.{name}.{key}`: {what}"));
        for (key, limit) in [
            ("concurrency", config.concurrency),
            ("requests_per_minute", config.requests_per_minute),
        ] {
            if limit == Some(0) {
                return Err(invalid(key, "0 lets nothing through: 1 is the least"));
            }
        }
        if let Some(models) = &config.models {
            let Some(first) = models.first() else {
                let what = "names no model: leave it out for the default";
                return Err(invalid("models", what));
            };
            self.info.default_model.clone_from(first);
            self.info.default_image_model.clone_from(first);
            self.info.model_aliases.clear();
            self.info.models.clone_from(models);
            self.info.image_models.clone_from(models);
        }
        self.concurrency = config.concurrency;
        self.requests_per_minute = config.requests_per_minute;
        self.config = config.clone();
        Ok(self)
    }

    /// What a Space's provider is made from.
    pub(super) fn space_options(&self) -> SpaceOptions {
        let mut options = SpaceOptions::new(self.info.clone(), &self.target);
        options.hub_name.clone_from(&self.hub_name);
        options.flux_prefix.clone_from(&self.flux_prefix);
        options.api_name.clone_from(&self.api_name);
        options.token.clone_from(&self.token);
        options.login.clone_from(&self.login);
        options
    }

    /// The settings of weights on this machine.
    #[cfg(feature = "local")]
    pub(super) fn of_local(
        options: crate::providers::local::LocalOptions,
        config: &ProviderConfig,
    ) -> Result<Self> {
        let info = ProviderInfo::new(&options.name, &options.name);
        let mut settings = Self::new(info, "", None).limited(config)?;
        settings.kind = Kind::Local(Box::new(options));
        Ok(settings)
    }

    /// The settings with token and password; fails where a variable is named and not set.
    pub(super) fn with_secrets(&self, secrets: &Secrets) -> Result<Self> {
        let mut settings = self.clone();
        let variable = |name: &String| secrets.variable(&self.info.name, name);
        let config = &self.config;
        settings.token = match (&config.token, &config.token_env) {
            (Some(token), _) => Some(token.clone()),
            (None, Some(name)) => Some(variable(name)?),
            (None, None) if matches!(self.kind, Kind::Space) && is_on_hub(&self.target) => {
                secrets.hub_token.clone()
            }
            (None, None) => None,
        };
        if let (Some(user), Some(name)) = (&config.username, &config.password_env) {
            settings.login = Some((user.clone(), variable(name)?));
        }
        Ok(settings)
    }
}

/// The catalogue's providers, then those that the configuration adds, in the order of their names.
pub(super) fn all(config: &BTreeMap<String, ProviderConfig>) -> Result<Vec<Settings>> {
    let mut all: Vec<Settings> = catalogue::SPACES.iter().map(Settings::of_entry).collect();
    #[cfg(feature = "local")]
    if !config.keys().any(|name| names::same(name, LOCAL)) {
        all.push(super::local::settings(LOCAL, &ProviderConfig::default())?);
    }
    for (name, config) in config {
        if names::same(name, sketch::NAME) {
            let message = format!("`[providers.{name}]`: {name} is built in and has no settings");
            return Err(Error::config(message));
        }
        let kind = match config.kind {
            None if names::same(name, LOCAL) => ProviderKind::Local,
            kind => kind.unwrap_or_default(),
        };
        let place = all
            .iter()
            .position(|known| names::same(&known.info.name, name));
        if kind == ProviderKind::Local {
            if place.is_some() {
                let message =
                    format!("`providers.{name}.kind`: {name} is a Space of the catalogue");
                return Err(Error::config(message));
            }
            all.push(local(name, config)?);
        } else if let Some(place) = place {
            all[place] = all[place].clone().configured(config)?;
        } else if config.url.is_some() {
            let mut info = ProviderInfo::new(name, name);
            info.capabilities = catalogue::space_capabilities();
            all.push(Settings::new(info, "", None).configured(config)?);
        } else {
            let known = all.iter().map(|known| known.info.name.as_str());
            let suggestion = names::suggestion(name, known);
            let message = format!(
                "`[providers.{name}]` needs a `url`, for it is not in the catalogue; {suggestion}"
            );
            return Err(Error::config(message));
        }
    }
    Ok(all)
}

#[cfg(feature = "local")]
fn local(name: &str, config: &ProviderConfig) -> Result<Settings> {
    super::local::settings(name, config)
}

#[cfg(not(feature = "local"))]
fn local(name: &str, _: &ProviderConfig) -> Result<Settings> {
    let message =
        format!("`[providers.{name}]`: this fluxhop was built without the engine (`local`)");
    Err(Error::config(message))
}

/// The keys that go with weights on this machine, and whether they are set.
fn local_keys(config: &ProviderConfig) -> [(&'static str, bool); 5] {
    [
        ("weights", config.weights.is_some()),
        ("device", config.device.is_some()),
        ("dtype", config.dtype.is_some()),
        ("threads", config.threads.is_some()),
        ("unload_after", config.unload_after.is_some()),
    ]
}

/// Whether it is an address of a Space; what is wrong where it is not.
fn check_target(target: &str) -> Result<(), String> {
    Address::parse(target)
        .map(drop)
        .map_err(|error| error.to_string())
}

/// Whether the target is on Hugging Face, and reached so that nobody else reads the token.
fn is_on_hub(target: &str) -> bool {
    let Ok(url) = Url::parse(target) else {
        return !target.contains("://");
    };
    let host = url.host_str().unwrap_or_default();
    let hub = host == "huggingface.co" || host.ends_with(".hf.space");
    url.scheme() == "https" && hub
}
