//! What a model is drawn with where nobody says: its `generation_config.json`, or what FLUX's
//! pipelines do.

use std::path::Path;

use super::Fields;
use crate::Result;

/// The greatest side and number of tokens that a file may ask for.
const MOST: usize = 4096;

/// What a model is drawn with where a caller says nothing.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GenerationDefaults {
    /// Steps.
    pub steps: usize,
    /// The guidance scale; `None` where the model takes none.
    pub guidance: Option<f32>,
    /// Tokens of a prompt that T5 encodes.
    pub max_tokens: usize,
    /// Width and height, in pixels, where the model has a size of its own.
    pub size: Option<(usize, usize)>,
}

impl GenerationDefaults {
    /// Those of the model in the folder `base`.
    ///
    /// Keys are named as the arguments of diffusers' pipelines: `num_inference_steps`,
    /// `guidance_scale`, `max_sequence_length`, `width`, `height`. Without them a model that takes
    /// guidance is drawn as FLUX.1-dev is (28 steps, 3.5, 512 tokens), and another as FLUX.1-schnell
    /// (4 steps, 256 tokens).
    pub(crate) fn of(base: &Path, takes_guidance: bool) -> Result<Self> {
        let (steps, tokens) = if takes_guidance { (28, 512) } else { (4, 256) };
        let path = base.join("generation_config.json");
        let fields = if path.is_file() {
            Fields::read(&path)?
        } else {
            Fields::parse("{}", "")?
        };
        let side = |name| fields.count(name, 0, 0..=MOST);
        let (width, height) = (side("width")?, side("height")?);
        let guidance = fields.number("guidance_scale", 3.5, 0.0..=1000.0)?;
        Ok(Self {
            steps: fields.count("num_inference_steps", steps, 1..=1000)?,
            guidance: takes_guidance.then_some(guidance as f32),
            max_tokens: fields.count("max_sequence_length", tokens, 1..=MOST)?,
            size: (width > 0 && height > 0).then_some((width, height)),
        })
    }
}
