//! Feature maps of the autoencoder, and their operations.
//!
//! The layout is channels-last on a CPU, so that a convolution is a matrix product of contiguous
//! rows, and channels-first on other devices, as in candle. A [`FeatureMap`] hides the difference.

use std::sync::Arc;

use candle_core::{D, DType, Device, Tensor};

use super::read;
use crate::{Result, kernels};

/// A batch of feature maps of equal size.
#[derive(Clone, Debug)]
pub struct FeatureMap {
    /// `[batch, height, width, channels]` on a CPU, `[batch, channels, height, width]` elsewhere.
    tensor: Tensor,
}

/// A convolution with an odd square kernel, stride 1, and zero padding that preserves the size.
#[derive(Clone, Debug)]
pub struct Convolution {
    kernel: Kernel,
    bias: Tensor,
}

#[derive(Clone, Debug)]
enum Kernel {
    Packed(Arc<kernels::Kernel>),
    /// `[out, in, side, side]`.
    Resident(Tensor),
}

/// Group normalisation with an affine transformation of each channel.
#[derive(Clone, Debug)]
pub struct GroupNorm {
    /// Number of groups of channels.
    pub groups: usize,
    /// `[channels]`.
    pub weight: Tensor,
    /// `[channels]`.
    pub bias: Tensor,
    /// Added to the variance; 1e-6 in FLUX's autoencoder.
    pub epsilon: f64,
}

impl FeatureMap {
    /// Converts from `[batch, channels, height, width]`.
    pub fn from_channels_first(tensor: &Tensor) -> Result<Self> {
        let tensor = if tensor.device().is_cpu() {
            tensor.permute((0, 2, 3, 1))?.contiguous()?
        } else {
            tensor.contiguous()?
        };
        Ok(Self { tensor })
    }

    /// Converts to `[batch, channels, height, width]`.
    pub fn to_channels_first(&self) -> Result<Tensor> {
        Ok(if self.is_channels_last() {
            self.tensor.permute((0, 3, 1, 2))?.contiguous()?
        } else {
            self.tensor.clone()
        })
    }

    fn is_channels_last(&self) -> bool {
        self.tensor.device().is_cpu()
    }

    /// Batch, channels, height, width.
    pub fn dims(&self) -> Result<(usize, usize, usize, usize)> {
        let (a, b, c, d) = self.tensor.dims4()?;
        Ok(if self.is_channels_last() {
            (a, d, b, c)
        } else {
            (a, b, c, d)
        })
    }

    /// The sum with a map of equal shape.
    pub fn add(&self, other: &Self) -> Result<Self> {
        let tensor = (&self.tensor + &other.tensor)?;
        Ok(Self { tensor })
    }

    /// Doubles the height and width, by nearest neighbour.
    pub fn upsampled(&self) -> Result<Self> {
        let (batch, channels, height, width) = self.dims()?;
        let tensor = if self.is_channels_last() {
            let shape = (batch, height, width, channels);
            let out = kernels::upsample(read(&self.tensor)?.as_slice(), shape);
            Tensor::from_vec(out, (batch, height * 2, width * 2, channels), &Device::Cpu)?
        } else {
            self.tensor.upsample_nearest2d(height * 2, width * 2)?
        };
        Ok(Self { tensor })
    }

    /// The pixels as tokens: `[batch, height · width, channels]`.
    pub fn to_tokens(&self) -> Result<Tensor> {
        let (batch, channels, height, width) = self.dims()?;
        Ok(if self.is_channels_last() {
            self.tensor.reshape((batch, height * width, channels))?
        } else {
            let flat = self.tensor.reshape((batch, channels, height * width))?;
            flat.transpose(1, 2)?.contiguous()?
        })
    }

    /// A map of the same height and width from tokens `[batch, height · width, channels]`.
    pub fn with_tokens(&self, tokens: &Tensor) -> Result<Self> {
        let (batch, _, height, width) = self.dims()?;
        let channels = tokens.dim(D::Minus1)?;
        let tensor = if self.is_channels_last() {
            tokens.reshape((batch, height, width, channels))?
        } else {
            let first = tokens.transpose(1, 2)?.contiguous()?;
            first.reshape((batch, channels, height, width))?
        };
        Ok(Self { tensor })
    }
}

impl Convolution {
    /// Creates a convolution from a weight `[out, in, side, side]` and a bias `[out]`, both on the
    /// same device.
    pub fn new(weight: &Tensor, bias: Tensor) -> Result<Self> {
        let (outputs, _, side, _) = weight.dims4()?;
        let kernel = if weight.device().is_cpu() {
            let weight = weight.permute((0, 2, 3, 1))?.contiguous()?;
            let packed = kernels::Kernel::new(read(&weight)?.as_slice(), outputs, side);
            Kernel::Packed(Arc::new(packed))
        } else {
            Kernel::Resident(weight.contiguous()?)
        };
        Ok(Self { kernel, bias })
    }

    /// Convolves a map.
    pub fn forward(&self, map: &FeatureMap) -> Result<FeatureMap> {
        let (batch, channels, height, width) = map.dims()?;
        let tensor = match &self.kernel {
            Kernel::Packed(kernel) => {
                let shape = (batch, height, width, channels);
                let (x, bias) = (read(&map.tensor)?, read(&self.bias)?);
                let out = kernels::convolution(x.as_slice(), shape, kernel, bias.as_slice());
                let outputs = self.bias.dim(0)?;
                Tensor::from_vec(out, (batch, height, width, outputs), &Device::Cpu)?
            }
            Kernel::Resident(weight) => {
                let y = map
                    .tensor
                    .conv2d(weight, weight.dim(D::Minus1)? / 2, 1, 1, 1)?;
                y.broadcast_add(&self.bias.reshape((1, (), 1, 1))?)?
            }
        };
        Ok(FeatureMap { tensor })
    }
}

impl GroupNorm {
    /// Normalises a map, and applies `SiLU` if `silu` is set.
    pub fn forward(&self, map: &FeatureMap, silu: bool) -> Result<FeatureMap> {
        let (batch, channels, height, width) = map.dims()?;
        let tensor = if map.is_channels_last() {
            let out = kernels::group_norm(
                read(&map.tensor)?.as_slice(),
                (batch, height * width, channels),
                self.groups,
                (read(&self.weight)?.as_slice(), read(&self.bias)?.as_slice()),
                self.epsilon as f32,
                silu,
            );
            Tensor::from_vec(out, (batch, height, width, channels), &Device::Cpu)?
        } else {
            let dtype = map.tensor.dtype();
            let shape = (batch, self.groups, ());
            let x = map.tensor.to_dtype(DType::F32)?.reshape(shape)?;
            let centred = x.broadcast_sub(&x.mean_keepdim(2)?)?;
            let variance = centred.sqr()?.mean_keepdim(2)?;
            let normed = centred.broadcast_div(&(variance + self.epsilon)?.sqrt()?)?;
            let normed = normed.reshape((batch, channels, height, width))?;
            let affine = |t: &Tensor| t.to_dtype(DType::F32)?.reshape((1, channels, 1, 1));
            let y = normed
                .broadcast_mul(&affine(&self.weight)?)?
                .broadcast_add(&affine(&self.bias)?)?
                .to_dtype(dtype)?;
            if silu { y.silu()? } else { y }
        };
        Ok(FeatureMap { tensor })
    }
}
