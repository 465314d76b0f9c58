//! Validation of a request against the capabilities of a provider.

use crate::{Capabilities, Error, Request, Result, Seed, StepRange};

/// A request that was validated against a provider's [`Capabilities`].
///
/// Fields that the provider does not support are `None`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResolvedRequest {
    /// The prompt, trimmed.
    pub prompt: String,
    /// The negative prompt, trimmed; `None` if it is empty.
    pub negative_prompt: Option<String>,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
    /// Number of denoising steps.
    pub steps: Option<u32>,
    /// Guidance scale, if one was requested.
    pub guidance: Option<f64>,
    /// Seed of the first image; each further image uses the next one.
    pub seed: Option<u64>,
    /// Number of images.
    pub count: u32,
    /// Messages for the caller, each to be emitted as an [`Event::Notice`](crate::Event::Notice).
    pub notices: Vec<String>,
}

impl Request {
    /// The maximum length of the prompt and of the negative prompt in bytes: 1 MiB, far more than
    /// any model reads.
    pub const MAX_PROMPT: usize = 1 << 20;

    /// The maximum number of denoising steps: 1000, the number of timesteps FLUX was trained with.
    pub const MAX_STEPS: u32 = 1000;

    /// Validates the request against a provider's capabilities. Every provider calls this first.
    ///
    /// A size that is rounded adds a notice. So does a negative prompt, a guidance scale or a
    /// number of steps that the provider does not support.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) with the first invalid field:
    ///
    /// - `prompt`: empty, only whitespace, or longer than [`MAX_PROMPT`](Self::MAX_PROMPT);
    ///   `negative_prompt`: longer than that;
    /// - `width`, `height`: above the maximum, or set if the provider's size is fixed;
    /// - `steps`: outside the provider's range, or outside 1 to [`MAX_STEPS`](Self::MAX_STEPS) if
    ///   the provider has none;
    /// - `guidance`: negative, infinite or NaN;
    /// - `count`: 0, or above the provider's maximum;
    /// - `seed`: the seed of any image is above the maximum, or a seed is set but the provider does
    ///   not support seeds.
    ///
    /// ```
    /// use fluxhop::{Capabilities, Request, SizeRule};
    ///
    /// let mut capabilities = Capabilities::default();
    /// capabilities.size = Some(SizeRule::new(8, 32, 2048, 768));
    /// let resolved = Request::new(" a cat ").with_size(767, -5).resolve(&capabilities)?;
    /// assert_eq!((resolved.prompt.as_str(), resolved.width, resolved.height), ("a cat", Some(760), Some(32)));
    /// assert_eq!(resolved.notices.len(), 2);
    /// # Ok::<(), fluxhop::Error>(())
    /// ```
    pub fn resolve(&self, capabilities: &Capabilities) -> Result<ResolvedRequest> {
        let mut notices = Vec::new();
        let prompt = prompt(&self.prompt)?;
        let negative_prompt = self.negative(capabilities, &mut notices)?;
        let width = side("width", self.width, capabilities, &mut notices)?;
        let height = side("height", self.height, capabilities, &mut notices)?;
        let steps = self.steps(capabilities, &mut notices)?;
        let guidance = self.guidance(capabilities, &mut notices)?;
        if self.count == 0 || self.count > capabilities.max_count {
            let (count, max) = (self.count, capabilities.max_count);
            let message = format!("{count} is not between 1 and {max}");
            return Err(Error::invalid("count", message));
        }
        Ok(ResolvedRequest {
            prompt,
            negative_prompt,
            width,
            height,
            steps,
            guidance,
            seed: self.first_seed(capabilities)?,
            count: self.count,
            notices,
        })
    }

    fn negative(
        &self,
        capabilities: &Capabilities,
        notices: &mut Vec<String>,
    ) -> Result<Option<String>> {
        let negative = self.negative_prompt.as_deref().unwrap_or_default().trim();
        check_length("negative_prompt", negative)?;
        if negative.is_empty() {
            return Ok(None);
        }
        if !capabilities.negative_prompt {
            notices.push("this provider ignores the negative prompt".to_owned());
            return Ok(None);
        }
        Ok(Some(negative.to_owned()))
    }

