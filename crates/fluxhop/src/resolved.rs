//! A request made definite: checked, and fitted to what a provider can do.

use crate::{Capabilities, Error, Request, Result, Seed, StepRange};

/// What a provider sends, once a request was checked against its [`Capabilities`].
///
/// A field is absent where the provider has no such setting.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResolvedRequest {
    /// The prompt, without white space around it.
    pub prompt: String,
    /// The negative prompt, likewise.
    pub negative_prompt: Option<String>,
    /// Pixels from left to right.
    pub width: Option<u32>,
    /// Pixels from top to bottom.
    pub height: Option<u32>,
    /// Denoising steps.
    pub steps: Option<u32>,
    /// The guidance scale, where one was asked for.
    pub guidance: Option<f64>,
    /// The seed of the first picture; those of the others count up from it.
    pub seed: Option<u64>,
    /// How many pictures.
    pub count: u32,
    /// What the caller should know, each for an [`Event::Notice`](crate::Event::Notice).
    pub notices: Vec<String>,
}

impl Request {
    /// The longest prompt, and negative prompt, in bytes: 1 MiB, far above what any model reads.
    pub const MAX_PROMPT: usize = 1 << 20;

    /// The most denoising steps: as many as the times that FLUX was trained on.
    pub const MAX_STEPS: u32 = 1000;

    /// Checks the request against what a provider can do; every provider begins with this.
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) names the first field that is wrong:
    ///
    /// - `prompt`: empty, white space alone, or longer than [`MAX_PROMPT`](Self::MAX_PROMPT);
    ///   `negative_prompt`: longer than that;
    /// - `width`, `height`: above the greatest side, or set where the size cannot be chosen; a side
    ///   that is rounded gives a notice;
    /// - `steps`: out of the provider's range, or of 1 to [`MAX_STEPS`](Self::MAX_STEPS);
    /// - `guidance`: negative or not a number;
    /// - `count`: 0, or above the provider's most;
    /// - `seed`: that of any picture above the greatest, or fixed where it cannot be chosen.
    ///
    /// A negative prompt, a guidance scale or steps that the provider does not take give a notice.
    ///
    /// ```
    /// use fluxhop::{Capabilities, Request, SizeRule};
    ///
    /// let mut capabilities = Capabilities::default();
    /// capabilities.size = Some(SizeRule::new(8, 32, 2048, 768));
    /// let plan = Request::new(" a cat ").with_size(767, -5).resolve(&capabilities)?;
    /// assert_eq!((plan.prompt.as_str(), plan.width, plan.height), ("a cat", Some(760), Some(32)));
    /// assert_eq!(plan.notices.len(), 2);
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
            let (count, most) = (self.count, capabilities.max_count);
            let message = format!("{count} is not between 1 and {most}");
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
            notices.push("the negative prompt has no effect here".to_owned());
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
            notices.push("the number of steps has no effect here".to_owned());
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
            let message = format!("{guidance} is not a number from 0 up");
            return Err(Error::invalid("guidance", message));
        }
        if !capabilities.guidance {
            notices.push("the guidance scale has no effect here".to_owned());
            return Ok(None);
        }
        Ok(Some(guidance))
    }

    fn first_seed(&self, capabilities: &Capabilities) -> Result<Option<u64>> {
        let Some(range) = capabilities.seed else {
            return match self.seed {
                Seed::Random | Seed::Sampled(_) => Ok(None),
                Seed::Fixed(_) => Err(fixed("seed")),
            };
        };
        let first = self.seed.resolve(range, self.count);
        range.check(first.saturating_add(u64::from(self.count - 1)))?;
        Ok(Some(first))
    }
}

impl ResolvedRequest {
    /// The seed of picture `index`, from 0.
    pub fn seed_of(&self, index: u32) -> Option<u64> {
        self.seed
            .map(|first| first.saturating_add(u64::from(index)))
    }
}

fn prompt(prompt: &str) -> Result<String> {
    let prompt = prompt.trim();
    if prompt.is_empty() {
        return Err(Error::invalid(
            "prompt",
            "it is empty: say what the picture shows",
        ));
    }
    check_length("prompt", prompt)?;
    Ok(prompt.to_owned())
}

