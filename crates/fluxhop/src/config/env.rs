//! Settings from environment variables, named `FLUXHOP_` and a key of `[network]` or `[defaults]`.

use toml::{Table, Value};

use super::parse::fields;
use super::{Config, Defaults, Network};
use crate::{Error, Result, names};

const PREFIX: &str = "FLUXHOP_";

impl Config {
    /// Reads the variables whose names begin with `FLUXHOP_` and ignores all others.
    ///
    /// `FLUXHOP_TIMEOUT` is `timeout` in `[network]`, `FLUXHOP_MODEL` is `model` in `[defaults]`,
    /// and so on. An empty value counts as unset. An unknown name or an invalid value fails with
    /// [`ErrorKind::Config`](crate::ErrorKind::Config), so remove any other `FLUXHOP_` variables of
    /// your program from `pairs` first.
    pub fn from_env(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let mut config = Self::default();
        for (name, text) in pairs {
            let Some(key) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let key = key.to_ascii_lowercase();
            let section = section(&key).ok_or_else(|| unknown(&name))?;
            if text.is_empty() {
                continue;
            }
            config = config.merge(
                read(section, &key, &text)
                    .map_err(|message| Error::config(format!("`{name}`: {message}")))?,
            );
        }
        Ok(config)
    }

    /// The names of the variables that [`from_env`](Self::from_env) accepts.
    pub fn variables() -> impl Iterator<Item = String> {
        let keys = fields::<Network>().iter().chain(fields::<Defaults>());
        keys.map(|key| format!("{PREFIX}{}", key.to_ascii_uppercase()))
    }
}

fn section(key: &str) -> Option<&'static str> {
    if fields::<Network>().contains(&key) {
        return Some("network");
    }
    fields::<Defaults>().contains(&key).then_some("defaults")
}

fn unknown(name: &str) -> Error {
    let known: Vec<String> = Config::variables().collect();
    let known = known.iter().map(String::as_str);
    Error::config(format!(
        "unknown variable `{name}`; {}",
        names::suggestion(name, known)
    ))
}

/// Parses a value as a string, or, if the setting is not a string, as a TOML literal.
fn read(section: &str, key: &str, text: &str) -> Result<Config, String> {
    let config = |value: Value| {
        let settings = Table::from_iter([(key.to_owned(), value)]);
        Table::from_iter([(section.to_owned(), Value::Table(settings))]).try_into::<Config>()
    };
    let as_string = config(Value::String(text.to_owned()));
    let literal: Option<Value> = text.trim().parse::<Value>().ok();
    match (as_string, literal) {
        (Err(_), Some(literal)) => config(literal),
        (as_string, _) => as_string,
    }
    .map_err(|error| error.message().to_owned())
}
