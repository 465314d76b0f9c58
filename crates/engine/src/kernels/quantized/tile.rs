//! The innermost loops: a few rows of activations times a panel of weights.

use super::COLUMNS;
use super::panel::Panel;
use crate::kernels::simd::SimdLevel;

/// The maximum number of rows of a tile at any level.
pub(super) const ROWS: usize = 6;

/// The sums of a tile.
pub(super) type Tile = [[f32; COLUMNS]; ROWS];

/// The maximum number of rows of a tile at a level.
pub(super) const fn tile_rows(level: SimdLevel) -> usize {
    match level {
        SimdLevel::Portable => 4,
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx2 => 4,
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx512 => 6,
    }
}

/// Some rows of activations at the depth of a panel.
#[derive(Clone, Copy)]
pub(super) struct Strip<'a> {
    /// Starts with the first row's first number.
    pub(super) bytes: &'a [u8],
    /// Bytes between rows.
    pub(super) stride: usize,
    /// Starts with the first row's first group, as do `initial` and `sums`.
    pub(super) scales: &'a [f32],
    pub(super) initial: &'a [i32],
    pub(super) sums: &'a [f32],
    /// Groups between rows.
    pub(super) group_stride: usize,
    /// Groups at this depth.
    pub(super) groups: usize,
    /// 32-bit words of a group.
    pub(super) words: usize,
}

/// Multiplies `rows` rows by the panel. `minima` must be set if its groups have minima.
///
/// # Panics
/// If a slice is too short, or `rows` is 0 or greater than [`tile_rows`].
#[inline]
pub(super) fn tile(
    level: SimdLevel,
    rows: usize,
    strip: Strip<'_>,
    panel: &Panel,
    minima: bool,
    out: &mut Tile,
) {
    let depth = strip.groups * strip.words;
    let last = rows - 1;
    assert!((1..=tile_rows(level)).contains(&rows));
    assert!(last * strip.stride + depth * 4 <= strip.bytes.len());
    let groups = last * strip.group_stride + strip.groups;
    assert!(groups <= strip.scales.len());
    assert!(groups <= strip.initial.len() && groups <= strip.sums.len());
    assert!(depth * COLUMNS <= panel.words.len());
    assert!(strip.groups * COLUMNS <= panel.scales.len());
    assert!(strip.groups * COLUMNS <= panel.minima.len());
    #[cfg(target_arch = "x86_64")]
    {
        let kernel = match level {
            SimdLevel::Avx512 if minima => Some(x86::AVX512_MINIMA[rows - 1]),
            SimdLevel::Avx512 => Some(x86::AVX512[rows - 1]),
            SimdLevel::Avx2 if minima => Some(x86::AVX2_MINIMA[rows - 1]),
            SimdLevel::Avx2 => Some(x86::AVX2[rows - 1]),
            SimdLevel::Portable => None,
        };
        if let Some(kernel) = kernel {
            // SAFETY: `SimdLevel` returns only detected levels, and the lengths were checked above.
            #[expect(unsafe_code, reason = "calls a function with target features")]
            return unsafe { kernel(strip, panel, out) };
        }
    }
    // Without minima the panel's are zero.
    let _ = minima;
    portable(rows, strip, panel, out);
}

