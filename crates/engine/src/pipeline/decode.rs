//! Latents into pixels.

use candle_core::Tensor;

use super::{Event, Job, Observer, Picture, Pipeline, ensure_finite};
use crate::{MemoryPlan, Result};

impl Pipeline {
    /// The pictures of the latents, decoded one at a time.
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
        let mut pictures = Vec::with_capacity(latents.len());
        for (drawing, latent) in latents.iter().enumerate() {
            observer.tell(Event::Decoding {
                drawing,
                of: job.drawings.len(),
            });
            let planes = decoder.decode(latent, plan.tile, &cancel)?;
            ensure_finite(&planes, "the autoencoder", "for the picture")?;
            pictures.push(picture(&planes)?);
        }
        if !plan.keeps_all {
            self.resident.decoder = None;
        }
        Ok(pictures)
    }
}

/// Planes `[1, 3, height, width]` from -1 to 1 as pixels.
fn picture(planes: &Tensor) -> Result<Picture> {
    let (_, _, height, width) = planes.dims4()?;
    let planes = planes.flatten_all()?;
    let numbers = crate::ops::read(&planes)?;
    let numbers = numbers.as_slice();
    let pixels = height * width;
    let rgb = (0..pixels)
        .flat_map(|pixel| [0, 1, 2].map(|plane| byte(numbers[plane * pixels + pixel])))
        .collect();
    Ok(Picture {
        width: width as u32,
        height: height as u32,
        rgb,
    })
}

/// A colour from -1 to 1 as a byte, rounded as numpy does: halves to the even side.
pub(crate) fn byte(value: f32) -> u8 {
    ((value * 0.5 + 0.5).clamp(0.0, 1.0) * 255.0).round_ties_even() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_beyond_the_range_are_clamped() {
        assert_eq!([-7.0, -1.0, 0.0, 1.0, 1.5].map(byte), [0, 0, 128, 255, 255]);
    }
}
