//! A picture decoded in overlapping tiles.

use candle_core::{Device, Tensor};

use crate::Result;

/// Decodes `latents` `[batch, channels, height, width]` tile by tile.
///
/// Tiles have the side `tile`, or the latent's own where that is less; neighbours overlap by at
/// least a quarter. Where they do, their pixels are mixed by weights that rise linearly from a
/// tile's edge, which is what diffusers' tiled decoding does; tiles are spread evenly here, so that
/// the last is no sliver.
pub(super) fn decode(
    latents: &Tensor,
    tile: usize,
    factor: usize,
    whole: &dyn Fn(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let (batch, _, height, width) = latents.dims4()?;
    let (rows, columns) = (Axis::new(height, tile), Axis::new(width, tile));
    let (out_height, out_width) = (height * factor, width * factor);
    let mut out = vec![0.0_f32; batch * 3 * out_height * out_width];
    for &top in &rows.starts {
        for &left in &columns.starts {
            let part = latents
                .narrow(2, top, rows.size)?
                .narrow(3, left, columns.size)?;
            let picture = whole(&part.contiguous()?)?;
            let numbers = crate::ops::read(&picture)?;
            let down = rows.shares(top, factor);
            let across = columns.shares(left, factor);
            let lines = numbers.as_slice().chunks_exact(across.len());
            for (line, pixels) in lines.enumerate() {
                let (plane, row) = (line / down.len(), line % down.len());
                let start = (plane * out_height + top * factor + row) * out_width + left * factor;
                let target = &mut out[start..start + across.len()];
                for ((out, pixel), share) in target.iter_mut().zip(pixels).zip(&across) {
                    *out += down[row] * share * pixel;
                }
            }
        }
    }
    let shape = (batch, 3, out_height, out_width);
    Ok(Tensor::from_vec(out, shape, &Device::Cpu)?)
}

/// Where tiles begin along one side.
struct Axis {
    starts: Vec<usize>,
    /// Of every tile.
    size: usize,
}

impl Axis {
    fn new(length: usize, tile: usize) -> Self {
        // Below 4 there is no quarter to overlap by.
        let size = tile.max(4).min(length);
        let stride = size - size / 4;
        let more = (length - size).div_ceil(stride.max(1));
        let start = |index: usize| (length - size) * index / more.max(1);
        Self {
            starts: (0..=more).map(start).collect(),
            size,
        }
    }

    /// The share that the tile at `start` has in each of its pixels; all tiles' shares of a pixel
    /// add up to 1.
    fn shares(&self, start: usize, factor: usize) -> Vec<f32> {
        let (begin, size) = (start * factor, self.size * factor);
        let starts = || self.starts.iter().map(|start| start * factor);
        let last = starts().next_back();
        // The distance of the pixel's middle from the nearest edge that has a neighbour.
        let weight = |begin: usize, pixel: usize| {
            let before = if begin == 0 { size } else { pixel - begin };
            let after = if Some(begin) == last {
                size
            } else {
                begin + size - pixel - 1
            };
            before.min(after) as f32 + 0.5
        };
        let share = |pixel: usize| {
            let reached = starts().filter(|&at| at <= pixel && pixel < at + size);
            let sum: f32 = reached.map(|at| weight(at, pixel)).sum();
            weight(begin, pixel) / sum
        };
        (begin..begin + size).map(share).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_every_pixel_add_up_to_one() {
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
                for (at, share) in axis.shares(start, 8).into_iter().enumerate() {
                    assert!(share > 0.0, "{length} {tile}");
                    sums[start * 8 + at] += share;
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
    fn a_decoder_that_works_pixel_by_pixel_gives_the_same_in_tiles() {
        let count = 2 * 3 * 40 * 23;
        let numbers: Vec<f32> = (0..count).map(|i| (i as f32 * 0.7).sin()).collect();
        let latents = Tensor::from_vec(numbers, (2, 3, 40, 23), &Device::Cpu).unwrap();
        let whole = |part: &Tensor| {
            let (_, _, height, width) = part.dims4()?;
            Ok(part.upsample_nearest2d(height * 2, width * 2)?)
        };
        let tiled = decode(&latents, 16, 2, &whole).unwrap();
        let difference = (tiled - whole(&latents).unwrap()).unwrap();
        let largest = difference.abs().unwrap().max_all().unwrap();
        assert!(largest.to_scalar::<f32>().unwrap() < 1e-6);
    }
}
