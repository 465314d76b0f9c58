//! Activations, quantised to 8-bit integers.

use rayon::prelude::*;

use super::panel::Packing;
use crate::blocks::BlockLayout;
use crate::kernels::simd::{SimdLevel, simd_dispatch};

/// Adding 1.5 · 2²³ rounds a small number to an integer and leaves it in the low bits of the sum.
const ROUND: f32 = 12_582_912.0;
/// The number of activations that share a scale.
const GROUP: usize = 32;

/// Rows of quantised activations, with the factors that each group of weights needs.
pub(super) struct Activations {
    /// The integers, little-endian, [`Packing::activation_bytes`] each.
    pub(super) bytes: Vec<u8>,
    /// Bytes of a row.
    pub(super) stride: usize,
    /// Groups of weights in a row.
    pub(super) groups: usize,
    /// The scale of each group.
    pub(super) scales: Vec<f32>,
    /// The initial value of each group's integer sum: `−zero · Σ q`.
    pub(super) initial: Vec<i32>,
    /// `scale · Σ q` of each group, the factor of the weights' minimum.
    pub(super) sums: Vec<f32>,
}

impl Activations {
    /// Quantises rows of `depth` numbers for weights of a given layout.
    pub(super) fn new(
        level: SimdLevel,
        x: &[f32],
        depth: usize,
        layout: BlockLayout,
        packing: Packing,
    ) -> Self {
        let rows = x.len() / depth;
        let groups = depth / layout.group;
        let stride = depth * packing.activation_bytes();
        let mut quantized = Self {
            bytes: vec![0; rows * stride],
            stride,
            groups,
            scales: vec![0.0; rows * groups],
            initial: vec![0; rows * groups],
            sums: vec![0.0; rows * groups],
        };
        quantized
            .bytes
            .par_chunks_exact_mut(stride)
            .zip(quantized.scales.par_chunks_exact_mut(groups))
            .zip(quantized.initial.par_chunks_exact_mut(groups))
            .zip(quantized.sums.par_chunks_exact_mut(groups))
            .zip(x.par_chunks_exact(depth))
            .for_each(|((((bytes, scales), initial), sums), x)| {
                let mut row = Row {
                    bytes,
                    scales,
                    initial,
                    sums,
                };
                quantize(
                    level,
                    x,
                    &mut row,
                    packing.zero(layout),
                    layout.group,
                    packing,
                );
            });
        quantized
    }
}

/// One row of [`Activations`].
pub(super) struct Row<'a> {
    bytes: &'a mut [u8],
    scales: &'a mut [f32],
    initial: &'a mut [i32],
    sums: &'a mut [f32],
}

simd_dispatch!(
    quantize, quantize_body,
    (x: &[f32], row: &mut Row<'_>, zero: i32, group: usize, packing: Packing)
);

#[inline(always)]
fn quantize_body(x: &[f32], row: &mut Row<'_>, zero: i32, group: usize, packing: Packing) {
    let bytes = row
        .bytes
        .chunks_exact_mut(GROUP * packing.activation_bytes());
    let mut next = 0;
    for (x, bytes) in x.chunks_exact(GROUP).zip(bytes) {
        let (scale, q) = quantize_group(x);
        match packing {
            #[cfg(target_arch = "x86_64")]
            Packing::U8x4 => {
                for (byte, q) in bytes.iter_mut().zip(&q) {
                    *byte = *q as u8;
                }
            }
            Packing::I16x2 => {
                for (pair, q) in bytes.chunks_exact_mut(2).zip(&q) {
                    pair.copy_from_slice(&(*q as i16).to_le_bytes());
                }
            }
        }
        for q in q.chunks_exact(group) {
            let sum: i32 = q.iter().sum();
            row.scales[next] = scale;
            row.initial[next] = -zero * sum;
            row.sums[next] = scale * sum as f32;
            next += 1;
        }
    }
}

/// The scale and integers of a group. A non-finite number makes the scale NaN, so that it
/// propagates to the product.
#[inline(always)]
fn quantize_group(x: &[f32]) -> (f32, [i32; GROUP]) {
    const LANES: usize = 16;
    let mut max = [0.0_f32; LANES];
    let mut nan = [0.0_f32; LANES];
    for x in x.chunks_exact(LANES) {
        for lane in 0..LANES {
            let size = x[lane].abs();
            max[lane] = if size > max[lane] { size } else { max[lane] };
            nan[lane] += x[lane] * 0.0;
        }
    }
    let max = max.iter().copied().fold(0.0, f32::max);
    let nan: f32 = nan.iter().sum();
    let factor = if max > 0.0 { 127.0 / max } else { 0.0 };
    let mut q = [0; GROUP];
    for (q, x) in q.iter_mut().zip(x) {
        // The integer fits the low 8 bits.
        *q = i32::from((x * factor + ROUND).to_bits() as i8);
    }
    (max / 127.0 + nan, q)
}
