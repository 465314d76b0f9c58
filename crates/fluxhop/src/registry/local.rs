//! Providers on this machine, from their settings.

use fluxhop_engine::{DeviceKind, NoiseType};

use super::Settings;
use crate::config::{HubConfig, ProviderConfig};
use crate::hub::Cache;
use crate::providers::local::{Devices, Local, LocalOptions, check_weights};
use crate::{Error, Result};

/// The weights where none are named.
const WEIGHTS: &str = "flux-schnell";

/// What the providers on this machine share: its devices, and where pulled models are.
pub(super) struct Locals {
    devices: Devices,
    cache: Option<Cache>,
}

impl Locals {
    pub(super) fn new(hub: &HubConfig) -> Self {
        Self {
            devices: Devices::default(),
            cache: hub.cache.as_ref().map(Cache::new),
        }
    }

    pub(super) fn provider(&self, options: &LocalOptions) -> Local {
        let mut options = options.clone();
        options.cache.clone_from(&self.cache);
        Local::on(options, &self.devices)
    }
}

/// Reads `[providers.NAME]` of kind "local"; what is wrong is named by its key.
pub(super) fn settings(name: &str, config: &ProviderConfig) -> Result<Settings> {
    let invalid =
        |key: &str, what: &str| Error::config(format!("`providers.{name}.{key}`: {what}"));
    for (key, is_set) in [
        ("url", config.url.is_some()),
        ("api_name", config.api_name.is_some()),
        ("token_env", config.token_env.is_some()),
        ("token", config.token.is_some()),
        ("username", config.username.is_some()),
        ("password_env", config.password_env.is_some()),
    ] {
        if is_set {
            return Err(invalid(
                key,
                "goes with a Space, and this is kind = \"local\"",
            ));
        }
    }
    let weights = config.weights.as_deref().unwrap_or(WEIGHTS);
    check_weights(weights).map_err(|error| invalid("weights", error.message()))?;
    let mut options = LocalOptions::new(name, weights);
    if let Some(device) = &config.device {
        options.device = device_of(device).map_err(|what| invalid("device", &what))?;
    }
    options.noise = match config.dtype.as_deref() {
        None => None,
        Some("f32") => Some(NoiseType::F32),
        Some("bf16") => Some(NoiseType::Bf16),
        Some(other) => {
            return Err(invalid(
                "dtype",
                &format!("`{other}` is not one of f32, bf16"),
            ));
        }
    };
    if let Some(threads) = config.threads {
        if threads == 0 || threads > MOST_THREADS {
            let what = format!("{threads} is not between 1 and {MOST_THREADS}");
            return Err(invalid("threads", &what));
        }
        options.threads = Some(threads as usize);
    }
    if let Some(unload_after) = config.unload_after {
        options.unload_after = unload_after;
    }
    options.models = config.models.clone().unwrap_or_default();
    Settings::of_local(options, config)
}

/// More threads than any machine has cores.
const MOST_THREADS: u32 = 4096;

/// The device of this name, where this build can use it.
fn device_of(text: &str) -> Result<DeviceKind, String> {
    let device: DeviceKind = text
        .parse()
        .map_err(|error: fluxhop_engine::Error| error.message().to_owned())?;
    let missing = match device {
        DeviceKind::Cuda(_) if !cfg!(feature = "cuda") => Some("cuda"),
        DeviceKind::Metal(_) if !cfg!(feature = "metal") => Some("metal"),
        _ => None,
    };
    match missing {
        None => Ok(device),
        Some(feature) => Err(format!(
            "this fluxhop was built without {feature}: build it with `--features {feature}`, or take \
             device = \"cpu\""
        )),
    }
}
