//! Settings from `fluxhop.toml`, environment variables and command-line flags.
//!
//! Every setting is optional, so that layers can be combined with [`Config::merge`]. This module
//! reads neither files nor the environment; the caller passes in the text and the variables.
//!
//! ```
//! use fluxhop::config::Config;
//!
//! let file = Config::parse("[network]\nretries = 5\ntimeout = \"2m\"", "fluxhop.toml")?;
//! let environment = Config::from_env([("FLUXHOP_RETRIES".to_owned(), "1".to_owned())])?;
//! let config = file.merge(environment);
//! assert_eq!(config.network.retries, Some(1));
//! assert_eq!(config.network.timeout, Some(std::time::Duration::from_secs(120)));
//! # Ok::<(), fluxhop::Error>(())
//! ```

mod env;
mod parse;
mod values;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use fluxhop_http::{Proxy, Secret, Url};
use serde::{Deserialize, Serialize};

use crate::ImageFormat;

pub use values::parse_duration;

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Network settings.
    pub network: Network,
    /// Default values for requests.
    pub defaults: Defaults,
    /// Where model files are downloaded from and stored.
    pub hub: HubConfig,
    /// Providers by name: new ones, or overrides for those in the catalogue.
    pub providers: BTreeMap<String, ProviderConfig>,
    /// Models by name: new ones, or different providers for those in the catalogue.
    pub models: BTreeMap<String, ModelConfig>,
}

/// Proxy, time limits and retries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Network {
    /// The proxy for all traffic; none by default.
    #[serde(with = "values::text", skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
    /// The time limit for establishing a connection; 10 s by default.
    #[serde(with = "values::duration", skip_serializing_if = "Option::is_none")]
    pub connect_timeout: Option<Duration>,
    /// The time limit for a request, including retries and failover. By default, each remote
    /// provider has 10 min, and providers on this machine have no limit.
    #[serde(with = "values::duration", skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// The time limit for a provider's first event; 60 s by default.
    #[serde(with = "values::duration", skip_serializing_if = "Option::is_none")]
    pub first_event_timeout: Option<Duration>,
    /// The time limit between two events of a provider; 3 min by default.
    #[serde(with = "values::duration", skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<Duration>,
    /// The maximum number of retries per provider after a temporary failure; 2 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
}

/// Default values for requests, used for options that the caller does not set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Defaults {
    /// The model's name or alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The name of the only provider to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<i64>,
    /// Height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<i64>,
    /// The number of denoising steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// The guidance scale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guidance: Option<f64>,
    /// The image format.
    #[serde(with = "values::text", skip_serializing_if = "Option::is_none")]
    pub format: Option<ImageFormat>,
    /// The output path: a file, a folder or a template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<PathBuf>,
    /// Whether to embed the generation parameters in files; true by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<bool>,
}

/// Where model files are downloaded from and stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HubConfig {
    /// The hub's URL; `https://huggingface.co` by default.
    #[serde(with = "values::text", skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Url>,
    /// The cache folder for models, in the layout of the `huggingface_hub` library. If not set,
    /// models cannot be found by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<PathBuf>,
}

/// A user-defined provider, or overrides for one in the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ProviderConfig {
    /// The kind of provider; by default, `local` for the provider named `local`, `space` for all
    /// others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ProviderKind>,
    /// The address: a URL, or `owner/name` for a Space on Hugging Face.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The endpoint, such as `/infer`; by default, it is chosen from the Space's API description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_name: Option<String>,
    /// The environment variable that contains the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_env: Option<String>,
    /// The token itself. Prefer `token_env`, which keeps it out of the file.
    #[serde(
        serialize_with = "values::hidden",
        skip_serializing_if = "Option::is_none"
    )]
    pub token: Option<Secret>,
    /// The user name to log in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The environment variable that contains the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    /// Local providers only: the path of the model's folder or file, or the name of a downloaded
    /// model; `flux-schnell` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// Local providers only: the device, one of `cpu` (the default), `cuda`, `cuda:N` and `metal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Local providers only: the data type of the initial noise, `f32` or `bf16`; by default, that
    /// of the weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dtype: Option<String>,
    /// Local providers only: the number of threads; by default, one per core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// Local providers only: how long the model is kept in memory after an image; 5 min by
    /// default.
    #[serde(with = "values::duration", skip_serializing_if = "Option::is_none")]
    pub unload_after: Option<Duration>,
    /// The names of its models; the first is the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<String>>,
    /// The maximum number of concurrent requests; unlimited by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// The maximum number of requests per minute; unlimited by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
}

