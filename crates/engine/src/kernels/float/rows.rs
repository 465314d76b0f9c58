//! Products whose left-hand side is long: the panels are packed once, and every task has rows of
//! its own.

use std::ops::Range;

use rayon::prelude::*;

use super::tile::ROWS;
use super::{BLOCK, COLUMNS, DEPTH, STRIDE, Tile, panel, tile, tile_rows};
use crate::kernels::disjoint::{DisjointRows, add};
use crate::kernels::simd::SimdLevel;

/// The left-hand matrix of a product, row by row: as it lies in memory, or gathered.
pub(crate) trait Rows: Sync {
    /// How many rows.
    fn count(&self) -> usize;
    /// How long a row is.
    fn depth(&self) -> usize;
    /// Some rows at some depth, and how far they lie apart: where they are, or gathered in `block`,
    /// which has room for [`BLOCK`] rows of [`STRIDE`] numbers.
    fn block<'a>(
        &'a self,
        rows: Range<usize>,
        deep: Range<usize>,
        block: &'a mut [f32],
    ) -> (&'a [f32], usize);
}

/// Rows that lie one after the other.
pub(crate) struct Dense<'a> {
    pub(crate) numbers: &'a [f32],
    pub(crate) depth: usize,
}

impl Rows for Dense<'_> {
    fn count(&self) -> usize {
        self.numbers.len() / self.depth.max(1)
    }

    fn depth(&self) -> usize {
        self.depth
    }

    fn block<'a>(
        &'a self,
        rows: Range<usize>,
        deep: Range<usize>,
        _: &'a mut [f32],
    ) -> (&'a [f32], usize) {
        (
            &self.numbers[rows.start * self.depth + deep.start..],
            self.depth,
        )
    }
}

/// Packs the right-hand matrix, given as `count` rows (its columns) of `depth` numbers, block of
/// depth by block of depth, each panel by panel.
pub(crate) fn pack_rows(level: SimdLevel, numbers: &[f32], count: usize, depth: usize) -> Vec<f32> {
    let panels = count.div_ceil(COLUMNS);
    let mut packed = vec![0.0; panels * COLUMNS * depth];
    let mut scratch = vec![0.0; COLUMNS * DEPTH];
    let mut rest = packed.as_mut_slice();
    for from in (0..depth).step_by(DEPTH) {
        let deep = DEPTH.min(depth - from);
        for index in 0..panels {
            let wide = COLUMNS.min(count - index * COLUMNS);
            let rows = &mut scratch[..COLUMNS * deep];
            rows[wide * deep..].fill(0.0);
            for (row, out) in rows.chunks_exact_mut(deep).enumerate().take(wide) {
                let at = (index * COLUMNS + row) * depth + from;
                out.copy_from_slice(&numbers[at..at + deep]);
            }
            let (own, others) = rest.split_at_mut(COLUMNS * deep);
            panel(level, rows, own);
            rest = others;
        }
    }
    packed
}

/// Packs the right-hand matrix as it is, `depth` rows of `columns` numbers, like [`pack_rows`].
pub(crate) fn pack_columns(numbers: &[f32], depth: usize, columns: usize) -> Vec<f32> {
    let panels = columns.div_ceil(COLUMNS);
    let mut packed = vec![0.0; panels * COLUMNS * depth];
    for (index, block) in packed.chunks_mut(panels * COLUMNS * DEPTH).enumerate() {
        let deep = block.len() / (panels * COLUMNS);
        for (panel, out) in block.chunks_exact_mut(COLUMNS * deep).enumerate() {
            let wide = COLUMNS.min(columns - panel * COLUMNS);
            for (k, out) in out.chunks_exact_mut(COLUMNS).enumerate() {
                let at = (index * DEPTH + k) * columns + panel * COLUMNS;
                out[..wide].copy_from_slice(&numbers[at..at + wide]);
            }
        }
    }
    packed
}

/// `out = x · packed` on this thread, for rows of `depth` numbers and a packed matrix of `columns`
/// columns.
pub(crate) fn multiply_packed(
    level: SimdLevel,
    x: &[f32],
    depth: usize,
    packed: &[f32],
    out: &mut [f32],
    columns: usize,
) {
    let rows = Dense { numbers: x, depth };
    let sheet = DisjointRows::new(out, columns);
    multiply_depths(level, &rows, 0..rows.count(), packed, &mut [], &sheet, None);
}

/// `out = rows · packed + bias`, for a packed matrix of as many columns as `bias` has numbers.
pub(crate) fn multiply_rows(
    level: SimdLevel,
    rows: &impl Rows,
    packed: &[f32],
    bias: &[f32],
    out: &mut [f32],
) {
    let columns = bias.len();
    let tasks = out.par_chunks_mut(BLOCK * columns).enumerate();
    let buffer = || vec![0.0; BLOCK * STRIDE];
    tasks.for_each_init(buffer, |block, (index, out)| {
        let count = out.len() / columns;
        let (first, sheet) = (index * BLOCK, DisjointRows::new(out, columns));
        multiply_depths(
            level,
            rows,
            first..first + count,
            packed,
            block,
            &sheet,
            Some(bias),
        );
    });
}

/// Sets `out`, whose first row is that of `range`, to the product and the bias.
fn multiply_depths(
    level: SimdLevel,
    rows: &impl Rows,
    range: Range<usize>,
    packed: &[f32],
    block: &mut [f32],
    out: &DisjointRows<'_>,
    bias: Option<&[f32]>,
) {
    let (depth, columns) = (rows.depth(), out.columns());
    let wide = columns.next_multiple_of(COLUMNS);
    for from in (0..depth).step_by(DEPTH) {
        let deep = from..depth.min(from + DEPTH);
        let packed = &packed[wide * deep.start..wide * deep.end];
        let keep = |row: usize, column: usize, numbers: &[f32; COLUMNS]| {
            let numbers = &numbers[..COLUMNS.min(columns - column)];
            // SAFETY: the sheet is this call's own, and parts are used one at a time.
            #[expect(unsafe_code, reason = "one part at a time")]
            let out = unsafe { out.part(row - range.start, column, numbers.len()) };
            let bias = bias.map(|bias| &bias[column..][..numbers.len()]);
            add(from == 0, numbers, bias, out);
        };
        multiply_block(level, rows, range.clone(), deep, packed, block, keep);
    }
}

/// Multiplies some rows, at some depth, by panels packed at that depth; `keep` gets the sums of
/// each row and panel, with the panel's first column.
#[inline]
pub(super) fn multiply_block(
    level: SimdLevel,
    rows: &impl Rows,
    range: Range<usize>,
    deep: Range<usize>,
    panels: &[f32],
    block: &mut [f32],
    keep: impl Fn(usize, usize, &[f32; COLUMNS]),
) {
    let mut sums: Tile = [[0.0; COLUMNS]; ROWS];
    let high = tile_rows(level);
    for first in range.clone().step_by(BLOCK) {
        let count = BLOCK.min(range.end - first);
        let (numbers, stride) = rows.block(first..first + count, deep.clone(), block);
        for top in (0..count).step_by(high) {
            let own = high.min(count - top);
            let numbers = &numbers[top * stride..];
            for (index, panel) in panels.chunks_exact(COLUMNS * deep.len()).enumerate() {
                tile(level, own, numbers, stride, panel, &mut sums);
                for (row, sums) in sums.iter().enumerate().take(own) {
                    keep(first + top + row, index * COLUMNS, sums);
                }
            }
        }
    }
}
