//! A linear layer: `x · Wᵀ + b`.

use candle_core::{DType, Device, Tensor};

use crate::{Matrix, Result, kernels, ops};

/// A linear layer on its device.
///
/// On a CPU the weight stays in its file's memory map and the product is computed in f32 (or, for
/// quantised weights, in 8-bit integers with f32 sums); elsewhere it is a tensor of the device.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: Weight,
    bias: Option<Tensor>,
}

#[derive(Clone, Debug)]
enum Weight {
    Mapped(Matrix),
    /// `[in, out]`, of the device's type.
    Resident(Tensor),
}

impl Linear {
    /// A layer from its weight and bias `[out]`; `dtype` is the type of the activations, which is
    /// f32 on a CPU.
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

    /// Input features.
    pub fn inputs(&self) -> usize {
        match &self.weight {
            Weight::Mapped(matrix) => matrix.columns(),
            Weight::Resident(tensor) => tensor.dims()[0],
        }
    }

    /// Output features.
    pub fn outputs(&self) -> usize {
        match &self.weight {
            Weight::Mapped(matrix) => matrix.rows(),
            Weight::Resident(tensor) => tensor.dims()[1],
        }
    }

    /// The product for `x` of shape `[…, in]`: `[…, out]`.
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
