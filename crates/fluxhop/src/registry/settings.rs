//! Provider settings: the catalogue, the configuration and the secrets, resolved once.

use std::collections::BTreeMap;

use super::models::LOCAL;
use super::{Secrets, space};
use crate::config::{ProviderConfig, ProviderKind};
#[cfg(feature = "local")]
use crate::providers::local::LocalOptions;
#[cfg(feature = "sketch")]
use crate::providers::sketch::{self, Sketch};
use crate::providers::space::SpaceOptions;
use crate::{Error, ProviderInfo, Result, Url, catalogue, names};

/// The kind of a provider, with everything needed to construct it.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A Gradio Space.
    Space(Box<SpaceOptions>),
    /// FLUX weights on this machine.
    #[cfg(feature = "local")]
    Local(Box<LocalOptions>),
    /// The rule-based offline provider.
    #[cfg(feature = "sketch")]
    Sketch,
}

impl Kind {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Space(options) => &options.info.name,
            #[cfg(feature = "local")]
            Self::Local(options) => &options.name,
            #[cfg(feature = "sketch")]
            Self::Sketch => sketch::NAME,
        }
    }

    /// The provider's info before it is constructed.
    pub(crate) fn info(&self) -> ProviderInfo {
        match self {
            Self::Space(options) => options.info.clone(),
            #[cfg(feature = "local")]
            Self::Local(options) => {
                let mut info = ProviderInfo::new(&options.name, &options.name);
                info.set_models(&options.models);
                info
            }
            #[cfg(feature = "sketch")]
            Self::Sketch => crate::Provider::info(&Sketch::new()).clone(),
        }
    }

    /// Whether it runs on this machine; such providers have no default time limits.
    pub(crate) fn is_on_this_machine(&self) -> bool {
        !matches!(self, Self::Space(_))
    }

    /// Whether it runs local weights; such providers join the chains of their models.
    pub(crate) fn has_local_weights(&self) -> bool {
        match self {
            #[cfg(feature = "local")]
            Self::Local(_) => true,
            _ => false,
        }
    }
}

/// A provider to construct, and its load limits.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) kind: Kind,
    /// Why it cannot be constructed, e.g. because a variable with its token is not set.
    pub(crate) error: Option<Error>,
    /// The maximum number of concurrent requests.
    pub(crate) concurrency: Option<u32>,
    /// The maximum number of requests per minute.
    pub(crate) requests_per_minute: Option<u32>,
}

impl Settings {
    fn new(mut kind: Kind, config: &ProviderConfig, secrets: &Secrets, hub: &Url) -> Result<Self> {
        let name = kind.name();
        let invalid = |key: &str, message: &str| {
            Error::config(format!("`providers.{name}.{key}`: {message}"))
        };
        for (key, limit) in [
            ("concurrency", config.concurrency),
            ("requests_per_minute", config.requests_per_minute),
        ] {
            if limit == Some(0) {
                return Err(invalid(key, "must be at least 1"));
            }
        }
        if config.models.as_ref().is_some_and(Vec::is_empty) {
            return Err(invalid("models", "the list is empty"));
        }
        let authorized = match &mut kind {
            Kind::Space(options) => {
                options.hub = Some(hub.clone());
                space::authorize(options, config, secrets, hub)
            }
            #[cfg(any(feature = "local", feature = "sketch"))]
            _ => Ok(()),
        };
        Ok(Self {
            kind,
            error: authorized.err(),
            concurrency: config.concurrency,
            requests_per_minute: config.requests_per_minute,
        })
    }

    /// A Space given only by its address.
    pub(super) fn from_address(
        target: &str,
        api_name: Option<&str>,
        secrets: &Secrets,
        hub: &Url,
    ) -> Result<Self> {
        let options = space::from_address(target, api_name)?;
        Self::new(
            Kind::Space(Box::new(options)),
            &ProviderConfig::default(),
            secrets,
            hub,
        )
    }
}

/// The catalogue's providers, then those that the configuration adds, in the order of their names.
pub(super) fn all(
    config: &BTreeMap<String, ProviderConfig>,
    secrets: &Secrets,
    hub: &Url,
) -> Result<Vec<Settings>> {
    let default = ProviderConfig::default;
    let mut all: Vec<(Kind, ProviderConfig)> = catalogue::SPACES
        .iter()
        .map(|entry| {
            let options = space::from_catalogue(entry);
            (Kind::Space(Box::new(options)), default())
        })
        .collect();
    #[cfg(feature = "local")]
    if !config.keys().any(|name| names::same(name, LOCAL)) {
        all.push((local(LOCAL, &default())?, default()));
    }
    for (name, config) in config {
        #[cfg(feature = "sketch")]
        if names::same(name, sketch::NAME) {
            let message = format!("`[providers.{name}]`: {name} is built in and has no settings");
            return Err(Error::config(message));
        }
        let kind = match config.kind {
            None if names::same(name, LOCAL) => ProviderKind::Local,
            kind => kind.unwrap_or_default(),
        };
        let known = all
            .iter()
            .position(|(known, _)| names::same(known.name(), name));
        match (kind, known) {
            (ProviderKind::Local, Some(_)) => {
                let message =
                    format!("`providers.{name}.kind`: {name} is a Space of the catalogue");
                return Err(Error::config(message));
            }
            (ProviderKind::Local, None) => all.push((local(name, config)?, config.clone())),
            (ProviderKind::Space, Some(known)) => {
                let (kind, existing) = &mut all[known];
                match kind {
                    Kind::Space(options) => space::configure(options, config)?,
                    #[cfg(any(feature = "local", feature = "sketch"))]
                    _ => {}
                }
                existing.clone_from(config);
            }
            (ProviderKind::Space, None) if config.url.is_some() => {
                let mut options = space::unknown(name);
                space::configure(&mut options, config)?;
                all.push((Kind::Space(Box::new(options)), config.clone()));
            }
            (ProviderKind::Space, None) => {
                let known = all.iter().map(|(known, _)| known.name());
                let suggestion = names::suggestion(name, known);
                let message = format!(
                    "`[providers.{name}]`: `url` is missing, and `{name}` is not in the catalogue; \
                     {suggestion}"
                );
                return Err(Error::config(message));
            }
        }
    }
    #[cfg(feature = "sketch")]
    all.push((Kind::Sketch, default()));
    all.into_iter()
        .map(|(kind, config)| Settings::new(kind, &config, secrets, hub))
        .collect()
}

#[cfg(feature = "local")]
fn local(name: &str, config: &ProviderConfig) -> Result<Kind> {
    super::local::options(name, config).map(|options| Kind::Local(Box::new(options)))
}

#[cfg(not(feature = "local"))]
fn local(name: &str, _: &ProviderConfig) -> Result<Kind> {
    let message =
        format!("`[providers.{name}]`: this build of fluxhop has no support for local weights");
    Err(Error::config(message))
}
