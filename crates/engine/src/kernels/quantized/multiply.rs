//! `x · Wᵀ` for quantised weights: every task decodes columns of its own, once.

use rayon::prelude::*;

use super::activations::Activations;
use super::panel::{Packing, Panel};
use super::tile::{ROWS, Strip, Tile, tile, tile_rows};
use super::{COLUMNS, DEPTH};
use crate::kernels::blocks::form;
use crate::kernels::disjoint::{DisjointRows, add};
use crate::kernels::simd::SimdLevel;
use crate::matrix::RowBlock;

/// Panels of a task: with their codes, scales and a strip of rows they fit the second-level cache.
const PANELS: usize = 4;

/// Writes `x · Wᵀ + bias` to the columns of `out` from `offset`; `x` has rows of `depth` numbers.
pub(crate) fn multiply(
    level: SimdLevel,
    x: &[f32],
    depth: usize,
    part: &RowBlock,
    bias: Option<&[f32]>,
    out: &DisjointRows<'_>,
    offset: usize,
) {
    let form = form(part.kind);
    let packing = Packing::of(level);
    let words = form.group / packing.together();
    let x = Activations::new(level, x, depth, form, packing);
    let rows = x.bytes.len() / x.stride;
    let high = tile_rows(level);
    let task_columns = PANELS * COLUMNS;
    let buffers = || [(); PANELS].map(|()| Panel::new(DEPTH));
    let tasks = part.rows.div_ceil(task_columns);
    (0..tasks)
        .into_par_iter()
        .for_each_init(buffers, |panels, task| {
            let first = task * task_columns;
            let columns = task_columns.min(part.rows - first);
            let wide = |panel: usize| COLUMNS.min(columns - panel * COLUMNS);
            let panels = &mut panels[..columns.div_ceil(COLUMNS)];
            let mut sums: Tile = [[0.0; COLUMNS]; ROWS];
            for from in (0..depth).step_by(DEPTH) {
                let deep = DEPTH.min(depth - from);
                for (index, panel) in panels.iter_mut().enumerate() {
                    let first = first + index * COLUMNS;
                    panel.fill(part, first, wide(index), (from, deep), packing);
                }
                for row in (0..rows).step_by(high) {
                    let own = high.min(rows - row);
                    let group = row * x.groups + from / form.group;
                    let strip = Strip {
                        bytes: &x.bytes[row * x.stride + from * packing.activation_bytes()..],
                        stride: x.stride,
                        scales: &x.scales[group..],
                        starts: &x.starts[group..],
                        sums: &x.sums[group..],
                        group_stride: x.groups,
                        groups: deep / form.group,
                        words,
                    };
                    for (index, panel) in panels.iter().enumerate() {
                        tile(level, own, strip, panel, form.has_minimum, &mut sums);
                        for (down, sums) in sums.iter().enumerate().take(own) {
                            let sums = &sums[..wide(index)];
                            let column = first + index * COLUMNS;
                            let bias = bias.map(|bias| &bias[column..][..sums.len()]);
                            // SAFETY: tasks have columns of their own.
                            #[expect(unsafe_code, reason = "tasks write columns of their own")]
                            let out = unsafe { out.part(row + down, offset + column, sums.len()) };
                            add(from == 0, sums, bias, out);
                        }
                    }
                }
            }
        });
}
