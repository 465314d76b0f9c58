//! ggml's block types, read block by block; their layouts are those of `ggml-common.h`.
//!
//! Every type is unsigned codes with a scale, and sometimes a minimum, for each group of them:
//! a weight is `(code − zero) · scale − minimum`.

use half::f16;

use crate::WeightType;

/// The most weights of a block.
pub(crate) const MOST: usize = 256;
/// The most groups of a block.
const GROUPS: usize = 16;

/// How the weights of a block type are made of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// The code that stands for nothing.
    pub(crate) zero: u8,
    /// How many weights share a scale.
    pub(crate) group: usize,
    /// Whether groups have a minimum.
    pub(crate) has_minimum: bool,
}

/// The form of a block type.
pub(crate) const fn form(kind: WeightType) -> Form {
    let (zero, group, has_minimum) = match kind {
        WeightType::Q4_0 => (8, 32, false),
        WeightType::Q5_0 => (16, 32, false),
        WeightType::Q4K | WeightType::Q5K => (0, 32, true),
        WeightType::Q6K => (32, 16, false),
        // The others are not made of codes; nobody asks.
        WeightType::Q8_0 | WeightType::F32 | WeightType::F16 | WeightType::Bf16 => (128, 32, false),
    };
    Form {
        zero,
        group,
        has_minimum,
    }
}

/// One block, taken apart; a type's block fills the first places.
pub(crate) struct Codes {
    /// The codes, in the order of the weights.
    pub(crate) weights: [u8; MOST],
    /// A scale for each group.
    pub(crate) scales: [f32; GROUPS],
    /// A minimum for each group, where the type has them.
    pub(crate) minima: [f32; GROUPS],
}

impl Codes {
    pub(crate) const fn new() -> Self {
        Self {
            weights: [0; MOST],
            scales: [0.0; GROUPS],
            minima: [0.0; GROUPS],
        }
    }

    /// Takes a whole block of the type apart.
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
        for (code, &byte) in self.weights.iter_mut().zip(&block[2..34]) {
            *code = byte ^ 128;
        }
    }

    fn q4_0(&mut self, block: &[u8]) {
        self.scales[0] = half(block, 0);
        for (i, &byte) in block[2..18].iter().enumerate() {
            self.weights[i] = byte & 15;
            self.weights[i + 16] = byte >> 4;
        }
    }

    fn q5_0(&mut self, block: &[u8]) {
        self.scales[0] = half(block, 0);
        let high = u32::from_le_bytes([block[2], block[3], block[4], block[5]]);
        let fifth = |at: usize| ((high >> at & 1) << 4) as u8;
        for (i, &byte) in block[6..22].iter().enumerate() {
            self.weights[i] = byte & 15 | fifth(i);
            self.weights[i + 16] = byte >> 4 | fifth(i + 16);
        }
    }

    fn q4_k(&mut self, block: &[u8]) {
        self.k_scales(block);
        let quants = block[16..144].chunks_exact(32);
        for (codes, quants) in self.weights.chunks_exact_mut(64).zip(quants) {
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
        for (pair, (codes, quants)) in self.weights.chunks_exact_mut(64).zip(quants).enumerate() {
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
        // Two halves of 128 weights, each four runs of 32: the low bits of two runs share a byte,
        // the high bits of all four do.
        for (side, codes) in self.weights.chunks_exact_mut(128).enumerate() {
            let (low, high) = (&block[side * 64..][..64], &block[128 + side * 32..][..32]);
            for (run, codes) in codes.chunks_exact_mut(32).enumerate() {
                let low = &low[run % 2 * 32..][..32];
                for (i, code) in codes.iter_mut().enumerate() {
                    *code = low[i] >> (run / 2 * 4) & 15 | (high[i] >> (run * 2) & 3) << 4;
                }
            }
        }
    }

    /// The eight scales and minima of a K block: 6 bits each, packed into 12 bytes.
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

/// Writes the weights of whole blocks to `out`; `kind` is a block type.
pub(crate) fn dequantize(kind: WeightType, bytes: &[u8], out: &mut [f32]) {
    let Form {
        zero,
        group,
        has_minimum,
    } = form(kind);
    let mut codes = Codes::new();
    let blocks = bytes.chunks_exact(kind.block_bytes());
    for (block, out) in blocks.zip(out.chunks_exact_mut(kind.block_weights())) {
        codes.read(kind, block);
        for (i, out) in out.iter_mut().enumerate() {
            let code = f32::from(codes.weights[i]) - f32::from(zero);
            *out = codes.scales[i / group] * code;
            if has_minimum {
                *out -= codes.minima[i / group];
            }
        }
    }
}