fn portable(rows: usize, strip: Strip<'_>, panel: &Panel, out: &mut Tile) {
    for (row, out) in out.iter_mut().enumerate().take(rows) {
        *out = [0.0; COLUMNS];
        let bytes = &strip.bytes[row * strip.stride..];
        for group in 0..strip.groups {
            let at = row * strip.group_stride + group;
            let mut sums = [strip.initial[at]; COLUMNS];
            for word in group * strip.words..(group + 1) * strip.words {
                let b = &bytes[word * 4..][..4];
                let x = [
                    i32::from(i16::from_le_bytes([b[0], b[1]])),
                    i32::from(i16::from_le_bytes([b[2], b[3]])),
                ];
                let weights = &panel.words[word * COLUMNS..][..COLUMNS];
                for (sum, &w) in sums.iter_mut().zip(weights) {
                    let (low, high) = (w as u16, (w >> 16) as u16);
                    *sum += x[0] * i32::from(low.cast_signed());
                    *sum += x[1] * i32::from(high.cast_signed());
                }
            }
            let scales = &panel.scales[group * COLUMNS..][..COLUMNS];
            let minima = &panel.minima[group * COLUMNS..][..COLUMNS];
            for (column, out) in out.iter_mut().enumerate() {
                *out += sums[column] as f32 * (scales[column] * strip.scales[at])
                    - minima[column] * strip.sums[at];
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        _mm256_add_epi32, _mm256_cvtepi32_ps, _mm256_fmadd_ps, _mm256_fnmadd_ps, _mm256_loadu_ps,
        _mm256_loadu_si256, _mm256_madd_epi16, _mm256_mul_ps, _mm256_set1_epi32, _mm256_set1_ps,
        _mm256_setzero_ps, _mm256_setzero_si256, _mm256_storeu_ps, _mm512_cvtepi32_ps,
        _mm512_dpbusd_epi32, _mm512_fmadd_ps, _mm512_fnmadd_ps, _mm512_loadu_ps,
        _mm512_loadu_si512, _mm512_mul_ps, _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps,
        _mm512_storeu_ps,
    };

    use super::{COLUMNS, Panel, Strip, Tile};

    type Kernel = unsafe fn(Strip<'_>, &Panel, &mut Tile);

    /// The AVX-512 kernels for 1 to 6 rows.
    pub(super) const AVX512: [Kernel; 6] = avx512_kernels::<false>();
    pub(super) const AVX512_MINIMA: [Kernel; 6] = avx512_kernels::<true>();
    /// The AVX2 kernels for 1 to 4 rows.
    pub(super) const AVX2: [Kernel; 4] = avx2_kernels::<false>();
    pub(super) const AVX2_MINIMA: [Kernel; 4] = avx2_kernels::<true>();

    const fn avx512_kernels<const MINIMA: bool>() -> [Kernel; 6] {
        [
            avx512::<1, MINIMA>,
            avx512::<2, MINIMA>,
            avx512::<3, MINIMA>,
            avx512::<4, MINIMA>,
            avx512::<5, MINIMA>,
            avx512::<6, MINIMA>,
        ]
    }

    const fn avx2_kernels<const MINIMA: bool>() -> [Kernel; 4] {
        [
            avx2::<1, MINIMA>,
            avx2::<2, MINIMA>,
            avx2::<3, MINIMA>,
            avx2::<4, MINIMA>,
        ]
    }

    /// # Safety
    /// The lengths must satisfy the checks of [`tile`](super::tile) for `R` rows.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    #[expect(unsafe_code, reason = "loads without bounds checks")]
    unsafe fn avx512<const R: usize, const MINIMA: bool>(
        strip: Strip<'_>,
        panel: &Panel,
        out: &mut Tile,
    ) {
        let mut totals = [[_mm512_setzero_ps(); 2]; R];
        let mut weights = panel.words.as_ptr();
        let mut x = strip.bytes.as_ptr();
        for group in 0..strip.groups {
            let at = |row: usize| row * strip.group_stride + group;
            let mut sums = [[_mm512_set1_epi32(0); 2]; R];
            for (row, sums) in sums.iter_mut().enumerate() {
                // SAFETY: in bounds, as this function requires.
                let start = _mm512_set1_epi32(unsafe { *strip.initial.get_unchecked(at(row)) });
                *sums = [start; 2];
            }
            for _ in 0..strip.words {
                // SAFETY: the panel holds two vectors for each word.
                let w = unsafe {
                    [
                        _mm512_loadu_si512(weights.cast()),
                        _mm512_loadu_si512(weights.add(16).cast()),
                    ]
                };
                weights = weights.wrapping_add(COLUMNS);
                for (row, sums) in sums.iter_mut().enumerate() {
                    // SAFETY: in bounds, as this function requires; the read may be unaligned.
                    let four = unsafe { x.add(row * strip.stride).cast::<i32>().read_unaligned() };
                    let four = _mm512_set1_epi32(four);
                    sums[0] = _mm512_dpbusd_epi32(sums[0], w[0], four);
                    sums[1] = _mm512_dpbusd_epi32(sums[1], w[1], four);
                }
                x = x.wrapping_add(4);
            }
            // SAFETY: the panel holds COLUMNS scales and minima for each group.
            let (scales, minima) = unsafe {
                let scales = panel.scales.as_ptr().add(group * COLUMNS);
                let minima = panel.minima.as_ptr().add(group * COLUMNS);
                (
                    [_mm512_loadu_ps(scales), _mm512_loadu_ps(scales.add(16))],
                    [_mm512_loadu_ps(minima), _mm512_loadu_ps(minima.add(16))],
                )
            };
            for (row, (totals, sums)) in totals.iter_mut().zip(&sums).enumerate() {
                // SAFETY: in bounds, as this function requires.
                let scale = _mm512_set1_ps(unsafe { *strip.scales.get_unchecked(at(row)) });
                for half in 0..2 {
                    let factor = _mm512_mul_ps(scales[half], scale);
                    totals[half] =
                        _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[half]), factor, totals[half]);
                }
                if MINIMA {
                    // SAFETY: in bounds, as this function requires.
                    let sum = _mm512_set1_ps(unsafe { *strip.sums.get_unchecked(at(row)) });
                    for half in 0..2 {
                        totals[half] = _mm512_fnmadd_ps(minima[half], sum, totals[half]);
                    }
                }
            }
        }
        for (totals, out) in totals.iter().zip(out) {
            // SAFETY: a row of the tile is COLUMNS = 2 · 16 numbers.
            unsafe {
                _mm512_storeu_ps(out.as_mut_ptr(), totals[0]);
                _mm512_storeu_ps(out.as_mut_ptr().add(16), totals[1]);
            }
        }
    }

    /// # Safety
    /// As [`avx512`].
    #[target_feature(enable = "avx2,fma")]
    #[expect(unsafe_code, reason = "loads without bounds checks")]
    unsafe fn avx2<const R: usize, const MINIMA: bool>(
        strip: Strip<'_>,
        panel: &Panel,
        out: &mut Tile,
    ) {
        // Sixteen columns at a time. Their totals are spilled to memory while a group is summed,
        // because there are only sixteen registers.
        for half in 0..2 {
            let mut totals = [[_mm256_setzero_ps(); 2]; R];
            for group in 0..strip.groups {
                let at = |row: usize| row * strip.group_stride + group;
                let mut sums = [[_mm256_setzero_si256(); 2]; R];
                for word in group * strip.words..(group + 1) * strip.words {
                    // SAFETY: the panel holds COLUMNS words for each word of depth.
                    let w = unsafe {
                        let w = panel.words.as_ptr().add(word * COLUMNS + half * 16);
                        [
                            _mm256_loadu_si256(w.cast()),
                            _mm256_loadu_si256(w.add(8).cast()),
                        ]
                    };
                    for (row, sums) in sums.iter_mut().enumerate() {
                        // SAFETY: in bounds, as this function requires; the read may be unaligned.
                        let two = unsafe {
                            let x = strip.bytes.as_ptr().add(row * strip.stride + word * 4);
                            _mm256_set1_epi32(x.cast::<i32>().read_unaligned())
                        };
                        sums[0] = _mm256_add_epi32(sums[0], _mm256_madd_epi16(w[0], two));
                        sums[1] = _mm256_add_epi32(sums[1], _mm256_madd_epi16(w[1], two));
                    }
                }
                for (row, (totals, sums)) in totals.iter_mut().zip(&sums).enumerate() {
                    // SAFETY: in bounds, as this function requires.
                    let (scale, sum) = unsafe {
                        (
                            _mm256_set1_ps(*strip.scales.get_unchecked(at(row))),
                            _mm256_set1_ps(*strip.sums.get_unchecked(at(row))),
                        )
                    };
                    for quarter in 0..2 {
                        let column = group * COLUMNS + half * 16 + quarter * 8;
                        // SAFETY: the panel holds COLUMNS scales and minima for each group.
                        let (scales, minima) = unsafe {
                            (
                                _mm256_loadu_ps(panel.scales.as_ptr().add(column)),
                                _mm256_loadu_ps(panel.minima.as_ptr().add(column)),
                            )
                        };
                        let sums = _mm256_cvtepi32_ps(sums[quarter]);
                        let factor = _mm256_mul_ps(scales, scale);
                        totals[quarter] = _mm256_fmadd_ps(sums, factor, totals[quarter]);
                        if MINIMA {
                            totals[quarter] = _mm256_fnmadd_ps(minima, sum, totals[quarter]);
                        }
                    }
                }
            }
            for (totals, out) in totals.iter().zip(out.iter_mut()) {
                // SAFETY: a row of the tile is COLUMNS = 2 · 16 numbers.
                unsafe {
                    _mm256_storeu_ps(out.as_mut_ptr().add(half * 16), totals[0]);
                    _mm256_storeu_ps(out.as_mut_ptr().add(half * 16 + 8), totals[1]);
                }
            }
        }
    }
}
