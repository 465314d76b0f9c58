//! The parts of the decoder: residual blocks, attention, and levels of blocks.

use crate::ops::{Convolution, FeatureMap, GroupNorm, attention};
use crate::{AutoencoderConfig, Error, ErrorKind, Linear, Result, Weights};

/// The epsilon of every group norm.
const EPSILON: f64 = 1e-6;

/// Fails if `cancel` returns true.
pub(super) fn check_cancelled(cancel: &dyn Fn() -> bool) -> Result<()> {
    if cancel() {
        let message = "between two blocks of the decoder";
        return Err(Error::new(ErrorKind::Cancelled, message));
    }
    Ok(())
}

/// Reads the convolution `name`.
pub(super) fn convolution(
    weights: &Weights,
    name: &str,
    inputs: usize,
    outputs: usize,
    kernel: usize,
) -> Result<Convolution> {
    let shape = [outputs, inputs, kernel, kernel];
    let weight = weights.tensor(&format!("{name}.weight"), &shape)?;
    Convolution::new(
        &weight,
        weights.tensor(&format!("{name}.bias"), &[outputs])?,
    )
}

/// Reads the group norm `name`.
pub(super) fn norm(
    weights: &Weights,
    name: &str,
    channels: usize,
    groups: usize,
) -> Result<GroupNorm> {
    Ok(GroupNorm {
        groups,
        weight: weights.tensor(&format!("{name}.weight"), &[channels])?,
        bias: weights.tensor(&format!("{name}.bias"), &[channels])?,
        epsilon: EPSILON,
    })
}

/// Two convolutions with a skip connection.
#[derive(Debug)]
pub(super) struct ResidualBlock {
    norm1: GroupNorm,
    conv1: Convolution,
    norm2: GroupNorm,
    conv2: Convolution,
    /// Present if the number of channels changes.
    shortcut: Option<Convolution>,
}

impl ResidualBlock {
    pub(super) fn new(
        weights: &Weights,
        inputs: usize,
        outputs: usize,
        groups: usize,
    ) -> Result<Self> {
        let shortcut = (inputs != outputs)
            .then(|| convolution(weights, "nin_shortcut", inputs, outputs, 1))
            .transpose()?;
        Ok(Self {
            norm1: norm(weights, "norm1", inputs, groups)?,
            conv1: convolution(weights, "conv1", inputs, outputs, 3)?,
            norm2: norm(weights, "norm2", outputs, groups)?,
            conv2: convolution(weights, "conv2", outputs, outputs, 3)?,
            shortcut,
        })
    }

    pub(super) fn forward(&self, x: &FeatureMap) -> Result<FeatureMap> {
        let inner = self.conv1.forward(&self.norm1.forward(x, true)?)?;
        let normed = self.norm2.forward(&inner, true)?;
        // Maps of the finest level are the engine's largest tensors: drop each after its last use.
        drop(inner);
        let outer = self.conv2.forward(&normed)?;
        drop(normed);
        match &self.shortcut {
            Some(shortcut) => shortcut.forward(x)?.add(&outer),
            None => x.add(&outer),
        }
    }
}

/// Single-head attention over all pixels.
#[derive(Debug)]
pub(super) struct Attention {
    norm: GroupNorm,
    q: Linear,
    k: Linear,
    v: Linear,
    out: Linear,
}

impl Attention {
    pub(super) fn new(weights: &Weights, channels: usize, groups: usize) -> Result<Self> {
        let linear = |name| weights.linear(name, channels, channels, true);
        Ok(Self {
            norm: norm(weights, "norm", channels, groups)?,
            q: linear("q")?,
            k: linear("k")?,
            v: linear("v")?,
            out: linear("proj_out")?,
        })
    }

    pub(super) fn forward(&self, x: &FeatureMap) -> Result<FeatureMap> {
        let attended = {
            let tokens = self.norm.forward(x, false)?.to_tokens()?;
            let head = |layer: &Linear| -> Result<_> { Ok(layer.forward(&tokens)?.unsqueeze(1)?) };
            let (q, k, v) = (head(&self.q)?, head(&self.k)?, head(&self.v)?);
            let scale = 1.0 / (q.dim(3)? as f32).sqrt();
            attention(&q, &k, &v, scale, None, false)?
        };
        x.add(&x.with_tokens(&self.out.forward(&attended)?)?)
    }
}

/// The blocks of one resolution, and the upsampling to the next.
#[derive(Debug)]
pub(super) struct Level {
    blocks: Vec<ResidualBlock>,
    /// Applied after doubling the height and width.
    upsample: Option<Convolution>,
}

impl Level {
    /// Creates level `index` of the configuration, where 0 is the finest, with `inputs` input channels.
    pub(super) fn new(
        weights: &Weights,
        config: &AutoencoderConfig,
        index: usize,
        inputs: usize,
    ) -> Result<Self> {
        let outputs = config.block_out_channels[index];
        let block = |block: usize| {
            let inputs = if block == 0 { inputs } else { outputs };
            let weights = weights.at("block").at(block);
            ResidualBlock::new(&weights, inputs, outputs, config.norm_num_groups)
        };
        let upsample = (index > 0)
            .then(|| convolution(weights, "upsample.conv", outputs, outputs, 3))
            .transpose()?;
        Ok(Self {
            blocks: (0..=config.layers_per_block)
                .map(block)
                .collect::<Result<_>>()?,
            upsample,
        })
    }

    pub(super) fn forward(
        &self,
        mut x: FeatureMap,
        cancel: &dyn Fn() -> bool,
    ) -> Result<FeatureMap> {
        for block in &self.blocks {
            check_cancelled(cancel)?;
            x = block.forward(&x)?;
        }
        if let Some(convolution) = &self.upsample {
            check_cancelled(cancel)?;
            x = x.upsampled()?;
            x = convolution.forward(&x)?;
        }
        Ok(x)
    }
}
