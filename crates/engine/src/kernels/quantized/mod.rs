//! Products with quantised weights, in 8-bit integers.
//!
//! The activations of a row are quantised in groups of 32 to `q · scale`, with `q` from -127 to
//! 127, as in ggml. The product of a group is then a sum of integer products, scaled once. Weights
//! are decoded into codes ([`blocks`](crate::blocks)) panel by panel: a task decodes its columns
//! once and multiplies all rows by them, so no decoded copy of the weights is kept. The relative
//! error is about 5e-3, compared with the product in f32 with the exact weights.

mod activations;
mod multiply;
mod panel;
mod tile;

pub(crate) use multiply::multiply;

/// Columns of a panel.
const COLUMNS: usize = 32;
/// Numbers of a row that are multiplied before the sums are written to memory; a multiple of every
/// type's block size.
const DEPTH: usize = 1024;
