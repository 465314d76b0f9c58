//! Tiled decoding, which bounds the memory of large images.

use candle_core::{Device, Tensor};

use crate::Result;

/// Decodes `latents`, `[batch, channels, height, width]`, tile by tile with `decode_tile`.
///
/// `factor` is the ratio of image pixels to latent pixels per side.
///
/// Tiles have the side `tile`, or that of the latent if it is shorter; neighbours overlap by at least
/// a quarter. In an overlap, the tiles are blended with weights that rise linearly from the edge of
/// each tile, as in diffusers' tiled decoding. Unlike there, tiles are spaced evenly and have equal
/// sizes.
pub(super) fn decode(
    latents: &Tensor,
    tile: usize,
    factor: usize,
    decode_tile: &dyn Fn(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let (batch, _, height, width) = latents.dims4()?;
    let (rows, columns) = (Axis::new(height, tile), Axis::new(width, tile));
    let (out_height, out_width) = (height * factor, width * factor);
    let mut out = vec![0.0_f32; batch * 3 * out_height * out_width];
    for &top in &rows.starts {
        for &left in &columns.starts {
            let tile = latents
                .narrow(2, top, rows.size)?
                .narrow(3, left, columns.size)?;
            let image = decode_tile(&tile.contiguous()?)?;
            let numbers = crate::ops::read(&image)?;
            let row_weights = rows.weights(top, factor);
            let column_weights = columns.weights(left, factor);
            let lines = numbers.as_slice().chunks_exact(column_weights.len());
            for (line, pixels) in lines.enumerate() {
                let (plane, row) = (line / row_weights.len(), line % row_weights.len());
                let start = (plane * out_height + top * factor + row) * out_width + left * factor;
                let target = &mut out[start..start + column_weights.len()];
                for ((out, pixel), weight) in target.iter_mut().zip(pixels).zip(&column_weights) {
                    *out += row_weights[row] * weight * pixel;
                }
            }
        }
    }
    let shape = (batch, 3, out_height, out_width);
    Ok(Tensor::from_vec(out, shape, &Device::Cpu)?)
}

/// The tiles along one side, in latent pixels.
struct Axis {
    starts: Vec<usize>,
    /// The size of each tile.
    size: usize,
}

impl Axis {
    fn new(length: usize, tile: usize) -> Self {
        // The overlap, a quarter of the size, must be at least one pixel.
        let size = tile.max(4).min(length);
        let stride = size - size / 4;
        let last = (length - size).div_ceil(stride.max(1));
        let start = |index: usize| (length - size) * index / last.max(1);
        Self {
            starts: (0..=last).map(start).collect(),
            size,
        }
    }

    /// The blending weight of each image pixel of the tile at `start`. The weights of all tiles for
    /// a pixel add up to 1.
    fn weights(&self, start: usize, factor: usize) -> Vec<f32> {
        let (begin, size) = (start * factor, self.size * factor);
        let starts = || self.starts.iter().map(|start| start * factor);
        let last = starts().next_back();
        // The distance from the centre of the pixel to the nearest edge with a neighbour.
        let distance = |begin: usize, pixel: usize| {
            let before = if begin == 0 { size } else { pixel - begin };
            let after = if Some(begin) == last {
                size
            } else {
                begin + size - pixel - 1
            };
            before.min(after) as f32 + 0.5
        };
        let weight = |pixel: usize| {
            let covering = starts().filter(|&start| start <= pixel && pixel < start + size);
            let sum: f32 = covering.map(|start| distance(start, pixel)).sum();
            distance(begin, pixel) / sum
        };
        (begin..begin + size).map(weight).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_of_every_pixel_add_up_to_one() {
        for (length, tile) in [
            (130, 128),
            (200, 64),
            (64, 64),
            (97, 32),
            (7, 3),
            (512, 128),
        ] {
            let axis = Axis::new(length, tile);
            let mut sums = vec![0.0; length * 8];
            for &start in &axis.starts {
                for (at, weight) in axis.weights(start, 8).into_iter().enumerate() {
                    assert!(weight > 0.0, "{length} {tile}");
                    sums[start * 8 + at] += weight;
                }
            }
            assert!(
                sums.iter().all(|sum: &f32| (sum - 1.0).abs() < 1e-5),
                "{length} {tile}"
            );
            let overlaps = axis
                .starts
                .windows(2)
                .all(|pair| pair[1] - pair[0] <= axis.size * 3 / 4 + 1);
            assert!(overlaps, "{length} {tile} {:?}", axis.starts);
        }
    }

    #[test]
    fn tiling_does_not_change_the_output_of_a_pixelwise_decoder() {
        let count = 2 * 3 * 40 * 23;
        let numbers: Vec<f32> = (0..count).map(|i| (i as f32 * 0.7).sin()).collect();
        let latents = Tensor::from_vec(numbers, (2, 3, 40, 23), &Device::Cpu).unwrap();
        let decode_pixelwise = |latents: &Tensor| {
            let (_, _, height, width) = latents.dims4()?;
            Ok(latents.upsample_nearest2d(height * 2, width * 2)?)
        };
        let tiled = decode(&latents, 16, 2, &decode_pixelwise).unwrap();
        let difference = (tiled - decode_pixelwise(&latents).unwrap()).unwrap();
        let largest = difference.abs().unwrap().max_all().unwrap();
        assert!(largest.to_scalar::<f32>().unwrap() < 1e-6);
    }
}
