//! The activations, quantised.

use rayon::prelude::*;

use super::panel::Packing;
use crate::kernels::blocks::Form;
use crate::kernels::simd::{SimdLevel, simd_dispatch};

/// What leaves the nearest integer in the low bits of a sum: 1.5 · 2²³.
const SHIFT: f32 = 12_582_912.0;
/// Activations that share a scale.
const GROUP: usize = 32;

/// Rows of activations in 8-bit integers, with what each group of weights needs of them.
pub(super) struct Activations {
    /// The integers, each in as many bytes as the packing says, little-endian.
    pub(super) bytes: Vec<u8>,
    /// Bytes of a row.
    pub(super) stride: usize,
    /// Groups of weights in a row.
    pub(super) groups: usize,
    /// A group's scale.
    pub(super) scales: Vec<f32>,
    /// What a group's integer sum starts from: `−zero · Σ q`.
    pub(super) starts: Vec<i32>,
    /// `scale · Σ q`, which a group's minimum is multiplied by.
    pub(super) sums: Vec<f32>,
}

impl Activations {
    /// Quantises rows of `depth` numbers for weights of a form.
    pub(super) fn new(
        level: SimdLevel,
        x: &[f32],
        depth: usize,
        form: Form,
        packing: Packing,
    ) -> Self {
        let rows = x.len() / depth;
        let groups = depth / form.group;
        let stride = depth * packing.activation_bytes();
        let mut made = Self {
            bytes: vec![0; rows * stride],
            stride,
            groups,
            scales: vec![0.0; rows * groups],
            starts: vec![0; rows * groups],
            sums: vec![0.0; rows * groups],
        };
        made.bytes
            .par_chunks_exact_mut(stride)
            .zip(made.scales.par_chunks_exact_mut(groups))
            .zip(made.starts.par_chunks_exact_mut(groups))
            .zip(made.sums.par_chunks_exact_mut(groups))
            .zip(x.par_chunks_exact(depth))
            .for_each(|((((bytes, scales), starts), sums), x)| {
                let mut row = Row {
                    bytes,
                    scales,
                    starts,
                    sums,
                };
                quantize(level, x, &mut row, packing.zero(form), form.group, packing);
            });
        made
    }
}

/// One row of [`Activations`].
pub(super) struct Row<'a> {
    bytes: &'a mut [u8],
    scales: &'a mut [f32],
    starts: &'a mut [i32],
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
            Packing::Quads => {
                for (byte, q) in bytes.iter_mut().zip(&q) {
                    *byte = *q as u8;
                }
            }
            Packing::Pairs => {
                for (pair, q) in bytes.chunks_exact_mut(2).zip(&q) {
                    pair.copy_from_slice(&(*q as i16).to_le_bytes());
                }
            }
        }
        for q in q.chunks_exact(group) {
            let sum: i32 = q.iter().sum();
            row.scales[next] = scale;
            row.starts[next] = -zero * sum;
            row.sums[next] = scale * sum as f32;
            next += 1;
        }
    }
}

/// A group's scale and integers. A number that is not finite makes the scale NaN, so that it is
/// not lost.
#[inline(always)]
fn quantize_group(x: &[f32]) -> (f32, [i32; GROUP]) {
    const LANES: usize = 16;
    let mut most = [0.0_f32; LANES];
    let mut broken = [0.0_f32; LANES];
    for x in x.chunks_exact(LANES) {
        for lane in 0..LANES {
            let size = x[lane].abs();
            most[lane] = if size > most[lane] { size } else { most[lane] };
            broken[lane] += x[lane] * 0.0;
        }
    }
    let most = most.iter().copied().fold(0.0, f32::max);
    let broken: f32 = broken.iter().sum();
    let factor = if most > 0.0 { 127.0 / most } else { 0.0 };
    // Eight of the bits are enough.
    let mut q = [0; GROUP];
    for (q, x) in q.iter_mut().zip(x) {
        *q = i32::from((x * factor + SHIFT).to_bits() as i8);
    }
    (most / 127.0 + broken, q)
}
