//! The settings: what `fluxhop.toml`, the environment and the flags can say.
//!
//! Every setting may be left out, so that layers can be laid over each other with
//! [`Config::merge`]. Nothing here reads a file or the environment: a program hands in the text and
//! the variables.
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
    /// How providers are reached.
    pub network: Network,
    /// What a request is filled up with.
    pub defaults: Defaults,
    /// Where model files come from and are kept.
    pub hub: HubConfig,
    /// Providers by name: new ones, or changes to those of the catalogue.
    pub providers: BTreeMap<String, ProviderConfig>,
    /// Models by name: new ones, or other providers for those of the catalogue.
    pub models: BTreeMap<String, ModelConfig>,
}

/// How providers are reached, and how long they are waited for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Network {
    /// The proxy for all traffic; none by default.
    #[serde(with = "values::text", skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
    /// The time for a connection to stand; 10 s by default.
    #[serde(with = "values::duration", skip_serializing_if = "Option::is_none")]
    pub connect_timeout: Option<Duration>,
    /// The time for a request in all, with every retry and every provider that is tried. By default
    /// each provider elsewhere has 10 min, and drawing on this machine takes what it takes.
    #[serde(with = "values::duration", skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// The time until a provider first tells something; 60 s by default.
    #[serde(with = "values::duration", skip_serializing_if = "Option::is_none")]
    pub first_event: Option<Duration>,
    /// The time in which a provider must tell something new; 3 min by default.
    #[serde(with = "values::duration", skip_serializing_if = "Option::is_none")]
    pub silence: Option<Duration>,
    /// How often a provider is asked again after a failure that may pass; 2 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
}

/// What a request is filled up with where the caller says nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Defaults {
    /// The model's name or alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The provider's name; it alone is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Pixels from left to right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<i64>,
    /// Pixels from top to bottom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<i64>,
    /// Denoising steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// The guidance scale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guidance: Option<f64>,
    /// How pictures are encoded.
    #[serde(with = "values::text", skip_serializing_if = "Option::is_none")]
    pub format: Option<ImageFormat>,
    /// Where pictures go: a file, a folder or a template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<PathBuf>,
    /// Whether files carry their parameters; they do by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<bool>,
}

/// Where model files come from and are kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HubConfig {
    /// The hub's address; `https://huggingface.co` by default.
    #[serde(with = "values::text", skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Url>,
    /// The folder that models are kept in, laid out as the hub's own library does it. Without one
    /// no model is found by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<PathBuf>,
}

/// A provider of the user's, or changes to one of the catalogue's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ProviderConfig {
    /// What it is; a Space by default, but for the one that is named `local`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ProviderKind>,
    /// Where it is: a URL, or `owner/name` for a Space on Hugging Face.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The endpoint, such as `/infer`; by default the Space's own description tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_name: Option<String>,
    /// The environment variable that holds the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_env: Option<String>,
    /// The token itself; `token_env` keeps it out of the file.
    #[serde(
        serialize_with = "values::hidden",
        skip_serializing_if = "Option::is_none"
    )]
    pub token: Option<Secret>,
    /// The user that logs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The environment variable that holds the user's password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    /// Of a local one: the model's folder or file, or the name of one that was pulled;
    /// `flux-schnell` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// Of a local one: what computes: `cpu` (the default), `cuda`, `cuda:1`, `metal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Of a local one: the type whose noise it starts from, `f32` or `bf16`; by default that of
    /// its files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dtype: Option<String>,
    /// Of a local one: how many threads compute; by default one for each processor core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// Of a local one: how long the model stays in memory after a picture; 5 min by default.
    #[serde(with = "values::duration", skip_serializing_if = "Option::is_none")]
    pub unload_after: Option<Duration>,
    /// The names of the models that it draws; the first is its default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<String>>,
    /// How many requests it gets at once; no limit by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// How many requests it gets a minute; no limit by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
}

/// What a provider of the configuration is.
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

/// Who draws a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ModelConfig {
    /// The names of its providers, in the order in which they are tried.
    pub providers: Vec<String>,
}

impl Config {
    /// Lays `over` on top: what it says wins, key by key.
    #[must_use]
    pub fn merge(mut self, over: Self) -> Self {
        for (name, provider) in over.providers {
            let under = self.providers.remove(&name).unwrap_or_default();
            self.providers.insert(name, under.merge(provider));
        }
        self.models.extend(over.models);
        Self {
            network: self.network.merge(over.network),
            defaults: self.defaults.merge(over.defaults),
            hub: self.hub.merge(over.hub),
            ..self
        }
    }

    /// A commented file with every key, for a user to begin with.
    pub fn template() -> &'static str {
        include_str!("template.toml")
    }

    /// The settings as TOML, with `***` for a token and without a proxy's user and password.
    pub fn to_toml(&self) -> String {
        // Tables of strings, numbers and lists: nothing in them can fail to be written.
        toml::to_string(self).unwrap_or_default()
    }

    /// The environment variables that hold tokens and passwords, by the configuration's word.
    pub fn secret_variables(&self) -> impl Iterator<Item = &str> {
        self.providers
            .values()
            .flat_map(|provider| [&provider.token_env, &provider.password_env])
            .filter_map(|name| name.as_deref())
    }
}

impl Network {
    /// [`timeout`](Self::timeout) where it is not set.
    pub const TIMEOUT: Duration = Duration::from_mins(10);
    /// [`first_event`](Self::first_event) where it is not set.
    pub const FIRST_EVENT: Duration = Duration::from_mins(1);
    /// [`silence`](Self::silence) where it is not set.
    pub const SILENCE: Duration = Duration::from_mins(3);
    /// [`retries`](Self::retries) where it is not set.
    pub const RETRIES: u32 = 2;

    fn merge(self, over: Self) -> Self {
        Self {
            proxy: over.proxy.or(self.proxy),
            connect_timeout: over.connect_timeout.or(self.connect_timeout),
            timeout: over.timeout.or(self.timeout),
            first_event: over.first_event.or(self.first_event),
            silence: over.silence.or(self.silence),
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
