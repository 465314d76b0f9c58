use super::Stream;
use super::simd::SimdLevel;
use super::{attention, convolution, group_norm, product, reference, rowwise, text};
use crate::{Matrix, WeightBytes, WeightType};

/// Pseudo-random numbers from -1 to 1.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// The relative L2 distance.
fn distance(actual: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(actual.len(), expected.len());
    let (mut difference, mut size) = (0.0, 0.0);
    for (a, b) in actual.iter().zip(expected) {
        difference += f64::from(a - b).powi(2);
        size += f64::from(*b).powi(2);
    }
    (difference / size.max(1e-30)).sqrt()
}

/// Random blocks with small finite scales.
fn blocks(kind: WeightType, rows: usize, columns: usize) -> WeightBytes {
    let size = kind
        .row_bytes(columns)
        .expect("columns should fill complete blocks")
        * rows;
    let mut bytes: Vec<u8> = numbers(size, 7)
        .iter()
        .map(|x| (x * 128.0) as i8 as u8)
        .collect();
    let halves: &[usize] = match kind {
        WeightType::Q4K | WeightType::Q5K => &[0, 2],
        WeightType::Q6K => &[208],
        _ => &[0],
    };
    for block in bytes.chunks_exact_mut(kind.block_bytes()) {
        for &at in halves {
            // Between 2⁻⁷ and 2⁻⁵.
            block[at + 1] = 0x20 | block[at + 1] & 7;
        }
    }
    WeightBytes::owned(bytes)
}

fn dense(kind: WeightType, rows: usize, columns: usize) -> WeightBytes {
    let numbers = numbers(rows * columns, 3);
    let bytes: Vec<u8> = match kind {
        WeightType::F16 => numbers
            .iter()
            .flat_map(|&x| half::f16::from_f32(x).to_le_bytes())
            .collect(),
        WeightType::Bf16 => numbers
            .iter()
            .flat_map(|&x| half::bf16::from_f32(x).to_le_bytes())
            .collect(),
        _ => numbers.iter().flat_map(|x| x.to_le_bytes()).collect(),
    };
    WeightBytes::owned(bytes)
}

#[test]
fn products_with_dense_weights_match_the_reference() {
    for kind in [WeightType::F32, WeightType::F16, WeightType::Bf16] {
        for (m, k, n) in [
            (1, 8, 3),
            (7, 130, 33),
            (70, 600, 140),
            (9, 513, 32),
            (17, 1030, 64),
        ] {
            let matrix = Matrix::new(kind, n, k, dense(kind, n, k)).expect("invalid matrix");
            let (x, bias) = (numbers(m * k, 1), numbers(n, 2));
            let expected = reference::matmul(&x, &matrix, Some(&bias));
            for &level in SimdLevel::available() {
                let actual = product::matmul_at(level, &x, &matrix, Some(&bias));
                let distance = distance(&actual, &expected);
                assert!(
                    distance < 1e-6,
                    "{kind:?} {m}×{k}×{n} {level:?}: {distance}"
                );
            }
        }
    }
}

#[test]
fn products_with_quantised_weights_match_the_reference_to_eight_bits() {
    let kinds = [
        WeightType::Q8_0,
        WeightType::Q4_0,
        WeightType::Q5_0,
        WeightType::Q4K,
        WeightType::Q5K,
        WeightType::Q6K,
    ];
    for kind in kinds {
        for (m, k, n) in [(1, 256, 3), (13, 1280, 200), (6, 2304, 33)] {
            let matrix = Matrix::new(kind, n, k, blocks(kind, n, k)).expect("invalid matrix");
            let x = numbers(m * k, 1);
            let expected = reference::matmul(&x, &matrix, None);
            let products: Vec<_> = SimdLevel::available()
                .iter()
                .map(|&level| product::matmul_at(level, &x, &matrix, None))
                .collect();
            for (actual, level) in products.iter().zip(SimdLevel::available()) {
                // The activations are rounded to 1/127 of the largest in each group of 32.
                let error = distance(actual, &expected);
                assert!(error < 1e-2, "{kind:?} {m}×{k}×{n} {level:?}: {error}");
                // The integers are the same at all levels.
                let difference = distance(actual, &products[0]);
                assert!(
                    difference < 1e-6,
                    "{kind:?} {m}×{k}×{n} {level:?}: {difference}"
                );
            }
        }
    }
}

