//! Row-wise operations of the text encoders.

use rayon::prelude::*;

use super::math::sigmoid;
use super::rowwise::{TASK, gelu_of, map_rows, mean_and_rstd, rows_per_task};
use super::simd::{SimdLevel, simd_dispatch};

/// Layer norm with an affine transformation.
pub(crate) fn layer_norm(x: &[f32], weight: &[f32], bias: &[f32], epsilon: f32) -> Vec<f32> {
    let level = SimdLevel::best();
    map_rows(x, weight.len(), |_, x, out| {
        layer_norm_row(level, x, weight, bias, epsilon, out);
    })
}

simd_dispatch!(
    layer_norm_row, layer_norm_body,
    (x: &[f32], weight: &[f32], bias: &[f32], epsilon: f32, out: &mut [f32])
);

#[inline(always)]
fn layer_norm_body(x: &[f32], weight: &[f32], bias: &[f32], epsilon: f32, out: &mut [f32]) {
    let (mean, rstd) = mean_and_rstd(x, epsilon);
    for (((out, x), weight), bias) in out.iter_mut().zip(x).zip(weight).zip(bias) {
        *out = (x - mean) * rstd * weight + bias;
    }
}

/// `x · sigmoid(1.702 · x)`.
pub(crate) fn quick_gelu(x: &[f32]) -> Vec<f32> {
    let level = SimdLevel::best();
    map_rows(x, TASK, |_, x, out| quick_gelu_chunk(level, x, out))
}

simd_dispatch!(quick_gelu_chunk, quick_gelu_body, (x: &[f32], out: &mut [f32]));

#[inline(always)]
fn quick_gelu_body(x: &[f32], out: &mut [f32]) {
    for (out, &x) in out.iter_mut().zip(x) {
        *out = x * sigmoid(1.702 * x);
    }
}

/// `gelu(a) · b`, for rows of `a` followed by `b`, of `features` numbers each.
pub(crate) fn gated_gelu(x: &[f32], features: usize) -> Vec<f32> {
    let level = SimdLevel::best();
    let mut out = vec![0.0; x.len() / 2];
    out.par_chunks_exact_mut(features)
        .zip(x.par_chunks_exact(features * 2))
        .with_min_len(rows_per_task(features))
        .for_each(|(out, x)| gated_gelu_row(level, &x[..features], &x[features..], out));
    out
}

simd_dispatch!(gated_gelu_row, gated_gelu_body, (a: &[f32], b: &[f32], out: &mut [f32]));

#[inline(always)]
fn gated_gelu_body(a: &[f32], b: &[f32], out: &mut [f32]) {
    for ((out, &a), b) in out.iter_mut().zip(a).zip(b) {
        *out = gelu_of(a) * b;
    }
}
