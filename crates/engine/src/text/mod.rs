//! The text encoders: T5 encodes each token of the prompt, CLIP the entire prompt.

mod clip;
mod t5;

use candle_core::{DType, Device, Tensor};

use crate::{Error, Linear, Matrix, Result, Weights};

pub use clip::{Activation, ClipConfig, ClipTextEncoder};
pub use t5::{T5Config, T5Encoder};

/// Token embeddings, looked up in the mapped file.
#[derive(Clone, Debug)]
struct Embedding {
    matrix: Matrix,
    device: Device,
    dtype: DType,
}

impl Embedding {
    fn new(weights: &Weights, name: &str, rows: usize, features: usize) -> Result<Self> {
        Ok(Self {
            matrix: weights.matrix(name, rows, features)?,
            device: weights.device().clone(),
            dtype: weights.dtype(),
        })
    }

    /// `[batch, tokens, features]`, for rows of equal length.
    fn forward(&self, ids: &[Vec<u32>]) -> Result<Tensor> {
        let (rows, features) = (self.matrix.rows(), self.matrix.columns());
        let tokens = ids.first().map_or(0, Vec::len);
        if tokens == 0 || ids.iter().any(|row| row.len() != tokens) {
            return Err(Error::invalid(
                "prompt",
                "the prompts must have the same positive number of tokens",
            ));
        }
        let mut out = vec![0.0; ids.len() * tokens * features];
        for (&id, out) in ids.iter().flatten().zip(out.chunks_exact_mut(features)) {
            if id as usize >= rows {
                return Err(Error::model(format!(
                    "the tokenizer returned the token {id}, but the encoder has only {rows} embeddings"
                )));
            }
            self.matrix.read_row(id as usize, out);
        }
        let out = Tensor::from_vec(out, (ids.len(), tokens, features), &self.device)?;
        Ok(out.to_dtype(self.dtype)?)
    }
}

/// Stacks linear layers of equal shape into one layer.
fn stacked_linear(
    weights: &Weights,
    names: &[&str],
    inputs: usize,
    outputs: usize,
    bias: bool,
) -> Result<Linear> {
    let matrix = |name: &&str| weights.matrix(&format!("{name}.weight"), outputs, inputs);
    let matrices: Vec<Matrix> = names.iter().map(matrix).collect::<Result<_>>()?;
    let bias = if bias {
        let bias = |name: &&str| weights.tensor(&format!("{name}.bias"), &[outputs]);
        let biases: Vec<Tensor> = names.iter().map(bias).collect::<Result<_>>()?;
        Some(Tensor::cat(&biases, 0)?)
    } else {
        None
    };
    let matrix = Matrix::stacked(matrices)?;
    Linear::new(matrix, bias, weights.device(), weights.dtype())
}

/// Splits `[batch, tokens, 3 · heads · d]` into query, key and value, each `[batch, heads, tokens,
/// d]`.
fn split_heads(qkv: &Tensor, heads: usize) -> Result<[Tensor; 3]> {
    let (batch, tokens, features) = qkv.dims3()?;
    let qkv = qkv.reshape((batch, tokens, 3, heads, features / 3 / heads))?;
    let part = |index| -> Result<Tensor> {
        let part = qkv.narrow(2, index, 1)?.squeeze(2)?;
        Ok(part.transpose(1, 2)?.contiguous()?)
    };
    Ok([part(0)?, part(1)?, part(2)?])
}

/// Fails if a size is 0 or unreasonably large.
fn check_sizes(encoder: &str, sizes: &[(&str, usize)]) -> Result<()> {
    const LIMIT: usize = 1 << 24;
    for (field, size) in sizes {
        if !(1..=LIMIT).contains(size) {
            return Err(Error::model(format!(
                "the {encoder} encoder's `{field}` is {size}, expected 1 to {LIMIT}"
            )));
        }
    }
    Ok(())
}

/// Fails if an epsilon is negative or not finite.
fn check_epsilon(encoder: &str, field: &str, epsilon: f64) -> Result<()> {
    if epsilon.is_finite() && epsilon >= 0.0 {
        return Ok(());
    }
    Err(Error::model(format!(
        "the {encoder} encoder's `{field}` is {epsilon}, expected a non-negative number"
    )))
}

#[cfg(test)]
mod tests;
