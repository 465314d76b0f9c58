//! The shape of a FLUX transformer.

use super::Fields;
use crate::{Error, Result, Weights};

/// The shape of a FLUX transformer; the names are those of diffusers' `FluxTransformer2DModel`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TransformerConfig {
    /// Features of a picture token, 64 in FLUX.1: the latent's channels by 2 × 2.
    pub in_channels: usize,
    /// Features of a predicted token; as many as `in_channels`.
    pub out_channels: usize,
    /// Double blocks.
    pub num_layers: usize,
    /// Single blocks.
    pub num_single_layers: usize,
    /// Features of a head, even.
    pub attention_head_dim: usize,
    /// Heads.
    pub num_attention_heads: usize,
    /// Features of a token of the T5 encoder.
    pub joint_attention_dim: usize,
    /// Features of CLIP's pooled state.
    pub pooled_projection_dim: usize,
    /// Whether guidance is an input, as in FLUX.1-dev.
    pub guidance_embeds: bool,
    /// Features of a head that turn with each axis: text, row, column. Even; their sum is
    /// `attention_head_dim`.
    pub axes_dims_rope: [usize; 3],
}

impl TransformerConfig {
    /// Features of a token inside: heads by features of a head.
    pub fn hidden_size(&self) -> usize {
        self.num_attention_heads * self.attention_head_dim
    }

    /// Features inside the feed-forward layers: four times the hidden size, always.
    pub fn mlp_size(&self) -> usize {
        self.hidden_size() * 4
    }

    pub(crate) fn from_fields(fields: &Fields) -> Result<Self> {
        fields.word("_class_name", &["FluxTransformer2DModel"])?;
        fields.count("patch_size", 1, 1..=1)?;
        let in_channels = fields.count("in_channels", 64, 4..=4096)?;
        let axes = match fields.get("axes_dims_rope") {
            None => vec![16, 56, 56],
            Some(_) => fields.counts("axes_dims_rope", 3..=3, 2..=1024)?,
        };
        let config = Self {
            in_channels,
            out_channels: fields.count("out_channels", in_channels, 4..=4096)?,
            num_layers: fields.count("num_layers", 19, 0..=1024)?,
            num_single_layers: fields.count("num_single_layers", 38, 0..=1024)?,
            attention_head_dim: fields.count("attention_head_dim", 128, 2..=1024)?,
            num_attention_heads: fields.count("num_attention_heads", 24, 1..=256)?,
            joint_attention_dim: fields.count("joint_attention_dim", 4096, 1..=65_536)?,
            pooled_projection_dim: fields.count("pooled_projection_dim", 768, 1..=65_536)?,
            guidance_embeds: fields.flag("guidance_embeds", false)?,
            axes_dims_rope: [axes[0], axes[1], axes[2]],
        };
        config.check().map_err(|what| fields.wrong(what))?;
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
                "`axes_dims_rope` is {axes:?}, not three even numbers whose sum is \
                 `attention_head_dim`, {head}"
            ));
        }
        if in_channels != out_channels || in_channels % 4 != 0 {
            return Err(format!(
                "`in_channels` is {in_channels} and `out_channels` {out_channels}, where a model \
                 that draws from words alone has the same multiple of 4 in both; FLUX.1 variants \
                 that take a picture (Fill, Canny, Depth) are not supported"
            ));
        }
        Ok(())
    }

    /// The shape that the tensors have, with what FLUX.1 fixes where they do not tell it.
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
                "heads have {head} features and no `transformer/config.json` says how \
                 `axes_dims_rope` divides them among the axes of the position"
            )));
        }
        if hidden % head != 0 {
            return Err(Error::model(format!(
                "`img_in.weight` has {hidden} rows, which heads of {head} features do not fill"
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

    /// Refuses a configuration that tells of other blocks than the tensors have.
    pub(crate) fn check_tensors(&self, weights: &Weights) -> Result<()> {
        let double = weights.count_of("double_blocks", "img_attn.qkv.weight");
        let single = weights.count_of("single_blocks", "linear1.weight");
        let guidance = weights.contains("guidance_in.in_layer.weight");
        let told = (
            self.num_layers,
            self.num_single_layers,
            self.guidance_embeds,
        );
        if told != (double, single, guidance) {
            let (a, b, c) = told;
            return Err(Error::model(format!(
                "the configuration has {a} double and {b} single blocks and guidance {c}, the \
                 tensors {double}, {single} and {guidance}: they are of different models, or \
                 tensors are missing"
            )));
        }
        Ok(())
    }
}
