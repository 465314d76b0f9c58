//! A job, and its validation.

use super::ModelInfo;
use crate::scheduler::check_steps;
use crate::{Error, Result};

/// Images of one size to generate together.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Job {
    /// At least one.
    pub images: Vec<ImageRequest>,
    /// Width in pixels, a multiple of [`ModelInfo::side_multiple`].
    pub width: usize,
    /// Height in pixels, a multiple of [`ModelInfo::side_multiple`].
    pub height: usize,
    /// 1 to 1000; by default [`ModelInfo::default_steps`].
    pub steps: Option<usize>,
    /// The guidance scale, 0 to 100; by default [`ModelInfo::default_guidance`].
    pub guidance: Option<f32>,
    /// Whether to emit a preview of each image after each step; off by default.
    pub previews: bool,
}

impl Job {
    /// A job that generates `images` at `width` × `height` pixels.
    pub fn new(images: Vec<ImageRequest>, width: usize, height: usize) -> Self {
        Self {
            images,
            width,
            height,
            steps: None,
            guidance: None,
            previews: false,
        }
    }

    /// Checks that the model supports this job; the error names the invalid field.
    pub(super) fn check(&self, model: &ModelInfo) -> Result<()> {
        if self.images.is_empty() {
            return Err(Error::invalid("images", "expected at least 1, got 0"));
        }
        check_size(self.width, self.height, model)?;
        self.steps.map_or(Ok(()), check_steps)?;
        let fits = |guidance: &f32| (0.0..=100.0).contains(guidance);
        if let Some(guidance) = self.guidance.filter(|guidance| !fits(guidance)) {
            let message = format!("{guidance} is not between 0 and 100");
            return Err(Error::invalid("guidance", message));
        }
        Ok(())
    }
}

/// One image of a [`Job`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageRequest {
    /// The prompt.
    pub prompt: String,
    /// The seed of the starting noise; only its low 32 bits are used.
    pub seed: u64,
}

impl ImageRequest {
    /// A request for an image of `prompt` with `seed`.
    pub fn new(prompt: impl Into<String>, seed: u64) -> Self {
        Self {
            prompt: prompt.into(),
            seed,
        }
    }
}

/// The largest side in pixels; an image of that size has a million tokens.
const MAX_SIDE: usize = 16_384;

/// Checks that the model supports this size.
fn check_size(width: usize, height: usize, model: &ModelInfo) -> Result<()> {
    let multiple = model.side_multiple;
    for (field, side) in [("width", width), ("height", height)] {
        if side == 0 || side > MAX_SIDE || !side.is_multiple_of(multiple) {
            let message = format!("{side} is not a multiple of {multiple} up to {MAX_SIDE}");
            return Err(Error::invalid(field, message));
        }
    }
    Ok(())
}
