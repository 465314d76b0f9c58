//! The Spaces and models that fluxhop knows by name, as data.
//!
//! Sizes, steps and seeds are those of each Space's own sliders. They serve until the Space is
//! reached, whose own description then counts.

use crate::{Capabilities, ProviderInfo, SeedRange, SizeRule, StepRange};

/// A Space of the catalogue.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SpaceEntry {
    /// The name by which it is asked for.
    pub name: &'static str,
    /// The name for people.
    pub label: &'static str,
    /// `owner/name` on Hugging Face.
    pub space: &'static str,
    /// Its URL, where it is known without asking the hub.
    pub url: Option<&'static str>,
    /// The API's prefix of a Space whose endpoint is known to be
    /// `(prompt, seed, randomize_seed, width, height, num_inference_steps) -> (image, seed)`.
    pub flux_prefix: Option<&'static str>,
    /// Its model.
    pub model: &'static str,
    /// Other names of the model, as this provider knows them.
    pub aliases: &'static [&'static str],
    /// The sizes it draws.
    pub size: SizeRule,
    /// The steps it takes.
    pub steps: StepRange,
    /// It takes a guidance scale.
    pub guidance: bool,
    /// It takes a negative prompt.
    pub negative_prompt: bool,
}

/// A model of the catalogue.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct KnownModel {
    /// The name by which it is asked for.
    pub name: &'static str,
    /// The name for people.
    pub label: &'static str,
    /// Other names of it.
    pub aliases: &'static [&'static str],
    /// Its providers, in the order in which they are tried.
    pub providers: &'static [&'static str],
}

/// gpt4free's `Voodoohop_Flux1Schnell`, where this project comes from.
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

/// The Spaces, by the name of their provider.
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

/// The models, by the name under which they are asked for; `auto` is the chain for no name at all.
pub const MODELS: &[KnownModel] = &[
    KnownModel {
        name: "auto",
        label: "The best that answers",
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
        label: "The built-in renderer (rule-based, offline)",
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
    /// What its provider says of itself.
    ///
    /// As in gpt4free, the names of the models are the aliases; the model itself is known too.
    pub fn info(&self) -> ProviderInfo {
        let mut info = ProviderInfo::new(self.name, self.model);
        self.label.clone_into(&mut info.label);
        self.url.unwrap_or(self.space).clone_into(&mut info.url);
        let names = self.aliases.iter().map(|alias| (*alias).to_owned());
        info.models = names.collect();
        let targets = info
            .models
            .iter()
            .map(|alias| (alias.clone(), self.model.to_owned()));
        info.model_aliases = targets.collect();
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

/// What a Space that nothing is known of is taken to do, until its own description tells.
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

/// Weights on the Hugging Face hub, for drawing on this machine.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct KnownWeights {
    /// The name by which they are asked for.
    pub name: &'static str,
    /// `owner/name` on the hub.
    pub repo: &'static str,
}

/// The weights that fluxhop knows by name.
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

/// The greatest seed of nearly every Space: `numpy.iinfo(numpy.int32).max`.
pub const MAX_SEED: u64 = i32::MAX as u64;

#[cfg(test)]
mod tests;
