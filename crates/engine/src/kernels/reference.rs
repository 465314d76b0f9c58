//! Reference implementations of all kernels in plain loops, for the tests.

use rayon::prelude::*;

use super::{Shape3, Shape4, Stream};
use crate::Matrix;

/// `x · Wᵀ + b` for `x` of `[m, k]`, as `[m, n]`.
pub(crate) fn matmul(x: &[f32], matrix: &Matrix, bias: Option<&[f32]>) -> Vec<f32> {
    let (k, n) = (matrix.columns(), matrix.rows());
    let weights = matrix.to_f32();
    let mut out = vec![0.0; x.len() / k * n];
    out.par_chunks_exact_mut(n)
        .zip(x.par_chunks_exact(k))
        .for_each(|(out, x)| {
            for (column, out) in out.iter_mut().enumerate() {
                let w = &weights[column * k..(column + 1) * k];
                let sum: f32 = x.iter().zip(w).map(|(x, w)| x * w).sum();
                *out = sum + bias.map_or(0.0, |bias| bias[column]);
            }
        });
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
    let mut out = x.to_vec();
    for (token, row) in out.chunks_exact_mut(features).enumerate() {
        let start = token / tokens * features;
        let mean = row.iter().sum::<f32>() / features as f32;
        let square = |x: &f32| (x - mean) * (x - mean);
        let variance = row.iter().map(square).sum::<f32>() / features as f32;
        let factor = 1.0 / (variance + 1e-6).sqrt();
        for (i, x) in row.iter_mut().enumerate() {
            *x = (*x - mean) * factor * (1.0 + scale[start + i]) + shift[start + i];
        }
    }
    out
}

/// `x + gate · y`; `gate` holds one row for each batch item.
pub(crate) fn gated_add(
    x: &[f32],
    gate: &[f32],
    y: &[f32],
    (_, tokens, features): Shape3,
) -> Vec<f32> {
    let value = |(i, x): (usize, &f32)| {
        let batch = i / (tokens * features);
        x + gate[batch * features + i % features] * y[i]
    };
    x.iter().enumerate().map(value).collect()
}

