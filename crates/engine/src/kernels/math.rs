//! Scalar functions and reductions that the compiler can vectorise.

/// Adding and subtracting 1.5 · 2²³ rounds a small number to the nearest integer.
const ROUND: f32 = 12_582_912.0;
/// ln 2 as the sum of two numbers, the first exact in few bits, as in Cephes' `expf`.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// `eˣ` within 2 ulp, with `x` clamped to -87..=88.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let integer = shifted - ROUND;
    let r = x - integer * LN2_HIGH - integer * LN2_LOW;
    // Cephes' polynomial for |r| ≤ ln 2 / 2.
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_2e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let value = p * (r * r) + r + 1.0;
    // The low bits of `shifted` hold the integer, which becomes the exponent.
    let power = shifted
        .to_bits()
        .wrapping_sub(ROUND.to_bits())
        .wrapping_add(127)
        << 23;
    value * f32::from_bits(power)
}

/// `1 / (1 + e⁻ˣ)`.
#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Number of partial sums, so that the compiler can add vectors.
pub(super) const LANES: usize = 32;

/// The sum of `f` over `numbers`.
#[inline(always)]
pub(super) fn sum(numbers: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let chunks = numbers.chunks_exact(LANES);
    let rest: f32 = chunks.remainder().iter().map(|&x| f(x)).sum();
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] += f(chunk[lane]);
        }
    }
    lanes.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_matches_the_standard_library() {
        for i in -87_000..88_000 {
            let x = i as f32 / 1000.0;
            let (actual, expected) = (f64::from(exp(x)), f64::from(x).exp());
            assert!(
                (actual / expected - 1.0).abs() < 3e-7,
                "{x}: {actual}, expected {expected}"
            );
        }
        assert!(exp(f32::NEG_INFINITY) < 1e-37);
        assert!(exp(f32::NAN).is_nan());
    }
}
