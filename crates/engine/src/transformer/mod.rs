//! FLUX's transformer, which predicts the velocity of a noisy latent from an encoded prompt.

mod conditions;
mod double;
mod embed;
mod rope;
mod single;

use candle_core::Tensor;

use crate::{Error, ErrorKind, Linear, Result, TransformerConfig, Weights};

use conditions::Modulator;
pub(crate) use conditions::{CONDITIONED_ROWS, modulations};
use double::DoubleBlock;
use single::SingleBlock;

pub use conditions::Conditions;
pub use rope::Rope;

/// The transformer, in the size given by its configuration.
///
/// Tensors have the names of FLUX's own files (`double_blocks.0.img_attn.qkv.weight`).
#[derive(Debug)]
pub struct Transformer {
    modulator: Modulator,
    image_in: Linear,
    text_in: Linear,
    doubles: Vec<DoubleBlock>,
    singles: Vec<SingleBlock>,
    last: Linear,
    config: TransformerConfig,
}

impl Transformer {
    /// Checks the presence and shape of every tensor. On a CPU, no matrix is read. Other devices
    /// receive a copy of every matrix, except those of the modulations unless `keep_modulations` is
    /// set: without it, the CPU computes the modulations.
    pub fn new(
        weights: &Weights,
        config: &TransformerConfig,
        keep_modulations: bool,
    ) -> Result<Self> {
        let hidden = config.hidden_size();
        let double = |block| DoubleBlock::new(&weights.at("double_blocks").at(block), config);
        let single = |block| SingleBlock::new(&weights.at("single_blocks").at(block), config);
        Ok(Self {
            modulator: Modulator::new(weights, config, keep_modulations)?,
            image_in: weights.linear("img_in", config.in_channels, hidden, true)?,
            text_in: weights.linear("txt_in", config.joint_attention_dim, hidden, true)?,
            doubles: (0..config.num_layers).map(double).collect::<Result<_>>()?,
            singles: (0..config.num_single_layers)
                .map(single)
                .collect::<Result<_>>()?,
            last: weights.linear("final_layer.linear", hidden, config.out_channels, true)?,
            config: config.clone(),
        })
    }

    /// The configuration.
    pub fn config(&self) -> &TransformerConfig {
        &self.config
    }

    /// Computes the modulations of every block for the steps at `timesteps` and a batch of prompts.
    ///
    /// A timestep is σ · 1000. `guidance` is the guidance scale times 1000; it is required by models
    /// with a guidance input and ignored by others. Neither is rounded here. `prompts` is CLIP's
    /// pooled output, `[batch, features]`. The result takes 4.2 MB per step and image for FLUX.1.
    ///
    /// Calls `cancel` before each layer; if it returns true, the error is
    /// [`ErrorKind::Cancelled`].
    pub fn conditions(
        &self,
        timesteps: &[f32],
        prompts: &Tensor,
        guidance: Option<f32>,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Conditions> {
        self.modulator
            .conditions(timesteps, prompts, guidance, cancel)
    }

    /// Predicts the velocity, `[batch, tokens, channels]`, at step `step` of `conditions`.
    ///
    /// `latents` are packed, `[batch, tokens, channels]`; `text` is T5's output, `[batch, tokens,
    /// features]`; `rope` covers the tokens of both. Calls `cancel` before each block; if it returns
    /// true, the error is [`ErrorKind::Cancelled`].
    pub fn forward(
        &self,
        latents: &Tensor,
        text: &Tensor,
        conditions: &Conditions,
        step: usize,
        rope: &Rope,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Tensor> {
        self.check(latents, text, conditions, step, rope)?;
        let check_cancelled = || {
            if cancel() {
                let message = "between two blocks of the transformer";
                return Err(Error::new(ErrorKind::Cancelled, message));
            }
            Ok(())
        };
        let mut image = self.image_in.forward(latents)?;
        let mut text = self.text_in.forward(text)?;
        for (index, block) in self.doubles.iter().enumerate() {
            check_cancelled()?;
            let modulation = conditions.double(index, step)?;
            [image, text] = block.forward(&image, &text, &modulation, rope)?;
        }
        let mut all = Tensor::cat(&[&text, &image], 1)?;
        drop((text, image));
        for (index, block) in self.singles.iter().enumerate() {
            check_cancelled()?;
            all = block.forward(&all, &conditions.single(index, step)?, rope)?;
        }
        let image = all
            .narrow(1, rope.text, rope.image_tokens())?
            .contiguous()?;
        let [shift, scale] = conditions.last(step)?;
        self.last
            .forward(&crate::ops::modulated_norm(&image, &shift, &scale)?)
    }

    /// Checks that the arguments of `forward` fit together.
    fn check(
        &self,
        latents: &Tensor,
        text: &Tensor,
        conditions: &Conditions,
        step: usize,
        rope: &Rope,
    ) -> Result<()> {
        let batch = conditions.batch();
        let expected = [
            (
                "latents",
                latents,
                [batch, rope.image_tokens(), self.config.in_channels],
            ),
            (
                "text",
                text,
                [batch, rope.text, self.config.joint_attention_dim],
            ),
        ];
        for (name, tensor, shape) in expected {
            if tensor.dims() != shape {
                let message = format!("`{name}` has shape {:?}, expected {shape:?}", tensor.dims());
                return Err(Error::new(ErrorKind::Device, message));
            }
        }
        if step >= conditions.steps() {
            let message = format!(
                "no conditions for step {step}, only for {}",
                conditions.steps()
            );
            return Err(Error::new(ErrorKind::Device, message));
        }
        Ok(())
    }
}