fn check_length(field: &'static str, text: &str) -> Result<()> {
    if text.len() <= Request::MAX_PROMPT {
        return Ok(());
    }
    let (length, most) = (text.len(), Request::MAX_PROMPT);
    Err(Error::invalid(
        field,
        format!("{length} bytes are above the limit of {most}"),
    ))
}

fn side(
    field: &'static str,
    asked: Option<i64>,
    capabilities: &Capabilities,
    notices: &mut Vec<String>,
) -> Result<Option<u32>> {
    let Some(rule) = capabilities.size else {
        return match asked {
            Some(_) => Err(fixed(field)),
            None => Ok(None),
        };
    };
    let side = rule.fit(field, asked)?;
    if let Some(asked) = asked.filter(|asked| *asked != i64::from(side)) {
        let min = rule.min;
        let multiple = match rule.multiple {
            1 => String::new(),
            multiple => format!("a multiple of {multiple}, "),
        };
        notices.push(format!(
            "{field} {asked} is drawn as {side}: {multiple}at least {min}"
        ));
    }
    Ok(Some(side))
}

fn fixed(field: &'static str) -> Error {
    Error::invalid(field, "it cannot be chosen here: leave it out")
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
    fn what_is_wrong_is_named() {
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
            assert!(error.to_string().len() < 200, "the prompt is not quoted");
        }
    }

    #[test]
    fn what_cannot_be_chosen_must_be_left_out() {
        let nothing = Capabilities::default();
        let cat = || Request::new("a cat");
        for (field, request) in [
            ("width", cat().with_size(64, 64)),
            ("seed", cat().with_seed(Seed::Fixed(1))),
        ] {
            let error = request.resolve(&nothing).expect_err(field);
            assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field });
        }
        let drawn = cat().with_seed(Seed::Random.sampled());
        let resolved = drawn.resolve(&nothing).expect("nothing asked for");
        assert_eq!(
            (resolved.width, resolved.steps, resolved.seed),
            (None, None, None)
        );
    }

    #[test]
    fn extras_without_effect_give_notices_and_are_left_out() {
        let request = Request::new("a cat")
            .with_negative_prompt("dogs")
            .with_guidance(3.5)
            .with_steps(4);
        let mut fixed_steps = flux();
        fixed_steps.steps = None;
        let resolved = request.resolve(&fixed_steps).expect("a resolved");
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
                .expect_err("no number of steps");
            assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "steps" });
        }
        let blank = Request::new("a cat").with_negative_prompt("  ");
        assert_eq!(blank.resolve(&flux()).expect("a resolved").notices.len(), 0);
    }

    #[test]
    fn a_size_that_does_not_fit_is_made_to_and_told_with_its_rule() {
        let notices = |multiple, side| {
            let mut capabilities = flux();
            capabilities.size = Some(SizeRule::new(multiple, 32, 2048, 768));
            let request = Request::new("a cat").with_size(side, 512);
            request.resolve(&capabilities).expect("a resolved").notices
        };
        assert_eq!(
            notices(8, 767),
            ["width 767 is drawn as 760: a multiple of 8, at least 32"]
        );
        assert_eq!(notices(1, 0), ["width 0 is drawn as 32: at least 32"]);
        assert_eq!(notices(1, 767), [""; 0]);
    }

    #[test]
    fn every_picture_of_a_random_request_has_a_seed_in_range() {
        for _ in 0..100 {
            let resolved = Request::new("a cat")
                .with_count(4)
                .resolve(&flux())
                .expect("a resolved");
            assert!(resolved.seed_of(3) <= Some(100));
            assert_eq!(resolved.seed_of(1), resolved.seed.map(|seed| seed + 1));
        }
    }

    #[test]
    fn a_prompt_at_the_limit_is_taken() {
        let prompt = "x".repeat(Request::MAX_PROMPT);
        assert!(Request::new(prompt).resolve(&flux()).is_ok());
    }
}
