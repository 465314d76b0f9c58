//! A block in which text and picture have weights of their own and see each other in attention.

use candle_core::Tensor;

use super::Rope;
use crate::{Linear, Result, TransformerConfig, Weights, ops};

/// A double block.
#[derive(Debug)]
pub(super) struct DoubleBlock {
    image: Stream,
    text: Stream,
    heads: usize,
}

/// The weights of one of the two.
#[derive(Debug)]
struct Stream {
    qkv: Linear,
    query_norm: Tensor,
    key_norm: Tensor,
    projection: Linear,
    mlp_in: Linear,
    mlp_out: Linear,
}

/// Shift, scale and gate of attention, then of the MLP.
type Modulation = [Tensor; 6];

impl DoubleBlock {
    pub(super) fn new(weights: &Weights, config: &TransformerConfig) -> Result<Self> {
        Ok(Self {
            image: Stream::new(weights, "img", config)?,
            text: Stream::new(weights, "txt", config)?,
            heads: config.num_attention_heads,
        })
    }

    /// The picture's tokens and the text's, `[batch, tokens, hidden]` each.
    pub(super) fn forward(
        &self,
        image: &Tensor,
        text: &Tensor,
        [of_image, of_text]: &[Modulation; 2],
        rope: &Rope,
    ) -> Result<[Tensor; 2]> {
        let attended = {
            let image_qkv = self.image.qkv(image, of_image)?;
            let text_qkv = self.text.qkv(text, of_text)?;
            let streams = [self.text.heads(&text_qkv), self.image.heads(&image_qkv)];
            let [q, k, v] = ops::split_heads(&streams, self.heads, &rope.cos, &rope.sin)?;
            drop((image_qkv, text_qkv));
            let scale = 1.0 / (q.dim(3)? as f32).sqrt();
            ops::attention(&q, &k, &v, scale, None, false)?
        };
        let of_stream = |start, tokens| attended.narrow(1, start, tokens);
        let (seen_by_text, seen_by_image) = (
            of_stream(0, rope.text)?,
            of_stream(rope.text, rope.tokens - rope.text)?,
        );
        Ok([
            self.image.finish(image, &seen_by_image, of_image)?,
            self.text.finish(text, &seen_by_text, of_text)?,
        ])
    }
}

impl Stream {
    fn new(weights: &Weights, name: &str, config: &TransformerConfig) -> Result<Self> {
        let (hidden, mlp, d) = (
            config.hidden_size(),
            config.mlp_size(),
            config.attention_head_dim,
        );
        let attention = weights.at(format!("{name}_attn"));
        let layers = weights.at(format!("{name}_mlp"));
        Ok(Self {
            qkv: attention.linear("qkv", hidden, 3 * hidden, true)?,
            query_norm: attention.tensor("norm.query_norm.scale", &[d])?,
            key_norm: attention.tensor("norm.key_norm.scale", &[d])?,
            projection: attention.linear("proj", hidden, hidden, true)?,
            mlp_in: layers.linear("0", hidden, mlp, true)?,
            mlp_out: layers.linear("2", mlp, hidden, true)?,
        })
    }

    fn qkv(&self, x: &Tensor, [shift, scale, ..]: &Modulation) -> Result<Tensor> {
        self.qkv.forward(&ops::modulated_norm(x, shift, scale)?)
    }

    fn heads<'a>(&'a self, qkv: &'a Tensor) -> ops::Stream<'a> {
        ops::Stream {
            qkv,
            query_norm: &self.query_norm,
            key_norm: &self.key_norm,
        }
    }

    /// Adds what attention saw, then what the MLP makes of it.
    fn finish(
        &self,
        x: &Tensor,
        attended: &Tensor,
        [_, _, attention_gate, shift, scale, mlp_gate]: &Modulation,
    ) -> Result<Tensor> {
        let x = ops::gated_add(x, attention_gate, &self.projection.forward(attended)?)?;
        let inner = self
            .mlp_in
            .forward(&ops::modulated_norm(&x, shift, scale)?)?;
        let outer = self.mlp_out.forward(&ops::gelu(&inner)?)?;
        ops::gated_add(&x, mlp_gate, &outer)
    }
}
