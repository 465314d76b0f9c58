//! `x · Wᵀ + b` for a weight matrix of any type.

use super::disjoint::DisjointRows;
use super::float::{self, DenseRows};
use super::quantized;
use super::simd::SimdLevel;
use crate::Matrix;

/// `x · Wᵀ + b` for rows of `matrix.columns()` numbers; returns rows of `matrix.rows()` numbers.
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
    let out_rows = DisjointRows::new(&mut out, columns);
    let mut offset = 0;
    for block in &matrix.blocks {
        let bias = bias.map(|bias| &bias[offset..offset + block.rows]);
        if block.kind.is_quantized() {
            quantized::multiply(level, x, depth, block, bias, &out_rows, offset);
        } else {
            let x = DenseRows { numbers: x, depth };
            float::multiply_columns(level, &x, block, bias, &out_rows, offset);
        }
        offset += block.rows;
    }
    out
}
