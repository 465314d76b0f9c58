//! Products of f32 matrices: packed panels of one, tiles of the other, sums in registers.
//!
//! The right-hand matrix (weights, keys, values) is packed into panels of [`COLUMNS`] columns, row
//! by row. A tile is the product of a few rows of the left-hand matrix and a panel; its sums stay
//! in registers for [`DEPTH`] steps. Processors without a hand-written kernel use the `gemm` crate
//! on the same panels.

mod columns;
mod panel;
mod portable;
mod rows;
#[cfg(target_arch = "x86_64")]
mod tile;

pub(crate) use columns::multiply_columns;
use panel::pack_panel;
pub(crate) use rows::{DenseRows, Rows, multiply_packed, multiply_rows, pack_columns, pack_rows};

/// Columns of a panel.
pub(crate) const COLUMNS: usize = 32;
/// The maximum depth of a packed block: the number of products summed before the sum is written
/// to memory.
pub(crate) const DEPTH: usize = 512;
/// Rows of the left-hand matrix that are multiplied while a block of panels is in the cache.
const BLOCK_ROWS: usize = 64;
/// The distance between gathered rows: an odd number of cache lines, so that rows do not map to the
/// same cache sets.
pub(crate) const BLOCK_STRIDE: usize = DEPTH + 16;
