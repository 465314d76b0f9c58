//! The product on processors without a hand-written kernel, by the `gemm` crate.

use super::{BLOCK_ROWS, COLUMNS};

/// The sums of a block of rows.
pub(super) type Sums = [[f32; COLUMNS]; BLOCK_ROWS];

/// `out[r][c] = Σ a[r · stride + k] · panel[k · COLUMNS + c]` for `rows` rows.
///
/// # Panics
/// If `a` is too short, or `rows` is 0 or greater than [`BLOCK_ROWS`].
pub(super) fn multiply_panel(rows: usize, a: &[f32], stride: usize, panel: &[f32], out: &mut Sums) {
    let depth = panel.len() / COLUMNS;
    assert!((1..=BLOCK_ROWS).contains(&rows) && (rows - 1) * stride + depth <= a.len());
    // SAFETY: `out` has `rows` rows of COLUMNS numbers, `a` has `rows` rows of `depth` numbers
    // `stride` apart, and `panel` has `depth` rows of COLUMNS numbers, all as checked above.
    #[expect(unsafe_code, reason = "`gemm` takes pointers")]
    unsafe {
        gemm::gemm(
            rows,
            COLUMNS,
            depth,
            out.as_mut_ptr().cast::<f32>(),
            1,
            COLUMNS.cast_signed(),
            false,
            a.as_ptr(),
            1,
            stride.cast_signed(),
            panel.as_ptr(),
            1,
            COLUMNS.cast_signed(),
            0.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
