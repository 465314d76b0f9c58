//! The text encoders: T5 for the words in their order, CLIP for the prompt as a whole.

mod clip;
mod t5;

use candle_core::{DType, Device, Tensor};

use crate::{Error, Linear, Matrix, Result, Weights};

pub use clip::{Activation, ClipConfig, ClipTextEncoder};
pub use t5::{T5Config, T5Encoder};

/// The embeddings of tokens, looked up row by row in the file that holds them.
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

    /// `[batch, tokens, features]` for rows of equally many tokens.
    fn forward(&self, ids: &[Vec<u32>]) -> Result<Tensor> {
        let (rows, features) = (self.matrix.rows(), self.matrix.columns());
        let tokens = ids.first().map_or(0, Vec::len);
        if tokens == 0 || ids.iter().any(|row| row.len() != tokens) {
            return Err(Error::invalid(
                "prompt",
                "rows of equally many tokens are needed",
            ));
        }
        let mut out = vec![0.0; ids.len() * tokens * features];
        for (&id, out) in ids.iter().flatten().zip(out.chunks_exact_mut(features)) {
            if id as usize >= rows {
                return Err(Error::model(format!(
                    "the tokenizer gives token {id}, but there are embeddings of {rows} tokens"
                )));
            }
            self.matrix.read_row(id as usize, out);
        }
        let out = Tensor::from_vec(out, (ids.len(), tokens, features), &self.device)?;
        Ok(out.to_dtype(self.dtype)?)
    }
}

/// Linear layers of equally many inputs and outputs, one above the other as one layer.
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

/// Query, key and value, `[batch, heads, tokens, d]` each, of `[batch, tokens, 3 · heads · d]`.
fn split_heads(qkv: &Tensor, heads: usize) -> Result<[Tensor; 3]> {
    let (batch, tokens, features) = qkv.dims3()?;
    let qkv = qkv.reshape((batch, tokens, 3, heads, features / 3 / heads))?;
    let part = |index| -> Result<Tensor> {
        let part = qkv.narrow(2, index, 1)?.squeeze(2)?;
        Ok(part.transpose(1, 2)?.contiguous()?)
    };
    Ok([part(0)?, part(1)?, part(2)?])
}

/// Refuses sizes of 0, and those beyond any model's, by the name of their field.
fn check_sizes(encoder: &str, sizes: &[(&str, usize)]) -> Result<()> {
    const MOST: usize = 1 << 24;
    for (field, size) in sizes {
        if !(1..=MOST).contains(size) {
            return Err(Error::model(format!(
                "the {encoder} encoder's `{field}` is {size}, not between 1 and {MOST}"
            )));
        }
    }
    Ok(())
}

/// Refuses what no normalisation can add to a variance.
fn check_epsilon(encoder: &str, field: &str, epsilon: f64) -> Result<()> {
    if epsilon.is_finite() && epsilon >= 0.0 {
        return Ok(());
    }
    Err(Error::model(format!(
        "the {encoder} encoder's `{field}` is {epsilon}, not a number from 0"
    )))
}

#[cfg(test)]
mod tests;
