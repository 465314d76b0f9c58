//! The decoder of the autoencoder, which turns a latent into an image.

mod blocks;
mod tiles;

use candle_core::{DType, Device, Tensor};

use crate::ops::{Convolution, FeatureMap, GroupNorm};
use crate::{AutoencoderConfig, Result, Weights};

use blocks::{Attention, Level, ResidualBlock, check_cancelled, convolution, norm};

/// The decoder of an `AutoencoderKL`, in the size given by its configuration.
///
/// Tensors have the names of FLUX's own files (`decoder.up.3.block.0.conv1.weight`).
#[derive(Debug)]
pub struct Decoder {
    post_quant: Option<Convolution>,
    conv_in: Convolution,
    mid: (ResidualBlock, Option<Attention>, ResidualBlock),
    /// Coarsest first.
    levels: Vec<Level>,
    norm_out: GroupNorm,
    conv_out: Convolution,
    config: AutoencoderConfig,
    device: Device,
    dtype: DType,
}

impl Decoder {
    /// The default side of a tile in latent pixels: 1024 image pixels for FLUX.
    pub const TILE: usize = 128;

    /// Reads the weights; on a CPU, they are converted to f32.
    pub fn new(weights: &Weights, config: &AutoencoderConfig) -> Result<Self> {
        let decoder = weights.at("decoder");
        let groups = config.norm_num_groups;
        let levels = &config.block_out_channels;
        let (finest, coarsest) = (levels[0], levels[levels.len() - 1]);
        let latent = config.latent_channels;
        let post_quant = config
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
            post_quant,
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

    /// The configuration.
    pub fn config(&self) -> &AutoencoderConfig {
        &self.config
    }

    /// Decodes latents `[batch, channels, height, width]` to images `[batch, 3, height · factor,
    /// width · factor]`.
    ///
    /// The latents are the transformer's, unpacked but not rescaled, in any type and on any device.
    /// The images range from about -1 to 1, in f32 on the CPU.
    ///
    /// To bound memory, a latent with more than `tile` × `tile` pixels is decoded in overlapping
    /// tiles of at most that side, which are blended linearly. Group norms are computed per tile,
    /// which shifts its colours slightly. Calls `cancel` before each block; if it returns true, the
    /// error is [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
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
            self.decode_untiled(&latents, cancel)
        } else {
            tiles::decode(&latents, tile, self.config.side_factor(), &|tile| {
                self.decode_untiled(tile, cancel)
            })
        }
    }

    /// Decodes latents that are already scaled and shifted, without tiling.
    fn decode_untiled(&self, latents: &Tensor, cancel: &dyn Fn() -> bool) -> Result<Tensor> {
        let mut x = FeatureMap::from_channels_first(latents)?;
        if let Some(convolution) = &self.post_quant {
            x = convolution.forward(&x)?;
        }
        x = self.conv_in.forward(&x)?;
        check_cancelled(cancel)?;
        x = self.mid.0.forward(&x)?;
        if let Some(attention) = &self.mid.1 {
            check_cancelled(cancel)?;
            x = attention.forward(&x)?;
        }
        check_cancelled(cancel)?;
        x = self.mid.2.forward(&x)?;
        for level in &self.levels {
            x = level.forward(x, cancel)?;
        }
        x = self.norm_out.forward(&x, true)?;
        check_cancelled(cancel)?;
        let image = self.conv_out.forward(&x)?.to_channels_first()?;
        Ok(image.to_dtype(DType::F32)?.to_device(&Device::Cpu)?)
    }
}
