//! The starting noise of a picture, as `torch.randn` draws it on a CPU from a seed.
//!
//! diffusers draws the latents of one picture by `torch.randn(…, dtype)` from a CPU generator with
//! `manual_seed(seed)`: MT19937 seeded with the low 32 bits, then the Box–Muller transform.
//! From 16 values on that is done 16 at a time in single precision; below, one after another in
//! double precision. A length that is no multiple of 16 has its last 16 values drawn anew.

mod mersenne;
mod polynomials;

use half::bf16;

use mersenne::Mersenne;

/// The type in which a pipeline draws its noise, and by which of torch's methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoiseType {
    /// f32: the same in torch 2.11 and 2.15, to the last bit on x86-64 processors with AVX2;
    /// elsewhere torch's own last bits differ (by 2e-6 at most on x86-64 without AVX2).
    F32,
    /// bf16 as torch draws it since 2.12: single precision, rounded.
    Bf16,
    /// bf16 as torch drew it up to 2.11: the whole transform in bf16, from uniform numbers of 8
    /// bits. Another stream: the same seed draws another picture.
    Bf16Coarse,
}

/// `count` values of N(0, 1), as `torch.randn(count, generator=g, dtype=kind)` of a generator
/// `g = torch.Generator("cpu").manual_seed(seed)`.
///
/// Only the low 32 bits of the seed count, as in torch.
pub fn noise(seed: u64, count: usize, kind: NoiseType) -> Vec<f32> {
    let mut bits = Mersenne::new(seed as u32);
    if count < 16 {
        let mut values = one_by_one(&mut bits, count);
        if kind != NoiseType::F32 {
            round(&mut values);
        }
        return values;
    }
    let whole = count - count % 16;
    let draw: fn(&mut Mersenne) -> f32 = match kind {
        NoiseType::F32 | NoiseType::Bf16 => uniform,
        NoiseType::Bf16Coarse => |bits| (bits.next() & 0xff) as f32 / 256.0,
    };
    let mut values: Vec<f32> = (0..whole).map(|_| draw(&mut bits)).collect();
    if kind != NoiseType::Bf16 {
        // These two fill the rest with uniform numbers, which the last 16 replace; the rounded one
        // does not draw them.
        values.extend((whole..count).map(|_| draw(&mut bits)));
    }
    let transform = match kind {
        NoiseType::F32 | NoiseType::Bf16 => box_muller,
        NoiseType::Bf16Coarse => box_muller_coarse,
    };
    values
        .as_chunks_mut::<16>()
        .0
        .iter_mut()
        .for_each(transform);
    if whole < count {
        let mut last = [0.0; 16];
        last.fill_with(|| draw(&mut bits));
        transform(&mut last);
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

/// Box–Muller on 8 pairs in single precision: the first half is the radii's, the second the angles'.
fn box_muller(values: &mut [f32; 16]) {
    let (firsts, seconds) = values.split_at_mut(8);
    for (first, second) in firsts.iter_mut().zip(seconds) {
        let radius = (-2.0 * polynomials::ln(1.0 - *first)).sqrt();
        let (sine, cosine) = polynomials::sin_cos(std::f32::consts::TAU * *second);
        // torch adds the mean, 0, which takes the sign from a zero.
        *first = radius * cosine + 0.0;
        *second = radius * sine + 0.0;
    }
}

/// The same with every result rounded to bf16.
fn box_muller_coarse(values: &mut [f32; 16]) {
    let (firsts, seconds) = values.split_at_mut(8);
    for (first, second) in firsts.iter_mut().zip(seconds) {
        let radius = rounded(rounded(-2.0 * rounded((1.0 - *first).ln())).sqrt());
        let angle = rounded((std::f64::consts::TAU * f64::from(*second)) as f32);
        *first = rounded(radius * rounded(angle.cos())) + 0.0;
        *second = rounded(radius * rounded(angle.sin())) + 0.0;
    }
}

/// Box–Muller in double precision, two values from two uniform numbers of 53 bits.
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

fn rounded(value: f32) -> f32 {
    bf16::from_f32(value).to_f32()
}

fn round(values: &mut [f32]) {
    for value in values {
        *value = rounded(*value);
    }
}

#[cfg(test)]
mod tests;
