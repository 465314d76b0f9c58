//! Local providers, from their settings.

use fluxhop_engine::{DeviceKind, NoiseType};

use crate::config::{HubConfig, ProviderConfig};
use crate::hub::Cache;
use crate::providers::local::{Devices, Local, LocalOptions, check_weights};
use crate::{Error, Provider, ProviderInfo, Result, catalogue};

/// The default `weights`.
const DEFAULT_WEIGHTS: &str = "flux-schnell";

/// State shared by local providers: devices and the cache of downloaded models.
pub(super) struct LocalProviders {
    devices: Devices,
    cache: Option<Cache>,
}

impl LocalProviders {
    pub(super) fn new(hub: &HubConfig) -> Self {
        Self {
            devices: Devices::default(),
            cache: hub.cache.as_ref().map(Cache::new),
        }
    }

    pub(super) fn provider(&self, options: &LocalOptions) -> Local {
        let mut options = options.clone();
        options.cache.clone_from(&self.cache);
        Local::with_devices(options, &self.devices)
    }
}

/// Describes a local provider from its model's files, which it reads. If they are missing or
/// unusable, `working` is false.
pub(super) fn describe(hub: &HubConfig, options: &LocalOptions) -> ProviderInfo {
    let local = LocalProviders::new(hub).provider(options);
    local.describe().unwrap_or_else(|_| {
        let mut info = local.info().clone();
        let label = catalogue::model_label(&info.default_model);
        info.label = format!("{label} (not downloaded)");
        info.working = false;
        info
    })
}

/// Reads `[providers.NAME]` of kind "local"; errors name the invalid key.
pub(super) fn options(name: &str, config: &ProviderConfig) -> Result<LocalOptions> {
    let invalid =
        |key: &str, message: &str| Error::config(format!("`providers.{name}.{key}`: {message}"));
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
                "applies to kind = \"space\", not to kind = \"local\"",
            ));
        }
    }
    let weights = config.weights.as_deref().unwrap_or(DEFAULT_WEIGHTS);
    check_weights(weights).map_err(|error| invalid("weights", error.message()))?;
    let mut options = LocalOptions::new(name, weights);
    if let Some(device) = &config.device {
        options.device = parse_device(device).map_err(|message| invalid("device", &message))?;
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
        if threads == 0 || threads > MAX_THREADS {
            let message = format!("{threads} is not between 1 and {MAX_THREADS}");
            return Err(invalid("threads", &message));
        }
        options.threads = Some(threads as usize);
    }
    if let Some(unload_after) = config.unload_after {
        options.unload_after = unload_after;
    }
    options.models = config.models.clone().unwrap_or_default();
    Ok(options)
}

/// More than the number of cores of any machine.
const MAX_THREADS: u32 = 4096;

/// Parses a device and checks that this build supports it.
fn parse_device(text: &str) -> Result<DeviceKind, String> {
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
            "this fluxhop was built without {feature}; build it with `--features {feature}` or set \
             device = \"cpu\""
        )),
    }
}
