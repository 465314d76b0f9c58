//! Products with a long left-hand side: the panels are packed once, and each task has its own rows.

use std::ops::Range;

use rayon::prelude::*;

use super::{BLOCK_ROWS, BLOCK_STRIDE, COLUMNS, DEPTH, pack_panel, portable};
use crate::kernels::disjoint::{DisjointRows, accumulate};
use crate::kernels::simd::SimdLevel;

/// The left-hand matrix of a product, either in memory or gathered on demand.
pub(crate) trait Rows: Sync {
    /// The number of rows.
    fn count(&self) -> usize;
    /// The length of a row.
    fn depth(&self) -> usize;
    /// The numbers `depths` of some rows, and the distance between the rows.
    ///
    /// They are borrowed from memory or gathered into `buffer`, which holds [`BLOCK_ROWS`] rows of
    /// [`BLOCK_STRIDE`] numbers.
    fn block<'a>(
        &'a self,
        rows: Range<usize>,
        depths: Range<usize>,
        buffer: &'a mut [f32],
    ) -> (&'a [f32], usize);
}

/// Rows in contiguous memory.
pub(crate) struct DenseRows<'a> {
    pub(crate) numbers: &'a [f32],
    pub(crate) depth: usize,
}

impl Rows for DenseRows<'_> {
    fn count(&self) -> usize {
        self.numbers.len() / self.depth.max(1)
    }

    fn depth(&self) -> usize {
        self.depth
    }

    fn block<'a>(
        &'a self,
        rows: Range<usize>,
        depths: Range<usize>,
        _: &'a mut [f32],
    ) -> (&'a [f32], usize) {
        (
            &self.numbers[rows.start * self.depth + depths.start..],
            self.depth,
        )
    }
}

/// Packs the transpose of `count` rows of `depth` numbers: for each block of [`DEPTH`], the panels
/// one after another.
pub(crate) fn pack_rows(level: SimdLevel, numbers: &[f32], count: usize, depth: usize) -> Vec<f32> {
    let panels = count.div_ceil(COLUMNS);
    let mut packed = vec![0.0; panels * COLUMNS * depth];
    let mut buffer = vec![0.0; COLUMNS * DEPTH];
    let mut rest = packed.as_mut_slice();
    for start in (0..depth).step_by(DEPTH) {
        let length = DEPTH.min(depth - start);
        for index in 0..panels {
            let columns = COLUMNS.min(count - index * COLUMNS);
            let rows = &mut buffer[..COLUMNS * length];
            rows[columns * length..].fill(0.0);
            for (row, out) in rows.chunks_exact_mut(length).enumerate().take(columns) {
                let from = (index * COLUMNS + row) * depth + start;
                out.copy_from_slice(&numbers[from..from + length]);
            }
            let (panel, others) = rest.split_at_mut(COLUMNS * length);
            pack_panel(level, rows, panel);
            rest = others;
        }
    }
    packed
}

