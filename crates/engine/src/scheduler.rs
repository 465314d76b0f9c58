//! The noise schedule: flow matching with Euler steps, computed like diffusers'
//! `FlowMatchEulerDiscreteScheduler` for FLUX.

use serde::Deserialize;

use crate::{Error, Result};

/// The maximum number of steps.
pub(crate) const MAX_STEPS: usize = 1000;

/// A `scheduler_config.json` of diffusers. Missing fields have diffusers' defaults.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "mirrors the fields of the file"
)]
pub struct SchedulerConfig {
    /// The class of the scheduler; only `FlowMatchEulerDiscreteScheduler` is supported.
    #[serde(rename = "_class_name")]
    pub class_name: String,
    /// The timestep of noise level 1.
    pub num_train_timesteps: usize,
    /// The constant shift, unused if the shift is dynamic. A value above 1 raises the noise levels.
    pub shift: f64,
    /// Whether the shift depends on the number of image tokens.
    pub use_dynamic_shifting: bool,
    /// The dynamic shift μ at `base_image_seq_len` image tokens.
    pub base_shift: f64,
    /// The dynamic shift μ at `max_image_seq_len` image tokens.
    pub max_shift: f64,
    /// The number of image tokens at which the dynamic shift is `base_shift`.
    pub base_image_seq_len: usize,
    /// The number of image tokens at which the dynamic shift is `max_shift`.
    pub max_image_seq_len: usize,
    /// How the dynamic shift is applied.
    pub time_shift_type: TimeShift,
    /// The last noise level above 0; all levels are stretched to end there.
    pub shift_terminal: Option<f64>,
    /// Not supported.
    pub invert_sigmas: bool,
    /// Not supported.
    pub use_karras_sigmas: bool,
    /// Not supported.
    pub use_exponential_sigmas: bool,
    /// Not supported.
    pub use_beta_sigmas: bool,
    /// Not supported.
    pub stochastic_sampling: bool,
}

/// How a dynamic shift μ is applied: it maps σ to `a / (a + 1/σ − 1)`, with an `a` that depends on
/// the variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TimeShift {
    /// `a = exp(μ)`.
    Exponential,
    /// `a = μ`.
    Linear,
}

impl Default for SchedulerConfig {
    fn default() -> Self {
        Self {
            class_name: "FlowMatchEulerDiscreteScheduler".into(),
            num_train_timesteps: 1000,
            shift: 1.0,
            use_dynamic_shifting: false,
            base_shift: 0.5,
            max_shift: 1.15,
            base_image_seq_len: 256,
            max_image_seq_len: 4096,
            time_shift_type: TimeShift::Exponential,
            shift_terminal: None,
            invert_sigmas: false,
            use_karras_sigmas: false,
            use_exponential_sigmas: false,
            use_beta_sigmas: false,
            stochastic_sampling: false,
        }
    }
}

impl SchedulerConfig {
    /// Checks for unsupported and invalid values; the error names the field.
    pub fn check(&self) -> Result<()> {
        let reject =
            |field: &str, why: &str| Err(Error::model(format!("the scheduler's `{field}` {why}")));
        if self.class_name != "FlowMatchEulerDiscreteScheduler" {
            let why = format!(
                "is {}, but only FlowMatchEulerDiscreteScheduler is supported",
                self.class_name
            );
            return reject("_class_name", &why);
        }
        let flags = [
            ("invert_sigmas", self.invert_sigmas),
            ("use_karras_sigmas", self.use_karras_sigmas),
            ("use_exponential_sigmas", self.use_exponential_sigmas),
            ("use_beta_sigmas", self.use_beta_sigmas),
            ("stochastic_sampling", self.stochastic_sampling),
        ];
        for (field, set) in flags {
            if set {
                return reject(field, "is not supported");
            }
        }
        if self.num_train_timesteps == 0 {
            return reject("num_train_timesteps", "is 0");
        }
        if !(self.shift.is_finite() && self.shift > 0.0) {
            return reject("shift", "is not a finite number above 0");
        }
        for (field, shift) in [
            ("base_shift", self.base_shift),
            ("max_shift", self.max_shift),
        ] {
            if !shift.is_finite() {
                return reject(field, "is not finite");
            }
        }
        if self.base_image_seq_len >= self.max_image_seq_len {
            return reject("max_image_seq_len", "is not above `base_image_seq_len`");
        }
        if let Some(last) = self.shift_terminal
            && !(0.0..1.0).contains(&last)
        {
            return reject("shift_terminal", "is not in [0, 1)");
        }
        Ok(())
    }

