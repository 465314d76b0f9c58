//! Embeddings of the timestep, the guidance scale and the pooled prompt.

use candle_core::{DType, Device, Tensor};

use crate::{Linear, Result, Weights};

/// The number of sinusoidal features, half cosines and half sines, as in diffusers' `Timesteps`.
pub(super) const SINUSOIDS: usize = 256;

/// Two linear layers with a `SiLU` between them: `time_in`, `guidance_in` or `vector_in`.
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

    /// Maps `[rows, inputs]` to `[rows, hidden]`.
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.outer.forward(&self.inner.forward(x)?.silu()?)
    }
}

/// The sinusoidal features of each number, `[numbers, 256]`: cosines first, with frequencies from 1
/// down to almost 1/10⁴.
///
/// Every operation is rounded to f32, as in diffusers: at an angle of 1000, one rounding more or less
/// changes a sine by 6 · 10⁻⁵.
pub(super) fn sinusoids(numbers: &[f32], device: &Device, dtype: DType) -> Result<Tensor> {
    let half = SINUSOIDS / 2;
    let lowest_exponent = -(10_000_f64.ln() as f32);
    let frequency = |i: usize| (lowest_exponent * i as f32 / half as f32).exp();
    let mut all = Vec::with_capacity(numbers.len() * SINUSOIDS);
    for number in numbers {
        all.extend((0..half).map(|i| (number * frequency(i)).cos()));
        all.extend((0..half).map(|i| (number * frequency(i)).sin()));
    }
    let tensor = Tensor::from_vec(all, (numbers.len(), SINUSOIDS), device)?;
    Ok(tensor.to_dtype(dtype)?)
}
