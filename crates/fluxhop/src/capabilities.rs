//! What a provider can do, as data.

use crate::{Error, Result};

/// What a provider can do; a caller reads it before it asks.
///
/// A Space's own description is known only once it was reached: until then its provider tells
/// what the catalogue knows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each tells of a thing of its own"
)]
pub struct Capabilities {
    /// The sizes it draws; absent where the size cannot be chosen.
    pub size: Option<SizeRule>,
    /// The denoising steps it takes; absent where they cannot be chosen.
    pub steps: Option<StepRange>,
    /// The seeds it takes; absent where the seed cannot be chosen.
    pub seed: Option<SeedRange>,
    /// The most pictures for one request.
    pub max_count: u32,
    /// It shows the picture while it is drawn.
    pub previews: bool,
    /// It tells how many steps are done.
    pub progress: bool,
    /// It tells the place in its queue.
    pub queue: bool,
    /// It takes a negative prompt.
    pub negative_prompt: bool,
    /// It takes a guidance scale.
    pub guidance: bool,
}

/// The sizes that a provider draws, in pixels a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SizeRule {
    /// Sides are multiples of this.
    pub multiple: u32,
    /// The least side.
    pub min: u32,
    /// The greatest side.
    pub max: u32,
    /// The side where none is asked for.
    pub default: u32,
}

/// The numbers of denoising steps that a provider takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepRange {
    /// The least.
    pub min: u32,
    /// The most.
    pub max: u32,
    /// The number where none is asked for.
    pub default: u32,
}

/// The seeds that a provider takes, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeedRange {
    /// The greatest; `i32::MAX` in most Spaces.
    pub max: u64,
}

impl Default for Capabilities {
    /// Nothing but a prompt, one picture at a time.
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
    /// Sides from `min` to `max`, multiples of `multiple`, `default` where none is asked for.
    pub const fn new(multiple: u32, min: u32, max: u32, default: u32) -> Self {
        Self {
            multiple,
            min,
            max,
            default,
        }
    }

    /// The side drawn for the side asked for.
    ///
    /// Rounds down to the multiple and up to the least side, as gpt4free's provider does
    /// (767 → 760, -5 → 32); a side above the greatest is an error that names `field`.
    pub fn fit(&self, field: &'static str, asked: Option<i64>) -> Result<u32> {
        let Some(asked) = asked else {
            return Ok(self.default);
        };
        if asked > i64::from(self.max) {
            let message = format!("{asked} is above the limit of {} pixels", self.max);
            return Err(Error::invalid(field, message));
        }
        let asked = u32::try_from(asked).unwrap_or(0);
        let multiple = self.multiple.max(1);
        Ok((asked - asked % multiple).max(self.min))
    }
}

impl StepRange {
    /// From `min` to `max` steps, `default` where none are asked for.
    pub const fn new(min: u32, max: u32, default: u32) -> Self {
        Self { min, max, default }
    }

    /// The steps drawn for the steps asked for; outside the range is an error.
    pub fn check(&self, asked: Option<u32>) -> Result<u32> {
        let steps = asked.unwrap_or(self.default);
        if (self.min..=self.max).contains(&steps) {
            return Ok(steps);
        }
        let message = format!("{steps} is not between {} and {}", self.min, self.max);
        Err(Error::invalid("steps", message))
    }
}

impl SeedRange {
    /// From 0 to `max`.
    pub const fn new(max: u64) -> Self {
        Self { max }
    }

    /// Refuses a seed above the greatest.
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
    fn sides_round_down_to_the_multiple_and_up_to_the_least() {
        for (asked, drawn) in [
            (767, 760),
            (768, 768),
            (-5, 32),
            (0, 32),
            (33, 32),
            (2048, 2048),
        ] {
            assert_eq!(
                FLUX.fit("width", Some(asked)).expect("within the limit"),
                drawn,
                "{asked}"
            );
        }
        assert_eq!(FLUX.fit("width", None).expect("the default"), 768);
    }

    #[test]
    fn a_side_above_the_limit_names_its_field() {
        let error = FLUX.fit("height", Some(100_000)).expect_err("too high");
        assert_eq!(
            error.to_string(),
            "invalid height: 100000 is above the limit of 2048 pixels"
        );
        assert!(FLUX.fit("height", Some(i64::MAX)).is_err());
        assert!(FLUX.fit("height", Some(i64::MIN)).is_ok());
    }

    #[test]
    fn steps_outside_the_range_are_refused() {
        let range = StepRange::new(1, 50, 2);
        assert_eq!(range.check(None).expect("the default"), 2);
        assert!(range.check(Some(0)).is_err());
        assert!(range.check(Some(1_000_000_000)).is_err());
    }
}