    /// The dynamic shift μ, interpolated linearly between `base_shift` and `max_shift`.
    fn dynamic_shift(&self, image_tokens: usize) -> f64 {
        let (base, max) = (
            self.base_image_seq_len as f64,
            self.max_image_seq_len as f64,
        );
        let slope = (self.max_shift - self.base_shift) / (max - base);
        image_tokens as f64 * slope + (self.base_shift - slope * base)
    }
}

/// The noise levels of each step.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Schedule {
    /// The noise levels, from 1 down to 0: one more than there are steps.
    pub sigmas: Vec<f32>,
    /// The timestep of each step, σ · `num_train_timesteps`, as diffusers passes it to the
    /// transformer.
    pub timesteps: Vec<f32>,
}

/// Fails unless the number of steps is between 1 and [`MAX_STEPS`].
pub(crate) fn check_steps(steps: usize) -> Result<()> {
    if !(1..=MAX_STEPS).contains(&steps) {
        let message = format!("{steps} is not between 1 and {MAX_STEPS}");
        return Err(Error::invalid("steps", message));
    }
    Ok(())
}

impl Schedule {
    /// Computes the schedule of `steps` steps, 1 to 1000, for an image of `image_tokens` tokens (one
    /// per 256 pixels).
    ///
    /// The noise levels are computed in f32 from evenly spaced values in f64, as in diffusers, which
    /// uses numpy.
    ///
    /// Fails if `config` is not supported, or if the shift produces noise levels that are not finite.
    pub fn new(config: &SchedulerConfig, steps: usize, image_tokens: usize) -> Result<Self> {
        config.check()?;
        check_steps(steps)?;
        let mut sigmas = linspace(steps);
        if config.use_dynamic_shifting {
            let mu = config.dynamic_shift(image_tokens);
            let a = match config.time_shift_type {
                TimeShift::Exponential => mu.exp() as f32,
                TimeShift::Linear => mu as f32,
            };
            for sigma in &mut sigmas {
                *sigma = a / (a + (1.0 / *sigma - 1.0));
            }
        } else {
            let (shift, excess) = (config.shift as f32, (config.shift - 1.0) as f32);
            for sigma in &mut sigmas {
                *sigma = shift * *sigma / (1.0 + excess * *sigma);
            }
        }
        if let Some(last) = config.shift_terminal.filter(|&last| last > 0.0) {
            let factor = (1.0 - sigmas[steps - 1]) / (1.0 - last) as f32;
            for sigma in &mut sigmas {
                *sigma = 1.0 - (1.0 - *sigma) / factor;
            }
        }
        if !sigmas.iter().all(|sigma| sigma.is_finite()) {
            let message =
                format!("the scheduler's shift produces non-finite noise levels for {steps} steps");
            return Err(Error::invalid("steps", message));
        }
        let scale = config.num_train_timesteps as f32;
        let timesteps = sigmas.iter().map(|sigma| sigma * scale).collect();
        sigmas.push(0.0);
        Ok(Self { sigmas, timesteps })
    }
}

