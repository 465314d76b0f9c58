//! The innermost loops: a few rows times a panel.

use super::COLUMNS;
use crate::kernels::simd::SimdLevel;

/// The most rows of a tile, at any level.
pub(crate) const ROWS: usize = 8;

/// The sums of a tile.
pub(crate) type Tile = [[f32; COLUMNS]; ROWS];

/// How many rows a tile has at best.
pub(crate) const fn tile_rows(level: SimdLevel) -> usize {
    match level {
        SimdLevel::Portable => 4,
        SimdLevel::Avx2 => 6,
        SimdLevel::Avx512 => 8,
    }
}

/// `out[r][c] = Σ a[r · stride + k] · panel[k · COLUMNS + c]` for `rows` rows.
///
/// # Panics
/// Where `a` is too short, or there are no rows or more than a tile has.
#[inline]
pub(crate) fn tile(
    level: SimdLevel,
    rows: usize,
    a: &[f32],
    stride: usize,
    panel: &[f32],
    out: &mut Tile,
) {
    let depth = panel.len() / COLUMNS;
    assert!((1..=tile_rows(level)).contains(&rows) && (rows - 1) * stride + depth <= a.len());
    #[cfg(target_arch = "x86_64")]
    {
        let kernel = match level {
            SimdLevel::Avx512 => Some(x86::WIDE[rows - 1]),
            SimdLevel::Avx2 => Some(x86::NARROW[rows - 1]),
            SimdLevel::Portable => None,
        };
        if let Some(kernel) = kernel {
            // SAFETY: levels are made by detection alone, and the lengths were checked above.
            #[expect(unsafe_code, reason = "the level says that the instructions are there")]
            return unsafe { kernel(a, stride, panel, out) };
        }
    }
    portable(rows, a, stride, panel, out);
}

fn portable(rows: usize, a: &[f32], stride: usize, panel: &[f32], out: &mut Tile) {
    for (row, out) in out.iter_mut().enumerate().take(rows) {
        let mut sums = [0.0; COLUMNS];
        for (a, b) in a[row * stride..].iter().zip(panel.chunks_exact(COLUMNS)) {
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum += a * b;
            }
        }
        *out = sums;
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_storeu_ps,
        _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps,
    };

    use super::{COLUMNS, Tile};

    type Kernel = unsafe fn(&[f32], usize, &[f32], &mut Tile);

    /// For one row, two, ….
    pub(super) const WIDE: [Kernel; 8] = [
        wide::<1>, wide::<2>, wide::<3>, wide::<4>, wide::<5>, wide::<6>, wide::<7>, wide::<8>,
    ];
    /// Likewise.
    pub(super) const NARROW: [Kernel; 6] = [
        narrow::<1>,
        narrow::<2>,
        narrow::<3>,
        narrow::<4>,
        narrow::<5>,
        narrow::<6>,
    ];

    /// # Safety
    /// `(R − 1) · stride + panel.len() / COLUMNS` numbers are in `a`.
    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "loads without a bounds check each")]
    unsafe fn wide<const R: usize>(a: &[f32], stride: usize, panel: &[f32], out: &mut Tile) {
        let mut sums = [[_mm512_setzero_ps(); 2]; R];
        let mut b = panel.as_ptr();
        for k in 0..panel.len() / COLUMNS {
            // SAFETY: `panel` has COLUMNS numbers for each k.
            let (b0, b1) = unsafe { (_mm512_loadu_ps(b), _mm512_loadu_ps(b.add(16))) };
            b = b.wrapping_add(COLUMNS);
            for (row, sums) in sums.iter_mut().enumerate() {
                // SAFETY: by this function's promise.
                let x = _mm512_set1_ps(unsafe { *a.get_unchecked(row * stride + k) });
                sums[0] = _mm512_fmadd_ps(x, b0, sums[0]);
                sums[1] = _mm512_fmadd_ps(x, b1, sums[1]);
            }
        }
        for (sums, out) in sums.iter().zip(out) {
            // SAFETY: a row of the tile is COLUMNS = 2 · 16 numbers.
            unsafe {
                _mm512_storeu_ps(out.as_mut_ptr(), sums[0]);
                _mm512_storeu_ps(out.as_mut_ptr().add(16), sums[1]);
            }
        }
    }

    /// # Safety
    /// As [`wide`].
    #[target_feature(enable = "avx2,fma")]
    #[expect(unsafe_code, reason = "loads without a bounds check each")]
    unsafe fn narrow<const R: usize>(a: &[f32], stride: usize, panel: &[f32], out: &mut Tile) {
        // Sixteen columns at a time: 6 × 2 sums fill the registers.
        for half in 0..2 {
            let mut sums = [[_mm256_setzero_ps(); 2]; R];
            let mut b = panel.as_ptr().wrapping_add(half * 16);
            for k in 0..panel.len() / COLUMNS {
                // SAFETY: `panel` has COLUMNS numbers for each k.
                let (b0, b1) = unsafe { (_mm256_loadu_ps(b), _mm256_loadu_ps(b.add(8))) };
                b = b.wrapping_add(COLUMNS);
                for (row, sums) in sums.iter_mut().enumerate() {
                    // SAFETY: by this function's promise.
                    let x = _mm256_set1_ps(unsafe { *a.get_unchecked(row * stride + k) });
                    sums[0] = _mm256_fmadd_ps(x, b0, sums[0]);
                    sums[1] = _mm256_fmadd_ps(x, b1, sums[1]);
                }
            }
            for (sums, out) in sums.iter().zip(out.iter_mut()) {
                // SAFETY: a row of the tile is COLUMNS = 2 · 16 numbers.
                unsafe {
                    _mm256_storeu_ps(out.as_mut_ptr().add(half * 16), sums[0]);
                    _mm256_storeu_ps(out.as_mut_ptr().add(half * 16 + 8), sums[1]);
                }
            }
        }
    }
}
