//! Which of the processor's vector instructions the kernels use, found out at run time.

use std::sync::OnceLock;

/// A set of vector instructions; a greater one has all of a lesser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SimdLevel {
    /// Whatever the compiler makes of plain loops.
    Portable,
    /// AVX2 and FMA: vectors of 8 floats.
    Avx2,
    /// AVX-512 F, BW, DQ, VL and VNNI: vectors of 16 floats, sums of products of bytes.
    Avx512,
}

impl SimdLevel {
    /// The best that this processor has.
    pub(crate) fn best() -> Self {
        static BEST: OnceLock<SimdLevel> = OnceLock::new();
        *BEST.get_or_init(|| {
            let [.., best] = *Self::available() else {
                return Self::Portable;
            };
            best
        })
    }

    /// All that this processor has, the least first.
    pub(crate) fn available() -> &'static [Self] {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                let wide = is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512vnni");
                return if wide {
                    &[Self::Portable, Self::Avx2, Self::Avx512]
                } else {
                    &[Self::Portable, Self::Avx2]
                };
            }
        }
        &[Self::Portable]
    }
}

/// Makes `fn name(level, …)` of `fn body(…)`, an `#[inline(always)]` function in plain loops: the
/// compiler makes of it what each level's vectors allow.
macro_rules! simd_dispatch {
    ($(#[$doc:meta])* $name:ident, $body:ident, ($($arg:ident: $kind:ty),* $(,)?)) => {
        $(#[$doc])*
        pub(crate) fn $name(level: $crate::kernels::simd::SimdLevel, $($arg: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                fn wide($($arg: $kind),*) {
                    $body($($arg),*);
                }
                #[target_feature(enable = "avx2,fma")]
                fn narrow($($arg: $kind),*) {
                    $body($($arg),*);
                }
                #[expect(unsafe_code, reason = "the level says that the instructions are there")]
                match level {
                    // SAFETY: levels are made by detection alone.
                    $crate::kernels::simd::SimdLevel::Avx512 => return unsafe { wide($($arg),*) },
                    // SAFETY: likewise.
                    $crate::kernels::simd::SimdLevel::Avx2 => return unsafe { narrow($($arg),*) },
                    $crate::kernels::simd::SimdLevel::Portable => {}
                }
            }
            let _ = level;
            $body($($arg),*);
        }
    };
}
pub(crate) use simd_dispatch;
