//! The vector instructions that the kernels use, detected at run time.

use std::sync::OnceLock;

/// A set of vector instructions. Each level includes the ones below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SimdLevel {
    /// No hand-written kernels: f32 products by the `gemm` crate, the rest in plain loops that the
    /// compiler vectorises. The only level on processors other than x86-64.
    Portable,
    /// AVX2 and FMA: vectors of 8 floats.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 F, BW, DQ, VL and VNNI: vectors of 16 floats, dot products of bytes.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl SimdLevel {
    /// The best level of this processor.
    pub(crate) fn best() -> Self {
        static BEST: OnceLock<SimdLevel> = OnceLock::new();
        *BEST.get_or_init(|| {
            let [.., best] = *Self::available() else {
                return Self::Portable;
            };
            best
        })
    }

    /// All levels of this processor, in ascending order.
    pub(crate) fn available() -> &'static [Self] {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                let avx512 = is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512vnni");
                return if avx512 {
                    &[Self::Portable, Self::Avx2, Self::Avx512]
                } else {
                    &[Self::Portable, Self::Avx2]
                };
            }
        }
        &[Self::Portable]
    }
}

/// Defines `fn name(level, …)` from `fn body(…)`, an `#[inline(always)]` function in plain loops,
/// which is compiled once for each level.
macro_rules! simd_dispatch {
    ($(#[$doc:meta])* $name:ident, $body:ident, ($($arg:ident: $kind:ty),* $(,)?)) => {
        $(#[$doc])*
        pub(crate) fn $name(level: $crate::kernels::simd::SimdLevel, $($arg: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
            fn avx512($($arg: $kind),*) {
                $body($($arg),*);
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($arg: $kind),*) {
                $body($($arg),*);
            }
            match level {
                $crate::kernels::simd::SimdLevel::Portable => $body($($arg),*),
                #[cfg(target_arch = "x86_64")]
                #[expect(unsafe_code, reason = "calls a function with target features")]
                // SAFETY: `SimdLevel` returns only detected levels.
                $crate::kernels::simd::SimdLevel::Avx2 => unsafe { avx2($($arg),*) },
                #[cfg(target_arch = "x86_64")]
                #[expect(unsafe_code, reason = "calls a function with target features")]
                // SAFETY: as above.
                $crate::kernels::simd::SimdLevel::Avx512 => unsafe { avx512($($arg),*) },
            }
        }
    };
}
pub(crate) use simd_dispatch;
