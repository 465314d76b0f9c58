//! Convolutions of channels-last maps as matrix products, whose rows are the pixels' patches.

use std::ops::Range;

use super::Shape4;
use super::float::{self, Rows};
use super::simd::SimdLevel;

/// The packed weight of a convolution.
#[derive(Clone, Debug)]
pub(crate) struct Kernel {
    packed: Vec<f32>,
    side: usize,
}

impl Kernel {
    /// Packs a weight `[out, side, side, in]`.
    pub(crate) fn new(weight: &[f32], outputs: usize, side: usize) -> Self {
        Self::at(SimdLevel::best(), weight, outputs, side)
    }

    pub(super) fn at(level: SimdLevel, weight: &[f32], outputs: usize, side: usize) -> Self {
        let depth = weight.len() / outputs.max(1);
        let packed = float::pack_rows(level, weight, outputs, depth);
        Self { packed, side }
    }
}

/// Convolves the maps; `shape` is batch, height, width, channels.
pub(crate) fn convolution(x: &[f32], shape: Shape4, kernel: &Kernel, bias: &[f32]) -> Vec<f32> {
    convolution_at(SimdLevel::best(), x, shape, kernel, bias)
}

pub(super) fn convolution_at(
    level: SimdLevel,
    x: &[f32],
    shape: Shape4,
    kernel: &Kernel,
    bias: &[f32],
) -> Vec<f32> {
    let (batch, height, width, _) = shape;
    let mut out = vec![0.0; batch * height * width * bias.len()];
    let patches = Patches {
        maps: x,
        shape,
        side: kernel.side,
    };
    float::multiply_rows(level, &patches, &kernel.packed, bias, &mut out);
    out
}

/// The patch of each pixel as a row: the channels of its pixels, zero outside the map.
struct Patches<'a> {
    maps: &'a [f32],
    shape: Shape4,
    side: usize,
}

impl Rows for Patches<'_> {
    fn count(&self) -> usize {
        let (batch, height, width, _) = self.shape;
        batch * height * width
    }

    fn depth(&self) -> usize {
        self.side * self.side * self.shape.3
    }

    fn block<'a>(
        &'a self,
        rows: Range<usize>,
        depths: Range<usize>,
        buffer: &'a mut [f32],
    ) -> (&'a [f32], usize) {
        let channels = self.shape.3;
        if self.side == 1 {
            return (&self.maps[rows.start * channels + depths.start..], channels);
        }
        for (row, out) in rows.zip(buffer.chunks_exact_mut(float::BLOCK_STRIDE)) {
            self.gather(row, depths.clone(), out);
        }
        (buffer, float::BLOCK_STRIDE)
    }
}

impl Patches<'_> {
    /// Copies the numbers `depths` of a pixel's patch.
    fn gather(&self, pixel: usize, depths: Range<usize>, mut out: &mut [f32]) {
        let (_, height, width, channels) = self.shape;
        let (map, row, column) = (
            pixel / width / height,
            pixel / width % height,
            pixel % width,
        );
        let reach = self.side / 2;
        let mut depth = depths.start;
        while depth < depths.end {
            let (tap, channel) = (depth / channels, depth % channels);
            let count = (channels - channel).min(depths.end - depth);
            let (tap_out, rest) = out.split_at_mut(count);
            let (y, x) = (row + tap / self.side, column + tap % self.side);
            let inside =
                (reach..height + reach).contains(&y) && (reach..width + reach).contains(&x);
            if inside {
                let pixel = (map * height + y - reach) * width + x - reach;
                tap_out.copy_from_slice(&self.maps[pixel * channels + channel..][..count]);
            } else {
                tap_out.fill(0.0);
            }
            out = rest;
            depth += count;
        }
    }
}
