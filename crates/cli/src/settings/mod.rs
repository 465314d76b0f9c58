//! The effective settings: files, overridden by the environment, overridden by flags.

mod environment;
pub(crate) mod hub;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fluxhop::config::Config;
use fluxhop::{Registry, Secrets};
use fluxhop_http::{Proxy, Secret};

use crate::args::NetworkArgs;
use crate::failure::Failure;
pub(crate) use environment::Environment;

/// The name of the settings file, in the working folder and the user's configuration folder.
pub(crate) const FILE: &str = "fluxhop.toml";

/// The settings and the files they were read from.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The merged settings.
    pub(crate) config: Config,
    /// Tokens and passwords.
    pub(crate) secrets: Secrets,
    /// The files that were read.
    pub(crate) files: Vec<PathBuf>,
}

impl Settings {
    /// Reads the files and the environment, and applies the flags.
    ///
    /// `target` returns the URL of the requests, if there is only one: the standard proxy variables
    /// depend on it.
    pub(crate) fn load(
        environment: &Environment,
        flags: &NetworkArgs,
        target: impl FnOnce(&Config) -> Option<String>,
    ) -> Result<Self, Failure> {
        let mut config = Config::default();
        let mut files = Vec::new();
        for path in settings_files(environment).into_iter().rev() {
            let Some(text) = read(&path)? else { continue };
            tracing::debug!(path = %path.display(), "read settings");
            config = config.merge(Config::parse(&text, &path.display().to_string())?);
            files.push(path);
        }
        let variables = environment
            .variables()
            .map(|(name, value)| (name.into(), value.into()));
        let mut config = config.merge(Config::from_env(variables)?);
        hub::overlay(&mut config.hub, environment)?;
        for provider in config.providers.values_mut() {
            if let Some(weights) = provider
                .weights
                .as_mut()
                .filter(|text| text.starts_with("~/"))
            {
                *weights = environment.expanded(weights).display().to_string();
            }
        }
        if let Some(text) = &flags.proxy {
            let proxy = Proxy::parse(text.expose());
            let proxy = proxy.map_err(|error| Failure::Usage(format!("--proxy: {error}")))?;
            config.network.proxy = Some(proxy);
        }
        config.network.timeout = flags.timeout.or(config.network.timeout);
        config.network.retries = flags.retries.or(config.network.retries);
        if config.network.proxy.is_none() {
            config.network.proxy = environment.proxy(target(&config).as_deref())?;
        }
        let secrets = secrets(environment, flags, &config)?;
        Ok(Self {
            config,
            secrets,
            files,
        })
    }

    /// Builds the registry of providers and models.
    pub(crate) fn registry(&self) -> Result<Registry, Failure> {
        Ok(Registry::new(self.config.clone(), self.secrets.clone())?)
    }
}

/// The paths of the settings files, whether or not they exist; the first takes precedence.
pub(crate) fn settings_files(environment: &Environment) -> Vec<PathBuf> {
    let mut files = vec![PathBuf::from(FILE)];
    files.extend(user_file(environment));
    files
}

/// The settings file in the user's configuration folder, if there is such a folder.
pub(crate) fn user_file(environment: &Environment) -> Option<PathBuf> {
    let folder = environment.config_folder()?;
    Some(folder.join("fluxhop").join(FILE))
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let message = format!("cannot read the settings file {}", path.display());
            Err(Failure::file(message, error))
        }
    }
}

fn secrets(
    environment: &Environment,
    flags: &NetworkArgs,
    config: &Config,
) -> Result<Secrets, Failure> {
    let variable = |name: &str| {
        let value = environment
            .variable(name)
            .filter(|value| !value.trim().is_empty())?;
        Some(Secret::from(value.trim()))
    };
    let (token, name) = match &flags.token {
        Some(token) => (Some(token.clone()), "--token"),
        None => (variable("HF_TOKEN"), "HF_TOKEN"),
    };
    if token
        .as_ref()
        .is_some_and(|token| !is_token(token.expose()))
    {
        let message = format!(
            "{name}: not a valid token; expected one such as hf_abc…, from \
             https://huggingface.co/settings/tokens"
        );
        return Err(Failure::Usage(message));
    }
    let mut secrets = Secrets::default();
    secrets.hub_token = token;
    for name in config.secret_variables() {
        if let Some(value) = variable(name) {
            secrets.variables.insert(name.to_owned(), value);
        }
    }
    Ok(secrets)
}

/// Whether the text can be sent in a header.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests;
