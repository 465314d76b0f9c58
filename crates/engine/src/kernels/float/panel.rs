//! Rows turned into the columns of a panel.

use super::COLUMNS;
use crate::kernels::simd::SimdLevel;

/// Rows and columns of a square that is turned in registers.
const SIDE: usize = 8;

/// Packs `COLUMNS` rows of equal length into a panel: `out[k · COLUMNS + row] = rows[row][k]`.
///
/// # Panics
/// Where the panel is shorter than the rows together, or the rows do not share a length.
pub(crate) fn panel(level: SimdLevel, rows: &[f32], out: &mut [f32]) {
    let depth = rows.len() / COLUMNS;
    assert!(rows.len() == COLUMNS * depth && rows.len() <= out.len());
    let whole = depth / SIDE * SIDE;
    for first in (0..COLUMNS).step_by(SIDE) {
        for from in (0..whole).step_by(SIDE) {
            let rows = &rows[first * depth + from..];
            square(level, rows, depth, &mut out[from * COLUMNS + first..]);
        }
    }
    for k in whole..depth {
        for row in 0..COLUMNS {
            out[k * COLUMNS + row] = rows[row * depth + k];
        }
    }
}

/// Turns one square: its rows lie `stride` apart, what was a column is a row of the panel.
#[inline]
fn square(level: SimdLevel, rows: &[f32], stride: usize, out: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if level >= SimdLevel::Avx2 {
        // SAFETY: levels are made by detection alone.
        #[expect(unsafe_code, reason = "the level says that the instructions are there")]
        return unsafe { x86::square(rows, stride, out) };
    }
    let _ = level;
    for k in 0..SIDE {
        for row in 0..SIDE {
            out[k * COLUMNS + row] = rows[row * stride + k];
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256, _mm256_loadu_ps, _mm256_permute2f128_ps, _mm256_shuffle_ps, _mm256_storeu_ps,
        _mm256_unpackhi_ps, _mm256_unpacklo_ps,
    };

    use super::{COLUMNS, SIDE};

    /// Pairs are interleaved, then pairs of pairs, then the halves of the vectors.
    #[target_feature(enable = "avx2")]
    pub(super) fn square(rows: &[f32], stride: usize, out: &mut [f32]) {
        assert!(7 * stride + SIDE <= rows.len() && 7 * COLUMNS + SIDE <= out.len());
        let row = |index: usize| {
            // SAFETY: eight numbers of each of eight rows are there, as checked above.
            #[expect(unsafe_code, reason = "a load without a bounds check each")]
            unsafe {
                _mm256_loadu_ps(rows.as_ptr().add(index * stride))
            }
        };
        let two = |a: __m256, b: __m256| (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
        let (a, b) = two(row(0), row(1));
        let (c, d) = two(row(2), row(3));
        let (e, f) = two(row(4), row(5));
        let (g, h) = two(row(6), row(7));
        let four = |a: __m256, b: __m256| {
            (
                _mm256_shuffle_ps::<0b01_00_01_00>(a, b),
                _mm256_shuffle_ps::<0b11_10_11_10>(a, b),
            )
        };
        let ((a, b), (c, d)) = (four(a, c), four(b, d));
        let ((e, f), (g, h)) = (four(e, g), four(f, h));
        let all = [
            _mm256_permute2f128_ps::<0x20>(a, e),
            _mm256_permute2f128_ps::<0x20>(b, f),
            _mm256_permute2f128_ps::<0x20>(c, g),
            _mm256_permute2f128_ps::<0x20>(d, h),
            _mm256_permute2f128_ps::<0x31>(a, e),
            _mm256_permute2f128_ps::<0x31>(b, f),
            _mm256_permute2f128_ps::<0x31>(c, g),
            _mm256_permute2f128_ps::<0x31>(d, h),
        ];
        for (k, column) in all.into_iter().enumerate() {
            // SAFETY: eight numbers of each of eight rows of the panel are there, likewise.
            #[expect(unsafe_code, reason = "a store without a bounds check each")]
            unsafe {
                _mm256_storeu_ps(out.as_mut_ptr().add(k * COLUMNS), column);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_becomes_a_column() {
        for &level in SimdLevel::available() {
            for depth in [1, 7, 8, 21, 64] {
                let rows: Vec<f32> = (0..COLUMNS * depth).map(|at| at as f32).collect();
                let mut out = vec![-1.0; COLUMNS * depth];
                panel(level, &rows, &mut out);
                for (at, number) in out.iter().enumerate() {
                    let (k, row) = (at / COLUMNS, at % COLUMNS);
                    let theirs = rows[row * depth + k];
                    assert!((number - theirs).abs() < 0.5, "{level:?}, {depth}, {at}");
                }
            }
        }
    }
}
