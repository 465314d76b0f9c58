//! The layout of latents: planes, and 2 × 2 patches packed into tokens for the transformer.

use candle_core::{Device, Tensor};

use super::ImageRequest;
use crate::{NoiseType, Result, noise};

/// The starting noise of an image, `[tokens, 4 · channels]` row by row: generated as
/// `[channels, height, width]` of the latent, then packed.
pub fn starting_noise(
    seed: u64,
    channels: usize,
    height: usize,
    width: usize,
    kind: NoiseType,
) -> Vec<f32> {
    let planes = noise(seed, channels * height * width, kind);
    let mut packed = Vec::with_capacity(planes.len());
    for (row, column) in grid(height / 2, width / 2) {
        for channel in 0..channels {
            for (y, x) in grid(2, 2) {
                let line = channel * height + row * 2 + y;
                packed.push(planes[line * width + column * 2 + x]);
            }
        }
    }
    packed
}

/// The dimensions of latents.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) channels: usize,
    /// In latent pixels; even.
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Layout {
    /// The number of tokens of one image.
    pub(super) fn tokens(self) -> usize {
        self.height / 2 * (self.width / 2)
    }

    /// The starting noise of each image: `[images, tokens, 4 · channels]` on the CPU.
    pub(super) fn noise(self, images: &[ImageRequest], kind: NoiseType) -> Result<Tensor> {
        let Self {
            channels,
            height,
            width,
        } = self;
        let image_noise =
            |image: &ImageRequest| starting_noise(image.seed, channels, height, width, kind);
        let packed: Vec<f32> = images.iter().flat_map(image_noise).collect();
        let shape = (images.len(), self.tokens(), 4 * channels);
        Ok(Tensor::from_vec(packed, shape, &Device::Cpu)?)
    }

    /// Unpacks one image of a batch to `[1, channels, height, width]`.
    pub(super) fn unpacked(self, packed: &Tensor, index: usize) -> Result<Tensor> {
        let Self {
            channels,
            height,
            width,
        } = self;
        let packed = packed.narrow(0, index, 1)?.flatten_all()?.contiguous()?;
        let numbers = crate::ops::read(&packed)?;
        let mut numbers = numbers.as_slice().iter();
        let mut planes = vec![0.0; channels * height * width];
        for (row, column) in grid(height / 2, width / 2) {
            for channel in 0..channels {
                for ((y, x), number) in grid(2, 2).zip(&mut numbers) {
                    let line = channel * height + row * 2 + y;
                    planes[line * width + column * 2 + x] = *number;
                }
            }
        }
        let shape = (1, channels, height, width);
        Ok(Tensor::from_vec(planes, shape, &Device::Cpu)?)
    }
}

fn grid(rows: usize, columns: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_orders_by_channel_row_and_column() {
        let planes = noise(5, 3 * 4 * 6, NoiseType::F32);
        let packed = starting_noise(5, 3, 4, 6, NoiseType::F32);
        // Token (1, 2), channel 1, the lower left pixel of its patch.
        let (packed_index, plane_index) = ((3 + 2) * 12 + 4 + 2, 4 * 6 + 3 * 6 + 4);
        assert_eq!(
            packed[packed_index].to_bits(),
            planes[plane_index].to_bits()
        );
    }

    #[test]
    fn unpacking_reverses_packing() {
        let layout = Layout {
            channels: 3,
            height: 4,
            width: 6,
        };
        let images = [1, 2].map(|seed| ImageRequest::new("", seed));
        let packed = layout.noise(&images, NoiseType::F32).unwrap();
        for (index, image) in images.iter().enumerate() {
            let planes = layout.unpacked(&packed, index).unwrap();
            let planes = planes.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            assert_eq!(planes, noise(image.seed, 3 * 4 * 6, NoiseType::F32));
        }
    }
}