/// `numpy.linspace(1, 1 / steps, steps)`, rounded to f32.
fn linspace(steps: usize) -> Vec<f32> {
    let last = 1.0 / steps as f64;
    let step = (last - 1.0) / (steps as f64 - 1.0);
    let mut values: Vec<f32> = (0..steps)
        .map(|i| if i == 0 { 1.0 } else { i as f64 * step + 1.0 } as f32)
        .collect();
    if let [_, .., end] = values.as_mut_slice() {
        *end = last as f32;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[derive(Deserialize)]
    struct Case {
        config: SchedulerConfig,
        steps: usize,
        image_tokens: usize,
        sigmas: Vec<f32>,
        timesteps: Vec<f32>,
    }

    #[test]
    fn schedules_equal_those_of_diffusers_bit_for_bit() {
        let golden = include_str!("../tests/golden/schedules.json");
        let cases: Vec<Case> = serde_json::from_str(golden).expect("invalid JSON");
        assert_eq!(cases.len(), 189);

        for case in cases {
            let schedule = Schedule::new(&case.config, case.steps, case.image_tokens)
                .expect("failed to compute the schedule");
            let context = format!("{:?}, {} steps", case.config, case.steps);
            assert_eq!(schedule.sigmas, case.sigmas, "{context}");
            assert_eq!(schedule.timesteps, case.timesteps, "{context}");
        }
    }

    #[test]
    fn four_steps_without_shift_are_evenly_spaced() {
        let schedule = Schedule::new(&SchedulerConfig::default(), 4, 4096)
            .expect("failed to compute the schedule");
        assert_eq!(schedule.sigmas, [1.0, 0.75, 0.5, 0.25, 0.0]);
    }

    #[test]
    fn step_counts_out_of_range_are_rejected() {
        for steps in [0, 1001, 1_000_000] {
            let error = Schedule::new(&SchedulerConfig::default(), steps, 1024)
                .expect_err("accepted an invalid step count");
            assert_eq!(*error.kind(), ErrorKind::InvalidRequest { field: "steps" });
            assert!(error.message().contains("between 1 and 1000"), "{error}");
        }
        assert!(Schedule::new(&SchedulerConfig::default(), 1000, 1024).is_ok());
    }

    #[test]
    fn unsupported_and_invalid_fields_are_named_in_the_error() {
        for (text, field) in [
            (r#"{"use_karras_sigmas": true}"#, "use_karras_sigmas"),
            (
                r#"{"use_exponential_sigmas": true}"#,
                "use_exponential_sigmas",
            ),
            (r#"{"use_beta_sigmas": true}"#, "use_beta_sigmas"),
            (r#"{"stochastic_sampling": true}"#, "stochastic_sampling"),
            (r#"{"invert_sigmas": true}"#, "invert_sigmas"),
            (r#"{"_class_name": "DDIMScheduler"}"#, "_class_name"),
            (r#"{"num_train_timesteps": 0}"#, "num_train_timesteps"),
            (r#"{"shift": 0.0}"#, "shift"),
            (r#"{"max_image_seq_len": 256}"#, "max_image_seq_len"),
            (r#"{"shift_terminal": 1.0}"#, "shift_terminal"),
        ] {
            let config: SchedulerConfig = serde_json::from_str(text).expect("invalid JSON");
            let error = Schedule::new(&config, 4, 1024).expect_err(field);
            assert_eq!(*error.kind(), ErrorKind::Model);
            assert!(error.message().contains(&format!("`{field}`")), "{error}");
        }
    }

    #[test]
    fn a_schedule_that_is_not_finite_is_rejected() {
        // The only step is at noise level 1, which cannot be stretched to 0.1.
        let config = SchedulerConfig {
            shift_terminal: Some(0.1),
            ..SchedulerConfig::default()
        };
        let error =
            Schedule::new(&config, 1, 1024).expect_err("accepted a schedule that is not finite");
        assert_eq!(*error.kind(), ErrorKind::InvalidRequest { field: "steps" });
        assert!(Schedule::new(&config, 2, 1024).is_ok());
    }
}
