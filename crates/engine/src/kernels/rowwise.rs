//! What is done to every row of activations by itself.

use rayon::prelude::*;

use super::math::{sigmoid, sum};
use super::simd::{SimdLevel, simd_dispatch};
use super::{Shape3, Stream};

/// Numbers that a task works on at least: enough to be worth a task.
pub(super) const TASK: usize = 1 << 15;

/// How many rows of some length a task gets.
pub(super) fn rows_per_task(length: usize) -> usize {
    (TASK / length.max(1)).max(1)
}

/// What `f` makes of every row of `length` numbers, the last of which may be shorter: it gets the
/// row's number, the row, and where to write as many.
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

/// Layer norm at 1e-6, `· (1 + scale) + shift`; `shift` and `scale` hold a row a batch.
pub(crate) fn modulated_norm(
    x: &[f32],
    shift: &[f32],
    scale: &[f32],
    (_, tokens, features): Shape3,
) -> Vec<f32> {
    let level = SimdLevel::best();
    map_rows(x, features, |row, x, out| {
        let of = row / tokens * features;
        let (shift, scale) = (&shift[of..of + features], &scale[of..of + features]);
        norm_row(level, x, shift, scale, out);
    })
}

simd_dispatch!(norm_row, norm_row_body, (x: &[f32], shift: &[f32], scale: &[f32], out: &mut [f32]));

#[inline(always)]
fn norm_row_body(x: &[f32], shift: &[f32], scale: &[f32], out: &mut [f32]) {
    let (mean, factor) = mean_and_factor(x, 1e-6);
    for (((out, x), shift), scale) in out.iter_mut().zip(x).zip(shift).zip(scale) {
        *out = (x - mean) * factor * (1.0 + scale) + shift;
    }
}

/// The mean of a row, and what its distances from that are multiplied by in a layer norm.
#[inline(always)]
pub(super) fn mean_and_factor(x: &[f32], epsilon: f32) -> (f32, f32) {
    let count = x.len() as f32;
    let mean = sum(x, |x| x) / count;
    let variance = sum(x, |x| (x - mean) * (x - mean)) / count;
    (mean, 1.0 / (variance + epsilon).sqrt())
}

/// `x + gate · y`; `gate` holds a row a batch.
pub(crate) fn gated_add(
    x: &[f32],
    gate: &[f32],
    y: &[f32],
    (_, tokens, features): Shape3,
) -> Vec<f32> {
    let level = SimdLevel::best();
    map_rows(x, features, |row, x, out| {
        let of = row / tokens * features;
        let y = &y[row * features..][..features];
        gated_row(level, x, &gate[of..of + features], y, out);
    })
}

simd_dispatch!(gated_row, gated_row_body, (x: &[f32], gate: &[f32], y: &[f32], out: &mut [f32]));

#[inline(always)]
fn gated_row_body(x: &[f32], gate: &[f32], y: &[f32], out: &mut [f32]) {
    for (((out, x), gate), y) in out.iter_mut().zip(x).zip(gate).zip(y) {
        *out = x + gate * y;
    }
}

/// GELU by tanh.
pub(crate) fn gelu(x: &[f32]) -> Vec<f32> {
    let level = SimdLevel::best();
    map_rows(x, TASK, |_, x, out| gelu_run(level, x, out))
}

simd_dispatch!(gelu_run, gelu_body, (x: &[f32], out: &mut [f32]));

#[inline(always)]
fn gelu_body(x: &[f32], out: &mut [f32]) {
    for (out, &x) in out.iter_mut().zip(x) {
        *out = gelu_of(x);
    }
}

/// Rows of `x`, of `features` numbers, each followed by the GELU of the row of `y` beside it.
pub(crate) fn concat_gelu(x: &[f32], features: usize, y: &[f32]) -> Vec<f32> {
    let level = SimdLevel::best();
    let others = y.len() / (x.len() / features);
    let mut out = vec![0.0; x.len() + y.len()];
    out.par_chunks_exact_mut(features + others)
        .zip(x.par_chunks_exact(features))
        .zip(y.par_chunks_exact(others))
        .with_min_len(rows_per_task(features + others))
        .for_each(|((out, x), y)| {
            let (first, second) = out.split_at_mut(features);
            first.copy_from_slice(x);
            gelu_run(level, y, second);
        });
    out
}

/// The GELU of one number, by tanh.
#[inline(always)]
pub(super) fn gelu_of(x: f32) -> f32 {
    // (1 + tanh u) / 2 is the sigmoid of 2u, and u = √(2/π) · (x + 0.044715 x³).
    let twice = 2.0 * (2.0 / std::f32::consts::PI).sqrt();
    x * sigmoid(twice * (x + 0.044_715 * x * x * x))
}

/// RMS norm of every row as long as `weight`, times `weight`.
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

/// Query, key and value of all streams, one stream's tokens after another's, head by head, normed
/// and turned; see `ops::split_heads`.
pub(crate) fn split_heads(
    streams: &[Stream<'_>],
    (batch, heads, d): Shape3,
    (cos, sin): (&[f32], &[f32]),
) -> [Vec<f32>; 3] {
    let level = SimdLevel::best();
    let all: usize = streams.iter().map(|stream| stream.tokens).sum();
    let mut out = [0, 1, 2].map(|_| vec![0.0; batch * all * heads * d]);
    for (part, out) in out.iter_mut().enumerate() {
        let rows = out.par_chunks_exact_mut(d).enumerate();
        rows.with_min_len(rows_per_task(d)).for_each(|(row, out)| {
            let (place, head, batch) = (row % all, row / all % heads, row / all / heads);
            let mut token = place;
            for stream in streams {
                if token >= stream.tokens {
                    token -= stream.tokens;
                    continue;
                }
                let from = (((batch * stream.tokens + token) * 3 + part) * heads + head) * d;
                let x = &stream.qkv[from..from + d];
                let norm = match part {
                    0 => stream.query_norm,
                    1 => stream.key_norm,
                    _ => {
                        out.copy_from_slice(x);
                        break;
                    }
                };
                let angles = place * d / 2..(place + 1) * d / 2;
                turn_row(level, x, norm, &cos[angles.clone()], &sin[angles], out);
                break;
            }
        });
    }
    out
}

simd_dispatch!(
    turn_row, turn_row_body,
    (x: &[f32], norm: &[f32], cos: &[f32], sin: &[f32], out: &mut [f32])
);

#[inline(always)]
fn turn_row_body(x: &[f32], norm: &[f32], cos: &[f32], sin: &[f32], out: &mut [f32]) {
    rms_row_body(x, norm, 1e-6, out);
    for ((pair, cos), sin) in out.chunks_exact_mut(2).zip(cos).zip(sin) {
        let (even, odd) = (pair[0], pair[1]);
        pair[0] = even * cos - odd * sin;
        pair[1] = even * sin + odd * cos;
    }
}
