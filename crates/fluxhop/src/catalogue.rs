//! Built-in data about known Spaces, models and weights.
//!
//! Sizes, steps and seeds are the ranges of each Space's sliders. They apply until the Space has been
//! reached; after that, its own API description does.

use crate::{Capabilities, ProviderInfo, SeedRange, SizeRule, StepRange};

/// A known Space.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SpaceEntry {
    /// The provider's name.
    pub name: &'static str,
    /// The display name.
    pub label: &'static str,
    /// `owner/name` on Hugging Face.
    pub space: &'static str,
    /// The Space's URL, if known without asking the hub.
    pub url: Option<&'static str>,
    /// The API prefix, if the Space's endpoint is known to be
    /// `(prompt, seed, randomize_seed, width, height, num_inference_steps) -> (image, seed)`.
    pub flux_prefix: Option<&'static str>,
    /// The model it runs.
    pub model: &'static str,
    /// Other names of the model that this provider accepts.
    pub aliases: &'static [&'static str],
    /// Supported sizes.
    pub size: SizeRule,
    /// Supported step counts.
    pub steps: StepRange,
    /// Whether it accepts a guidance scale.
    pub guidance: bool,
    /// Whether it accepts a negative prompt.
    pub negative_prompt: bool,
}

/// A known model.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct KnownModel {
    /// The name used to select it.
    pub name: &'static str,
    /// The display name.
    pub label: &'static str,
    /// Other accepted names.
    pub aliases: &'static [&'static str],
    /// The names of its providers, in the order in which they are tried.
    pub providers: &'static [&'static str],
}

/// The Space behind gpt4free's provider `Voodoohop_Flux1Schnell`, from which fluxhop originates.
pub const VOODOOHOP_FLUX_1_SCHNELL: SpaceEntry = SpaceEntry {
    name: "voodoohop",
    label: "Voodoohop Flux-1-Schnell",
    space: "voodoohop/flux-1-schnell",
    url: Some("https://voodoohop-flux-1-schnell.hf.space"),
    flux_prefix: Some("/gradio_api"),
    model: "voodoohop-flux-1-schnell",
    aliases: &["flux-schnell", "flux"],
    size: SizeRule::new(8, 32, 2048, 768),
    steps: StepRange::new(1, 50, 2),
    guidance: false,
    negative_prompt: false,
};

/// The known Spaces, in the order in which their providers are listed.
pub const SPACES: &[SpaceEntry] = &[
    VOODOOHOP_FLUX_1_SCHNELL,
    SpaceEntry {
        name: "bfl-schnell",
        label: "FLUX.1 [schnell] by Black Forest Labs",
        space: "black-forest-labs/FLUX.1-schnell",
        url: None,
        flux_prefix: None,
        model: "FLUX.1-schnell",
        aliases: &["flux-schnell", "flux"],
        size: SizeRule::new(32, 256, 2048, 1024),
        steps: StepRange::new(1, 50, 4),
        guidance: false,
        negative_prompt: false,
    },
    SpaceEntry {
        name: "bfl-dev",
        label: "FLUX.1 [dev] by Black Forest Labs",
        space: "black-forest-labs/FLUX.1-dev",
        url: None,
        flux_prefix: None,
        model: "FLUX.1-dev",
        aliases: &["flux-dev"],
        size: SizeRule::new(32, 256, 2048, 1024),
        steps: StepRange::new(1, 50, 28),
        guidance: true,
        negative_prompt: false,
    },
    SpaceEntry {
        name: "bfl-krea",
        label: "FLUX.1 Krea [dev] by Black Forest Labs",
        space: "black-forest-labs/FLUX.1-Krea-dev",
        url: None,
        flux_prefix: None,
        model: "FLUX.1-Krea-dev",
        aliases: &["flux-krea"],
        size: SizeRule::new(32, 256, 2048, 1024),
        steps: StepRange::new(1, 50, 28),
        guidance: true,
        negative_prompt: false,
    },
    SpaceEntry {
        name: "stability-large",
        label: "Stable Diffusion 3.5 Large by Stability AI",
        space: "stabilityai/stable-diffusion-3.5-large",
        url: None,
        flux_prefix: None,
        model: "stable-diffusion-3.5-large",
        aliases: &["sd-3.5-large", "sd-3.5"],
        size: SizeRule::new(32, 512, 1024, 1024),
        steps: StepRange::new(1, 50, 40),
        guidance: true,
        negative_prompt: true,
    },
];

