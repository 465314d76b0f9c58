//! The capabilities of a provider, as data.

use crate::{Error, Result};

/// The inputs and events that a provider supports.
///
/// A Space's provider reports the catalogue's values; the Space's own description is read only
/// when a request is made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "the flags are independent")]
pub struct Capabilities {
    /// The supported sizes; `None` if the size is fixed.
    pub size: Option<SizeRule>,
    /// The supported numbers of denoising steps; `None` if the number is fixed.
    pub steps: Option<StepRange>,
    /// The supported seeds; `None` if the seed cannot be set.
    pub seed: Option<SeedRange>,
    /// The maximum number of images per request.
    pub max_count: u32,
    /// Whether it emits previews if they are requested.
    pub previews: bool,
    /// Whether it reports the number of completed steps.
    pub progress: bool,
    /// Whether it reports the position in its queue.
    pub queue: bool,
    /// Whether it supports a negative prompt.
    pub negative_prompt: bool,
    /// Whether it supports a guidance scale.
    pub guidance: bool,
}

/// The widths and heights that a provider supports, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SizeRule {
    /// Width and height are multiples of this, unless they equal `min`.
    pub multiple: u32,
    /// The minimum.
    pub min: u32,
    /// The maximum.
    pub max: u32,
    /// The default.
    pub default: u32,
}

/// The numbers of denoising steps that a provider supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepRange {
    /// The minimum.
    pub min: u32,
    /// The maximum.
    pub max: u32,
    /// The default.
    pub default: u32,
}

/// The seeds that a provider supports, from 0 to `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeedRange {
    /// The maximum; `i32::MAX` in most Spaces.
    pub max: u64,
}

impl Default for Capabilities {
    /// A prompt is the only input, and a request yields one image.
    fn default() -> Self {
        Self {
            size: None,
            steps: None,
            seed: None,
            max_count: 1,
            previews: false,
            progress: false,
            queue: false,
            negative_prompt: false,
            guidance: false,
        }
    }
}

impl Capabilities {
    /// Sets the supported sizes.
    #[must_use]
    pub fn with_size(mut self, size: SizeRule) -> Self {
        self.size = Some(size);
        self
    }

    /// Sets the supported numbers of steps.
    #[must_use]
    pub fn with_steps(mut self, steps: StepRange) -> Self {
        self.steps = Some(steps);
        self
    }

    /// Sets the supported seeds.
    #[must_use]
    pub fn with_seed(mut self, seed: SeedRange) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the maximum number of images per request.
    #[must_use]
    pub fn with_max_count(mut self, max_count: u32) -> Self {
        self.max_count = max_count;
        self
    }
}

impl SizeRule {
    /// Creates a rule for sides from `min` to `max` pixels that are multiples of `multiple`.
    pub const fn new(multiple: u32, min: u32, max: u32, default: u32) -> Self {
        Self {
            multiple,
            min,
            max,
            default,
        }
    }

    /// Returns the supported side for a requested one, in pixels.
    ///
    /// Rounds down to the multiple and up to the minimum, as gpt4free's provider does (767 → 760,
    /// -5 → 32). A side above the maximum is an error for `field`.
    pub fn fit(&self, field: &'static str, requested: Option<i64>) -> Result<u32> {
        let Some(requested) = requested else {
            return Ok(self.default);
        };
        if requested > i64::from(self.max) {
            let message = format!("{requested} exceeds the limit of {} pixels", self.max);
            return Err(Error::invalid(field, message));
        }
        let requested = u32::try_from(requested).unwrap_or(0);
        let multiple = self.multiple.max(1);
        Ok((requested - requested % multiple).max(self.min))
    }
}

impl StepRange {
    /// Creates a range from `min` to `max` steps.
    pub const fn new(min: u32, max: u32, default: u32) -> Self {
        Self { min, max, default }
    }

    /// Returns the requested number of steps, or the default; an error if it is out of range.
    pub fn check(&self, requested: Option<u32>) -> Result<u32> {
        let steps = requested.unwrap_or(self.default);
        if (self.min..=self.max).contains(&steps) {
            return Ok(steps);
        }
        let message = format!("{steps} is not between {} and {}", self.min, self.max);
        Err(Error::invalid("steps", message))
    }
}

impl SeedRange {
    /// Creates a range from 0 to `max`.
    pub const fn new(max: u64) -> Self {
        Self { max }
    }

    /// Returns `seed`; an error if it is above the maximum.
    pub fn check(&self, seed: u64) -> Result<u64> {
        if seed <= self.max {
            return Ok(seed);
        }
        Err(Error::invalid(
            "seed",
            format!("{seed} is not between 0 and {}", self.max),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLUX: SizeRule = SizeRule::new(8, 32, 2048, 768);

    #[test]
    fn sides_round_down_to_the_multiple_and_up_to_the_minimum() {
        for (requested, expected) in [
            (767, 760),
            (768, 768),
            (-5, 32),
            (0, 32),
            (33, 32),
            (2048, 2048),
        ] {
            assert_eq!(
                FLUX.fit("width", Some(requested))
                    .expect("within the limit"),
                expected,
                "{requested}"
            );
        }
        assert_eq!(FLUX.fit("width", None).expect("the default"), 768);
    }

    #[test]
    fn the_error_for_a_side_above_the_limit_names_the_field() {
        let error = FLUX.fit("height", Some(100_000)).expect_err("too high");
        assert_eq!(
            error.to_string(),
            "invalid height: 100000 exceeds the limit of 2048 pixels"
        );
        assert!(FLUX.fit("height", Some(i64::MAX)).is_err());
        assert!(FLUX.fit("height", Some(i64::MIN)).is_ok());
    }

    #[test]
    fn steps_outside_the_range_are_an_error() {
        let range = StepRange::new(1, 50, 2);
        assert_eq!(range.check(None).expect("the default"), 2);
        assert!(range.check(Some(0)).is_err());
        assert!(range.check(Some(1_000_000_000)).is_err());
    }
}
