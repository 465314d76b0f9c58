//! Convolutions of channels-last maps, as products: a row is the patch that a pixel looks at.

use std::ops::Range;

use super::Shape4;
use super::float::{self, Rows};
use super::simd::SimdLevel;

/// The weight of a convolution, packed for the product.
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

/// The maps convolved, `shape` being batch, height, width, channels.
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

/// Every pixel's patch as a row: its pixels' channels, pixel by pixel, 0 beyond the border.
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
        deep: Range<usize>,
        block: &'a mut [f32],
    ) -> (&'a [f32], usize) {
        let channels = self.shape.3;
        if self.side == 1 {
            return (&self.maps[rows.start * channels + deep.start..], channels);
        }
        for (row, out) in rows.zip(block.chunks_exact_mut(float::STRIDE)) {
            self.gather(row, deep.clone(), out);
        }
        (block, float::STRIDE)
    }
}

impl Patches<'_> {
    /// Copies a pixel's patch, from place `deep.start` to `deep.end` of it.
    fn gather(&self, pixel: usize, deep: Range<usize>, mut out: &mut [f32]) {
        let (_, height, width, channels) = self.shape;
        let (map, row, column) = (
            pixel / width / height,
            pixel / width % height,
            pixel % width,
        );
        let reach = self.side / 2;
        let mut from = deep.start;
        while from < deep.end {
            let (tap, channel) = (from / channels, from % channels);
            let count = (channels - channel).min(deep.end - from);
            let (own, rest) = out.split_at_mut(count);
            let (y, x) = (row + tap / self.side, column + tap % self.side);
            let inside =
                (reach..height + reach).contains(&y) && (reach..width + reach).contains(&x);
            if inside {
                let pixel = (map * height + y - reach) * width + x - reach;
                own.copy_from_slice(&self.maps[pixel * channels + channel..][..count]);
            } else {
                own.fill(0.0);
            }
            out = rest;
            from += count;
        }
    }
}
