//! `x · Wᵀ` for a large weight matrix: each task decodes its own columns once.

use rayon::prelude::*;

use super::{BLOCK_ROWS, BLOCK_STRIDE, COLUMNS, DEPTH, Rows, pack_panel};
use crate::dequantize::dequantize;
use crate::kernels::disjoint::{DisjointRows, accumulate};
use crate::kernels::simd::SimdLevel;
use crate::matrix::RowBlock;

/// Columns per task. Its packed panels take `128 · 512` numbers, which fit the L2 cache together
/// with a block of rows.
const TASK_COLUMNS: usize = 4 * COLUMNS;
/// The number of weights of a row to decode at a time. Those of all columns of a panel fit the L1
/// cache.
const DECODED: usize = 128;

/// Writes `x · Wᵀ + bias` to the columns of `out` from `offset`. `weight` must not be quantised.
pub(crate) fn multiply_columns(
    level: SimdLevel,
    x: &impl Rows,
    weight: &RowBlock,
    bias: Option<&[f32]>,
    out: &DisjointRows<'_>,
    offset: usize,
) {
    let depth = x.depth();
    let tasks = weight.rows.div_ceil(TASK_COLUMNS);
    let buffers = || {
        (
            vec![0.0; TASK_COLUMNS * DEPTH],
            vec![0.0; COLUMNS * DECODED],
            vec![0.0; BLOCK_ROWS * BLOCK_STRIDE],
        )
    };
    (0..tasks)
        .into_par_iter()
        .for_each_init(buffers, |(panels, decoded, gathered), task| {
            let first = task * TASK_COLUMNS;
            let columns = TASK_COLUMNS.min(weight.rows - first);
            for start in (0..depth).step_by(DEPTH) {
                let end = depth.min(start + DEPTH);
                let panel_length = COLUMNS * (end - start);
                let panels = &mut panels[..columns.div_ceil(COLUMNS) * panel_length];
                for (index, panel) in panels.chunks_exact_mut(panel_length).enumerate() {
                    pack(
                        level,
                        weight,
                        first + index * COLUMNS,
                        start,
                        decoded,
                        panel,
                    );
                }
                super::rows::multiply_block(
                    level,
                    x,
                    0..x.count(),
                    start..end,
                    panels,
                    gathered,
                    |row, column, sums| {
                        let sums = &sums[..COLUMNS.min(columns - column)];
                        let column = first + column;
                        // SAFETY: each task writes its own columns.
                        #[expect(unsafe_code, reason = "each task writes its own columns")]
                        let out = unsafe { out.segment(row, offset + column, sums.len()) };
                        let bias = bias.map(|bias| &bias[column..][..sums.len()]);
                        accumulate(start == 0, sums, bias, out);
                    },
                );
            }
        });
}

/// Packs up to [`COLUMNS`] rows of the weight, from row `first`, into a panel; of each row, the
/// numbers from `start` on, as many as the panel is deep.
///
/// `decoded` is a buffer of [`DECODED`] numbers for each column. Columns past the last row keep
/// stale numbers; their sums are not used.
fn pack(
    level: SimdLevel,
    weight: &RowBlock,
    first: usize,
    start: usize,
    decoded: &mut [f32],
    panel: &mut [f32],
) {
    let bytes = weight.bytes.as_slice();
    let (row_bytes, number_bytes) = (bytes.len() / weight.rows, weight.kind.block_bytes());
    let columns = COLUMNS.min(weight.rows - first);
    for (index, panel) in panel.chunks_mut(COLUMNS * DECODED).enumerate() {
        let length = panel.len() / COLUMNS;
        let rows = &mut decoded[..panel.len()];
        for (row, out) in rows.chunks_exact_mut(length).enumerate().take(columns) {
            let from = (first + row) * row_bytes + (start + index * DECODED) * number_bytes;
            dequantize(weight.kind, &bytes[from..from + length * number_bytes], out);
        }
        pack_panel(level, rows, panel);
    }
}
