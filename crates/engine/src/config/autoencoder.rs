//! The configuration of an autoencoder.

use super::Fields;
use crate::{Error, Result, Weights};

/// The configuration of an autoencoder, with the names of diffusers' `AutoencoderKL`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AutoencoderConfig {
    /// Channels of each level, the finest first. Multiples of `norm_num_groups`.
    pub block_out_channels: Vec<usize>,
    /// Residual blocks in a level of the encoder; the decoder has one more.
    pub layers_per_block: usize,
    /// Channels of a latent.
    pub latent_channels: usize,
    /// Groups of the group norms.
    pub norm_num_groups: usize,
    /// Before decoding, latents are divided by this, then `shift_factor` is added.
    pub scaling_factor: f64,
    /// See `scaling_factor`.
    pub shift_factor: f64,
    /// Whether the middle block has attention.
    pub mid_block_add_attention: bool,
    /// Whether the decoder is preceded by a 1 × 1 convolution.
    pub use_post_quant_conv: bool,
}

impl AutoencoderConfig {
    /// Width of a latent in pixels: 2 to the power of the number of levels minus one.
    pub fn side_factor(&self) -> usize {
        1 << (self.block_out_channels.len() - 1)
    }

    pub(crate) fn from_fields(fields: &Fields) -> Result<Self> {
        fields.one_of("_class_name", &["AutoencoderKL"])?;
        fields.integer("out_channels", 3, 3..=3)?;
        fields.one_of("act_fn", &["silu", "swish"])?;
        for name in ["latents_mean", "latents_std"] {
            fields.unsupported(name)?;
        }
        if let Some(types) = fields.get("up_block_types") {
            let types = types.as_array().map(Vec::as_slice).unwrap_or_default();
            if types.is_empty() || types.iter().any(|kind| kind != "UpDecoderBlock2D") {
                let message = "`up_block_types` contains a type other than `UpDecoderBlock2D`";
                return Err(fields.error(message));
            }
        }
        let config = Self {
            block_out_channels: fields.integers("block_out_channels", 1..=6, 1..=16_384)?,
            layers_per_block: fields.integer("layers_per_block", 1, 1..=64)?,
            latent_channels: fields.integer("latent_channels", None, 1..=1024)?,
            norm_num_groups: fields.integer("norm_num_groups", 32, 1..=16_384)?,
            scaling_factor: fields.float("scaling_factor", 0.18215, 1e-6..=1e6)?,
            shift_factor: fields.float("shift_factor", 0.0, -1e6..=1e6)?,
            mid_block_add_attention: fields.bool("mid_block_add_attention", true)?,
            use_post_quant_conv: fields.bool("use_post_quant_conv", true)?,
        };
        config.check().map_err(|message| fields.error(message))?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let groups = self.norm_num_groups;
        let uneven = |channels: &&usize| !channels.is_multiple_of(groups);
        if let Some(channels) = self.block_out_channels.iter().find(uneven) {
            return Err(format!(
                "`block_out_channels` contains {channels}, which is not a multiple of `norm_num_groups` \
                 ({groups})"
            ));
        }
        Ok(())
    }

    /// Derives the configuration from the tensors; scale, shift and groups are those of FLUX.1.
    pub(crate) fn from_tensors(weights: &Weights) -> Result<Self> {
        let [_, latent_channels, _, _] = weights.shape_of("decoder.conv_in.weight")?;
        let levels = weights.count_of("decoder.up", "block.0.conv1.weight");
        let blocks = weights.count_of("decoder.up.0.block", "conv1.weight");
        if levels == 0 || levels > 6 || blocks < 2 {
            return Err(Error::model(format!(
                "the decoder has {levels} levels of {blocks} residual blocks, expected 1 to 6 levels \
                 of at least 2"
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