#[test]
fn a_depth_of_a_few_small_blocks_is_supported() {
    let (m, k, n) = (5, 96, 40);
    for kind in [WeightType::Q8_0, WeightType::Q4_0, WeightType::Q5_0] {
        let matrix = Matrix::new(kind, n, k, blocks(kind, n, k)).expect("invalid matrix");
        let x = numbers(m * k, 1);
        let expected = reference::matmul(&x, &matrix, None);
        for &level in SimdLevel::available() {
            let actual = product::matmul_at(level, &x, &matrix, None);
            assert!(distance(&actual, &expected) < 1e-2, "{kind:?} {level:?}");
        }
    }
}

#[test]
fn products_with_stacked_matrices_are_concatenated() {
    let k = 256;
    let parts = [
        (WeightType::F32, 40),
        (WeightType::Q6K, 33),
        (WeightType::Bf16, 7),
    ];
    let matrices = parts.map(|(kind, n)| {
        let bytes = if kind.is_quantized() {
            blocks(kind, n, k)
        } else {
            dense(kind, n, k)
        };
        Matrix::new(kind, n, k, bytes).expect("invalid matrix")
    });
    let stacked = Matrix::stacked(matrices.clone()).expect("failed to stack");
    let x = numbers(3 * k, 1);
    let actual = product::matmul(&x, &stacked, None);
    let mut from = 0;
    for matrix in &matrices {
        let single = product::matmul(&x, matrix, None);
        for row in 0..3 {
            let n = matrix.rows();
            assert_eq!(actual[row * 80 + from..][..n], single[row * n..][..n]);
        }
        from += matrix.rows();
    }
}

#[test]
fn non_finite_numbers_survive_quantisation() {
    let kind = WeightType::Q4_0;
    let matrix = Matrix::new(kind, 4, 64, blocks(kind, 4, 64)).expect("invalid matrix");
    for bad in [f32::NAN, f32::INFINITY] {
        let mut x = numbers(64, 1);
        x[40] = bad;
        for &level in SimdLevel::available() {
            let y = product::matmul_at(level, &x, &matrix, None);
            assert!(y.iter().all(|y| !y.is_finite()), "{level:?} {y:?}");
        }
    }
}

#[test]
fn attention_matches_the_reference() {
    for (batch, heads, queries, keys, d) in [
        (1, 1, 1, 1, 8),
        (2, 3, 77, 77, 64),
        (1, 2, 70, 133, 40),
        (1, 1, 9, 1100, 128),
    ] {
        let shape = (batch, heads, queries, keys, d);
        let q = numbers(batch * heads * queries * d, 1);
        let k = numbers(batch * heads * keys * d, 2);
        let v = numbers(batch * heads * keys * d, 3);
        let bias = numbers(heads * queries * keys, 4);
        for (bias, causal) in [(None, false), (Some(bias.as_slice()), false), (None, true)] {
            let expected = reference::attention(&q, &k, &v, shape, 0.7, bias, causal);
            for &level in SimdLevel::available() {
                let actual = attention::attention_at(level, &q, &k, &v, shape, 0.7, bias, causal);
                let distance = distance(&actual, &expected);
                assert!(distance < 2e-6, "{shape:?} {causal} {level:?}: {distance}");
            }
        }
    }
}