    fn steps(&self, capabilities: &Capabilities, notices: &mut Vec<String>) -> Result<Option<u32>> {
        if let Some(range) = capabilities.steps {
            return range.check(self.steps).map(Some);
        }
        if let Some(steps) = self.steps {
            StepRange::new(1, Self::MAX_STEPS, 1).check(Some(steps))?;
            notices.push("this provider ignores the number of steps".to_owned());
        }
        Ok(None)
    }

    fn guidance(
        &self,
        capabilities: &Capabilities,
        notices: &mut Vec<String>,
    ) -> Result<Option<f64>> {
        let Some(guidance) = self.guidance else {
            return Ok(None);
        };
        if !guidance.is_finite() || guidance < 0.0 {
            let message = format!("{guidance} is not a finite number of at least 0");
            return Err(Error::invalid("guidance", message));
        }
        if !capabilities.guidance {
            notices.push("this provider ignores the guidance scale".to_owned());
            return Ok(None);
        }
        Ok(Some(guidance))
    }

    fn first_seed(&self, capabilities: &Capabilities) -> Result<Option<u64>> {
        let Some(range) = capabilities.seed else {
            return match self.seed {
                Seed::Random | Seed::Sampled(_) => Ok(None),
                Seed::Fixed(_) => Err(unsupported("seed")),
            };
        };
        let first = self.seed.resolve(range, self.count);
        range.check(first.saturating_add(u64::from(self.count - 1)))?;
        Ok(Some(first))
    }
}

impl ResolvedRequest {
    /// The seed of image `index`, counted from 0.
    pub fn seed_of(&self, index: u32) -> Option<u64> {
        self.seed
            .map(|first| first.saturating_add(u64::from(index)))
    }
}

fn prompt(prompt: &str) -> Result<String> {
    let prompt = prompt.trim();
    if prompt.is_empty() {
        return Err(Error::invalid("prompt", "the prompt is empty"));
    }
    check_length("prompt", prompt)?;
    Ok(prompt.to_owned())
}

fn check_length(field: &'static str, text: &str) -> Result<()> {
    if text.len() <= Request::MAX_PROMPT {
        return Ok(());
    }
    let (length, max) = (text.len(), Request::MAX_PROMPT);
    Err(Error::invalid(
        field,
        format!("{length} bytes exceed the limit of {max}"),
    ))
}

fn side(
    field: &'static str,
    requested: Option<i64>,
    capabilities: &Capabilities,
    notices: &mut Vec<String>,
) -> Result<Option<u32>> {
    let Some(rule) = capabilities.size else {
        return match requested {
            Some(_) => Err(unsupported(field)),
            None => Ok(None),
        };
    };
    let side = rule.fit(field, requested)?;
    if let Some(requested) = requested.filter(|requested| *requested != i64::from(side)) {
        let min = rule.min;
        let multiple = match rule.multiple {
            1 => String::new(),
            multiple => format!("a multiple of {multiple}, "),
        };
        notices.push(format!(
            "{field} {requested} was changed to {side} ({multiple}at least {min})"
        ));
    }
    Ok(Some(side))
}

