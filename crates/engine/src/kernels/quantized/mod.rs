//! Products with quantised weights, in 8-bit integers.
//!
//! The activations of a row are quantised in groups of 32 to `q · scale`, `q` from -127 to 127, as
//! ggml does it. A group's product is then a sum of integer products, scaled once. Weights are
//! taken apart into codes ([`blocks`](super::blocks)) panel by panel, on the way: a task decodes
//! its columns once and multiplies all rows by them, so that nothing is kept beside the file.
//! Against the product in f32 with the weights' true values the relative error is about 5e-3.

mod activations;
mod multiply;
mod panel;
mod tile;

pub(crate) use multiply::multiply;

/// Columns of a panel.
const COLUMNS: usize = 32;
/// Numbers of a row that are multiplied before sums go to memory; whole blocks of every type.
const DEPTH: usize = 1024;
