//! The storage types of weights.

/// The storage type of a tensor.
///
/// The block types are ggml's: consecutive weights of a row share a block and its scales. Their
/// layouts are defined in ggml's `ggml-common.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WeightType {
    /// IEEE single precision.
    F32,
    /// IEEE half precision.
    F16,
    /// The upper half of an `f32`.
    Bf16,
    /// 32 weights of 8 bits, one scale.
    Q8_0,
    /// 32 weights of 4 bits, one scale.
    Q4_0,
    /// 32 weights of 5 bits, one scale.
    Q5_0,
    /// 256 weights of 4 bits, in groups of 32 with a scale and a minimum for each.
    Q4K,
    /// 256 weights of 5 bits, in groups of 32 with a scale and a minimum for each.
    Q5K,
    /// 256 weights of 6 bits, in groups of 16 with a scale for each.
    Q6K,
}

impl WeightType {
    /// The number of weights in a block; 1 for the types without blocks.
    pub const fn block_weights(self) -> usize {
        match self {
            Self::F32 | Self::F16 | Self::Bf16 => 1,
            Self::Q8_0 | Self::Q4_0 | Self::Q5_0 => 32,
            Self::Q4K | Self::Q5K | Self::Q6K => 256,
        }
    }

    /// The size of a block in bytes.
    pub const fn block_bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Q8_0 => 34,
            Self::Q4_0 => 18,
            Self::Q5_0 => 22,
            Self::Q4K => 144,
            Self::Q5K => 176,
            Self::Q6K => 210,
        }
    }

    /// The size of a row of `columns` weights in bytes; `None` if they do not fill complete blocks.
    pub const fn row_bytes(self, columns: usize) -> Option<usize> {
        if columns.is_multiple_of(self.block_weights()) {
            (columns / self.block_weights()).checked_mul(self.block_bytes())
        } else {
            None
        }
    }

    /// Whether this is a block type, whose products are computed in 8-bit integers.
    pub const fn is_quantized(self) -> bool {
        self.block_weights() > 1
    }
}
