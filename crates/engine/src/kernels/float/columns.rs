//! `x · Wᵀ` for a weight matrix that is large: every task decodes columns of its own, once.

use rayon::prelude::*;

use super::{BLOCK, COLUMNS, DEPTH, Rows, STRIDE};
use crate::kernels::disjoint::{DisjointRows, add};
use crate::kernels::simd::SimdLevel;
use crate::matrix::{RowBlock, dequantize};

/// Columns of a task: its packed panels take `128 · 512` numbers, which the second-level cache
/// holds beside a block of rows.
const TASK: usize = 4 * COLUMNS;
/// Weights of a row that are decoded at a time: of all columns of a panel, they fit the first-level
/// cache.
const RUN: usize = 128;

/// Writes `x · Wᵀ + bias` to the columns of `out` from `offset`; `part` is of an unblocked type.
pub(crate) fn multiply_columns(
    level: SimdLevel,
    x: &impl Rows,
    part: &RowBlock,
    bias: Option<&[f32]>,
    out: &DisjointRows<'_>,
    offset: usize,
) {
    let depth = x.depth();
    let tasks = part.rows.div_ceil(TASK);
    let buffers = || {
        (
            vec![0.0; TASK * DEPTH],
            vec![0.0; COLUMNS * RUN],
            vec![0.0; BLOCK * STRIDE],
        )
    };
    (0..tasks)
        .into_par_iter()
        .for_each_init(buffers, |(panels, weights, block), task| {
            let first = task * TASK;
            let columns = TASK.min(part.rows - first);
            for from in (0..depth).step_by(DEPTH) {
                let deep = DEPTH.min(depth - from);
                let panels = &mut panels[..columns.next_multiple_of(COLUMNS) * deep];
                for (index, panel) in panels.chunks_exact_mut(COLUMNS * deep).enumerate() {
                    pack(level, part, first + index * COLUMNS, from, weights, panel);
                }
                super::rows::multiply_block(
                    level,
                    x,
                    0..x.count(),
                    from..from + deep,
                    panels,
                    block,
                    |row, column, numbers| {
                        let columns = columns - column;
                        let numbers = &numbers[..columns.min(COLUMNS)];
                        // SAFETY: tasks have columns of their own.
                        #[expect(unsafe_code, reason = "tasks write columns of their own")]
                        let out = unsafe { out.part(row, offset + first + column, numbers.len()) };
                        let bias = bias.map(|bias| &bias[first + column..][..numbers.len()]);
                        add(from == 0, numbers, bias, out);
                    },
                );
            }
        });
}

/// Packs the weights of up to [`COLUMNS`] rows of the part, from row `first`, and of each as many as
/// the panel is deep, from number `from`. `weights` has room for a [`RUN`] of each. A column that is
/// not there holds what was there before: nobody reads its sums.
fn pack(
    level: SimdLevel,
    part: &RowBlock,
    first: usize,
    from: usize,
    weights: &mut [f32],
    panel: &mut [f32],
) {
    let bytes = part.bytes.as_slice();
    let (row_bytes, element) = (bytes.len() / part.rows, part.kind.block_bytes());
    let wide = COLUMNS.min(part.rows - first);
    for (index, panel) in panel.chunks_mut(COLUMNS * RUN).enumerate() {
        let run = panel.len() / COLUMNS;
        let rows = &mut weights[..panel.len()];
        for (row, out) in rows.chunks_exact_mut(run).enumerate().take(wide) {
            let at = (first + row) * row_bytes + (from + index * RUN) * element;
            dequantize(part.kind, &bytes[at..at + run * element], out);
        }
        super::panel(level, rows, panel);
    }
}
