//! The starting noise of an image: reproduces `torch.randn` on a CPU.
//!
//! diffusers generates the latents of an image with `torch.randn(…, dtype)` and a CPU generator
//! seeded by `manual_seed(seed)`: MT19937 seeded with the low 32 bits, then the Box–Muller transform.
//! 16 values or more are computed in blocks of 16 in single precision, fewer one by one in double
//! precision. If the count is not a multiple of 16, the last 16 values are generated again.

mod mersenne;
mod polynomials;

use half::bf16;

use mersenne::Mersenne;

/// The type in which torch would generate the noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoiseType {
    /// Single precision. Identical in torch 2.11 and 2.15 to the last bit on x86-64 with AVX2;
    /// elsewhere torch's own last bits differ (by at most 2e-6 on x86-64 without AVX2).
    F32,
    /// Single precision rounded to bf16, as in torch 2.12 and later. Earlier versions use another
    /// algorithm for bf16, which gives other images for the same seed and is not supported.
    Bf16,
}

/// Returns `count` values of N(0, 1): those of `torch.randn(count, generator=g, dtype=kind)` with
/// `g = torch.Generator("cpu").manual_seed(seed)`.
///
/// Only the low 32 bits of the seed are used, as in torch.
pub fn noise(seed: u64, count: usize, kind: NoiseType) -> Vec<f32> {
    let mut bits = Mersenne::new(seed as u32);
    if count < 16 {
        let mut values = one_by_one(&mut bits, count);
        if kind == NoiseType::Bf16 {
            round(&mut values);
        }
        return values;
    }
    let complete = count - count % 16;
    let mut values: Vec<f32> = (0..complete).map(|_| uniform(&mut bits)).collect();
    if kind == NoiseType::F32 {
        // The last 16 values replace these, but in f32 torch draws them from the generator first.
        values.extend((complete..count).map(|_| uniform(&mut bits)));
    }
    values
        .as_chunks_mut::<16>()
        .0
        .iter_mut()
        .for_each(box_muller);
    if complete < count {
        let mut last = [0.0; 16];
        last.fill_with(|| uniform(&mut bits));
        box_muller(&mut last);
        values.truncate(count - 16);
        values.extend(last);
    }
    if kind == NoiseType::Bf16 {
        round(&mut values);
    }
    values
}

/// A uniform number of 24 bits in [0, 1).
fn uniform(bits: &mut Mersenne) -> f32 {
    (bits.next() & 0xff_ffff) as f32 / 16_777_216.0
}

/// Box–Muller on 8 pairs in single precision: radii from the first half, angles from the second.
fn box_muller(values: &mut [f32; 16]) {
    let (firsts, seconds) = values.split_at_mut(8);
    for (first, second) in firsts.iter_mut().zip(seconds) {
        let radius = (-2.0 * polynomials::ln(1.0 - *first)).sqrt();
        let (sine, cosine) = polynomials::sin_cos(std::f32::consts::TAU * *second);
        // torch adds the mean, 0, which turns -0 into 0.
        *first = radius * cosine + 0.0;
        *second = radius * sine + 0.0;
    }
}

/// Box–Muller in double precision: two values from each pair of 53-bit uniform numbers.
fn one_by_one(bits: &mut Mersenne, count: usize) -> Vec<f32> {
    let mut uniform = || {
        let high = u64::from(bits.next()) << 32;
        let bits = (high | u64::from(bits.next())) & ((1 << 53) - 1);
        bits as f64 / (1_u64 << 53) as f64
    };
    let mut values = Vec::with_capacity(count + 1);
    while values.len() < count {
        let angle = std::f64::consts::TAU * uniform();
        let radius = (-2.0 * (-uniform()).ln_1p()).sqrt();
        values.push((radius * angle.cos()) as f32);
        values.push((radius * angle.sin()) as f32);
    }
    values.truncate(count);
    values
}

fn round(values: &mut [f32]) {
    for value in values {
        *value = bf16::from_f32(*value).to_f32();
    }
}

#[cfg(test)]
mod tests;
