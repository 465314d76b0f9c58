//! Attention, computed for a block of queries at a time.
//!
//! The keys and values of a head are packed once. The scores of a block of queries against all keys
//! fit the cache, so the softmax needs no rescaling and memory does not grow with the square of the
//! number of tokens.

use rayon::prelude::*;

use super::disjoint::DisjointRows;
use super::float::{self, COLUMNS};
use super::math::{exp, sum};
use super::simd::{SimdLevel, simd_dispatch};

/// The maximum number of scores for a block of queries: 64 · 1024 numbers, 256 KiB.
const SCORES: usize = 1 << 16;

/// Attention; see `ops::attention`. The shape is batch, heads, queries, keys, features of a head.
pub(crate) fn attention(
    q: &[f32],
    k: &[f32],
    v: &[f32],
    shape: (usize, usize, usize, usize, usize),
    scale: f32,
    bias: Option<&[f32]>,
    causal: bool,
) -> Vec<f32> {
    attention_at(SimdLevel::best(), q, k, v, shape, scale, bias, causal)
}

#[expect(
    clippy::too_many_arguments,
    reason = "the arguments of attention, and the level"
)]
pub(super) fn attention_at(
    level: SimdLevel,
    q: &[f32],
    k: &[f32],
    v: &[f32],
    (batch, heads, queries, keys, d): (usize, usize, usize, usize, usize),
    scale: f32,
    bias: Option<&[f32]>,
    causal: bool,
) -> Vec<f32> {
    let mut out = vec![0.0; batch * queries * heads * d];
    if out.is_empty() || keys == 0 {
        return out;
    }
    let out_rows = DisjointRows::new(&mut out, heads * d);
    let block = (SCORES / keys).clamp(8, 64) / 8 * 8;
    (0..batch * heads).into_par_iter().for_each(|index| {
        let (head, item) = (index % heads, index / heads);
        let packed_k = float::pack_rows(level, &k[index * keys * d..][..keys * d], keys, d);
        let packed_v = float::pack_columns(&v[index * keys * d..][..keys * d], keys, d);
        let q = &q[index * queries * d..][..queries * d];
        let bias = bias.map(|bias| &bias[head * queries * keys..][..queries * keys]);
        let buffers = || (vec![0.0; block * keys], vec![0.0; block * d]);
        q.par_chunks(block * d)
            .enumerate()
            .for_each_init(buffers, |(scores, sums), (index, q)| {
                let first = index * block;
                let count = q.len() / d;
                let scores = &mut scores[..count * keys];
                float::multiply_packed(level, q, d, &packed_k, scores, keys);
                let mut totals = [0.0; 64];
                for (row, scores) in scores.chunks_exact_mut(keys).enumerate() {
                    let query = first + row;
                    let bias = bias.map_or(&[][..], |bias| &bias[query * keys..][..keys]);
                    let visible = if causal { (query + 1).min(keys) } else { keys };
                    softmax_row(level, scores, bias, scale, visible, &mut totals[row]);
                }
                let sums = &mut sums[..count * d];
                float::multiply_packed(level, scores, keys, &packed_v, sums, d);
                for (row, sums) in sums.chunks_exact(d).enumerate() {
                    // SAFETY: each block writes its own rows, and each head its own columns.
                    #[expect(unsafe_code, reason = "blocks and heads write disjoint segments")]
                    let out =
                        unsafe { out_rows.segment(item * queries + first + row, head * d, d) };
                    for (out, sum) in out.iter_mut().zip(sums) {
                        *out = sum / totals[row];
                    }
                }
            });
    });
    out
}

simd_dispatch!(
    softmax_row, softmax_row_body,
    (scores: &mut [f32], bias: &[f32], scale: f32, visible: usize, total: &mut f32)
);

/// Replaces scores with unnormalised weights and writes their sum to `total`. The weights from
/// index `visible` on are zero.
#[inline(always)]
fn softmax_row_body(scores: &mut [f32], bias: &[f32], scale: f32, visible: usize, total: &mut f32) {
    let (scores, masked) = scores.split_at_mut(visible);
    masked.fill(0.0);
    for score in scores.iter_mut() {
        *score *= scale;
    }
    for (score, bias) in scores.iter_mut().zip(bias) {
        *score += bias;
    }
    let mut max = [f32::NEG_INFINITY; COLUMNS];
    let chunks = scores.chunks_exact(COLUMNS);
    for (max, &score) in max.iter_mut().zip(chunks.remainder()) {
        *max = score;
    }
    for chunk in chunks {
        for (max, &score) in max.iter_mut().zip(chunk) {
            *max = if score > *max { score } else { *max };
        }
    }
    let max = max.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for score in scores.iter_mut() {
        *score = exp(*score - max);
    }
    *total = sum(scores, |weight| weight);
}
