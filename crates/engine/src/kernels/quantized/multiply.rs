//! `x · Wᵀ` for quantised weights: each task decodes its own columns once.

use rayon::prelude::*;

use super::activations::Activations;
use super::panel::{Packing, Panel};
use super::tile::{ROWS, Strip, Tile, tile, tile_rows};
use super::{COLUMNS, DEPTH};
use crate::blocks::layout;
use crate::kernels::disjoint::{DisjointRows, accumulate};
use crate::kernels::simd::SimdLevel;
use crate::matrix::RowBlock;

/// Panels of a task. Together with a strip of activations they fit the L2 cache.
const PANELS: usize = 4;

/// Writes `x · Wᵀ + bias` to the columns of `out` from `offset`; `x` has rows of `depth` numbers.
pub(crate) fn multiply(
    level: SimdLevel,
    x: &[f32],
    depth: usize,
    weight: &RowBlock,
    bias: Option<&[f32]>,
    out: &DisjointRows<'_>,
    offset: usize,
) {
    let layout = layout(weight.kind);
    let packing = Packing::of(level);
    let words = layout.group / packing.lanes();
    let x = Activations::new(level, x, depth, layout, packing);
    let rows = x.bytes.len() / x.stride;
    let height = tile_rows(level);
    let task_columns = PANELS * COLUMNS;
    let buffers = || [(); PANELS].map(|()| Panel::new(DEPTH));
    let tasks = weight.rows.div_ceil(task_columns);
    (0..tasks)
        .into_par_iter()
        .for_each_init(buffers, |panels, task| {
            let first = task * task_columns;
            let columns = task_columns.min(weight.rows - first);
            let width = |panel: usize| COLUMNS.min(columns - panel * COLUMNS);
            let panels = &mut panels[..columns.div_ceil(COLUMNS)];
            let mut sums: Tile = [[0.0; COLUMNS]; ROWS];
            for start in (0..depth).step_by(DEPTH) {
                let length = DEPTH.min(depth - start);
                for (index, panel) in panels.iter_mut().enumerate() {
                    let first = first + index * COLUMNS;
                    panel.fill(weight, first, width(index), (start, length), packing);
                }
                for row in (0..rows).step_by(height) {
                    let count = height.min(rows - row);
                    let group = row * x.groups + start / layout.group;
                    let strip = Strip {
                        bytes: &x.bytes[row * x.stride + start * packing.activation_bytes()..],
                        stride: x.stride,
                        scales: &x.scales[group..],
                        initial: &x.initial[group..],
                        sums: &x.sums[group..],
                        group_stride: x.groups,
                        groups: length / layout.group,
                        words,
                    };
                    for (index, panel) in panels.iter().enumerate() {
                        tile(level, count, strip, panel, layout.has_minimum, &mut sums);
                        for (down, sums) in sums.iter().enumerate().take(count) {
                            let sums = &sums[..width(index)];
                            let column = first + index * COLUMNS;
                            let bias = bias.map(|bias| &bias[column..][..sums.len()]);
                            // SAFETY: each task writes its own columns.
                            #[expect(unsafe_code, reason = "each task writes its own columns")]
                            let out =
                                unsafe { out.segment(row + down, offset + column, sums.len()) };
                            accumulate(start == 0, sums, bias, out);
                        }
                    }
                }
            }
        });
}
