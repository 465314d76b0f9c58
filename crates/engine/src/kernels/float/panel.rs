//! Transposes rows into the columns of a panel.

use super::COLUMNS;
use crate::kernels::simd::SimdLevel;

/// The side of a square that is transposed in registers.
const SIDE: usize = 8;

/// Packs `COLUMNS` rows of equal length into a panel: `out[k · COLUMNS + row] = rows[row][k]`.
///
/// # Panics
/// If the panel is shorter than the rows, or `rows.len()` is not a multiple of `COLUMNS`.
pub(crate) fn pack_panel(level: SimdLevel, rows: &[f32], out: &mut [f32]) {
    let depth = rows.len() / COLUMNS;
    assert!(rows.len() == COLUMNS * depth && rows.len() <= out.len());
    let aligned = depth / SIDE * SIDE;
    for first in (0..COLUMNS).step_by(SIDE) {
        for start in (0..aligned).step_by(SIDE) {
            let rows = &rows[first * depth + start..];
            transpose(level, rows, depth, &mut out[start * COLUMNS + first..]);
        }
    }
    for k in aligned..depth {
        for row in 0..COLUMNS {
            out[k * COLUMNS + row] = rows[row * depth + k];
        }
    }
}

/// Transposes one square, whose rows are `stride` numbers apart, into a panel.
#[inline]
fn transpose(level: SimdLevel, rows: &[f32], stride: usize, out: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if level >= SimdLevel::Avx2 {
        // SAFETY: `SimdLevel` returns only detected levels.
        #[expect(unsafe_code, reason = "calls a function with target features")]
        return unsafe { x86::transpose(rows, stride, out) };
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

    /// Interleaves pairs, then pairs of pairs, then the halves of the vectors.
    #[target_feature(enable = "avx2")]
    pub(super) fn transpose(rows: &[f32], stride: usize, out: &mut [f32]) {
        assert!(7 * stride + SIDE <= rows.len() && 7 * COLUMNS + SIDE <= out.len());
        let row = |index: usize| {
            // SAFETY: `rows` holds eight numbers of each of eight rows, as checked above.
            #[expect(unsafe_code, reason = "loads without bounds checks")]
            unsafe {
                _mm256_loadu_ps(rows.as_ptr().add(index * stride))
            }
        };
        let interleave =
            |a: __m256, b: __m256| (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
        let (a, b) = interleave(row(0), row(1));
        let (c, d) = interleave(row(2), row(3));
        let (e, f) = interleave(row(4), row(5));
        let (g, h) = interleave(row(6), row(7));
        let interleave_pairs = |a: __m256, b: __m256| {
            (
                _mm256_shuffle_ps::<0b01_00_01_00>(a, b),
                _mm256_shuffle_ps::<0b11_10_11_10>(a, b),
            )
        };
        let ((a, b), (c, d)) = (interleave_pairs(a, c), interleave_pairs(b, d));
        let ((e, f), (g, h)) = (interleave_pairs(e, g), interleave_pairs(f, h));
        let columns = [
            _mm256_permute2f128_ps::<0x20>(a, e),
            _mm256_permute2f128_ps::<0x20>(b, f),
            _mm256_permute2f128_ps::<0x20>(c, g),
            _mm256_permute2f128_ps::<0x20>(d, h),
            _mm256_permute2f128_ps::<0x31>(a, e),
            _mm256_permute2f128_ps::<0x31>(b, f),
            _mm256_permute2f128_ps::<0x31>(c, g),
            _mm256_permute2f128_ps::<0x31>(d, h),
        ];
        for (k, column) in columns.into_iter().enumerate() {
            // SAFETY: `out` holds eight numbers of each of eight rows, as checked above.
            #[expect(unsafe_code, reason = "stores without bounds checks")]
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
    fn rows_become_columns() {
        for &level in SimdLevel::available() {
            for depth in [1, 7, 8, 21, 64] {
                let rows: Vec<f32> = (0..COLUMNS * depth).map(|index| index as f32).collect();
                let mut out = vec![-1.0; COLUMNS * depth];
                pack_panel(level, &rows, &mut out);
                for (index, number) in out.iter().enumerate() {
                    let (k, row) = (index / COLUMNS, index % COLUMNS);
                    let expected = rows[row * depth + k];
                    assert!(
                        (number - expected).abs() < 0.5,
                        "{level:?}, {depth}, {index}"
                    );
                }
            }
        }
    }
}
