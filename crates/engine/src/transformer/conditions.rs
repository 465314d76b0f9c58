//! The modulations of every block, computed from the timestep, the guidance scale and the pooled
//! prompt before the first step.
//!
//! Their matrices are a quarter of the model's weights, and each step would multiply them by a single
//! vector. Because all timesteps are known in advance, the matrices are read once for many steps and
//! then released. The CPU computes the modulations from the mapped files even for other devices,
//! unless these have memory to spare for the matrices.

use candle_core::{D, DType, Device, Tensor};

use super::embed::{Embedder, SINUSOIDS, sinusoids};
use crate::{Error, ErrorKind, Linear, Result, TransformerConfig, Weights};

/// The maximum number of rows (steps × images) computed at once: 135 MB for FLUX.1. A longer
/// schedule reads the matrices more than once.
pub(crate) const CONDITIONED_ROWS: usize = 32;

/// The shifts, scales and gates of every block, for consecutive steps of one batch.
#[derive(Debug)]
pub struct Conditions {
    /// Image and text of each double block: `[steps · batch, 6 · hidden]`.
    doubles: Vec<[Tensor; 2]>,
    /// `[steps · batch, 3 · hidden]`.
    singles: Vec<Tensor>,
    /// `[steps · batch, 2 · hidden]`.
    last: Tensor,
    batch: usize,
    steps: usize,
}

impl Conditions {
    /// Number of steps.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Number of images.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Shift, scale and gate of the attention and the MLP of a double block, for image and text.
    pub(super) fn double(&self, block: usize, step: usize) -> Result<[[Tensor; 6]; 2]> {
        let [image, text] = &self.doubles[block];
        Ok([self.split(image, step)?, self.split(text, step)?])
    }

    /// Shift, scale and gate of a single block.
    pub(super) fn single(&self, block: usize, step: usize) -> Result<[Tensor; 3]> {
        self.split(&self.singles[block], step)
    }

    /// Shift and scale of the last layer.
    pub(super) fn last(&self, step: usize) -> Result<[Tensor; 2]> {
        self.split(&self.last, step)
    }

    /// Splits the rows of `step` into `N` tensors of shape `[batch, hidden]`.
    fn split<const N: usize>(&self, all: &Tensor, step: usize) -> Result<[Tensor; N]> {
        let rows = all.narrow(0, step * self.batch, self.batch)?;
        let parts = rows.chunk(N, D::Minus1)?;
        parts.try_into().map_err(|_| {
            let message = format!("modulation does not split into {N} vectors");
            Error::new(ErrorKind::Device, message)
        })
    }
}

/// The name of each modulation's linear layer, and the number of vectors in its output.
pub(crate) fn modulations(config: &TransformerConfig) -> impl Iterator<Item = (String, usize)> {
    let doubles = (0..config.num_layers).flat_map(|block| {
        ["img", "txt"].map(|stream| (format!("double_blocks.{block}.{stream}_mod.lin"), 6))
    });
    let singles = (0..config.num_single_layers)
        .map(|block| (format!("single_blocks.{block}.modulation.lin"), 3));
    let last = ("final_layer.adaLN_modulation.1".to_owned(), 2);
    doubles.chain(singles).chain([last])
}

/// Computes [`Conditions`].
#[derive(Debug)]
pub(super) struct Modulator {
    time: Embedder,
    guidance: Option<Embedder>,
    prompt: Embedder,
    /// On the CPU, unless the modulations' layers are resident on the device.
    weights: Weights,
    /// The modulations' layers, if they stay on the device.
    resident: Option<Vec<Linear>>,
    config: TransformerConfig,
    /// The device of the transformer.
    device: Device,
    dtype: DType,
}

impl Modulator {
    /// Checks the presence and shape of every matrix. If `keep` is set, the modulations' matrices
    /// stay on the device.
    pub(super) fn new(weights: &Weights, config: &TransformerConfig, keep: bool) -> Result<Self> {
        let hidden = config.hidden_size();
        let (device, dtype) = (weights.device().clone(), weights.dtype());
        let keep = keep && !device.is_cpu();
        let weights = if keep {
            weights.clone()
        } else {
            weights.with_device(&Device::Cpu, DType::F32)
        };
        let linear =
            |(name, parts): (String, usize)| weights.linear(&name, hidden, parts * hidden, true);
        let layers = modulations(config).map(linear).collect::<Result<_>>()?;
        let guidance = config
            .guidance_embeds
            .then(|| Embedder::new(&weights.at("guidance_in"), SINUSOIDS, hidden))
            .transpose()?;
        Ok(Self {
            time: Embedder::new(&weights.at("time_in"), SINUSOIDS, hidden)?,
            guidance,
            prompt: Embedder::new(
                &weights.at("vector_in"),
                config.pooled_projection_dim,
                hidden,
            )?,
            resident: keep.then_some(layers),
            weights,
            config: config.clone(),
            device,
            dtype,
        })
    }

    /// See [`Transformer::conditions`](super::Transformer::conditions).
    pub(super) fn conditions(
        &self,
        timesteps: &[f32],
        prompts: &Tensor,
        guidance: Option<f32>,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Conditions> {
        let (device, dtype) = (self.weights.device(), self.weights.dtype());
        let hidden = self.config.hidden_size();
        let (steps, batch) = (timesteps.len(), prompts.dim(0)?);
        let mut vector = self.time.forward(&sinusoids(timesteps, device, dtype)?)?;
        if let Some(embedder) = &self.guidance {
            let guidance = guidance
                .ok_or_else(|| Error::invalid("guidance", "missing, but this model requires it"))?;
            let embedded = embedder.forward(&sinusoids(&[guidance], device, dtype)?)?;
            vector = vector.broadcast_add(&embedded)?;
        }
        let prompts = prompts.to_device(device)?.to_dtype(dtype)?;
        let prompts = self.prompt.forward(&prompts)?.unsqueeze(0)?;
        let vector = vector.unsqueeze(1)?.broadcast_add(&prompts)?;
        let vector = vector.reshape((steps * batch, hidden))?.silu()?;
        let mut all = Vec::new();
        for (index, (name, parts)) in modulations(&self.config).enumerate() {
            if cancel() {
                return Err(Error::new(
                    ErrorKind::Cancelled,
                    "while computing the modulations",
                ));
            }
            let output = if let Some(layers) = &self.resident {
                layers[index].forward(&vector)?
            } else {
                let layer = self.weights.linear(&name, hidden, parts * hidden, true)?;
                let output = layer.forward(&vector)?;
                self.weights.at(name).release();
                output.to_device(&self.device)?.to_dtype(self.dtype)?
            };
            all.push(output);
        }
        let mut all = all.into_iter();
        let mut next = || {
            all.next()
                .ok_or_else(|| Error::new(ErrorKind::Device, "a modulation is missing"))
        };
        let double = |_| -> Result<[Tensor; 2]> { Ok([next()?, next()?]) };
        Ok(Conditions {
            doubles: (0..self.config.num_layers)
                .map(double)
                .collect::<Result<_>>()?,
            singles: (0..self.config.num_single_layers)
                .map(|_| next())
                .collect::<Result<_>>()?,
            last: next()?,
            batch,
            steps,
        })
    }
}
