//! Properties of a model that are known before it is loaded.

use std::path::Path;

use crate::{ModelFiles, Result};

/// Properties of a model.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ModelInfo {
    /// The name of its folder or file.
    pub name: String,
    /// Width and height must be multiples of this; 16 for FLUX.
    pub side_multiple: usize,
    /// Default width and height in pixels, if the model specifies them.
    pub default_size: Option<(usize, usize)>,
    /// 4 for models distilled to few steps, such as FLUX.1-schnell; 28 for FLUX.1-dev.
    pub default_steps: usize,
    /// Whether the model has a guidance input.
    pub takes_guidance: bool,
    /// The default guidance scale; `None` if the model has no guidance input.
    pub default_guidance: Option<f32>,
    /// The number of T5 tokens to which a prompt is truncated.
    pub max_tokens: usize,
}

impl ModelInfo {
    /// Reads the properties of the model at `path`, which is opened by [`ModelFiles::open`].
    ///
    /// Reads no weights, so it is much faster than [`Pipeline::open`](crate::Pipeline::open).
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
