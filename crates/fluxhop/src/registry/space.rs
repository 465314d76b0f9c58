//! Options of Spaces, from the catalogue, the configuration and the secrets.

use fluxhop_gradio::Address;
use fluxhop_http::Url;
use fluxhop_hub::may_receive_token;

use super::Secrets;
use crate::config::ProviderConfig;
use crate::providers::space::SpaceOptions;
use crate::{Error, ProviderInfo, Result, catalogue};

/// A Space of the catalogue.
pub(super) fn from_catalogue(entry: &catalogue::SpaceEntry) -> SpaceOptions {
    let mut options = SpaceOptions::new(entry.info(), entry.url.unwrap_or(entry.space));
    options.hub_name = entry.url.map(|_| entry.space.to_owned());
    options.flux_prefix = entry.flux_prefix.map(str::to_owned);
    options
}

/// A Space given only by its URL or `owner/name`.
pub(super) fn from_address(target: &str, api_name: Option<&str>) -> Result<SpaceOptions> {
    let target = target.trim();
    check_address(target).map_err(|message| Error::invalid("space", message))?;
    let mut options = unknown(target);
    target.clone_into(&mut options.info.url);
    target.clone_into(&mut options.target);
    options.api_name = api_name.map(str::to_owned);
    Ok(options)
}

/// A Space that is not in the catalogue, without an address.
pub(super) fn unknown(name: &str) -> SpaceOptions {
    let mut info = ProviderInfo::new(name, name);
    info.capabilities = catalogue::space_capabilities();
    SpaceOptions::new(info, "")
}

/// Applies `[providers.NAME]`, except for its secrets.
pub(super) fn configure(options: &mut SpaceOptions, config: &ProviderConfig) -> Result<()> {
    let name = options.info.name.clone();
    let invalid =
        |key: &str, message: &str| Error::config(format!("`providers.{name}.{key}`: {message}"));
    if let Some(url) = &config.url {
        let url = url.trim();
        check_address(url).map_err(|message| invalid("url", &message))?;
        url.clone_into(&mut options.target);
        url.clone_into(&mut options.info.url);
        // The name on the hub belongs to the address in the catalogue.
        options.hub_name = None;
    }
    if config.api_name.is_some() {
        options.api_name.clone_from(&config.api_name);
    }
    if config.username.is_some() != config.password_env.is_some() {
        let message = "a login requires both `username` and `password_env`";
        return Err(invalid("username", message));
    }
    for (key, is_set) in local_keys(config) {
        if is_set {
            return Err(invalid(
                key,
                "only applies to kind = \"local\", but this is a Space",
            ));
        }
    }
    options
        .info
        .set_models(config.models.as_deref().unwrap_or_default());
    Ok(())
}

/// Adds the token and the login; fails if a variable that the configuration names is not set.
pub(super) fn authorize(
    options: &mut SpaceOptions,
    config: &ProviderConfig,
    secrets: &Secrets,
    hub: &Url,
) -> Result<()> {
    let variable = |name: &String| secrets.variable(&options.info.name, name);
    let token = match (&config.token, &config.token_env) {
        (Some(token), _) => Some(token.clone()),
        (None, Some(name)) => Some(variable(name)?),
        (None, None) if is_on_hub(hub, &options.target) => secrets.hub_token.clone(),
        (None, None) => None,
    };
    let login = match (&config.username, &config.password_env) {
        (Some(user), Some(name)) => Some((user.clone(), variable(name)?)),
        _ => None,
    };
    (options.token, options.login) = (token, login);
    Ok(())
}

/// The keys that only apply to local weights, and whether they are set.
fn local_keys(config: &ProviderConfig) -> [(&'static str, bool); 5] {
    [
        ("weights", config.weights.is_some()),
        ("device", config.device.is_some()),
        ("dtype", config.dtype.is_some()),
        ("threads", config.threads.is_some()),
        ("unload_after", config.unload_after.is_some()),
    ]
}

/// Checks that `target` is the address of a Space.
fn check_address(target: &str) -> Result<(), String> {
    Address::parse(target)
        .map(drop)
        .map_err(|error| error.to_string())
}

/// Whether the target is a Space of the hub that may receive the hub's token. The hub itself says
/// where `owner/name` is, and the client checks its answer.
fn is_on_hub(hub: &Url, target: &str) -> bool {
    match Url::parse(target) {
        Ok(url) => may_receive_token(hub, &url),
        Err(_) => !target.contains("://"),
    }
}
