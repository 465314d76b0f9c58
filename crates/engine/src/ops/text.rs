//! The operations of the text encoders.

use candle_core::{D, DType, Device, Tensor};

use super::{cpu_tensor, on_cpu, read};
use crate::{Result, kernels};

/// Layer normalisation over the last dimension with an affine transformation.
///
/// `weight` and `bias` are `[features]`; `epsilon` is added to the biased variance.
pub fn layer_norm(x: &Tensor, weight: &Tensor, bias: &Tensor, epsilon: f64) -> Result<Tensor> {
    if on_cpu(x) {
        let out = kernels::layer_norm(
            read(x)?.as_slice(),
            read(weight)?.as_slice(),
            read(bias)?.as_slice(),
            epsilon as f32,
        );
        return cpu_tensor(out, x);
    }
    let dtype = x.dtype();
    let x = x.to_dtype(DType::F32)?;
    let centred = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
    let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
    let normed = centred.broadcast_div(&(variance + epsilon)?.sqrt()?)?;
    let normed = normed.to_dtype(dtype)?;
    Ok(normed.broadcast_mul(weight)?.broadcast_add(bias)?)
}

/// CLIP's GELU: `x · sigmoid(1.702 · x)`.
pub fn quick_gelu(x: &Tensor) -> Result<Tensor> {
    if on_cpu(x) {
        let out = kernels::quick_gelu(read(x)?.as_slice());
        return cpu_tensor(out, x);
    }
    Ok(((x * 1.702)?.silu()? / 1.702)?)
}

/// The exact GELU, computed with the error function.
pub fn exact_gelu(x: &Tensor) -> Result<Tensor> {
    Ok(x.gelu_erf()?)
}

/// T5's gate: `gelu(a) · b` for rows of `a` followed by `b`, `[…, 2 · features]`, with the tanh
/// approximation of the GELU.
pub fn gated_gelu(x: &Tensor) -> Result<Tensor> {
    let mut shape = x.dims().to_vec();
    let features = x.dim(D::Minus1)? / 2;
    if let Some(last) = shape.last_mut() {
        *last = features;
    }
    if on_cpu(x) {
        let out = kernels::gated_gelu(read(x)?.as_slice(), features);
        return Ok(Tensor::from_vec(out, shape, &Device::Cpu)?);
    }
    let gate = x.narrow(D::Minus1, 0, features)?.contiguous()?.gelu()?;
    Ok((gate * x.narrow(D::Minus1, features, features)?)?)
}
