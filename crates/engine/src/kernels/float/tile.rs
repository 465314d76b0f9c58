//! The innermost loops of the x86-64 kernels: a few rows times a panel.

use std::arch::x86_64::{
    _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_storeu_ps,
    _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps,
};

use super::COLUMNS;
use crate::kernels::simd::SimdLevel;

/// The maximum number of rows of a tile at any level.
pub(super) const ROWS: usize = 8;

/// The sums of a tile.
pub(super) type Tile = [[f32; COLUMNS]; ROWS];

/// The maximum number of rows of a tile at a level; 0 if the level has no kernel.
pub(super) const fn tile_rows(level: SimdLevel) -> usize {
    match level {
        SimdLevel::Portable => 0,
        SimdLevel::Avx2 => AVX2.len(),
        SimdLevel::Avx512 => AVX512.len(),
    }
}

/// `out[r][c] = Σ a[r · stride + k] · panel[k · COLUMNS + c]` for `rows` rows.
///
/// # Panics
/// If `a` is too short, or `rows` is 0 or greater than [`tile_rows`].
#[inline]
pub(super) fn tile(
    level: SimdLevel,
    rows: usize,
    a: &[f32],
    stride: usize,
    panel: &[f32],
    out: &mut Tile,
) {
    let depth = panel.len() / COLUMNS;
    assert!((1..=tile_rows(level)).contains(&rows) && (rows - 1) * stride + depth <= a.len());
    let kernel = match level {
        SimdLevel::Avx512 => AVX512[rows - 1],
        SimdLevel::Avx2 | SimdLevel::Portable => AVX2[rows - 1],
    };
    // SAFETY: the level is a detected one and not `Portable`, and the lengths were checked above.
    #[expect(unsafe_code, reason = "calls a function with target features")]
    unsafe {
        kernel(a, stride, panel, out);
    }
}

type Kernel = unsafe fn(&[f32], usize, &[f32], &mut Tile);

/// The AVX-512 kernels for 1 to 8 rows.
const AVX512: [Kernel; 8] = [
    avx512::<1>,
    avx512::<2>,
    avx512::<3>,
    avx512::<4>,
    avx512::<5>,
    avx512::<6>,
    avx512::<7>,
    avx512::<8>,
];
/// The AVX2 kernels for 1 to 6 rows.
const AVX2: [Kernel; 6] = [
    avx2::<1>, avx2::<2>, avx2::<3>, avx2::<4>, avx2::<5>, avx2::<6>,
];

/// # Safety
/// `a` must hold at least `(R − 1) · stride + panel.len() / COLUMNS` numbers.
#[target_feature(enable = "avx512f")]
#[expect(unsafe_code, reason = "loads without bounds checks")]
unsafe fn avx512<const R: usize>(a: &[f32], stride: usize, panel: &[f32], out: &mut Tile) {
    let mut sums = [[_mm512_setzero_ps(); 2]; R];
    let mut b = panel.as_ptr();
    for k in 0..panel.len() / COLUMNS {
        // SAFETY: `panel` holds COLUMNS numbers for each k.
        let (b0, b1) = unsafe { (_mm512_loadu_ps(b), _mm512_loadu_ps(b.add(16))) };
        b = b.wrapping_add(COLUMNS);
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: within `a`, as this function requires.
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
/// As [`avx512`].
#[target_feature(enable = "avx2,fma")]
#[expect(unsafe_code, reason = "loads without bounds checks")]
unsafe fn avx2<const R: usize>(a: &[f32], stride: usize, panel: &[f32], out: &mut Tile) {
    // Sixteen columns at a time: the 6 × 2 sums leave registers for `b` and `x`.
    for half in 0..2 {
        let mut sums = [[_mm256_setzero_ps(); 2]; R];
        let mut b = panel.as_ptr().wrapping_add(half * 16);
        for k in 0..panel.len() / COLUMNS {
            // SAFETY: `panel` holds COLUMNS numbers for each k.
            let (b0, b1) = unsafe { (_mm256_loadu_ps(b), _mm256_loadu_ps(b.add(8))) };
            b = b.wrapping_add(COLUMNS);
            for (row, sums) in sums.iter_mut().enumerate() {
                // SAFETY: within `a`, as this function requires.
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
