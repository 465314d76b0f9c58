//! Decodes latents into pixels.

use candle_core::Tensor;

use super::{Event, Job, Observer, Pipeline, ensure_finite};
use crate::picture::to_byte;
use crate::{MemoryPlan, Picture, Result};

impl Pipeline {
    /// Decodes latents one at a time.
    pub(super) fn decode(
        &mut self,
        job: &Job,
        plan: &MemoryPlan,
        latents: &[Tensor],
        observer: &dyn Observer,
    ) -> Result<Vec<Picture>> {
        if !plan.keeps_transformer {
            self.drop_transformer();
        }
        let decoder = self.load_decoder()?;
        let cancel = || observer.is_cancelled();
        let mut images = Vec::with_capacity(latents.len());
        for (index, latent) in latents.iter().enumerate() {
            observer.on_event(Event::Decoding {
                index,
                of: job.images.len(),
            });
            let planes = decoder.decode(latent, plan.tile, &cancel)?;
            ensure_finite(&planes, "the autoencoder", "for the image")?;
            images.push(picture(&planes)?);
        }
        if !plan.keeps_all {
            self.resident.decoder = None;
        }
        Ok(images)
    }
}

/// Converts planes `[1, 3, height, width]` with values in -1..=1 to pixels.
fn picture(planes: &Tensor) -> Result<Picture> {
    let (_, _, height, width) = planes.dims4()?;
    let planes = planes.flatten_all()?;
    let numbers = crate::ops::read(&planes)?;
    let numbers = numbers.as_slice();
    let pixels = height * width;
    let rgb = (0..pixels)
        .flat_map(|pixel| [0, 1, 2].map(|plane| to_byte(numbers[plane * pixels + pixel])))
        .collect();
    Ok(Picture {
        width: width as u32,
        height: height as u32,
        rgb,
    })
}
