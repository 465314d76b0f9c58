//! What is asked for, and whether it can be.

use super::ModelInfo;
use crate::{Error, Result};

/// Pictures of one size, drawn together.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// At least one.
    pub drawings: Vec<ImageRequest>,
    /// Pixels across; a multiple of [`ModelInfo::side_multiple`].
    pub width: usize,
    /// Pixels down; likewise.
    pub height: usize,
    /// 1 to 1000; `None`: [`ModelInfo::default_steps`].
    pub steps: Option<usize>,
    /// How closely a model that takes guidance keeps to the prompt; `None`:
    /// [`ModelInfo::default_guidance`].
    pub guidance: Option<f32>,
    /// Whether to tell how each picture looks after each step.
    pub previews: bool,
}

/// One picture of a [`Job`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRequest {
    /// What is seen.
    pub prompt: String,
    /// What the noise begins from.
    pub seed: u64,
}

/// The largest side; a picture of it has a million tokens.
const LARGEST_SIDE: usize = 16_384;

impl Job {
    /// Whether the model that `facts` describe can draw this; the error names the field.
    pub fn check(&self, facts: &ModelInfo) -> Result<()> {
        if self.drawings.is_empty() {
            return Err(Error::invalid(
                "drawings",
                "there are none; at least 1 is needed",
            ));
        }
        check_size(self.width, self.height, facts)?;
        if let Some(steps) = self.steps.filter(|steps| !(1..=1000).contains(steps)) {
            let message = format!("{steps} steps; 1 to 1000 are possible");
            return Err(Error::invalid("steps", message));
        }
        let fits = |guidance: &f32| (0.0..=100.0).contains(guidance);
        if let Some(guidance) = self.guidance.filter(|guidance| !fits(guidance)) {
            let message = format!("{guidance}; 0 to 100 is possible");
            return Err(Error::invalid("guidance", message));
        }
        Ok(())
    }
}

/// Whether a picture can have this size.
pub(super) fn check_size(width: usize, height: usize, facts: &ModelInfo) -> Result<()> {
    let multiple = facts.side_multiple;
    for (field, side) in [("width", width), ("height", height)] {
        if side == 0 || side > LARGEST_SIDE || !side.is_multiple_of(multiple) {
            let message =
                format!("{side} pixels; it must be a multiple of {multiple}, up to {LARGEST_SIDE}");
            return Err(Error::invalid(field, message));
        }
    }
    Ok(())
}
