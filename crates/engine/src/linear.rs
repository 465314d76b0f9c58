//! A linear layer: `x · Wᵀ + b`.

use candle_core::{DType, Device, Tensor};

use crate::{Matrix, Result, kernels, ops};

/// A linear layer on a device.
///
/// On a CPU the weight stays memory-mapped, and products are computed in f32, or in 8-bit integers
/// with f32 sums if the weight is quantised. On other devices the weight is a tensor.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: Weight,
    bias: Option<Tensor>,
}

#[derive(Clone, Debug)]
enum Weight {
    Mapped(Matrix),
    /// `[in, out]`, in the type of the activations.
    Resident(Tensor),
}

impl Linear {
    /// Creates a layer from its weight and bias (`[out]`). `dtype` is the type of activations, f32 on a
    /// CPU.
    pub fn new(
        weight: Matrix,
        bias: Option<Tensor>,
        device: &Device,
        dtype: DType,
    ) -> Result<Self> {
        let weight = if device.is_cpu() {
            Weight::Mapped(weight)
        } else {
            let shape = (weight.rows(), weight.columns());
            let dense = Tensor::from_vec(weight.to_f32(), shape, device)?;
            Weight::Resident(dense.to_dtype(dtype)?.t()?.contiguous()?)
        };
        Ok(Self { weight, bias })
    }

    /// Number of input features.
    pub fn inputs(&self) -> usize {
        match &self.weight {
            Weight::Mapped(matrix) => matrix.columns(),
            Weight::Resident(tensor) => tensor.dims()[0],
        }
    }

    /// Number of output features.
    pub fn outputs(&self) -> usize {
        match &self.weight {
            Weight::Mapped(matrix) => matrix.rows(),
            Weight::Resident(tensor) => tensor.dims()[1],
        }
    }

    /// Applies the layer to `x` of shape `[…, in]`; returns `[…, out]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match &self.weight {
            Weight::Mapped(matrix) => {
                let x = x.contiguous()?;
                let mut shape = x.dims().to_vec();
                let outputs = matrix.rows();
                if let Some(last) = shape.last_mut() {
                    *last = outputs;
                }
                let bias = self.bias.as_ref().map(ops::read).transpose()?;
                let bias = bias.as_ref().map(ops::Floats::as_slice);
                let x = ops::read(&x)?;
                let out = kernels::matmul(x.as_slice(), matrix, bias);
                Ok(Tensor::from_vec(out, shape, &Device::Cpu)?)
            }
            Weight::Resident(weight) => {
                let y = x.broadcast_matmul(weight)?;
                Ok(match &self.bias {
                    Some(bias) => y.broadcast_add(bias)?,
                    None => y,
                })
            }
        }
    }
}
