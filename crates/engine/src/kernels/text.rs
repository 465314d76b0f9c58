//! What only the text encoders do to rows of activations.

use rayon::prelude::*;

use super::math::sigmoid;
use super::rowwise::{TASK, gelu_of, map_rows, mean_and_factor, rows_per_task};
use super::simd::{SimdLevel, simd_dispatch};

/// Layer norm with an affine transformation.
pub(crate) fn layer_norm(x: &[f32], weight: &[f32], bias: &[f32], epsilon: f32) -> Vec<f32> {
    let level = SimdLevel::best();
    map_rows(x, weight.len(), |_, x, out| {
        affine_row(level, x, weight, bias, epsilon, out);
    })
}

simd_dispatch!(
    affine_row, affine_row_body,
    (x: &[f32], weight: &[f32], bias: &[f32], epsilon: f32, out: &mut [f32])
);

#[inline(always)]
fn affine_row_body(x: &[f32], weight: &[f32], bias: &[f32], epsilon: f32, out: &mut [f32]) {
    let (mean, factor) = mean_and_factor(x, epsilon);
    for (((out, x), weight), bias) in out.iter_mut().zip(x).zip(weight).zip(bias) {
        *out = (x - mean) * factor * weight + bias;
    }
}

/// `x · sigmoid(1.702 · x)`.
pub(crate) fn quick_gelu(x: &[f32]) -> Vec<f32> {
    let level = SimdLevel::best();
    map_rows(x, TASK, |_, x, out| quick_run(level, x, out))
}

simd_dispatch!(quick_run, quick_body, (x: &[f32], out: &mut [f32]));

#[inline(always)]
fn quick_body(x: &[f32], out: &mut [f32]) {
    for (out, &x) in out.iter_mut().zip(x) {
        *out = x * sigmoid(1.702 * x);
    }
}

/// `gelu(a) · b` of rows that hold `a` and then `b`, `features` each.
pub(crate) fn gated_gelu(x: &[f32], features: usize) -> Vec<f32> {
    let level = SimdLevel::best();
    let mut out = vec![0.0; x.len() / 2];
    out.par_chunks_exact_mut(features)
        .zip(x.par_chunks_exact(features * 2))
        .with_min_len(rows_per_task(features))
        .for_each(|(out, x)| gate_row(level, &x[..features], &x[features..], out));
    out
}

simd_dispatch!(gate_row, gate_row_body, (a: &[f32], b: &[f32], out: &mut [f32]));

#[inline(always)]
fn gate_row_body(a: &[f32], b: &[f32], out: &mut [f32]) {
    for ((out, &a), b) in out.iter_mut().zip(a).zip(b) {
        *out = gelu_of(a) * b;
    }
}
