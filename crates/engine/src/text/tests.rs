use std::cell::Cell;
use std::path::Path;

use candle_core::{DType, Device};

use super::*;
use crate::ErrorKind;

fn weights() -> Weights {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/encoders.safetensors");
    Weights::open(&[path], &Device::Cpu, DType::F32).expect("failed to read the golden file")
}

fn tokens(rows: u32, count: u32, vocabulary: u32) -> Vec<Vec<u32>> {
    let row = |row| (0..count).map(|i| (i * 7 + row * 3) % vocabulary).collect();
    (0..rows).map(row).collect()
}

fn t5() -> T5Encoder {
    let config: T5Config = serde_json::from_str(
        r#"{"vocab_size": 32, "d_model": 16, "d_kv": 12, "d_ff": 24, "num_layers": 2,
            "num_heads": 2, "feed_forward_proj": "gated-gelu"}"#,
    )
    .expect("invalid JSON");
    T5Encoder::new(&weights(), &config).expect("failed to build the encoder")
}

fn clip(activation: &str, end: u32) -> ClipTextEncoder {
    let config = format!(
        r#"{{"vocab_size": 24, "hidden_size": 16, "intermediate_size": 20, "num_hidden_layers": 2,
            "num_attention_heads": 2, "max_position_embeddings": 12,
            "hidden_act": "{activation}", "eos_token_id": {end}}}"#
    );
    let config = serde_json::from_str(&config).expect("invalid JSON");
    ClipTextEncoder::new(&weights(), &config).expect("failed to build the encoder")
}

/// Asserts ‖actual − expected‖ ≤ 1e-5 · ‖expected‖; the f32 error of transformers is about 2e-7.
fn assert_close(actual: &Tensor, expected: &str) {
    let expected = weights()
        .tensor(expected, actual.dims())
        .expect("failed to read the expected tensor");
    let norm = |x: &Tensor| -> f32 {
        let sum = x.sqr().and_then(|x| x.sum_all()).expect("failed to sum");
        sum.to_scalar::<f32>().expect("not a number").sqrt()
    };
    let error = norm(&(actual - &expected).expect("shapes differ")) / norm(&expected);
    assert!(error <= 1e-5, "relative error {error}");
}

#[test]
fn t5_matches_transformers() {
    let states = t5()
        .forward(&tokens(2, 150, 32), &|| false)
        .expect("failed to encode");
    assert_close(&states, "expected.t5");
}

#[test]
fn clip_matches_transformers() {
    let ids = tokens(2, 12, 24);
    assert_close(
        &clip("quick_gelu", 21)
            .pooled(&ids)
            .expect("failed to encode"),
        "expected.clip.quick",
    );
    assert_close(
        &clip("gelu", 2).pooled(&ids).expect("failed to encode"),
        "expected.clip.gelu",
    );
}

#[test]
fn clip_ignores_tokens_after_the_end() {
    let clip = clip("quick_gelu", 21);
    let short = clip.pooled(&[vec![3, 9, 21]]).expect("failed to encode");
    let long = clip
        .pooled(&[vec![3, 9, 21, 21, 5]])
        .expect("failed to encode");
    assert_eq!(short.to_vec2::<f32>().ok(), long.to_vec2::<f32>().ok());
}

#[test]
fn t5_stops_between_blocks_when_cancelled() {
    let calls = Cell::new(0);
    let cancel = || {
        calls.set(calls.get() + 1);
        calls.get() == 2
    };
    let error = t5()
        .forward(&[vec![1, 2]], &cancel)
        .expect_err("was not cancelled");
    assert_eq!((error.kind(), calls.get()), (&ErrorKind::Cancelled, 2));
}

#[test]
fn unknown_tokens_and_rows_of_unequal_length_are_errors() {
    let error = t5()
        .forward(&[vec![1, 32]], &|| false)
        .expect_err("accepted an unknown token id");
    assert_eq!(*error.kind(), ErrorKind::Model);
    assert!(error.message().contains("token 32"), "{error}");
    for ids in [vec![], vec![vec![]], vec![vec![1], vec![1, 2]]] {
        assert!(t5().forward(&ids, &|| false).is_err(), "{ids:?}");
    }
    assert!(clip("gelu", 2).pooled(&[]).is_err());
    let error = clip("gelu", 23)
        .pooled(&[[vec![1; 12], vec![23]].concat()])
        .expect_err("accepted too many tokens");
    assert!(error.message().contains("12"), "{error}");
}

#[test]
fn a_shape_mismatch_names_the_tensor() {
    let config = serde_json::from_str(
        r#"{"vocab_size": 32, "d_model": 16, "d_kv": 12, "d_ff": 25, "num_layers": 2,
            "num_heads": 2, "feed_forward_proj": "gated-gelu"}"#,
    )
    .expect("invalid JSON");
    let error = T5Encoder::new(&weights(), &config).expect_err("accepted mismatched widths");
    assert!(
        error.message().contains("DenseReluDense.wi_0.weight"),
        "{error}"
    );
    assert!(error.message().contains("[25, 16]"), "{error}");
}
