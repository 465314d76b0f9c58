//! The autoencoder's decoder: from a latent to a picture.

mod blocks;
mod tiles;

use candle_core::{DType, Device, Tensor};

use crate::ops::{Convolution, FeatureMap, GroupNorm};
use crate::{AutoencoderConfig, Result, Weights};

use blocks::{Attention, Level, ResidualBlock, convolution, go_on, norm};

/// The decoder of an `AutoencoderKL`, of any size that its configuration says.
///
/// Tensors are named as in FLUX's own files (`decoder.up.3.block.0.conv1.weight`).
#[derive(Debug)]
pub struct Decoder {
    first: Option<Convolution>,
    conv_in: Convolution,
    mid: (ResidualBlock, Option<Attention>, ResidualBlock),
    /// The coarsest first.
    levels: Vec<Level>,
    norm_out: GroupNorm,
    conv_out: Convolution,
    config: AutoencoderConfig,
    device: Device,
    dtype: DType,
}

impl Decoder {
    /// The side of a tile, in pixels of the latent, for pictures above its square: 1024 pixels of a
    /// FLUX picture.
    pub const TILE: usize = 128;

    /// Reads the weights, as f32 on a CPU.
    pub fn new(weights: &Weights, config: &AutoencoderConfig) -> Result<Self> {
        let decoder = weights.at("decoder");
        let groups = config.norm_num_groups;
        let levels = &config.block_out_channels;
        let (finest, coarsest) = (levels[0], levels[levels.len() - 1]);
        let latent = config.latent_channels;
        let first = config
            .use_post_quant_conv
            .then(|| convolution(weights, "post_quant_conv", latent, latent, 1))
            .transpose()?;
        let middle = decoder.at("mid");
        let block = |name| ResidualBlock::new(&middle.at(name), coarsest, coarsest, groups);
        let attention = config
            .mid_block_add_attention
            .then(|| Attention::new(&middle.at("attn_1"), coarsest, groups))
            .transpose()?;
        let level = |index: usize| {
            let inputs = levels.get(index + 1).copied().unwrap_or(coarsest);
            Level::new(&decoder.at("up").at(index), config, index, inputs)
        };
        Ok(Self {
            first,
            conv_in: convolution(&decoder, "conv_in", latent, coarsest, 3)?,
            mid: (block("block_1")?, attention, block("block_2")?),
            levels: (0..levels.len()).rev().map(level).collect::<Result<_>>()?,
            norm_out: norm(&decoder, "norm_out", finest, groups)?,
            conv_out: convolution(&decoder, "conv_out", finest, 3, 3)?,
            config: config.clone(),
            device: weights.device().clone(),
            dtype: weights.dtype(),
        })
    }

    /// The shape.
    pub fn config(&self) -> &AutoencoderConfig {
        &self.config
    }

    /// The pictures `[batch, 3, height · factor, width · factor]` of latents
    /// `[batch, channels, height, width]` as the transformer leaves them; from about -1 to 1, in f32
    /// on the CPU. Latents may be of any type, on any device.
    ///
    /// A latent of more than `tile` squared pixels is decoded in overlapping tiles of that side at
    /// most, blended linearly, so that memory stays bounded; every tile has group norms of its own,
    /// which shifts its colours a little. `cancel` is asked before every block.
    pub fn decode(
        &self,
        latents: &Tensor,
        tile: usize,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Tensor> {
        let (scale, shift) = (self.config.scaling_factor, self.config.shift_factor);
        let latents = latents.to_dtype(DType::F32)?.affine(1.0 / scale, shift)?;
        let latents = latents.to_device(&self.device)?.to_dtype(self.dtype)?;
        let (_, _, height, width) = latents.dims4()?;
        if height * width <= tile * tile {
            self.whole(&latents, cancel)
        } else {
            tiles::decode(&latents, tile, self.config.side_factor(), &|part| {
                self.whole(part, cancel)
            })
        }
    }

    /// Decodes without tiles what is already scaled and shifted.
    fn whole(&self, latents: &Tensor, cancel: &dyn Fn() -> bool) -> Result<Tensor> {
        let mut x = FeatureMap::from_channels_first(latents)?;
        if let Some(first) = &self.first {
            x = first.forward(&x)?;
        }
        x = self.conv_in.forward(&x)?;
        go_on(cancel)?;
        x = self.mid.0.forward(&x)?;
        if let Some(attention) = &self.mid.1 {
            go_on(cancel)?;
            x = attention.forward(&x)?;
        }
        go_on(cancel)?;
        x = self.mid.2.forward(&x)?;
        for level in &self.levels {
            x = level.forward(x, cancel)?;
        }
        x = self.norm_out.forward(&x, true)?;
        go_on(cancel)?;
        let picture = self.conv_out.forward(&x)?.to_channels_first()?;
        Ok(picture.to_dtype(DType::F32)?.to_device(&Device::Cpu)?)
    }
}
