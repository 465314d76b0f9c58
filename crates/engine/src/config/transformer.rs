//! The configuration of a FLUX transformer.

use super::Fields;
use crate::{Error, Result, Weights};

/// The configuration of a FLUX transformer, with the names of diffusers' `FluxTransformer2DModel`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TransformerConfig {
    /// Features of an image token, 64 in FLUX.1: the channels of 2 × 2 latents.
    pub in_channels: usize,
    /// Features of a predicted token, equal to `in_channels`.
    pub out_channels: usize,
    /// Number of double blocks.
    pub num_layers: usize,
    /// Number of single blocks.
    pub num_single_layers: usize,
    /// Features of a head. Even.
    pub attention_head_dim: usize,
    /// Number of heads.
    pub num_attention_heads: usize,
    /// Features of a token of the T5 encoder.
    pub joint_attention_dim: usize,
    /// Features of CLIP's pooled state.
    pub pooled_projection_dim: usize,
    /// Whether the model has a guidance input, as FLUX.1-dev does.
    pub guidance_embeds: bool,
    /// Features of a head rotated by the position on each axis: text, row, column. Even; their sum is
    /// `attention_head_dim`.
    pub axes_dims_rope: [usize; 3],
}

impl TransformerConfig {
    /// Features of a token in the blocks: the number of heads times the features of a head.
    pub fn hidden_size(&self) -> usize {
        self.num_attention_heads * self.attention_head_dim
    }

    /// Features of the feed-forward layers: always four times the hidden size.
    pub fn mlp_size(&self) -> usize {
        self.hidden_size() * 4
    }

    pub(crate) fn from_fields(fields: &Fields) -> Result<Self> {
        fields.one_of("_class_name", &["FluxTransformer2DModel"])?;
        fields.integer("patch_size", 1, 1..=1)?;
        let in_channels = fields.integer("in_channels", 64, 4..=4096)?;
        let axes = match fields.get("axes_dims_rope") {
            None => vec![16, 56, 56],
            Some(_) => fields.integers("axes_dims_rope", 3..=3, 2..=1024)?,
        };
        let config = Self {
            in_channels,
            out_channels: fields.integer("out_channels", in_channels, 4..=4096)?,
            num_layers: fields.integer("num_layers", 19, 0..=1024)?,
            num_single_layers: fields.integer("num_single_layers", 38, 0..=1024)?,
            attention_head_dim: fields.integer("attention_head_dim", 128, 2..=1024)?,
            num_attention_heads: fields.integer("num_attention_heads", 24, 1..=256)?,
            joint_attention_dim: fields.integer("joint_attention_dim", 4096, 1..=65_536)?,
            pooled_projection_dim: fields.integer("pooled_projection_dim", 768, 1..=65_536)?,
            guidance_embeds: fields.bool("guidance_embeds", false)?,
            axes_dims_rope: [axes[0], axes[1], axes[2]],
        };
        config.check().map_err(|message| fields.error(message))?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let Self {
            axes_dims_rope: axes,
            attention_head_dim: head,
            in_channels,
            out_channels,
            ..
        } = self;
        if axes.iter().sum::<usize>() != *head || axes.iter().any(|axis| axis % 2 != 0) {
            return Err(format!(
                "`axes_dims_rope` is {axes:?}, expected three even numbers with the sum \
                 `attention_head_dim` ({head})"
            ));
        }
        if in_channels != out_channels || in_channels % 4 != 0 {
            return Err(format!(
                "`in_channels` is {in_channels} and `out_channels` is {out_channels}, expected equal \
                 multiples of 4; FLUX.1 variants with an image input (Fill, Canny, Depth) are not \
                 supported"
            ));
        }
        Ok(())
    }

    /// Derives the configuration from the tensors, with the values of FLUX.1 where they are
    /// ambiguous.
    pub(crate) fn from_tensors(weights: &Weights) -> Result<Self> {
        let [hidden, in_channels] = weights.shape_of("img_in.weight")?;
        let [_, joint_attention_dim] = weights.shape_of("txt_in.weight")?;
        let [_, pooled_projection_dim] = weights.shape_of("vector_in.in_layer.weight")?;
        let double = "double_blocks.0.img_attn.norm.query_norm.scale";
        let single = "single_blocks.0.norm.query_norm.scale";
        let norm = [double, single]
            .into_iter()
            .find(|name| weights.contains(name));
        let [head] = weights.shape_of(norm.unwrap_or(double))?;
        let [out_channels, _] = weights.shape_of("final_layer.linear.weight")?;
        if head != 128 {
            return Err(Error::model(format!(
                "cannot derive `axes_dims_rope` for heads of {head} features without \
                 `transformer/config.json`"
            )));
        }
        if hidden % head != 0 {
            return Err(Error::model(format!(
                "`img_in.weight` has {hidden} rows, not a multiple of {head}, the features of a head"
            )));
        }
        let config = Self {
            in_channels,
            out_channels,
            num_layers: weights.count_of("double_blocks", "img_attn.qkv.weight"),
            num_single_layers: weights.count_of("single_blocks", "linear1.weight"),
            attention_head_dim: head,
            num_attention_heads: hidden / head,
            joint_attention_dim,
            pooled_projection_dim,
            guidance_embeds: weights.contains("guidance_in.in_layer.weight"),
            axes_dims_rope: [16, 56, 56],
        };
        config.check().map_err(Error::model)?;
        Ok(config)
    }

    /// Fails if the number of blocks or the guidance input differs from the tensors'.
    pub(crate) fn check_tensors(&self, weights: &Weights) -> Result<()> {
        let double = weights.count_of("double_blocks", "img_attn.qkv.weight");
        let single = weights.count_of("single_blocks", "linear1.weight");
        let guidance = weights.contains("guidance_in.in_layer.weight");
        let configured = (
            self.num_layers,
            self.num_single_layers,
            self.guidance_embeds,
        );
        if configured != (double, single, guidance) {
            let (a, b, c) = configured;
            return Err(Error::model(format!(
                "the configuration has {a} double blocks, {b} single blocks and guidance {c}, but the \
                 tensors have {double}, {single} and {guidance}"
            )));
        }
        Ok(())
    }
}