/// The known models. `auto` is used if a request names no model.
pub const MODELS: &[KnownModel] = &[
    KnownModel {
        name: "auto",
        label: "First available provider",
        aliases: &[],
        providers: &[
            "voodoohop",
            "bfl-schnell",
            "bfl-dev",
            #[cfg(feature = "sketch")]
            "sketch",
        ],
    },
    KnownModel {
        name: "flux-schnell",
        label: "FLUX.1 [schnell]",
        aliases: &["flux", "FLUX.1-schnell"],
        providers: &["voodoohop", "bfl-schnell"],
    },
    KnownModel {
        name: "flux-dev",
        label: "FLUX.1 [dev]",
        aliases: &["FLUX.1-dev"],
        providers: &["bfl-dev"],
    },
    KnownModel {
        name: "flux-krea",
        label: "FLUX.1 Krea [dev]",
        aliases: &["FLUX.1-Krea-dev"],
        providers: &["bfl-krea"],
    },
    #[cfg(feature = "sketch")]
    KnownModel {
        name: "sketch",
        label: "Built-in renderer (rule-based, offline)",
        aliases: &[],
        providers: &["sketch"],
    },
    KnownModel {
        name: "sd-3.5-large",
        label: "Stable Diffusion 3.5 Large",
        aliases: &["sd-3.5", "stable-diffusion-3.5-large"],
        providers: &["stability-large"],
    },
];

impl SpaceEntry {
    /// Describes the Space's provider.
    ///
    /// As in gpt4free, `models` lists the aliases; the name of the model itself also resolves.
    pub fn info(&self) -> ProviderInfo {
        let mut info = ProviderInfo::new(self.name, self.model);
        self.label.clone_into(&mut info.label);
        self.url.unwrap_or(self.space).clone_into(&mut info.url);
        info.models = self.aliases.iter().map(|&alias| alias.to_owned()).collect();
        info.model_aliases = info
            .models
            .iter()
            .map(|alias| (alias.clone(), self.model.to_owned()))
            .collect();
        info.capabilities = Capabilities {
            size: Some(self.size),
            steps: Some(self.steps),
            guidance: self.guidance,
            negative_prompt: self.negative_prompt,
            ..space_capabilities()
        };
        info
    }
}

/// The capabilities assumed of an unknown Space until its API description has been read.
pub fn space_capabilities() -> Capabilities {
    Capabilities {
        size: Some(SizeRule::new(8, 32, 4096, 1024)),
        steps: Some(StepRange::new(1, 200, 20)),
        seed: Some(SeedRange::new(MAX_SEED)),
        max_count: 100,
        progress: true,
        queue: true,
        ..Capabilities::default()
    }
}

/// The display name of a model, or `name` itself if the model is unknown.
#[cfg(feature = "local")]
pub(crate) fn model_label(name: &str) -> &str {
    MODELS
        .iter()
        .find(|model| model.name == name)
        .map_or(name, |model| model.label)
}

/// Known weights on the Hugging Face hub, for inference on this machine.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct KnownWeights {
    /// The name used to select them.
    pub name: &'static str,
    /// `owner/name` on the hub.
    pub repo: &'static str,
}

/// The known weights.
pub const WEIGHTS: &[KnownWeights] = &[
    KnownWeights {
        name: "flux-schnell",
        repo: "black-forest-labs/FLUX.1-schnell",
    },
    KnownWeights {
        name: "flux-dev",
        repo: "black-forest-labs/FLUX.1-dev",
    },
    KnownWeights {
        name: "flux-krea",
        repo: "black-forest-labs/FLUX.1-Krea-dev",
    },
];

/// The largest seed that nearly every Space accepts: `numpy.iinfo(numpy.int32).max`.
pub const MAX_SEED: u64 = i32::MAX as u64;

#[cfg(test)]
mod tests;
