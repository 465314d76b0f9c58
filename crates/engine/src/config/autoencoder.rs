//! The shape of an autoencoder's decoder.

use super::Fields;
use crate::{Error, Result, Weights};

/// The shape of an autoencoder; the names are those of diffusers' `AutoencoderKL`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AutoencoderConfig {
    /// Channels of each level, the finest first; each a multiple of `norm_num_groups`.
    pub block_out_channels: Vec<usize>,
    /// Residual blocks of a level of the encoder; the decoder has one more.
    pub layers_per_block: usize,
    /// Channels of a latent.
    pub latent_channels: usize,
    /// Groups of the group norms.
    pub norm_num_groups: usize,
    /// A latent is divided by this, then `shift_factor` is added.
    pub scaling_factor: f64,
    /// See `scaling_factor`.
    pub shift_factor: f64,
    /// Whether the middle has attention.
    pub mid_block_add_attention: bool,
    /// Whether a 1 × 1 convolution comes before the decoder.
    pub use_post_quant_conv: bool,
}

impl AutoencoderConfig {
    /// How many pixels a latent has on a side: 2 for every level but one.
    pub fn side_factor(&self) -> usize {
        1 << (self.block_out_channels.len() - 1)
    }

    pub(crate) fn from_fields(fields: &Fields) -> Result<Self> {
        fields.word("_class_name", &["AutoencoderKL"])?;
        fields.count("out_channels", 3, 3..=3)?;
        fields.word("act_fn", &["silu", "swish"])?;
        for name in ["latents_mean", "latents_std"] {
            fields.off(name)?;
        }
        if let Some(types) = fields.get("up_block_types") {
            let types = types.as_array().map(Vec::as_slice).unwrap_or_default();
            if types.is_empty() || types.iter().any(|kind| kind != "UpDecoderBlock2D") {
                let message = "`up_block_types` has others than `UpDecoderBlock2D`";
                return Err(fields.wrong(message));
            }
        }
        let config = Self {
            block_out_channels: fields.counts("block_out_channels", 1..=6, 1..=16_384)?,
            layers_per_block: fields.count("layers_per_block", 1, 1..=64)?,
            latent_channels: fields.count("latent_channels", None, 1..=1024)?,
            norm_num_groups: fields.count("norm_num_groups", 32, 1..=16_384)?,
            scaling_factor: fields.number("scaling_factor", 0.18215, 1e-6..=1e6)?,
            shift_factor: fields.number("shift_factor", 0.0, -1e6..=1e6)?,
            mid_block_add_attention: fields.flag("mid_block_add_attention", true)?,
            use_post_quant_conv: fields.flag("use_post_quant_conv", true)?,
        };
        config.check().map_err(|what| fields.wrong(what))?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let groups = self.norm_num_groups;
        let odd = |channels: &&usize| !channels.is_multiple_of(groups);
        if let Some(channels) = self.block_out_channels.iter().find(odd) {
            return Err(format!(
                "`block_out_channels` has {channels}, no multiple of `norm_num_groups`, {groups}"
            ));
        }
        Ok(())
    }

    /// The shape that the tensors have; scale, shift and groups as in FLUX.1.
    pub(crate) fn from_tensors(weights: &Weights) -> Result<Self> {
        let [_, latent_channels, _, _] = weights.shape_of("decoder.conv_in.weight")?;
        let levels = weights.count_of("decoder.up", "block.0.conv1.weight");
        let blocks = weights.count_of("decoder.up.0.block", "conv1.weight");
        if levels == 0 || levels > 6 || blocks < 2 {
            return Err(Error::model(format!(
                "the decoder has {levels} levels of {blocks} residual blocks, not 1 to 6 of at \
                 least 2"
            )));
        }
        let channels = |level| {
            let name = format!("decoder.up.{level}.block.0.conv1.weight");
            weights.shape_of(&name).map(|[out, _, _, _]| out)
        };
        let config = Self {
            block_out_channels: (0..levels).map(channels).collect::<Result<_>>()?,
            layers_per_block: blocks - 1,
            latent_channels,
            norm_num_groups: 32,
            scaling_factor: 0.3611,
            shift_factor: 0.1159,
            mid_block_add_attention: weights.contains("decoder.mid.attn_1.q.weight"),
            use_post_quant_conv: weights.contains("post_quant_conv.weight"),
        };
        config.check().map_err(Error::model)?;
        Ok(config)
    }
}