fn unsupported(field: &'static str) -> Error {
    Error::invalid(field, "this provider does not support setting it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, SeedRange, SizeRule};

    fn flux() -> Capabilities {
        Capabilities {
            size: Some(SizeRule::new(8, 32, 2048, 768)),
            steps: Some(StepRange::new(1, 50, 2)),
            seed: Some(SeedRange::new(100)),
            max_count: 4,
            ..Capabilities::default()
        }
    }

    #[test]
    fn invalid_fields_are_named_in_the_error() {
        let cat = || Request::new("a cat");
        let long = "x".repeat(10 << 20);
        let mut nan = cat();
        nan.guidance = Some(f64::NAN);
        for (field, request) in [
            ("prompt", Request::new("")),
            ("prompt", Request::new(" \n\t\u{a0}")),
            ("prompt", Request::new(long.as_str())),
            ("negative_prompt", cat().with_negative_prompt(long)),
            ("width", cat().with_size(100_000, 64)),
            ("height", cat().with_size(64, 2049)),
            ("steps", cat().with_steps(0)),
            ("steps", cat().with_steps(1_000_000_000)),
            ("guidance", nan),
            ("guidance", cat().with_guidance(-1.0)),
            ("count", cat().with_count(0)),
            ("count", cat().with_count(5)),
            ("seed", cat().with_seed(Seed::Fixed(101))),
            ("seed", cat().with_seed(Seed::Fixed(99)).with_count(3)),
            ("seed", cat().with_seed(Seed::Fixed(u64::MAX)).with_count(4)),
        ] {
            let error = request.resolve(&flux()).expect_err(field);
            assert_eq!(
                error.kind(),
                &ErrorKind::InvalidRequest { field },
                "{error}"
            );
            assert!(error.to_string().len() < 200, "error quotes the prompt");
        }
    }

    #[test]
    fn setting_a_fixed_size_or_seed_is_an_error() {
        let prompt_only = Capabilities::default();
        let cat = || Request::new("a cat");
        for (field, request) in [
            ("width", cat().with_size(64, 64)),
            ("seed", cat().with_seed(Seed::Fixed(1))),
        ] {
            let error = request.resolve(&prompt_only).expect_err(field);
            assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field });
        }
        let sampled = cat().with_seed(Seed::Random.sampled());
        let resolved = sampled.resolve(&prompt_only).expect("valid");
        assert_eq!(
            (resolved.width, resolved.steps, resolved.seed),
            (None, None, None)
        );
    }

    #[test]
    fn unsupported_optional_fields_are_ignored_with_a_notice() {
        let request = Request::new("a cat")
            .with_negative_prompt("dogs")
            .with_guidance(3.5)
            .with_steps(4);
        let mut fixed_steps = flux();
        fixed_steps.steps = None;
        let resolved = request.resolve(&fixed_steps).expect("valid");
        assert_eq!(
            (resolved.negative_prompt, resolved.guidance, resolved.steps),
            (None, None, None)
        );
        assert_eq!(resolved.notices.len(), 3);
        for steps in [0, 1_000_000_000] {
            let error = request
                .clone()
                .with_steps(steps)
                .resolve(&fixed_steps)
                .expect_err("out of range");
            assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "steps" });
        }
        let blank = Request::new("a cat").with_negative_prompt("  ");
        assert_eq!(blank.resolve(&flux()).expect("valid").notices.len(), 0);
    }

    #[test]
    fn the_notice_for_a_rounded_size_explains_the_rounding() {
        let notices = |multiple, side| {
            let mut capabilities = flux();
            capabilities.size = Some(SizeRule::new(multiple, 32, 2048, 768));
            let request = Request::new("a cat").with_size(side, 512);
            request.resolve(&capabilities).expect("valid").notices
        };
        assert_eq!(
            notices(8, 767),
            ["width 767 was changed to 760 (a multiple of 8, at least 32)"]
        );
        assert_eq!(notices(1, 0), ["width 0 was changed to 32 (at least 32)"]);
        assert_eq!(notices(1, 767), [""; 0]);
    }

    #[test]
    fn random_seeds_are_in_range_for_every_image() {
        for _ in 0..100 {
            let resolved = Request::new("a cat")
                .with_count(4)
                .resolve(&flux())
                .expect("valid");
            assert!(resolved.seed_of(3) <= Some(100));
            assert_eq!(resolved.seed_of(1), resolved.seed.map(|seed| seed + 1));
        }
    }

    #[test]
    fn a_prompt_of_the_maximum_length_is_accepted() {
        let prompt = "x".repeat(Request::MAX_PROMPT);
        assert!(Request::new(prompt).resolve(&flux()).is_ok());
    }
}
