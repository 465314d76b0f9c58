//! Decoders of ggml's block types. The layouts are defined in `ggml-common.h`.
//!
//! A block holds unsigned codes, and a scale and sometimes a minimum for each group of codes. A
//! weight is `(code − zero) · scale − minimum`.

use half::f16;

use crate::WeightType;

/// The maximum number of weights in a block of any type.
const MAX_WEIGHTS: usize = 256;
/// The maximum number of groups in a block of any type.
const MAX_GROUPS: usize = 16;

/// How a block type encodes its weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockLayout {
    /// The code that represents zero.
    pub(crate) zero: u8,
    /// The number of weights that share a scale.
    pub(crate) group: usize,
    /// Whether groups have a minimum.
    pub(crate) has_minimum: bool,
}

/// The layout of a block type.
pub(crate) const fn layout(kind: WeightType) -> BlockLayout {
    let (zero, group, has_minimum) = match kind {
        WeightType::Q4_0 => (8, 32, false),
        WeightType::Q5_0 => (16, 32, false),
        WeightType::Q4K | WeightType::Q5K => (0, 32, true),
        WeightType::Q6K => (32, 16, false),
        // The last three have no codes, so this function is not called with them.
        WeightType::Q8_0 | WeightType::F32 | WeightType::F16 | WeightType::Bf16 => (128, 32, false),
    };
    BlockLayout {
        zero,
        group,
        has_minimum,
    }
}

/// A decoded block. Types with smaller blocks use the first elements.
pub(crate) struct DecodedBlock {
    /// The codes, in the order of the weights.
    pub(crate) codes: [u8; MAX_WEIGHTS],
    /// The scale of each group.
    pub(crate) scales: [f32; MAX_GROUPS],
    /// The minimum of each group; zero for types without minima.
    pub(crate) minima: [f32; MAX_GROUPS],
}

impl DecodedBlock {
    pub(crate) const fn new() -> Self {
        Self {
            codes: [0; MAX_WEIGHTS],
            scales: [0.0; MAX_GROUPS],
            minima: [0.0; MAX_GROUPS],
        }
    }

    /// Decodes a block of the given type.
    #[inline]
    pub(crate) fn read(&mut self, kind: WeightType, block: &[u8]) {
        match kind {
            WeightType::Q8_0 => self.q8_0(block),
            WeightType::Q4_0 => self.q4_0(block),
            WeightType::Q5_0 => self.q5_0(block),
            WeightType::Q4K => self.q4_k(block),
            WeightType::Q5K => self.q5_k(block),
            WeightType::Q6K => self.q6_k(block),
            WeightType::F32 | WeightType::F16 | WeightType::Bf16 => {}
        }
    }

    fn q8_0(&mut self, block: &[u8]) {
        self.scales[0] = half(block, 0);
        for (code, &byte) in self.codes.iter_mut().zip(&block[2..34]) {
            *code = byte ^ 128;
        }
    }

    fn q4_0(&mut self, block: &[u8]) {
        self.scales[0] = half(block, 0);
        for (i, &byte) in block[2..18].iter().enumerate() {
            self.codes[i] = byte & 15;
            self.codes[i + 16] = byte >> 4;
        }
    }

    fn q5_0(&mut self, block: &[u8]) {
        self.scales[0] = half(block, 0);
        let high = u32::from_le_bytes([block[2], block[3], block[4], block[5]]);
        let fifth = |at: usize| ((high >> at & 1) << 4) as u8;
        for (i, &byte) in block[6..22].iter().enumerate() {
            self.codes[i] = byte & 15 | fifth(i);
            self.codes[i + 16] = byte >> 4 | fifth(i + 16);
        }
    }

    fn q4_k(&mut self, block: &[u8]) {
        self.k_scales(block);
        let quants = block[16..144].chunks_exact(32);
        for (codes, quants) in self.codes.chunks_exact_mut(64).zip(quants) {
            let (low, high) = codes.split_at_mut(32);
            for ((low, high), &byte) in low.iter_mut().zip(high).zip(quants) {
                *low = byte & 15;
                *high = byte >> 4;
            }
        }
    }

    fn q5_k(&mut self, block: &[u8]) {
        self.k_scales(block);
        let fifth = &block[16..48];
        let quants = block[48..176].chunks_exact(32);
        for (pair, (codes, quants)) in self.codes.chunks_exact_mut(64).zip(quants).enumerate() {
            let (low, high) = codes.split_at_mut(32);
            for i in 0..32 {
                low[i] = quants[i] & 15 | (fifth[i] >> (pair * 2) & 1) << 4;
                high[i] = quants[i] >> 4 | (fifth[i] >> (pair * 2 + 1) & 1) << 4;
            }
        }
    }

    fn q6_k(&mut self, block: &[u8]) {
        let scale = half(block, 208);
        for (out, &s) in self.scales.iter_mut().zip(&block[192..208]) {
            *out = scale * f32::from(s.cast_signed());
        }
        // Two halves of 128 weights, each of four runs of 32. A byte of `low` is shared by two
        // runs, a byte of `high` by all four.
        for (side, codes) in self.codes.chunks_exact_mut(128).enumerate() {
            let (low, high) = (&block[side * 64..][..64], &block[128 + side * 32..][..32]);
            for (run, codes) in codes.chunks_exact_mut(32).enumerate() {
                let low = &low[run % 2 * 32..][..32];
                for (i, code) in codes.iter_mut().enumerate() {
                    *code = low[i] >> (run / 2 * 4) & 15 | (high[i] >> (run * 2) & 3) << 4;
                }
            }
        }
    }

    /// Decodes the eight scales and minima of a K block: 6 bits each, packed into 12 bytes.
    fn k_scales(&mut self, block: &[u8]) {
        let (scale, minimum) = (half(block, 0), half(block, 2));
        let packed = &block[4..16];
        for group in 0..8 {
            let (s, m) = if group < 4 {
                (packed[group] & 63, packed[group + 4] & 63)
            } else {
                (
                    packed[group + 4] & 15 | packed[group - 4] >> 6 << 4,
                    packed[group + 4] >> 4 | packed[group] >> 6 << 4,
                )
            };
            self.scales[group] = scale * f32::from(s);
            self.minima[group] = minimum * f32::from(m);
        }
    }
}

fn half(bytes: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32()
}

/// Writes the weights of complete blocks to `out`. `kind` must be a block type.
pub(crate) fn dequantize(kind: WeightType, bytes: &[u8], out: &mut [f32]) {
    let BlockLayout {
        zero,
        group,
        has_minimum,
    } = layout(kind);
    let mut decoded = DecodedBlock::new();
    let blocks = bytes.chunks_exact(kind.block_bytes());
    for (block, out) in blocks.zip(out.chunks_exact_mut(kind.block_weights())) {
        decoded.read(kind, block);
        for (i, out) in out.iter_mut().enumerate() {
            let code = f32::from(decoded.codes[i]) - f32::from(zero);
            *out = decoded.scales[i / group] * code;
            if has_minimum {
                *out -= decoded.minima[i / group];
            }
        }
    }
}
