use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    kind: String,
    seed: String,
    count: usize,
    hash: String,
    first: Vec<f32>,
}

fn kind(name: &str) -> NoiseType {
    match name {
        "F32" => NoiseType::F32,
        "Bf16" => NoiseType::Bf16,
        other => panic!("unknown type {other}"),
    }
}

fn hashed(values: &[f32]) -> String {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

// Fewer than 16 values use the platform's sine and cosine, so their last bit may differ where the C
// library is not glibc.
#[test]
fn noise_matches_torch_bit_for_bit() {
    let golden = include_str!("../../tests/golden/noise.json");
    let golden: Golden = serde_json::from_str(golden).expect("invalid JSON");
    assert_eq!(golden.cases.len(), 2 * 7 * 43);
    for case in golden.cases {
        let seed: u64 = case.seed.parse().expect("invalid seed");
        let values = noise(seed, case.count, kind(&case.kind));
        let at = format!("{}, seed {seed}, {} values", case.kind, case.count);
        assert_eq!(values.len(), case.count, "{at}");
        assert_eq!(values[..case.first.len()], case.first, "{at}");
        assert_eq!(hashed(&values), case.hash, "{at}");
    }
}

#[test]
fn zero_values_are_an_empty_vector() {
    assert!(noise(7, 0, NoiseType::F32).is_empty());
}

#[test]
fn logarithm_sine_and_cosine_are_accurate_to_single_precision() {
    for i in 1..=10_000_u16 {
        let x = f32::from(i) / 10_000.0;
        let (ln, exact) = (f64::from(polynomials::ln(x)), f64::from(x).ln());
        assert!((ln - exact).abs() <= 2e-7 * exact.abs().max(1.0), "ln {x}");
        let angle = x * std::f32::consts::TAU;
        let (sine, cosine) = polynomials::sin_cos(angle);
        let exact = f64::from(angle).sin_cos();
        assert!((f64::from(sine) - exact.0).abs() < 2e-7, "sin {angle}");
        assert!((f64::from(cosine) - exact.1).abs() < 2e-7, "cos {angle}");
    }
}
