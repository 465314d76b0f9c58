//! Rotary position embeddings.

use candle_core::{Device, Tensor};

use crate::{Result, TransformerConfig};

/// The base of the frequencies: the slowest pair of features rotates by almost 1/θ per position.
const THETA: f64 = 10_000.0;

/// The rotary position embeddings of all tokens for one image size, text first.
///
/// A text token has the position (0, 0, 0), an image token (0, row, column). Angles, sines and
/// cosines are computed in f64 and stored in f32, whatever the model's type: in bf16, an angle is
/// off by a fifth of a radian at the far side of a large image.
#[derive(Clone, Debug)]
pub struct Rope {
    /// `[tokens, head features / 2]`, as is `sin`.
    pub(super) cos: Tensor,
    pub(super) sin: Tensor,
    pub(super) text: usize,
    pub(super) tokens: usize,
}

impl Rope {
    /// Creates the embeddings for `text` text tokens and `rows` × `columns` image tokens.
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
        // All tokens of a row or column share its angles, which are therefore computed once.
        let constant = angles(0, first);
        let row_angles: Vec<_> = (0..rows.max(1)).map(|row| angles(row, second)).collect();
        let column_angles: Vec<_> = (0..columns.max(1))
            .map(|column| angles(column, third))
            .collect();
        let (mut cos, mut sin) = (
            Vec::with_capacity(tokens * half),
            Vec::with_capacity(tokens * half),
        );
        let mut push = |row: usize, column: usize| {
            for axis in [&constant, &row_angles[row], &column_angles[column]] {
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

    /// Number of text tokens.
    pub fn text_tokens(&self) -> usize {
        self.text
    }

    /// Number of image tokens.
    pub fn image_tokens(&self) -> usize {
        self.tokens - self.text
    }
}

/// The cosine and sine of each pair of features at `position` on an axis with `size` features.
fn angles(position: usize, size: usize) -> Vec<(f32, f32)> {
    let angle = |pair: usize| {
        let angle = position as f64 / THETA.powf((2 * pair) as f64 / size as f64);
        (angle.cos() as f32, angle.sin() as f32)
    };
    (0..size / 2).map(angle).collect()
}
