//! The [`ProviderInfo`] of a local provider, from its options and, once read, its model's files.

use std::path::Path;

use fluxhop_engine::{DeviceKind, ModelInfo};

use super::{LocalOptions, weights};
use crate::hub;
use crate::{Capabilities, ProviderInfo, SeedRange, SizeRule, StepRange, catalogue};

/// The maximum side in pixels; beyond it, FLUX repeats content.
const MAX_SIDE: u32 = 2048;
/// The side multiple and steps of FLUX.1-schnell, assumed until the files are read.
const DEFAULTS: (u32, u32) = (16, 4);
/// The maximum number of steps; more make no visible difference.
const MAX_STEPS: u32 = 100;
/// The maximum number of images per request.
const MAX_COUNT: u32 = 100;

/// Describes the provider; `model` is `None` if its files are missing or have not been read.
pub(super) fn info(options: &LocalOptions, model: Option<&ModelInfo>) -> ProviderInfo {
    let (models, aliases) = names(options, model);
    let mut info = ProviderInfo::new(&options.name, models.first().map_or("", String::as_str));
    info.label = format!(
        "{} on this machine ({})",
        catalogue::model_label(&info.default_model),
        options.device
    );
    let target = info.default_model.clone();
    info.model_aliases = aliases
        .into_iter()
        .map(|alias| (alias, target.clone()))
        .collect();
    info.models = models;
    info.capabilities = capabilities(options, model);
    info
}

/// The names of the models and the aliases of the first: from the options, the hub, or the folder
/// or file, in this order.
fn names(options: &LocalOptions, model: Option<&ModelInfo>) -> (Vec<String>, Vec<String>) {
    if !options.models.is_empty() {
        return (options.models.clone(), Vec::new());
    }
    let name = match (hub_name(options), model) {
        (Some(name), _) => name,
        (None, Some(model)) => model.name.clone(),
        (None, None) => file_name(options),
    };
    let known = catalogue::MODELS.iter().find(|model| model.name == name);
    let aliases = known.map_or(&[][..], |model| model.aliases);
    (
        vec![name],
        aliases.iter().map(|&alias| alias.to_owned()).collect(),
    )
}

/// The model's name on the hub, unless the weights are a path. A folder of the cache is named after
/// a commit.
fn hub_name(options: &LocalOptions) -> Option<String> {
    if weights::is_path(&options.weights) {
        return None;
    }
    let source = hub::resolve(&options.weights).ok()?;
    Some(hub::short_name(&source))
}

/// The last component of the weights' path, without the extension of a weight file.
fn file_name(options: &LocalOptions) -> String {
    let path = Path::new(&options.weights);
    let is_file = path
        .extension()
        .is_some_and(|extension| extension == "gguf" || extension == "safetensors");
    let name = if is_file {
        path.file_stem()
    } else {
        path.file_name()
    };
    name.map_or_else(
        || options.name.clone(),
        |name| name.to_string_lossy().into_owned(),
    )
}

pub(super) fn capabilities(options: &LocalOptions, model: Option<&ModelInfo>) -> Capabilities {
    let (multiple, steps) = model.map_or(DEFAULTS, |model| {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        (number(model.side_multiple), number(model.default_steps))
    });
    let default_size = model.and_then(|model| model.default_size);
    let side = match default_size {
        // The rule has a single default, so use the longer side.
        Some((width, height)) => u32::try_from(width.max(height)).unwrap_or(MAX_SIDE),
        // A CPU takes minutes for this size; a GPU takes seconds for FLUX's native 1024.
        None if options.device == DeviceKind::Cpu => 512,
        None => 1024,
    };
    let side = side.min(MAX_SIDE);
    let multiple = multiple.clamp(1, 64);
    Capabilities {
        size: Some(SizeRule::new(
            multiple,
            multiple * 4,
            MAX_SIDE - MAX_SIDE % multiple,
            side - side % multiple,
        )),
        steps: Some(StepRange::new(1, MAX_STEPS, steps.clamp(1, MAX_STEPS))),
        // The noise generator takes 32-bit seeds.
        seed: Some(SeedRange::new(u32::MAX.into())),
        max_count: MAX_COUNT,
        previews: true,
        progress: true,
        queue: true,
        negative_prompt: false,
        guidance: model.is_some_and(|model| model.takes_guidance),
    }
}
