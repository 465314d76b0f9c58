//! CPU kernels: f32 activations, weights read directly from their mapped files.

mod attention;
mod convolution;
mod disjoint;
mod float;
mod group_norm;
mod math;
mod product;
mod quantized;
#[cfg(test)]
mod reference;
mod rowwise;
mod simd;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use attention::attention;
pub(crate) use convolution::{Kernel, convolution};
pub(crate) use group_norm::{group_norm, upsample};
pub(crate) use product::matmul;
pub(crate) use rowwise::{concat_gelu, gated_add, gelu, modulated_norm, rms_norm, split_heads};
pub(crate) use text::{gated_gelu, layer_norm, quick_gelu};

/// Batch, tokens, features.
pub(crate) type Shape3 = (usize, usize, usize);
/// Batch, height, width, channels.
pub(crate) type Shape4 = (usize, usize, usize, usize);

/// The query, key and value of one stream of tokens, and the weights of their norms.
pub(crate) struct Stream<'a> {
    /// `[batch, tokens, 3 · heads · d]`.
    pub(crate) qkv: &'a [f32],
    pub(crate) tokens: usize,
    pub(crate) query_norm: &'a [f32],
    pub(crate) key_norm: &'a [f32],
}