/// The kind of a configured provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ProviderKind {
    /// A Gradio Space.
    #[default]
    Space,
    /// FLUX weights on this machine.
    Local,
}

/// The providers of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ModelConfig {
    /// The names of its providers, in the order in which they are tried.
    pub providers: Vec<String>,
}

impl Config {
    /// Merges `over` into this configuration; for each key, a value set in `over` wins.
    ///
    /// A model's provider list is replaced, not merged.
    #[must_use]
    pub fn merge(mut self, over: Self) -> Self {
        for (name, provider) in over.providers {
            let base = self.providers.remove(&name).unwrap_or_default();
            self.providers.insert(name, base.merge(provider));
        }
        self.models.extend(over.models);
        Self {
            network: self.network.merge(over.network),
            defaults: self.defaults.merge(over.defaults),
            hub: self.hub.merge(over.hub),
            ..self
        }
    }

    /// A template for `fluxhop.toml` that lists every key, commented out.
    pub fn template() -> &'static str {
        include_str!("template.toml")
    }

    /// The settings as TOML, with tokens shown as `***` and without the proxy's user name and
    /// password.
    pub fn to_toml(&self) -> String {
        // Serializing tables of strings, numbers and lists cannot fail.
        toml::to_string(self).unwrap_or_default()
    }

    /// The names of the environment variables that `token_env` and `password_env` refer to.
    pub fn secret_variables(&self) -> impl Iterator<Item = &str> {
        self.providers
            .values()
            .flat_map(|provider| [&provider.token_env, &provider.password_env])
            .filter_map(|name| name.as_deref())
    }
}

impl Network {
    /// The default of [`timeout`](Self::timeout).
    pub const TIMEOUT: Duration = Duration::from_mins(10);
    /// The default of [`first_event_timeout`](Self::first_event_timeout).
    pub const FIRST_EVENT_TIMEOUT: Duration = Duration::from_mins(1);
    /// The default of [`idle_timeout`](Self::idle_timeout).
    pub const IDLE_TIMEOUT: Duration = Duration::from_mins(3);
    /// The default of [`retries`](Self::retries).
    pub const RETRIES: u32 = 2;

    fn merge(self, over: Self) -> Self {
        Self {
            proxy: over.proxy.or(self.proxy),
            connect_timeout: over.connect_timeout.or(self.connect_timeout),
            timeout: over.timeout.or(self.timeout),
            first_event_timeout: over.first_event_timeout.or(self.first_event_timeout),
            idle_timeout: over.idle_timeout.or(self.idle_timeout),
            retries: over.retries.or(self.retries),
        }
    }
}

impl Defaults {
    fn merge(self, over: Self) -> Self {
        Self {
            model: over.model.or(self.model),
            provider: over.provider.or(self.provider),
            width: over.width.or(self.width),
            height: over.height.or(self.height),
            steps: over.steps.or(self.steps),
            guidance: over.guidance.or(self.guidance),
            format: over.format.or(self.format),
            output: over.output.or(self.output),
            metadata: over.metadata.or(self.metadata),
        }
    }
}

impl HubConfig {
    fn merge(self, over: Self) -> Self {
        Self {
            endpoint: over.endpoint.or(self.endpoint),
            cache: over.cache.or(self.cache),
        }
    }
}

impl ProviderConfig {
    fn merge(self, over: Self) -> Self {
        Self {
            kind: over.kind.or(self.kind),
            url: over.url.or(self.url),
            api_name: over.api_name.or(self.api_name),
            token_env: over.token_env.or(self.token_env),
            token: over.token.or(self.token),
            username: over.username.or(self.username),
            password_env: over.password_env.or(self.password_env),
            weights: over.weights.or(self.weights),
            device: over.device.or(self.device),
            dtype: over.dtype.or(self.dtype),
            threads: over.threads.or(self.threads),
            unload_after: over.unload_after.or(self.unload_after),
            models: over.models.or(self.models),
            concurrency: over.concurrency.or(self.concurrency),
            requests_per_minute: over.requests_per_minute.or(self.requests_per_minute),
        }
    }
}

#[cfg(test)]
mod tests;
