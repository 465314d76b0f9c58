//! Where each token is, as the angles by which its queries and keys are turned.

use candle_core::{Device, Tensor};

use crate::{Result, TransformerConfig};

/// The slowest pair of features turns by almost 1/θ a position.
const THETA: f64 = 10_000.0;

/// Rotary position embeddings for all tokens of one size of picture, text first.
///
/// A text token is at (0, 0, 0), a picture token at (0, row, column). Angles, sines and cosines are
/// computed in f64 and kept in f32 whatever the model's type: in bf16 they are off by a fifth of a
/// radian at the far side of a large picture.
#[derive(Clone, Debug)]
pub struct Rope {
    /// `[tokens, features of a head / 2]`.
    pub(super) cos: Tensor,
    pub(super) sin: Tensor,
    pub(super) text: usize,
    pub(super) tokens: usize,
}

impl Rope {
    /// For `text` tokens of text and a picture of `rows` by `columns` tokens.
    pub fn new(
        config: &TransformerConfig,
        text: usize,
        rows: usize,
        columns: usize,
        device: &Device,
    ) -> Result<Self> {
        let tokens = text + rows * columns;
        let half = config.attention_head_dim / 2;
        let [first, second, third] = config.axes_dims_rope;
        // A coordinate's angles are the same for a whole row or column: computed once for each.
        let still = angles(0, first);
        let of_rows: Vec<_> = (0..rows.max(1)).map(|row| angles(row, second)).collect();
        let of_columns: Vec<_> = (0..columns.max(1)).map(|at| angles(at, third)).collect();
        let (mut cos, mut sin) = (
            Vec::with_capacity(tokens * half),
            Vec::with_capacity(tokens * half),
        );
        let mut push = |row: usize, column: usize| {
            for axis in [&still, &of_rows[row], &of_columns[column]] {
                cos.extend(axis.iter().map(|(cos, _)| *cos));
                sin.extend(axis.iter().map(|(_, sin)| *sin));
            }
        };
        (0..text).for_each(|_| push(0, 0));
        for row in 0..rows {
            (0..columns).for_each(|column| push(row, column));
        }
        Ok(Self {
            cos: Tensor::from_vec(cos, (tokens, half), device)?,
            sin: Tensor::from_vec(sin, (tokens, half), device)?,
            text,
            tokens,
        })
    }

    /// Text tokens.
    pub fn text_tokens(&self) -> usize {
        self.text
    }

    /// Picture tokens.
    pub fn image_tokens(&self) -> usize {
        self.tokens - self.text
    }
}

/// Cosine and sine of each pair's angle at one coordinate of an axis of `size` features.
fn angles(position: usize, size: usize) -> Vec<(f32, f32)> {
    let angle = |pair: usize| {
        let angle = position as f64 / THETA.powf((2 * pair) as f64 / size as f64);
        (angle.cos() as f32, angle.sin() as f32)
    };
    (0..size / 2).map(angle).collect()
}
