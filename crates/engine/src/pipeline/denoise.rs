//! Denoises latents step by step.

use candle_core::{DType, Device, Tensor};
use half::bf16;

use super::latents::Layout;
use super::prompts::Encoded;
use super::{Event, Job, Observer, Pipeline, ensure_finite};
use crate::preview::PreviewMap;
use crate::transformer::CONDITIONED_ROWS;
use crate::{
    Conditions, Decoder, Error, ErrorKind, MemoryPlan, NoiseType, Result, Rope, Schedule,
    Transformer,
};

impl Pipeline {
    /// Returns the latents of each image, `[1, channels, height, width]` in f32 on the CPU.
    ///
    /// Latents stay in f32 between steps regardless of the model's type.
    pub(super) fn denoise(
        &mut self,
        job: &Job,
        plan: &MemoryPlan,
        encoded: &[Encoded],
        observer: &dyn Observer,
    ) -> Result<Vec<Tensor>> {
        if job.previews {
            self.fit_previews(plan, observer)?;
        }
        let transformer = match &mut self.resident.transformer {
            Some(transformer) => transformer,
            empty => {
                let weights = self.files.transformer(&self.device, self.dtype)?;
                empty.insert(Transformer::new(
                    &weights,
                    self.files.transformer_config(),
                    plan.keeps_all,
                )?)
            }
        };
        let config = transformer.config();
        let factor = self.info.side_multiple / 2;
        let layout = Layout {
            channels: config.in_channels / 4,
            height: job.height / factor,
            width: job.width / factor,
        };
        let steps = job.steps.unwrap_or(self.info.default_steps);
        let scheduler = self.files.scheduler_config();
        let schedule = Schedule::new(scheduler, steps, layout.tokens())?;
        let times: Vec<f32> = schedule.sigmas[..steps]
            .iter()
            .map(|sigma| timestep(*sigma, scheduler.num_train_timesteps, self.noise))
            .collect();
        let guidance = job.guidance.or(self.info.default_guidance);
        let guidance = guidance.map(|guidance| model_guidance(guidance, self.noise));
        if job.guidance.is_some() && !self.info.takes_guidance {
            for index in 0..job.images.len() {
                let text =
                    "this model has no guidance input; the guidance scale is ignored".to_owned();
                observer.on_event(Event::Notice { index, text });
            }
        }
        let text = stacked(encoded.iter().map(|encoded| &encoded.text))?;
        let pooled = stacked(encoded.iter().map(|encoded| &encoded.pooled))?;
        let (rows, columns) = (layout.height / 2, layout.width / 2);
        let rope = Rope::new(config, text.dim(1)?, rows, columns, &self.device)?;
        let batch = job.images.len();
        let mut latents = layout.noise(&job.images, self.noise)?;
        let cancel = || observer.is_cancelled();
        let mut conditions: Option<(usize, Conditions)> = None;
        for step in 0..steps {
            let (first, conditions) = match &mut conditions {
                Some((first, cached)) if step < *first + cached.steps() => (*first, &*cached),
                stale => {
                    let count = (CONDITIONED_ROWS / batch).clamp(1, steps - step);
                    let times = &times[step..step + count];
                    let computed = transformer.conditions(times, &pooled, guidance, &cancel)?;
                    let (first, cached) = stale.insert((step, computed));
                    (*first, &*cached)
                }
            };
            let velocity = {
                let latents = latents.to_device(&self.device)?.to_dtype(self.dtype)?;
                transformer.forward(&latents, &text, conditions, step - first, &rope, &cancel)?
            };
            let velocity = velocity.to_dtype(DType::F32)?.to_device(&Device::Cpu)?;
            let when = format!("at step {}", step + 1);
            ensure_finite(&velocity, "the transformer", &when)?;
            let (sigma, next) = (schedule.sigmas[step], schedule.sigmas[step + 1]);
            let advance = |distance: f32| -> Result<Tensor> {
                Ok((&latents + velocity.affine(f64::from(distance), 0.0)?)?)
            };
            let moved = advance(next - sigma)?;
            observer.on_event(Event::Step {
                step: step + 1,
                of: steps,
            });
            let map = self.resident.preview.as_ref();
            if let Some(map) = map.filter(|_| job.previews && step + 1 < steps) {
                // The model's current estimate of the clean image: all noise removed in one step.
                let clean = advance(-sigma)?;
                for index in 0..batch {
                    let latent = layout.unpacked(&clean, index)?;
                    let picture = map.apply(&latent.squeeze(0)?)?;
                    observer.on_event(Event::Preview { index, picture });
                }
            }
            latents = moved;
        }
        (0..batch)
            .map(|index| layout.unpacked(&latents, index))
            .collect()
    }

    /// Fits the preview map unless this was already done.
    fn fit_previews(&mut self, plan: &MemoryPlan, observer: &dyn Observer) -> Result<()> {
        if self.resident.preview.is_none() {
            let cancel = || observer.is_cancelled();
            let map = PreviewMap::fit(self.load_decoder()?, &cancel)?;
            self.resident.preview = Some(map);
            if !plan.keeps_all {
                self.resident.decoder = None;
            }
        }
        Ok(())
    }

    /// The decoder, loaded if necessary.
    pub(super) fn load_decoder(&mut self) -> Result<&Decoder> {
        match &mut self.resident.decoder {
            Some(decoder) => Ok(decoder),
            empty => {
                let weights = self.files.autoencoder(&self.device, self.dtype)?;
                Ok(empty.insert(Decoder::new(&weights, self.files.autoencoder_config())?))
            }
        }
    }
}

/// Concatenates `[1, …]` tensors into one batch.
fn stacked<'a>(tensors: impl Iterator<Item = &'a Tensor>) -> Result<Tensor> {
    let tensors: Vec<&Tensor> = tensors.collect();
    match tensors.as_slice() {
        [] => Err(Error::new(ErrorKind::Device, "empty batch")),
        [one] => Ok((*one).clone()),
        several => Ok(Tensor::cat(several, 0)?),
    }
}

/// The timestep for noise level `sigma`, rounded as diffusers rounds it when it runs in the type of
/// the noise.
///
/// diffusers multiplies σ by the scheduler's training steps, divides by 1000 in the pipeline and
/// multiplies by 1000 in the transformer; in bf16, whose values near 700 are 4 apart, 750 becomes
/// 752.
pub fn timestep(sigma: f32, training_steps: usize, kind: NoiseType) -> f32 {
    let round = rounding(kind);
    round(round(round(sigma * training_steps as f32) / 1000.0) * 1000.0)
}

/// The guidance input of the transformer, rounded like [`timestep`].
pub fn model_guidance(guidance: f32, kind: NoiseType) -> f32 {
    let round = rounding(kind);
    round(round(guidance) * 1000.0)
}

fn rounding(kind: NoiseType) -> impl Fn(f32) -> f32 {
    move |number| match kind {
        NoiseType::F32 => number,
        NoiseType::Bf16 => bf16::from_f32(number).to_f32(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timesteps_are_rounded_as_in_diffusers() {
        assert_eq!(
            timestep(0.75, 1000, NoiseType::F32).to_bits(),
            750_f32.to_bits()
        );
        assert_eq!(
            timestep(0.75, 1000, NoiseType::Bf16).to_bits(),
            752_f32.to_bits()
        );
        assert_eq!(
            model_guidance(3.5, NoiseType::Bf16).to_bits(),
            3504_f32.to_bits()
        );
    }
}
