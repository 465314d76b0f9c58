//! Operations on single rows of activations.

use rayon::prelude::*;

use super::math::{sigmoid, sum};
use super::simd::{SimdLevel, simd_dispatch};
use super::{Shape3, Stream};

/// The minimum size of a task in numbers, so that the cost of scheduling is small.
pub(super) const TASK: usize = 1 << 15;

/// The minimum number of rows of a task, for rows of `length` numbers.
pub(super) fn rows_per_task(length: usize) -> usize {
    (TASK / length.max(1)).max(1)
}

/// Applies `f` to each row of `length` numbers; the last row may be shorter.
///
/// `f` is called with the index of the row, the row, and an output slice of the same length.
pub(super) fn map_rows(
    x: &[f32],
    length: usize,
    f: impl Fn(usize, &[f32], &mut [f32]) + Sync,
) -> Vec<f32> {
    let mut out = vec![0.0; x.len()];
    out.par_chunks_mut(length)
        .zip(x.par_chunks(length))
        .enumerate()
        .with_min_len(rows_per_task(length))
        .for_each(|(row, (out, x))| f(row, x, out));
    out
}

/// Layer norm with epsilon 1e-6, times `1 + scale`, plus `shift`; `shift` and `scale` hold one row
/// for each batch item.
pub(crate) fn modulated_norm(
    x: &[f32],
    shift: &[f32],
    scale: &[f32],
    (_, tokens, features): Shape3,
) -> Vec<f32> {
    let level = SimdLevel::best();
    map_rows(x, features, |row, x, out| {
        let start = row / tokens * features;
        let (shift, scale) = (
            &shift[start..start + features],
            &scale[start..start + features],
        );
        norm_row(level, x, shift, scale, out);
    })
}

simd_dispatch!(norm_row, norm_row_body, (x: &[f32], shift: &[f32], scale: &[f32], out: &mut [f32]));

#[inline(always)]
fn norm_row_body(x: &[f32], shift: &[f32], scale: &[f32], out: &mut [f32]) {
    let (mean, rstd) = mean_and_rstd(x, 1e-6);
    for (((out, x), shift), scale) in out.iter_mut().zip(x).zip(shift).zip(scale) {
        *out = (x - mean) * rstd * (1.0 + scale) + shift;
    }
}

/// The mean of a row and the reciprocal of its standard deviation.
#[inline(always)]
pub(super) fn mean_and_rstd(x: &[f32], epsilon: f32) -> (f32, f32) {
    let count = x.len() as f32;
    let mean = sum(x, |x| x) / count;
    let variance = sum(x, |x| (x - mean) * (x - mean)) / count;
    (mean, 1.0 / (variance + epsilon).sqrt())
}

/// `x + gate · y`; `gate` holds one row for each batch item.
pub(crate) fn gated_add(
    x: &[f32],
    gate: &[f32],
    y: &[f32],
    (_, tokens, features): Shape3,
) -> Vec<f32> {
    let level = SimdLevel::best();
    map_rows(x, features, |row, x, out| {
        let start = row / tokens * features;
        let y = &y[row * features..][..features];
        gated_row(level, x, &gate[start..start + features], y, out);
    })
}

simd_dispatch!(gated_row, gated_row_body, (x: &[f32], gate: &[f32], y: &[f32], out: &mut [f32]));

#[inline(always)]
fn gated_row_body(x: &[f32], gate: &[f32], y: &[f32], out: &mut [f32]) {
    for (((out, x), gate), y) in out.iter_mut().zip(x).zip(gate).zip(y) {
        *out = x + gate * y;
    }
}

/// GELU, tanh approximation.
pub(crate) fn gelu(x: &[f32]) -> Vec<f32> {
    let level = SimdLevel::best();
    map_rows(x, TASK, |_, x, out| gelu_chunk(level, x, out))
}

simd_dispatch!(gelu_chunk, gelu_body, (x: &[f32], out: &mut [f32]));

#[inline(always)]
fn gelu_body(x: &[f32], out: &mut [f32]) {
    for (out, &x) in out.iter_mut().zip(x) {
        *out = gelu_of(x);
    }
}

