//! Single numbers and whole prompts as vectors of the model's width.

use candle_core::{DType, Device, Tensor};

use crate::{Linear, Result, Weights};

/// Sinusoids of a number: so many cosines as sines, as diffusers' `Timesteps` makes them.
pub(super) const SINUSOIDS: usize = 256;

/// Two linear layers with a `SiLU` between them: `time_in`, `guidance_in`, `vector_in`.
#[derive(Debug)]
pub(super) struct Embedder {
    inner: Linear,
    outer: Linear,
}

impl Embedder {
    pub(super) fn new(weights: &Weights, inputs: usize, hidden: usize) -> Result<Self> {
        Ok(Self {
            inner: weights.linear("in_layer", inputs, hidden, true)?,
            outer: weights.linear("out_layer", hidden, hidden, true)?,
        })
    }

    /// `[rows, inputs]` as `[rows, hidden]`.
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.outer.forward(&self.inner.forward(x)?.silu()?)
    }
}

/// The sinusoids of each of `numbers`: `[numbers, 256]`, cosines first, frequencies from 1 down to
/// almost 1/10⁴.
///
/// Every operation is rounded to f32 as in diffusers: at an angle of 1000 one rounding more or less
/// is a difference of 6 · 10⁻⁵ in a sine.
pub(super) fn sinusoids(numbers: &[f32], device: &Device, dtype: DType) -> Result<Tensor> {
    let half = SINUSOIDS / 2;
    let largest = -(10_000_f64.ln() as f32);
    let frequency = |i: usize| (largest * i as f32 / half as f32).exp();
    let mut all = Vec::with_capacity(numbers.len() * SINUSOIDS);
    for number in numbers {
        all.extend((0..half).map(|i| (number * frequency(i)).cos()));
        all.extend((0..half).map(|i| (number * frequency(i)).sin()));
    }
    let tensor = Tensor::from_vec(all, (numbers.len(), SINUSOIDS), device)?;
    Ok(tensor.to_dtype(dtype)?)
}
