//! Group normalisation and upsampling of channels-last feature maps.

use rayon::prelude::*;

use super::math::sigmoid;
use super::simd::{SimdLevel, simd_dispatch};
use super::{Shape3, Shape4};

/// The number of pixels to sum in f32 before adding the sum in f64.
const RUN: usize = 128;

/// Group norm of channels-last maps (batch, pixels, channels), followed by `SiLU` if `silu` is set.
pub(crate) fn group_norm(
    x: &[f32],
    (_, pixels, channels): Shape3,
    groups: usize,
    (weight, bias): (&[f32], &[f32]),
    epsilon: f32,
    silu: bool,
) -> Vec<f32> {
    let level = SimdLevel::best();
    let mut out = vec![0.0; x.len()];
    let map_length = pixels * channels;
    for (x, out) in x
        .chunks_exact(map_length)
        .zip(out.chunks_exact_mut(map_length))
    {
        let moments = moments(level, x, channels, groups);
        let count = (map_length / groups) as f64;
        let (mut factors, mut shifts) = (vec![0.0; channels], vec![0.0; channels]);
        for channel in 0..channels {
            let (sum, squares) = moments[channel * groups / channels];
            let mean = sum / count;
            let variance = (squares / count - mean * mean).max(0.0);
            let factor = f64::from(weight[channel]) / (variance + f64::from(epsilon)).sqrt();
            factors[channel] = factor as f32;
            shifts[channel] = (f64::from(bias[channel]) - mean * factor) as f32;
        }
        out.par_chunks_mut(RUN * channels)
            .zip(x.par_chunks(RUN * channels))
            .for_each(|(out, x)| apply(level, x, &factors, &shifts, silu, out));
    }
    out
}

/// The sum and sum of squares of each group.
fn moments(level: SimdLevel, x: &[f32], channels: usize, groups: usize) -> Vec<(f64, f64)> {
    let size = channels / groups;
    let zero = || vec![(0.0, 0.0); groups];
    let add = |mut a: Vec<(f64, f64)>, b: Vec<(f64, f64)>| {
        for (a, b) in a.iter_mut().zip(b) {
            *a = (a.0 + b.0, a.1 + b.1);
        }
        a
    };
    x.par_chunks(RUN * channels)
        .map(|x| {
            let (mut sums, mut squares) = (vec![0.0; channels], vec![0.0; channels]);
            channel_sums(level, x, &mut sums, &mut squares);
            let total = |numbers: &[f32]| numbers.iter().copied().map(f64::from).sum::<f64>();
            let groups = sums.chunks_exact(size).zip(squares.chunks_exact(size));
            groups
                .map(|(sums, squares)| (total(sums), total(squares)))
                .collect()
        })
        .reduce(zero, add)
}

simd_dispatch!(channel_sums, channel_sums_body, (x: &[f32], sums: &mut [f32], squares: &mut [f32]));

#[inline(always)]
fn channel_sums_body(x: &[f32], sums: &mut [f32], squares: &mut [f32]) {
    for pixel in x.chunks_exact(sums.len()) {
        for ((sum, square), x) in sums.iter_mut().zip(squares.iter_mut()).zip(pixel) {
            *sum += x;
            *square += x * x;
        }
    }
}

simd_dispatch!(
    apply, apply_body,
    (x: &[f32], factors: &[f32], shifts: &[f32], silu: bool, out: &mut [f32])
);

#[inline(always)]
fn apply_body(x: &[f32], factors: &[f32], shifts: &[f32], silu: bool, out: &mut [f32]) {
    let pixels = x.chunks_exact(factors.len());
    for (x, out) in pixels.zip(out.chunks_exact_mut(factors.len())) {
        let numbers = out.iter_mut().zip(x).zip(factors).zip(shifts);
        if silu {
            for (((out, x), factor), shift) in numbers {
                let y = x * factor + shift;
                *out = y * sigmoid(y);
            }
        } else {
            for (((out, x), factor), shift) in numbers {
                *out = x * factor + shift;
            }
        }
    }
}

/// Doubles the height and width of channels-last maps, by nearest neighbour.
pub(crate) fn upsample(x: &[f32], (_, _, width, channels): Shape4) -> Vec<f32> {
    let mut out = vec![0.0; x.len() * 4];
    let row = width * channels;
    out.par_chunks_exact_mut(row * 4)
        .zip(x.par_chunks_exact(row))
        .for_each(|(out, x)| {
            let (first, second) = out.split_at_mut(row * 2);
            let pixels = x.chunks_exact(channels);
            for (pair, pixel) in first.chunks_exact_mut(channels * 2).zip(pixels) {
                pair[..channels].copy_from_slice(pixel);
                pair[channels..].copy_from_slice(pixel);
            }
            second.copy_from_slice(first);
        });
    out
}
