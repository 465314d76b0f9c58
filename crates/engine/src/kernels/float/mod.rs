//! Products of f32 matrices: packed panels of one, tiles of the other, sums in registers.
//!
//! The right-hand matrix (weights, keys, values) is packed into panels of [`COLUMNS`] columns, in
//! which the numbers of one depth lie together. A tile is a few rows of the left-hand matrix times
//! a panel; its sums stay in registers for a whole [`DEPTH`].

mod columns;
mod panel;
mod rows;
mod tile;

pub(crate) use columns::multiply_columns;
use panel::panel;
pub(crate) use rows::{Dense, Rows, multiply_packed, multiply_rows, pack_columns, pack_rows};
use tile::{Tile, tile, tile_rows};

/// Columns of a panel.
pub(crate) const COLUMNS: usize = 32;
/// How deep a packed block is at most: so many products are summed before the sum goes to memory.
pub(crate) const DEPTH: usize = 512;
/// Rows of the left-hand matrix that are worked on while a block of panels is at hand.
const BLOCK: usize = 64;
/// The distance of rows in a block: an odd number of cache lines, so that rows do not compete for
/// the same places of the cache.
pub(crate) const STRIDE: usize = DEPTH + 16;