/// Packs a matrix of `depth` rows and `columns` columns, without transposing it, in the layout of
/// [`pack_rows`].
pub(crate) fn pack_columns(numbers: &[f32], depth: usize, columns: usize) -> Vec<f32> {
    let panels = columns.div_ceil(COLUMNS);
    let mut packed = vec![0.0; panels * COLUMNS * depth];
    for (index, block) in packed.chunks_mut(panels * COLUMNS * DEPTH).enumerate() {
        let length = block.len() / (panels * COLUMNS);
        for (panel, out) in block.chunks_exact_mut(COLUMNS * length).enumerate() {
            let width = COLUMNS.min(columns - panel * COLUMNS);
            for (k, out) in out.chunks_exact_mut(COLUMNS).enumerate() {
                let from = (index * DEPTH + k) * columns + panel * COLUMNS;
                out[..width].copy_from_slice(&numbers[from..from + width]);
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
    let rows = DenseRows { numbers: x, depth };
    let out = DisjointRows::new(out, columns);
    multiply_depths(level, &rows, 0..rows.count(), packed, &mut [], &out, None);
}

/// `out = rows · packed + bias`, for a packed matrix of `bias.len()` columns.
pub(crate) fn multiply_rows(
    level: SimdLevel,
    rows: &impl Rows,
    packed: &[f32],
    bias: &[f32],
    out: &mut [f32],
) {
    let columns = bias.len();
    let tasks = out.par_chunks_mut(BLOCK_ROWS * columns).enumerate();
    let buffer = || vec![0.0; BLOCK_ROWS * BLOCK_STRIDE];
    tasks.for_each_init(buffer, |buffer, (index, out)| {
        let count = out.len() / columns;
        let (first, out) = (index * BLOCK_ROWS, DisjointRows::new(out, columns));
        multiply_depths(
            level,
            rows,
            first..first + count,
            packed,
            buffer,
            &out,
            Some(bias),
        );
    });
}

/// Writes the product of the rows `range` and the bias to `out`, which starts at `range.start`.
fn multiply_depths(
    level: SimdLevel,
    rows: &impl Rows,
    range: Range<usize>,
    packed: &[f32],
    buffer: &mut [f32],
    out: &DisjointRows<'_>,
    bias: Option<&[f32]>,
) {
    let (depth, columns) = (rows.depth(), out.columns());
    let packed_columns = columns.next_multiple_of(COLUMNS);
    for start in (0..depth).step_by(DEPTH) {
        let depths = start..depth.min(start + DEPTH);
        let packed = &packed[packed_columns * depths.start..packed_columns * depths.end];
        let store = |row: usize, column: usize, sums: &[f32; COLUMNS]| {
            let sums = &sums[..COLUMNS.min(columns - column)];
            // SAFETY: this call has exclusive access to `out` and uses one segment at a time.
            #[expect(unsafe_code, reason = "one segment at a time")]
            let out = unsafe { out.segment(row - range.start, column, sums.len()) };
            let bias = bias.map(|bias| &bias[column..][..sums.len()]);
            accumulate(start == 0, sums, bias, out);
        };
        multiply_block(level, rows, range.clone(), depths, packed, buffer, store);
    }
}

/// Multiplies some rows by the panels packed for `depths`. Calls `store` with each row, the first
/// column of a panel, and the sums.
#[inline]
pub(super) fn multiply_block(
    level: SimdLevel,
    rows: &impl Rows,
    range: Range<usize>,
    depths: Range<usize>,
    panels: &[f32],
    buffer: &mut [f32],
    store: impl Fn(usize, usize, &[f32; COLUMNS]),
) {
    for first in range.clone().step_by(BLOCK_ROWS) {
        let count = BLOCK_ROWS.min(range.end - first);
        let (numbers, stride) = rows.block(first..first + count, depths.clone(), buffer);
        let panels = panels.chunks_exact(COLUMNS * depths.len()).enumerate();
        match level {
            SimdLevel::Portable => {
                let mut sums: portable::Sums = [[0.0; COLUMNS]; BLOCK_ROWS];
                for (index, panel) in panels {
                    portable::multiply_panel(count, numbers, stride, panel, &mut sums);
                    for (row, sums) in sums.iter().enumerate().take(count) {
                        store(first + row, index * COLUMNS, sums);
                    }
                }
            }
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx2 | SimdLevel::Avx512 => {
                use super::tile::{ROWS, Tile, tile, tile_rows};

                let mut sums: Tile = [[0.0; COLUMNS]; ROWS];
                let height = tile_rows(level);
                for top in (0..count).step_by(height) {
                    let tile_count = height.min(count - top);
                    let numbers = &numbers[top * stride..];
                    for (index, panel) in panels.clone() {
                        tile(level, tile_count, numbers, stride, panel, &mut sums);
                        for (row, sums) in sums.iter().enumerate().take(tile_count) {
                            store(first + top + row, index * COLUMNS, sums);
                        }
                    }
                }
            }
        }
    }
}
