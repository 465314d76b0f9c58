//! `x · Wᵀ + b` for a weight matrix of any type.

use super::disjoint::DisjointRows;
use super::float::{self, Dense};
use super::quantized;
use super::simd::SimdLevel;
use crate::Matrix;

/// The product of rows of `matrix.columns()` numbers each: rows of `matrix.rows()`.
pub(crate) fn matmul(x: &[f32], matrix: &Matrix, bias: Option<&[f32]>) -> Vec<f32> {
    matmul_at(SimdLevel::best(), x, matrix, bias)
}

pub(super) fn matmul_at(
    level: SimdLevel,
    x: &[f32],
    matrix: &Matrix,
    bias: Option<&[f32]>,
) -> Vec<f32> {
    let (depth, columns) = (matrix.columns(), matrix.rows());
    let rows = x.len() / depth.max(1);
    let mut out = vec![0.0; rows * columns];
    if out.is_empty() {
        return out;
    }
    let sheet = DisjointRows::new(&mut out, columns);
    let mut offset = 0;
    for part in &matrix.parts {
        let bias = bias.map(|bias| &bias[offset..offset + part.rows]);
        if part.kind.is_quantized() {
            quantized::multiply(level, x, depth, part, bias, &sheet, offset);
        } else {
            let x = Dense { numbers: x, depth };
            float::multiply_columns(level, &x, part, bias, &sheet, offset);
        }
        offset += part.rows;
    }
    out
}
