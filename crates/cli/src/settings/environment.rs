//! The process environment, read once at startup.

use std::collections::BTreeMap;
use std::path::PathBuf;

use etcetera::BaseStrategy;
use fluxhop_http::{Proxy, Url};

use crate::failure::Failure;

/// The environment's variables and the user's configuration folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    variables: BTreeMap<String, String>,
    config_folder: Option<PathBuf>,
    home: Option<PathBuf>,
}

impl Environment {
    /// Reads the environment; variables that are not valid UTF-8 are ignored.
    pub(crate) fn read() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self {
            variables: std::env::vars_os().filter_map(text).collect(),
            config_folder: etcetera::choose_base_strategy()
                .ok()
                .map(|base| base.config_dir()),
            home: etcetera::home_dir().ok(),
        }
    }

    /// The value of a variable.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// All variables.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The user's configuration folder: `XDG_CONFIG_HOME` or the platform's default.
    pub(crate) fn config_folder(&self) -> Option<&PathBuf> {
        self.config_folder.as_ref()
    }

    /// The user's home folder.
    pub(super) fn home(&self) -> Option<&PathBuf> {
        self.home.as_ref()
    }

    /// The path with a leading `~/` expanded.
    pub(super) fn expanded(&self, path: &str) -> PathBuf {
        match self.home.as_ref().zip(path.strip_prefix("~/")) {
            Some((home, rest)) => home.join(rest),
            None => PathBuf::from(path),
        }
    }

    /// The proxy from the standard variables for `target`, a URL.
    ///
    /// `HTTPS_PROXY` (for http targets `http_proxy`, in lowercase only, as in curl), then `ALL_PROXY`;
    /// `None` if `NO_PROXY` lists the target's host or its domain. Without a target, https is assumed:
    /// every Space of the catalogue uses it.
    pub(super) fn proxy(&self, target: Option<&str>) -> Result<Option<Proxy>, Failure> {
        let target = target.and_then(|target| Url::parse(target).ok());
        let names: &[&str] = if target.as_ref().is_some_and(|url| url.scheme() == "http") {
            &["http_proxy", "all_proxy", "ALL_PROXY"]
        } else {
            &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
        };
        let proxy = names.iter().find_map(|name| {
            let value = self.variable(name).filter(|value| !value.is_empty())?;
            Some((name, value))
        });
        let Some((name, value)) = proxy else {
            return Ok(None);
        };
        let host = target.as_ref().and_then(Url::host_str).unwrap_or_default();
        if self.bypasses_proxy(host) {
            return Ok(None);
        }
        // `HTTPS_PROXY=host:3128` is common and means an http proxy.
        let text = if value.contains("://") {
            value.to_owned()
        } else {
            format!("http://{value}")
        };
        let proxy =
            Proxy::parse(&text).map_err(|error| Failure::Usage(format!("{name}: {error}")))?;
        Ok(Some(proxy))
    }

    fn bypasses_proxy(&self, host: &str) -> bool {
        let list = ["no_proxy", "NO_PROXY"]
            .iter()
            .find_map(|name| self.variable(name));
        list.unwrap_or_default()
            .split(',')
            .map(str::trim)
            .any(|entry| {
                let domain = entry.trim_start_matches('.').trim_end_matches('.');
                entry == "*"
                    || (!domain.is_empty()
                        && (host.eq_ignore_ascii_case(domain)
                            || host
                                .to_ascii_lowercase()
                                .ends_with(&format!(".{domain}").to_ascii_lowercase())))
            })
    }
}

#[cfg(test)]
impl Environment {
    /// Creates an environment with only these variables.
    pub(crate) fn with_variables(variables: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            variables: variables.iter().map(owned).collect(),
            config_folder: None,
            home: None,
        }
    }

    /// Sets the user's home folder.
    pub(crate) fn with_home(mut self, home: impl Into<PathBuf>) -> Self {
        self.home = Some(home.into());
        self
    }

    /// Sets the user's configuration folder.
    pub(crate) fn with_config_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.config_folder = Some(folder.into());
        self
    }
}
