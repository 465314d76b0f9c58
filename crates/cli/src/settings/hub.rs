//! The hub's cache folder and endpoint, from the environment variables of `huggingface_hub`.

use std::fs;
use std::path::PathBuf;

use fluxhop::config::HubConfig;
use fluxhop::hub::Cache;
use fluxhop_http::{Secret, Url};

use super::Environment;
use crate::failure::Failure;

/// Applies the hub's variables over the settings files, then the defaults of `huggingface_hub`.
///
/// The cache is `HF_HUB_CACHE`, else `$HF_HOME/hub`, else the setting, else `huggingface/hub` in
/// `$XDG_CACHE_HOME` or `~/.cache`.
pub(super) fn overlay(config: &mut HubConfig, environment: &Environment) -> Result<(), Failure> {
    let default = || Some(default_home(environment)?.join("hub"));
    config.cache = folder(environment, "HF_HUB_CACHE")
        .or_else(|| folder(environment, "HUGGINGFACE_HUB_CACHE"))
        .or_else(|| Some(folder(environment, "HF_HOME")?.join("hub")))
        .or_else(|| config.cache.take())
        .or_else(default);
    if let Some(text) = non_empty(environment, "HF_ENDPOINT") {
        let url = Url::parse(text).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if url.is_none() {
            let message = format!(
                "HF_ENDPOINT is `{}`, not an http or https URL such as https://huggingface.co",
                redacted(text)
            );
            return Err(Failure::Usage(message));
        }
        config.endpoint = url;
    }
    Ok(())
}

/// The cache that the settings select.
pub(crate) fn cache(config: &HubConfig) -> Result<Cache, Failure> {
    let cache = config.cache.as_ref().map(Cache::new);
    cache.ok_or_else(|| {
        let message = "the cache folder for models is unknown; set HF_HOME or HOME";
        Failure::Usage(message.to_owned())
    })
}

/// Whether `HF_HUB_OFFLINE` disables network access.
pub(crate) fn is_offline(environment: &Environment) -> bool {
    let value = non_empty(environment, "HF_HUB_OFFLINE").unwrap_or_default();
    ["1", "on", "yes", "true"].contains(&value.to_lowercase().as_str())
}

/// The token that `hf auth login` saved.
pub(crate) fn saved_token(environment: &Environment) -> Option<Secret> {
    let home = || folder(environment, "HF_HOME").or_else(|| default_home(environment));
    let file = folder(environment, "HF_TOKEN_PATH").or_else(|| Some(home()?.join("token")))?;
    let token = fs::read_to_string(file).ok()?;
    let token = token.trim();
    (!token.is_empty()).then(|| Secret::from(token))
}

fn default_home(environment: &Environment) -> Option<PathBuf> {
    let caches = folder(environment, "XDG_CACHE_HOME");
    let caches = caches.or_else(|| Some(environment.home()?.join(".cache")));
    Some(caches?.join("huggingface"))
}

/// The text without what may be a user name and password in a URL.
fn redacted(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(_, host)| host)
}

fn non_empty<'a>(environment: &'a Environment, name: &str) -> Option<&'a str> {
    environment.variable(name).filter(|value| !value.is_empty())
}

/// The folder in a variable; `~/` is expanded.
fn folder(environment: &Environment, name: &str) -> Option<PathBuf> {
    Some(environment.expanded(non_empty(environment, name)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache_folder(
        variables: &[(&str, &str)],
        home: Option<&str>,
        file: Option<&str>,
    ) -> Option<PathBuf> {
        let mut environment = Environment::with_variables(variables);
        if let Some(home) = home {
            environment = environment.with_home(home);
        }
        let mut config = HubConfig::default();
        config.cache = file.map(PathBuf::from);
        overlay(&mut config, &environment).expect("failed to apply the variables");
        config.cache
    }

    #[test]
    fn the_cache_is_the_same_as_in_huggingface_hub() {
        for (variables, folder) in [
            (&[][..], "/home/me/.cache/huggingface/hub"),
            (&[("XDG_CACHE_HOME", "/x")][..], "/x/huggingface/hub"),
            (&[("HF_HOME", "/h"), ("XDG_CACHE_HOME", "/x")][..], "/h/hub"),
            (&[("HF_HOME", "~/h")][..], "/home/me/h/hub"),
            (&[("HF_HUB_CACHE", "/c"), ("HF_HOME", "/h")][..], "/c"),
            (
                &[("HF_HUB_CACHE", ""), ("HF_HOME", "")][..],
                "/home/me/.cache/huggingface/hub",
            ),
        ] {
            let cache = cache_folder(variables, Some("/home/me"), None);
            assert_eq!(cache, Some(folder.into()), "{variables:?}");
        }
        assert_eq!(cache_folder(&[], None, None), None);
        assert_eq!(
            cache_folder(&[("HF_HOME", "/h")], None, None),
            Some("/h/hub".into())
        );
    }

    #[test]
    fn variables_override_files_which_override_defaults() {
        assert_eq!(
            cache_folder(&[], Some("/home/me"), Some("/f")),
            Some("/f".into())
        );
        assert_eq!(
            cache_folder(&[("HF_HOME", "/h")], Some("/home/me"), Some("/f")),
            Some("/h/hub".into())
        );
    }

    #[test]
    fn an_invalid_endpoint_names_its_variable() {
        for endpoint in ["huggingface.co", "ftp://a", "http://"] {
            let environment = Environment::with_variables(&[("HF_ENDPOINT", endpoint)]);
            let failure = overlay(&mut HubConfig::default(), &environment).expect_err(endpoint);
            assert!(failure.to_string().contains("HF_ENDPOINT"));
            assert_eq!(failure.exit_code(), 2);
        }
    }

    #[test]
    fn a_saved_token_is_found() {
        let folder = tempfile::tempdir().expect("failed to create a temporary folder");
        fs::write(folder.path().join("token"), "hf_saved\n").expect("failed to write the file");
        let home = folder.path().to_str().expect("not valid UTF-8");
        let token = saved_token(&Environment::with_variables(&[("HF_HOME", home)]));
        assert_eq!(token.expect("no saved token").expose(), "hf_saved");
        assert!(saved_token(&Environment::with_variables(&[("HF_HOME", "/no/such")])).is_none());
    }
}
