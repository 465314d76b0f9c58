//! The default parameters of a model, from its `generation_config.json` or those of FLUX's
//! pipelines.

use std::path::Path;

use super::Fields;
use crate::Result;
use crate::scheduler::MAX_STEPS;

/// The limit of a side in pixels, and of the number of tokens.
const LIMIT: usize = 4096;

/// The default parameters of a model.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GenerationDefaults {
    /// Number of denoising steps.
    pub steps: usize,
    /// Guidance scale; `None` if the model has no guidance input.
    pub guidance: Option<f32>,
    /// Number of prompt tokens encoded by T5; longer prompts are truncated.
    pub max_tokens: usize,
    /// Width and height in pixels, if the model specifies a size.
    pub size: Option<(usize, usize)>,
}

impl GenerationDefaults {
    /// Reads the defaults of the model in the folder `base`.
    ///
    /// The keys are the arguments of diffusers' pipelines: `num_inference_steps`, `guidance_scale`,
    /// `max_sequence_length`, `width`, `height`. Missing values are those of FLUX.1-dev (28 steps,
    /// guidance 3.5, 512 tokens) if the model has a guidance input, otherwise those of
    /// FLUX.1-schnell (4 steps, 256 tokens).
    pub(crate) fn read(base: &Path, has_guidance: bool) -> Result<Self> {
        let (steps, tokens) = if has_guidance { (28, 512) } else { (4, 256) };
        let path = base.join("generation_config.json");
        let fields = if path.is_file() {
            Fields::read(&path)?
        } else {
            Fields::parse("{}", "")?
        };
        let side = |name| fields.integer(name, 0, 0..=LIMIT);
        let (width, height) = (side("width")?, side("height")?);
        let guidance = fields.float("guidance_scale", 3.5, 0.0..=1000.0)?;
        Ok(Self {
            steps: fields.integer("num_inference_steps", steps, 1..=MAX_STEPS)?,
            guidance: has_guidance.then_some(guidance as f32),
            max_tokens: fields.integer("max_sequence_length", tokens, 1..=LIMIT)?,
            size: (width > 0 && height > 0).then_some((width, height)),
        })
    }
}