/// GELU, tanh approximation.
pub(crate) fn gelu(x: &[f32]) -> Vec<f32> {
    let gelu = |x: &f32| {
        let inner = (2.0 / std::f32::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
        0.5 * x * (1.0 + inner.tanh())
    };
    x.iter().map(gelu).collect()
}

/// Concatenates each row of `x`, of `features` numbers, with the GELU of the same row of `y`.
pub(crate) fn concat_gelu(x: &[f32], features: usize, y: &[f32]) -> Vec<f32> {
    let rows = x.len() / features;
    let mut out = Vec::with_capacity(x.len() + y.len());
    for (x, y) in x.chunks_exact(features).zip(y.chunks_exact(y.len() / rows)) {
        out.extend_from_slice(x);
        out.extend(gelu(y));
    }
    out
}

/// RMS norm of each row of `weight.len()` numbers, times `weight`.
pub(crate) fn rms_norm(x: &[f32], weight: &[f32], epsilon: f32) -> Vec<f32> {
    let mut out = x.to_vec();
    for row in out.chunks_exact_mut(weight.len()) {
        let mean = row.iter().map(|x| x * x).sum::<f32>() / row.len() as f32;
        let factor = 1.0 / (mean + epsilon).sqrt();
        for (x, weight) in row.iter_mut().zip(weight) {
            *x *= factor * weight;
        }
    }
    out
}

/// Query, key and value of all streams, concatenated along the tokens, normalised and rotated; see
/// `ops::split_heads`.
pub(crate) fn split_heads(
    streams: &[Stream<'_>],
    (batch, heads, d): Shape3,
    (cos, sin): (&[f32], &[f32]),
) -> [Vec<f32>; 3] {
    let all: usize = streams.iter().map(|stream| stream.tokens).sum();
    let mut out = [0, 1, 2].map(|_| vec![0.0; batch * heads * all * d]);
    for (part, out) in out.iter_mut().enumerate() {
        let mut before = 0;
        for stream in streams {
            let norm = [Some(stream.query_norm), Some(stream.key_norm), None][part];
            for index in 0..batch * heads * stream.tokens {
                let (token, head) = (index % stream.tokens, index / stream.tokens % heads);
                let image = index / stream.tokens / heads;
                let from = (((image * stream.tokens + token) * 3 + part) * heads + head) * d;
                let position = before + token;
                let row = &mut out[((image * heads + head) * all + position) * d..][..d];
                row.copy_from_slice(&stream.qkv[from..from + d]);
                let Some(norm) = norm else { continue };
                row.copy_from_slice(&rms_norm(row, norm, 1e-6));
                for (i, pair) in row.chunks_exact_mut(2).enumerate() {
                    let (cos, sin) = (cos[position * d / 2 + i], sin[position * d / 2 + i]);
                    let (even, odd) = (pair[0], pair[1]);
                    pair[0] = even * cos - odd * sin;
                    pair[1] = even * sin + odd * cos;
                }
            }
            before += stream.tokens;
        }
    }
    out
}

/// Attention; see `ops::attention`. The shape is batch, heads, queries, keys, features of a head.
pub(crate) fn attention(
    q: &[f32],
    k: &[f32],
    v: &[f32],
    (batch, heads, queries, keys, d): (usize, usize, usize, usize, usize),
    scale: f32,
    bias: Option<&[f32]>,
    causal: bool,
) -> Vec<f32> {
    let mut out = vec![0.0; batch * queries * heads * d];
    out.par_chunks_exact_mut(d)
        .enumerate()
        .for_each(|(index, out)| {
            let (head, query) = (index % heads, index / heads % queries);
            let batch = index / heads / queries;
            let q = &q[((batch * heads + head) * queries + query) * d..][..d];
            let row =
                |all: &'_ [f32], key: usize| ((batch * heads + head) * keys + key) * d..all.len();
            let visible = if causal { (query + 1).min(keys) } else { keys };
            let mut scores: Vec<f32> = (0..visible)
                .map(|key| {
                    let k = &k[row(k, key)][..d];
                    let dot: f32 = q.iter().zip(k).map(|(q, k)| q * k).sum();
                    dot * scale
                        + bias.map_or(0.0, |bias| bias[(head * queries + query) * keys + key])
                })
                .collect();
            let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for score in &mut scores {
                *score = (*score - max).exp();
            }
            let sum: f32 = scores.iter().sum();
            for (key, score) in scores.iter().enumerate() {
                let v = &v[row(v, key)][..d];
                for (out, v) in out.iter_mut().zip(v) {
                    *out += score / sum * v;
                }
            }
        });
    out
}

/// A convolution of channels-last maps; the weight is `[out, kernel, kernel, in]`.
pub(crate) fn convolution(
    x: &[f32],
    (batch, height, width, channels): Shape4,
    weight: &[f32],
    bias: &[f32],
    kernel: usize,
) -> Vec<f32> {
    let outputs = bias.len();
    let reach = kernel / 2;
    let mut out = vec![0.0; batch * height * width * outputs];
    out.par_chunks_exact_mut(outputs)
        .enumerate()
        .for_each(|(pixel, out)| {
            let (column, row) = (pixel % width, pixel / width % height);
            let image = pixel / width / height;
            out.copy_from_slice(bias);
            for (dy, dx) in (0..kernel * kernel).map(|tap| (tap / kernel, tap % kernel)) {
                let (y, from) = (row + dy, column + dx);
                if y < reach || y - reach >= height || from < reach || from - reach >= width {
                    continue;
                }
                let at = ((image * height + y - reach) * width + from - reach) * channels;
                let x = &x[at..at + channels];
                for (output, out) in out.iter_mut().enumerate() {
                    let at = ((output * kernel + dy) * kernel + dx) * channels;
                    let w = &weight[at..at + channels];
                    *out += x.iter().zip(w).map(|(x, w)| x * w).sum::<f32>();
                }
            }
        });
    out
}

/// Group norm of channels-last maps (batch, pixels, channels), followed by `SiLU` if `silu` is set.
pub(crate) fn group_norm(
    x: &[f32],
    (_, pixels, channels): Shape3,
    groups: usize,
    (weight, bias): (&[f32], &[f32]),
    epsilon: f32,
    silu: bool,
) -> Vec<f32> {
    let size = channels / groups;
    let mut out = x.to_vec();
    for map in out.chunks_exact_mut(pixels * channels) {
        for group in 0..groups {
            let is_member = |i: &usize| i % channels / size == group;
            let members: Vec<usize> = (0..map.len()).filter(is_member).collect();
            let count = members.len() as f64;
            let mean = members.iter().map(|&i| f64::from(map[i])).sum::<f64>() / count;
            let square = |&i: &usize| (f64::from(map[i]) - mean).powi(2);
            let variance = members.iter().map(square).sum::<f64>() / count;
            let factor = 1.0 / (variance + f64::from(epsilon)).sqrt();
            for i in members {
                let normed = ((f64::from(map[i]) - mean) * factor) as f32;
                let y = normed * weight[i % channels] + bias[i % channels];
                map[i] = if silu { y / (1.0 + (-y).exp()) } else { y };
            }
        }
    }
    out
}

/// Doubles the height and width of channels-last maps, by nearest neighbour.
pub(crate) fn upsample(x: &[f32], (batch, height, width, channels): Shape4) -> Vec<f32> {
    let mut out = Vec::with_capacity(x.len() * 4);
    for row in 0..batch * height * 2 {
        for column in 0..width * 2 {
            let at = (row / 2 * width + column / 2) * channels;
            out.extend_from_slice(&x[at..at + channels]);
        }
    }
    out
}

/// Layer norm of each row of `weight.len()` numbers, times `weight`, plus `bias`.
pub(crate) fn layer_norm(x: &[f32], weight: &[f32], bias: &[f32], epsilon: f32) -> Vec<f32> {
    let mut out = x.to_vec();
    for row in out.chunks_exact_mut(weight.len()) {
        let mean = row.iter().sum::<f32>() / row.len() as f32;
        let square = |x: &f32| (x - mean) * (x - mean);
        let variance = row.iter().map(square).sum::<f32>() / row.len() as f32;
        let factor = 1.0 / (variance + epsilon).sqrt();
        for ((x, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
            *x = (*x - mean) * factor * weight + bias;
        }
    }
    out
}

/// `x · sigmoid(1.702 · x)`.
pub(crate) fn quick_gelu(x: &[f32]) -> Vec<f32> {
    x.iter().map(|x| x / (1.0 + (-1.702 * x).exp())).collect()
}

/// `gelu(a) · b`, for rows of `a` followed by `b`, of `features` numbers each.
pub(crate) fn gated_gelu(x: &[f32], features: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(x.len() / 2);
    for row in x.chunks_exact(2 * features) {
        let (a, b) = row.split_at(features);
        out.extend(gelu(a).iter().zip(b).map(|(a, b)| a * b));
    }
    out
}