/// Concatenates each row of `x`, of `features` numbers, with the GELU of the same row of `y`.
pub(crate) fn concat_gelu(x: &[f32], features: usize, y: &[f32]) -> Vec<f32> {
    let level = SimdLevel::best();
    let y_features = y.len() / (x.len() / features);
    let mut out = vec![0.0; x.len() + y.len()];
    out.par_chunks_exact_mut(features + y_features)
        .zip(x.par_chunks_exact(features))
        .zip(y.par_chunks_exact(y_features))
        .with_min_len(rows_per_task(features + y_features))
        .for_each(|((out, x), y)| {
            let (first, second) = out.split_at_mut(features);
            first.copy_from_slice(x);
            gelu_chunk(level, y, second);
        });
    out
}

/// GELU of one number, tanh approximation.
#[inline(always)]
pub(super) fn gelu_of(x: f32) -> f32 {
    // (1 + tanh u) / 2 = sigmoid(2u), where u = √(2/π) · (x + 0.044715 x³).
    let factor = 2.0 * (2.0 / std::f32::consts::PI).sqrt();
    x * sigmoid(factor * (x + 0.044_715 * x * x * x))
}

/// RMS norm of each row of `weight.len()` numbers, times `weight`.
pub(crate) fn rms_norm(x: &[f32], weight: &[f32], epsilon: f32) -> Vec<f32> {
    let level = SimdLevel::best();
    map_rows(x, weight.len(), |_, x, out| {
        rms_row(level, x, weight, epsilon, out);
    })
}

simd_dispatch!(rms_row, rms_row_body, (x: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]));

#[inline(always)]
fn rms_row_body(x: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) {
    let factor = 1.0 / (sum(x, |x| x * x) / x.len() as f32 + epsilon).sqrt();
    for ((out, x), weight) in out.iter_mut().zip(x).zip(weight) {
        *out = x * factor * weight;
    }
}

/// Query, key and value of all streams, concatenated along the tokens, normalised and rotated; see
/// `ops::split_heads`.
pub(crate) fn split_heads(
    streams: &[Stream<'_>],
    (batch, heads, d): Shape3,
    (cos, sin): (&[f32], &[f32]),
) -> [Vec<f32>; 3] {
    let level = SimdLevel::best();
    let total: usize = streams.iter().map(|stream| stream.tokens).sum();
    let mut out = [0, 1, 2].map(|_| vec![0.0; batch * total * heads * d]);
    for (part, out) in out.iter_mut().enumerate() {
        let rows = out.par_chunks_exact_mut(d).enumerate();
        rows.with_min_len(rows_per_task(d)).for_each(|(row, out)| {
            let (position, head, batch) = (row % total, row / total % heads, row / total / heads);
            let mut token = position;
            for stream in streams {
                if token >= stream.tokens {
                    token -= stream.tokens;
                    continue;
                }
                let start = (((batch * stream.tokens + token) * 3 + part) * heads + head) * d;
                let x = &stream.qkv[start..start + d];
                let norm = match part {
                    0 => stream.query_norm,
                    1 => stream.key_norm,
                    _ => {
                        out.copy_from_slice(x);
                        break;
                    }
                };
                let angles = position * d / 2..(position + 1) * d / 2;
                rotate_row(level, x, norm, &cos[angles.clone()], &sin[angles], out);
                break;
            }
        });
    }
    out
}

simd_dispatch!(
    rotate_row, rotate_row_body,
    (x: &[f32], norm: &[f32], cos: &[f32], sin: &[f32], out: &mut [f32])
);

#[inline(always)]
fn rotate_row_body(x: &[f32], norm: &[f32], cos: &[f32], sin: &[f32], out: &mut [f32]) {
    rms_row_body(x, norm, 1e-6, out);
    for ((pair, cos), sin) in out.chunks_exact_mut(2).zip(cos).zip(sin) {
        let (even, odd) = (pair[0], pair[1]);
        pair[0] = even * cos - odd * sin;
        pair[1] = even * sin + odd * cos;
    }
}
