//! Logarithm, sine and cosine in single precision, with the polynomials of the Cephes library.
//!
//! torch uses them for noise on x86-64 (`avx_mathfun.h`, with fused multiply-adds). The platform's
//! functions differ in the last bit, which changes 1 in 9000 values after rounding to bf16.

#![expect(
    clippy::excessive_precision,
    reason = "the digits are copied from Cephes"
)]

/// The natural logarithm of a positive normal number.
pub(super) fn ln(x: f32) -> f32 {
    let bits = x.to_bits();
    let mut exponent = (bits >> 23) as f32 - 126.0;
    // In [0.5, 1).
    let mut x = f32::from_bits(bits & 0x007f_ffff | 0x3f00_0000);
    if x < std::f32::consts::FRAC_1_SQRT_2 {
        exponent -= 1.0;
        x = x - 1.0 + x;
    } else {
        x -= 1.0;
    }
    let square = x * x;
    let series = [
        7.037_683_629_2e-2,
        -1.151_461_031_0e-1,
        1.167_699_874_0e-1,
        -1.242_014_084_6e-1,
        1.424_932_278_7e-1,
        -1.666_805_766_5e-1,
        2.000_071_476_5e-1,
        -2.499_999_399_3e-1,
        3.333_333_117_4e-1,
    ];
    let y = polynomial(series, x) * x;
    // ln 2 as the sum of two constants; the larger one is exact in a few bits.
    let y = y.mul_add(square, exponent * -2.121_944_40e-4);
    let y = square.mul_add(-0.5, y);
    exponent.mul_add(0.693_359_375, x + y)
}

/// Sine and cosine of an angle in [0, 2π].
pub(super) fn sin_cos(angle: f32) -> (f32, f32) {
    // The angle in units of π/4, rounded to an even number.
    let octant = ((angle * std::f32::consts::FRAC_2_PI * 2.0) as u32 + 1) & !1;
    let y = octant as f32;
    // Subtracts octant · π/4, with π/4 as the sum of three constants.
    let x = y.mul_add(-0.785_156_25, angle);
    let x = y.mul_add(-2.418_756_484_985_351_6e-4, x);
    let x = y.mul_add(-3.774_894_977_445_941e-8, x);
    let square = x * x;
    let series = [
        2.443_315_711_809_948e-5,
        -1.388_731_625_493_765e-3,
        4.166_664_568_298_827e-2,
    ];
    let even = polynomial(series, square) * square;
    let even = even.mul_add(square, square * -0.5) + 1.0;
    let series = [-1.951_529_589_1e-4, 8.332_160_873_6e-3, -1.666_665_461_1e-1];
    let odd = (polynomial(series, square) * square).mul_add(x, x);
    let (sine, cosine) = if octant & 2 == 0 {
        (odd, even)
    } else {
        (even, odd)
    };
    let negate_if = |condition: bool, value: f32| if condition { -value } else { value };
    (
        negate_if(octant & 4 != 0, sine),
        negate_if((octant + 2) & 4 != 0, cosine),
    )
}

/// Evaluates a polynomial by Horner's rule; the coefficient of the highest power comes first.
fn polynomial<const N: usize>(coefficients: [f32; N], x: f32) -> f32 {
    coefficients
        .into_iter()
        .reduce(|sum, next| sum.mul_add(x, next))
        .unwrap_or_default()
}
