//! FLUX's transformer: from a noisy picture and a prompt to the direction in which noise lies.

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

/// The transformer, of any size that its configuration says.
///
/// Tensors are named as in FLUX's own files (`double_blocks.0.img_attn.qkv.weight`).
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
    /// Finds every tensor and checks its shape. On a CPU no matrix is read; on other devices all
    /// are copied there, but the modulations only where `keep_modulations` is set: where it is not,
    /// the CPU computes these.
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

    /// The shape.
    pub fn config(&self) -> &TransformerConfig {
        &self.config
    }

    /// What every block needs to know of the steps at `times` for the prompts of a batch.
    ///
    /// A time is σ · 1000, and `guidance`, which a model without guidance ignores, is likewise
    /// multiplied by 1000, both rounded as the caller wants them. `prompts` is CLIP's
    /// `[batch, features]`. It takes 4.2 MB a step and picture at the size of FLUX.1.
    pub fn conditions(
        &self,
        times: &[f32],
        prompts: &Tensor,
        guidance: Option<f32>,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Conditions> {
        self.modulator.conditions(times, prompts, guidance, cancel)
    }

    /// The velocity `[batch, tokens, channels]` at step `step` of `conditions`.
    ///
    /// `latents` are packed, `[batch, tokens, channels]`; `text` is T5's `[batch, tokens, features]`;
    /// `rope` is for the tokens of both. `cancel` is asked before every block.
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
        let go_on = || {
            if cancel() {
                let message = "between two blocks of a step";
                return Err(Error::new(ErrorKind::Cancelled, message));
            }
            Ok(())
        };
        let mut image = self.image_in.forward(latents)?;
        let mut text = self.text_in.forward(text)?;
        for (index, block) in self.doubles.iter().enumerate() {
            go_on()?;
            let modulation = conditions.double(index, step)?;
            [image, text] = block.forward(&image, &text, &modulation, rope)?;
        }
        let mut all = Tensor::cat(&[&text, &image], 1)?;
        drop((text, image));
        for (index, block) in self.singles.iter().enumerate() {
            go_on()?;
            all = block.forward(&all, &conditions.single(index, step)?, rope)?;
        }
        let image = all
            .narrow(1, rope.text, rope.image_tokens())?
            .contiguous()?;
        let [shift, scale] = conditions.last(step)?;
        self.last
            .forward(&crate::ops::modulated_norm(&image, &shift, &scale)?)
    }

    /// Whether what is given belongs together.
    fn check(
        &self,
        latents: &Tensor,
        text: &Tensor,
        conditions: &Conditions,
        step: usize,
        rope: &Rope,
    ) -> Result<()> {
        let batch = conditions.batch();
        let wanted = [
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
        for (name, tensor, shape) in wanted {
            if tensor.dims() != shape {
                let message = format!("{name} are of shape {:?}, not {shape:?}", tensor.dims());
                return Err(Error::new(ErrorKind::Device, message));
            }
        }
        if step >= conditions.steps() {
            let message = format!("step {step} of conditions for {}", conditions.steps());
            return Err(Error::new(ErrorKind::Device, message));
        }
        Ok(())
    }
}
