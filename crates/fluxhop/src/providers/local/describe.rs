//! What a local provider says of itself, from its settings and the facts of its weights.

use std::path::Path;

use fluxhop_engine::{DeviceKind, ModelInfo};

use super::LocalOptions;
use crate::hub;
use crate::{Capabilities, ProviderInfo, SeedRange, SizeRule, StepRange, catalogue};

/// The greatest side, in pixels: beyond it FLUX repeats itself.
const MAX_SIDE: u32 = 2048;
/// The multiple of a side and the steps where the weights are not there to say.
const USUAL: (u32, u32) = (16, 4);
/// The most steps: more change nothing that can be seen.
const MAX_STEPS: u32 = 100;
/// The most pictures for one request.
const MAX_COUNT: u32 = 100;

pub(super) fn info(options: &LocalOptions, facts: Option<&ModelInfo>) -> ProviderInfo {
    let (models, aliases) = names(options, facts);
    let mut info = ProviderInfo::new(&options.name, models.first().map_or("", String::as_str));
    info.label = match facts {
        Some(_) => format!(
            "{} on this machine ({})",
            info.default_image_model, options.device
        ),
        None => "FLUX weights on this machine, none of which are here yet".to_owned(),
    };
    info.working = facts.is_some();
    let target = info.default_image_model.clone();
    info.model_aliases = aliases
        .into_iter()
        .map(|alias| (alias, target.clone()))
        .collect();
    info.models.clone_from(&models);
    info.image_models = models;
    info.capabilities = capabilities(options, facts);
    info
}

/// The names of the models, and other names of the first: as the settings say, else as
/// they were pulled, else as their folder or file is called.
fn names(options: &LocalOptions, facts: Option<&ModelInfo>) -> (Vec<String>, Vec<String>) {
    if !options.models.is_empty() {
        return (options.models.clone(), Vec::new());
    }
    let own = match (pulled(options), facts) {
        (Some(name), _) => name,
        (None, Some(facts)) => facts.name.clone(),
        (None, None) => options.name.clone(),
    };
    let known = catalogue::MODELS.iter().find(|model| model.name == own);
    let aliases = known.map_or(&[][..], |model| model.aliases);
    (
        vec![own],
        aliases.iter().map(|&alias| alias.to_owned()).collect(),
    )
}

/// The name of a model that was pulled or is to be: its folder is called by a commit.
fn pulled(options: &LocalOptions) -> Option<String> {
    let source = hub::resolve(&options.weights).ok()?;
    let is_path = Path::new(&options.weights).exists();
    (!is_path).then(|| hub::short_name(&source))
}

pub(super) fn capabilities(options: &LocalOptions, facts: Option<&ModelInfo>) -> Capabilities {
    let (multiple, steps) = facts.map_or(USUAL, |facts| {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        (number(facts.side_multiple), number(facts.default_steps))
    });
    let own = facts.and_then(|facts| facts.default_size);
    let side = match own {
        // One side is all that the rule holds: the longer one.
        Some((width, height)) => u32::try_from(width.max(height)).unwrap_or(MAX_SIDE),
        // What a processor draws in minutes; a GPU draws FLUX's own size in seconds.
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
        // The generator that the noise is drawn by has no more seeds than this.
        seed: Some(SeedRange::new(u32::MAX.into())),
        max_count: MAX_COUNT,
        previews: true,
        progress: true,
        queue: true,
        negative_prompt: false,
        guidance: facts.is_some_and(|facts| facts.takes_guidance),
    }
}
