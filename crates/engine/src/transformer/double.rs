//! A block with separate weights for text and image, and joint attention over both.

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

/// The weights of one stream, text or image.
#[derive(Debug)]
struct Stream {
    qkv: Linear,
    query_norm: Tensor,
    key_norm: Tensor,
    projection: Linear,
    mlp_in: Linear,
    mlp_out: Linear,
}

/// Shift, scale and gate of the attention, then of the MLP.
type Modulation = [Tensor; 6];

impl DoubleBlock {
    pub(super) fn new(weights: &Weights, config: &TransformerConfig) -> Result<Self> {
        Ok(Self {
            image: Stream::new(weights, "img", config)?,
            text: Stream::new(weights, "txt", config)?,
            heads: config.num_attention_heads,
        })
    }

    /// Takes and returns the tokens of the image and of the text, `[batch, tokens, hidden]` each.
    pub(super) fn forward(
        &self,
        image: &Tensor,
        text: &Tensor,
        [image_modulation, text_modulation]: &[Modulation; 2],
        rope: &Rope,
    ) -> Result<[Tensor; 2]> {
        let attended = {
            let image_qkv = self.image.qkv(image, image_modulation)?;
            let text_qkv = self.text.qkv(text, text_modulation)?;
            let streams = [self.text.heads(&text_qkv), self.image.heads(&image_qkv)];
            let [q, k, v] = ops::split_heads(&streams, self.heads, &rope.cos, &rope.sin)?;
            drop((image_qkv, text_qkv));
            let scale = 1.0 / (q.dim(3)? as f32).sqrt();
            ops::attention(&q, &k, &v, scale, None, false)?
        };
        let tokens = |start, count| attended.narrow(1, start, count);
        let attended_text = tokens(0, rope.text)?;
        let attended_image = tokens(rope.text, rope.image_tokens())?;
        Ok([
            self.image
                .finish(image, &attended_image, image_modulation)?,
            self.text.finish(text, &attended_text, text_modulation)?,
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

    /// Adds the gated output of the attention, then that of the MLP.
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
