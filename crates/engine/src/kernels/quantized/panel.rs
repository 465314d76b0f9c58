//! Panels of decoded weights.

use super::COLUMNS;
use crate::blocks::{BlockLayout, DecodedBlock, layout};
use crate::kernels::simd::SimdLevel;
use crate::matrix::RowBlock;

/// How the integers of a column are packed into 32-bit words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// Four unsigned codes, for dot products of four bytes.
    #[cfg(target_arch = "x86_64")]
    U8x4,
    /// Two signed 16-bit weights, for dot products of two numbers.
    I16x2,
}

impl Packing {
    pub(super) const fn of(level: SimdLevel) -> Self {
        match level {
            SimdLevel::Portable => Self::I16x2,
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx2 => Self::I16x2,
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx512 => Self::U8x4,
        }
    }

    /// Weights of a word.
    pub(super) const fn lanes(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::U8x4 => 4,
            Self::I16x2 => 2,
        }
    }

    /// Bytes of an activation.
    pub(super) const fn activation_bytes(self) -> usize {
        4 / self.lanes()
    }

    /// The code that represents zero; 0 if the packed weights are signed.
    pub(super) const fn zero(self, layout: BlockLayout) -> i32 {
        if matches!(self, Self::I16x2) {
            0
        } else {
            layout.zero as i32
        }
    }
}

/// A range of columns (rows of the weight) and depths.
pub(super) struct Panel {
    /// For each 32-bit word of depth, a word of each column.
    pub(super) words: Vec<u32>,
    /// For each group of depth, a scale of each column.
    pub(super) scales: Vec<f32>,
    /// For each group of depth, a minimum of each column.
    pub(super) minima: Vec<f32>,
}

impl Panel {
    /// A panel with capacity for `depth` numbers of each column.
    pub(super) fn new(depth: usize) -> Self {
        Self {
            words: vec![0; depth / 2 * COLUMNS],
            scales: vec![0.0; depth / 16 * COLUMNS],
            minima: vec![0.0; depth / 16 * COLUMNS],
        }
    }

    /// Decodes `columns` rows of the weight, from row `first`; of each row, `depth` numbers from
    /// `start` on. Both `start` and `depth` are multiples of the block size. The remaining
    /// columns are zero.
    pub(super) fn fill(
        &mut self,
        weight: &RowBlock,
        first: usize,
        columns: usize,
        (start, depth): (usize, usize),
        packing: Packing,
    ) {
        let layout = layout(weight.kind);
        let (block_weights, block_bytes) = (weight.kind.block_weights(), weight.kind.block_bytes());
        let bytes = weight.bytes.as_slice();
        let row_bytes = bytes.len() / weight.rows;
        let range =
            start / block_weights * block_bytes..(start + depth) / block_weights * block_bytes;
        let words = block_weights / packing.lanes();
        let groups = block_weights / layout.group;
        if columns < COLUMNS {
            // The words keep stale codes, which a scale and minimum of zero cancel.
            self.scales.fill(0.0);
            self.minima.fill(0.0);
        }
        let mut decoded = DecodedBlock::new();
        for column in 0..columns {
            let row = &bytes[(first + column) * row_bytes..][..row_bytes];
            let blocks = row[range.clone()].chunks_exact(block_bytes);
            for (index, block) in blocks.enumerate() {
                decoded.read(weight.kind, block);
                let (word, group) = (index * words * COLUMNS, index * groups * COLUMNS);
                pack_words(
                    &decoded.codes[..block_weights],
                    layout.zero,
                    packing,
                    &mut self.words[word + column..],
                );
                for block_group in 0..groups {
                    let at = group + block_group * COLUMNS + column;
                    self.scales[at] = decoded.scales[block_group];
                    self.minima[at] = decoded.minima[block_group];
                }
            }
        }
    }
}

/// Writes the codes as words, one to each row of the panel.
#[inline]
fn pack_words(codes: &[u8], zero: u8, packing: Packing, out: &mut [u32]) {
    let out = out.iter_mut().step_by(COLUMNS);
    match packing {
        #[cfg(target_arch = "x86_64")]
        Packing::U8x4 => {
            for (out, c) in out.zip(codes.chunks_exact(4)) {
                *out = u32::from_le_bytes([c[0], c[1], c[2], c[3]]);
            }
        }
        Packing::I16x2 => {
            let signed = |code: u8| (i16::from(code) - i16::from(zero)).cast_unsigned();
            for (out, c) in out.zip(codes.chunks_exact(2)) {
                *out = u32::from(signed(c[0])) | u32::from(signed(c[1])) << 16;
            }
        }
    }
}
