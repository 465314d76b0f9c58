//! Panels of quantised weights, taken apart.

use super::COLUMNS;
use crate::kernels::blocks::{Codes, Form, form};
use crate::kernels::simd::SimdLevel;
use crate::matrix::RowBlock;

/// How the integers of a panel lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// Unsigned codes, four of a column together, for sums of four products of bytes.
    Quads,
    /// Signed 16-bit weights, two of a column together, for sums of two products.
    Pairs,
}

impl Packing {
    pub(super) const fn of(level: SimdLevel) -> Self {
        match level {
            SimdLevel::Avx512 => Self::Quads,
            SimdLevel::Avx2 | SimdLevel::Portable => Self::Pairs,
        }
    }

    /// Weights of a column that lie together.
    pub(super) const fn together(self) -> usize {
        match self {
            Self::Quads => 4,
            Self::Pairs => 2,
        }
    }

    /// Bytes of one activation.
    pub(super) const fn activation_bytes(self) -> usize {
        4 / self.together()
    }

    /// What activations take off for the zero of codes; in pairs the weights are signed already.
    pub(super) const fn zero(self, form: Form) -> i32 {
        match self {
            Self::Quads => form.zero as i32,
            Self::Pairs => 0,
        }
    }
}

/// Some columns (rows of the weight) at some depth.
pub(super) struct Panel {
    /// For each 32-bit word of depth, a word of each column.
    pub(super) words: Vec<u32>,
    /// For each group of depth, a scale of each column.
    pub(super) scales: Vec<f32>,
    /// Likewise the minima.
    pub(super) minima: Vec<f32>,
}

impl Panel {
    /// Room for `depth` numbers of each column.
    pub(super) fn new(depth: usize) -> Self {
        Self {
            words: vec![0; depth / 2 * COLUMNS],
            scales: vec![0.0; depth / 16 * COLUMNS],
            minima: vec![0.0; depth / 16 * COLUMNS],
        }
    }

    /// Takes `columns` rows of the part apart, from row `first`, numbers `from` to `from + depth`
    /// of each; both are whole blocks. Columns that are not there count as zero.
    pub(super) fn fill(
        &mut self,
        part: &RowBlock,
        first: usize,
        columns: usize,
        (from, depth): (usize, usize),
        packing: Packing,
    ) {
        let form = form(part.kind);
        let weights = part.kind.block_weights();
        let bytes = part.bytes.as_slice();
        let row_bytes = bytes.len() / part.rows;
        let blocks = from / weights * part.kind.block_bytes()
            ..(from + depth) / weights * part.kind.block_bytes();
        let (words, groups) = (weights / packing.together(), weights / form.group);
        if columns < COLUMNS {
            // What was there before stays in the words; without a scale it counts for nothing.
            self.scales.fill(0.0);
            self.minima.fill(0.0);
        }
        let mut codes = Codes::new();
        for column in 0..columns {
            let row = &bytes[(first + column) * row_bytes..][..row_bytes];
            let row = row[blocks.clone()].chunks_exact(part.kind.block_bytes());
            for (index, block) in row.enumerate() {
                codes.read(part.kind, block);
                let (word, group) = (index * words * COLUMNS, index * groups * COLUMNS);
                put_words(
                    &codes.weights[..weights],
                    form.zero,
                    packing,
                    &mut self.words[word + column..],
                );
                for group_of in 0..groups {
                    let at = group + group_of * COLUMNS + column;
                    self.scales[at] = codes.scales[group_of];
                    self.minima[at] = codes.minima[group_of];
                }
            }
        }
    }
}

/// Writes the codes as words, one a row of the panel.
#[inline]
fn put_words(codes: &[u8], zero: u8, packing: Packing, out: &mut [u32]) {
    let out = out.iter_mut().step_by(COLUMNS);
    match packing {
        Packing::Quads => {
            for (out, c) in out.zip(codes.chunks_exact(4)) {
                *out = u32::from_le_bytes([c[0], c[1], c[2], c[3]]);
            }
        }
        Packing::Pairs => {
            let signed = |code: u8| (i16::from(code) - i16::from(zero)).cast_unsigned();
            for (out, c) in out.zip(codes.chunks_exact(2)) {
                *out = u32::from(signed(c[0])) | u32::from(signed(c[1])) << 16;
            }
        }
    }
}
