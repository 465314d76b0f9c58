//! What a caller may want to know of a model before it asks for a picture.

use std::path::Path;

use crate::{ModelFiles, Result};

/// What a model is like.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ModelInfo {
    /// Its name, as its folder or file has it.
    pub name: String,
    /// Both sides of a picture are multiples of this; 16 for FLUX.
    pub side_multiple: usize,
    /// Width and height in pixels, where the model has a size of its own.
    pub default_size: Option<(usize, usize)>,
    /// 4 for models that were distilled to few steps, such as FLUX.1-schnell; 28 for FLUX.1-dev.
    pub default_steps: usize,
    /// Whether guidance is an input.
    pub takes_guidance: bool,
    /// The guidance of a job that says none; `None` where there is no such input.
    pub default_guidance: Option<f32>,
    /// Tokens of a prompt that the T5 encoder reads; what is beyond is cut, and told.
    pub max_tokens: usize,
}

impl ModelInfo {
    /// The facts of the model at `path`, as [`ModelFiles::open`] finds it: no weight is read, and
    /// far less is done than for a [`Pipeline`](crate::Pipeline).
    pub fn read(path: &Path) -> Result<Self> {
        ModelFiles::open(path).map(|files| Self::of(&files))
    }

    pub(super) fn of(files: &ModelFiles) -> Self {
        let defaults = files.defaults();
        Self {
            name: files.name().to_owned(),
            side_multiple: 2 * files.autoencoder_config().side_factor(),
            default_size: defaults.size,
            default_steps: defaults.steps,
            takes_guidance: files.transformer_config().guidance_embeds,
            default_guidance: defaults.guidance,
            max_tokens: defaults.max_tokens,
        }
    }
}
