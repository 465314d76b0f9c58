//! A block that treats text and image as one sequence and runs attention and MLP in parallel.

use candle_core::Tensor;

use super::Rope;
use crate::{Error, Linear, Result, TransformerConfig, Weights, ops};

/// A single block.
#[derive(Debug)]
pub(super) struct SingleBlock {
    qkv: Linear,
    query_norm: Tensor,
    key_norm: Tensor,
    mlp_in: Linear,
    /// Projects the concatenated outputs of the attention and the MLP.
    out: Linear,
    heads: usize,
}

impl SingleBlock {
    pub(super) fn new(weights: &Weights, config: &TransformerConfig) -> Result<Self> {
        let (hidden, mlp, d) = (
            config.hidden_size(),
            config.mlp_size(),
            config.attention_head_dim,
        );
        // The rows of `linear1` are those of two layers. Split, each layer writes a contiguous output
        // for its consumer.
        let (all, split) = (3 * hidden + mlp, 3 * hidden);
        let weight = weights.matrix("linear1.weight", all, hidden)?;
        let bias = weights.tensor("linear1.bias", &[all])?;
        let layer = |start: usize, end: usize| {
            let rows = weight.row_range(start..end).ok_or_else(|| {
                Error::model(format!("`linear1.weight` has no rows {start} to {end}"))
            })?;
            let bias = bias.narrow(0, start, end - start)?.contiguous()?;
            Linear::new(rows, Some(bias), weights.device(), weights.dtype())
        };
        Ok(Self {
            qkv: layer(0, split)?,
            query_norm: weights.tensor("norm.query_norm.scale", &[d])?,
            key_norm: weights.tensor("norm.key_norm.scale", &[d])?,
            mlp_in: layer(split, all)?,
            out: weights.linear("linear2", hidden + mlp, hidden, true)?,
            heads: config.num_attention_heads,
        })
    }

    /// Takes and returns all tokens, text first: `[batch, tokens, hidden]`.
    pub(super) fn forward(
        &self,
        x: &Tensor,
        [shift, scale, gate]: &[Tensor; 3],
        rope: &Rope,
    ) -> Result<Tensor> {
        let normed = ops::modulated_norm(x, shift, scale)?;
        let attended = {
            let stream = ops::Stream {
                qkv: &self.qkv.forward(&normed)?,
                query_norm: &self.query_norm,
                key_norm: &self.key_norm,
            };
            let [q, k, v] = ops::split_heads(&[stream], self.heads, &rope.cos, &rope.sin)?;
            let factor = 1.0 / (q.dim(3)? as f32).sqrt();
            ops::attention(&q, &k, &v, factor, None, false)?
        };
        let both = ops::concat_gelu(&attended, &self.mlp_in.forward(&normed)?)?;
        ops::gated_add(x, gate, &self.out.forward(&both)?)
    }
}