#[test]
fn convolutions_match_the_reference() {
    for (shape, outputs, side) in [
        ((1, 5, 7, 3), 4, 3),
        ((2, 9, 6, 70), 33, 3),
        ((1, 4, 4, 40), 16, 1),
        ((1, 1, 1, 8), 8, 3),
        ((1, 12, 11, 128), 3, 3),
    ] {
        let (batch, height, width, channels) = shape;
        let x = numbers(batch * height * width * channels, 1);
        let weight = numbers(outputs * side * side * channels, 2);
        let bias = numbers(outputs, 3);
        let expected = reference::convolution(&x, shape, &weight, &bias, side);
        for &level in SimdLevel::available() {
            let kernel = convolution::Kernel::at(level, &weight, outputs, side);
            let actual = convolution::convolution_at(level, &x, shape, &kernel, &bias);
            let distance = distance(&actual, &expected);
            assert!(distance < 1e-6, "{shape:?} {level:?}: {distance}");
        }
    }
}

#[test]
fn norms_and_activations_match_the_reference() {
    let (batch, tokens, features) = (2, 5, 70);
    let shape = (batch, tokens, features);
    let x: Vec<f32> = numbers(700, 1).iter().map(|x| x * 4.0 + 0.5).collect();
    let (shift, scale) = (numbers(140, 2), numbers(140, 3));
    let near = |actual: &[f32], expected: &[f32]| {
        let distance = distance(actual, expected);
        assert!(distance < 1e-6, "{distance}");
    };
    near(
        &rowwise::modulated_norm(&x, &shift, &scale, shape),
        &reference::modulated_norm(&x, &shift, &scale, shape),
    );
    let y = numbers(700, 4);
    near(
        &rowwise::gated_add(&x, &shift, &y, shape),
        &reference::gated_add(&x, &shift, &y, shape),
    );
    near(&rowwise::gelu(&x), &reference::gelu(&x));
    let (left, right) = x.split_at(200);
    near(
        &rowwise::concat_gelu(left, 20, right),
        &reference::concat_gelu(left, 20, right),
    );
    near(
        &rowwise::rms_norm(&x, &scale[..70], 1e-6),
        &reference::rms_norm(&x, &scale[..70], 1e-6),
    );
    near(
        &text::layer_norm(&x, &scale[..70], &shift[..70], 1e-5),
        &reference::layer_norm(&x, &scale[..70], &shift[..70], 1e-5),
    );
    near(&text::quick_gelu(&x), &reference::quick_gelu(&x));
    near(&text::gated_gelu(&x, 35), &reference::gated_gelu(&x, 35));
    let weights = (&scale[..64], &shift[..64]);
    for (groups, silu) in [(32, true), (8, false), (1, true)] {
        let shape = (2, 5, 64);
        near(
            &group_norm(&x[..640], shape, groups, weights, 1e-6, silu),
            &reference::group_norm(&x[..640], shape, groups, weights, 1e-6, silu),
        );
    }
    let map = (2, 3, 5, 7);
    assert_eq!(
        group_norm::upsample(&x[..210], map),
        reference::upsample(&x[..210], map)
    );
}

#[test]
fn split_heads_matches_the_reference() {
    let (batch, heads, d) = (2, 4, 16);
    let tokens = [3, 5];
    let qkv = tokens.map(|tokens| numbers(batch * tokens * 3 * heads * d, tokens as u64));
    let norms = [2, 3, 4, 6].map(|seed| numbers(d, seed));
    let angles = numbers(8 * d / 2, 4);
    let cos: Vec<f32> = angles.iter().map(|a| a.cos()).collect();
    let sin: Vec<f32> = angles.iter().map(|a| a.sin()).collect();
    let streams = [0, 1].map(|at| Stream {
        qkv: &qkv[at],
        tokens: tokens[at],
        query_norm: &norms[at * 2],
        key_norm: &norms[at * 2 + 1],
    });
    let actual = rowwise::split_heads(&streams, (batch, heads, d), (&cos, &sin));
    let expected = reference::split_heads(&streams, (batch, heads, d), (&cos, &sin));
    for (actual, expected) in actual.iter().zip(&expected) {
        assert!(distance(actual, expected) < 1e-6);
    }
}
