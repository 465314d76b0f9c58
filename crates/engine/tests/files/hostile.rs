//! Truncated and corrupt files return errors that name the tensor. They cause no panic, read out of
//! bounds, or allocation larger than the file.

use candle_core::{DType, Device};
use fluxhop_engine::{Component, Weights};
use safetensors::SafeTensors;

use crate::support::{
    Gguf, error_text, from_bytes, gguf, golden, numbers, open, raw_safetensors, safetensors,
};

/// Opens a file and reads all tensors that can be read.
fn read_all(bytes: &[u8]) {
    let Ok(weights) = from_bytes(bytes) else {
        return;
    };
    let mut all = vec![weights.clone()];
    let parts = [
        Component::Transformer,
        Component::Autoencoder,
        Component::T5,
        Component::Clip,
    ];
    all.extend(
        parts
            .into_iter()
            .filter_map(|part| weights.component(part).ok()),
    );
    for weights in all {
        for name in weights.names() {
            let shape = weights.shape(name).expect("tensor has no shape");
            let _ = weights.tensor(name, &shape);
            if let [rows, columns] = shape.as_slice() {
                let _ = weights
                    .matrix(name, *rows, *columns)
                    .map(|matrix| matrix.to_f32());
            }
        }
    }
}

fn small_gguf() -> Vec<u8> {
    let tensors = [
        Gguf {
            name: "token_embd.weight",
            dimensions: &[4, 2],
            kind: 0,
            offset: 0,
        },
        Gguf {
            name: "enc.blk.0.attn_q.weight",
            dimensions: &[32, 1],
            kind: 8,
            offset: 32,
        },
    ];
    gguf(&tensors, &[1; 32 + 34])
}

fn small_safetensors() -> Vec<u8> {
    safetensors(&[
        ("a", &[2, 2], vec![1.0, 2.0, 3.0, 4.0]),
        ("b", &[1], vec![5.0]),
    ])
}

#[test]
fn a_file_truncated_at_any_byte_is_rejected() {
    for file in [small_gguf(), small_safetensors()] {
        from_bytes(&file).expect("rejected the complete file");
        for length in 0..file.len() {
            assert!(
                from_bytes(&file[..length]).is_err(),
                "{length} of {}",
                file.len()
            );
        }
    }
}

#[test]
fn changing_any_byte_does_not_panic() {
    for file in [small_gguf(), small_safetensors()] {
        for at in 0..file.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff, file[at] ^ 0x20] {
                let mut changed = file.clone();
                changed[at] = value;
                read_all(&changed);
            }
        }
    }
}

#[test]
fn invalid_gguf_counts_and_lengths_are_rejected() {
    let valid = small_gguf();
    let change = |at: usize, with: &[u8]| {
        let mut file = valid.clone();
        file[at..at + with.len()].copy_from_slice(with);
        error_text(from_bytes(&file))
    };
    let all = u64::MAX.to_le_bytes();
    assert!(change(4, &1_u32.to_le_bytes()).contains("version 1"));
    assert!(change(4, &3_u32.to_be_bytes()).contains("big-endian"));
    assert!(change(8, &all).contains("more than the limit"), "tensors");
    assert!(change(16, &all).contains("a name has"), "metadata entries");
    assert!(change(24, &all).contains("a name has"), "a key");
    let value = 24 + 8 + "general.architecture".len();
    assert!(change(value, &99_u32.to_le_bytes()).contains("type 99"));
    assert!(change(value + 4, &all).contains("truncated"), "a string");
    assert!(
        change(value + 4, &(1_u64 << 40).to_le_bytes()).contains("truncated"),
        "a string"
    );
}

#[test]
fn errors_name_invalid_gguf_tensors() {
    let cases: [(Gguf<'_>, &str); 9] = [
        (tensor(&[u64::MAX, u64::MAX], 0, 0), "invalid shape"),
        (tensor(&[1 << 27, 1 << 27, 1 << 27], 0, 0), "invalid shape"),
        (tensor(&[1 << 40], 0, 0), "invalid shape"),
        (tensor(&[4, 0], 0, 0), "must not be empty"),
        (tensor(&[33], 8, 0), "multiples of 32"),
        (tensor(&[4], 0, u64::MAX - 31), "needs 16 bytes at offset"),
        (tensor(&[4], 0, 4), "not a multiple of 32"),
        (tensor(&[64], 0, 0), "needs 256 bytes at offset 0"),
        (tensor(&[1, 1, 1, 1, 1], 0, 0), "has 5 dimensions"),
    ];
    for (tensor, expected) in cases {
        let text = error_text(from_bytes(&gguf(&[tensor], &[0; 64])));
        assert!(
            text.contains("`x`") && text.contains(expected),
            "{expected}: {text}"
        );
        assert!(text.contains("file: memory"), "{text}");
    }
    let twice = gguf(&[tensor(&[1], 0, 0), tensor(&[1], 0, 32)], &[0; 64]);
    assert!(error_text(from_bytes(&twice)).contains("duplicate tensor `x`"));
    let other = Gguf {
        name: "y",
        ..tensor(&[4], 0, 32)
    };
    let overlap = gguf(&[tensor(&[9], 0, 0), other], &[0; 64]);
    assert!(error_text(from_bytes(&overlap)).contains("`x` and `y` overlap"));
}

fn tensor(dimensions: &[u64], kind: u32, offset: u64) -> Gguf<'_> {
    Gguf {
        name: "x",
        dimensions,
        kind,
        offset,
    }
}

#[test]
fn metadata_arrays_are_bounded() {
    // Deeply nested arrays, and an array of more strings than the file has bytes.
    let start = |entries: u64| {
        let mut file = b"GGUF".to_vec();
        file.extend(3_u32.to_le_bytes());
        file.extend(0_u64.to_le_bytes());
        file.extend(entries.to_le_bytes());
        file.extend(1_u64.to_le_bytes());
        file.push(b'k');
        file
    };
    let mut nested = start(1);
    nested.extend(9_u32.to_le_bytes());
    for _ in 0..100_000 {
        nested.extend(9_u32.to_le_bytes());
        nested.extend(1_u64.to_le_bytes());
    }
    assert!(error_text(from_bytes(&nested)).contains("deep"));
    for inner in [0_u32, 8, 9, 12] {
        let mut many = start(1);
        many.extend(9_u32.to_le_bytes());
        many.extend(inner.to_le_bytes());
        many.extend((u64::MAX / 2).to_le_bytes());
        assert!(error_text(from_bytes(&many)).contains("truncated"));
    }
}

#[test]
fn errors_name_invalid_safetensors_tensors() {
    let cases = [
        (
            r#"{"dtype":"F32","shape":[2],"data_offsets":[0,4]}"#,
            "shape [2] and type F32 need 8",
        ),
        (
            r#"{"dtype":"F32","shape":[2],"data_offsets":[8,0]}"#,
            "has the range 8..0",
        ),
        (
            r#"{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}"#,
            "has the range 0..18446744073709551615",
        ),
        (
            r#"{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}"#,
            "invalid shape",
        ),
        (
            r#"{"dtype":"F32","shape":[0,18446744073709551615],"data_offsets":[0,8]}"#,
            "invalid shape",
        ),
        (
            r#"{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}"#,
            "invalid value",
        ),
        (r#"{"dtype":"F32","shape":[2]}"#, "data_offsets"),
        (
            r#"{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}"#,
            "9 dimensions",
        ),
    ];
    for (info, expected) in cases {
        let header = format!(r#"{{"x":{info}}}"#);
        let text = error_text(from_bytes(&raw_safetensors(header.as_bytes(), &[0; 16])));
        assert!(
            text.contains("`x`") && text.contains(expected),
            "{expected}: {text}"
        );
    }
    let info = r#"{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#;
    let twice = format!(r#"{{"x":{info},"x":{info}}}"#);
    let text = error_text(from_bytes(&raw_safetensors(twice.as_bytes(), &[0; 8])));
    assert!(text.contains("duplicate tensor `x`"), "{text}");
    let overlap = format!(r#"{{"x":{info},"y":{info}}}"#);
    let text = error_text(from_bytes(&raw_safetensors(overlap.as_bytes(), &[0; 8])));
    assert!(text.contains("`x` and `y` overlap"), "{text}");
}

#[test]
fn a_header_longer_than_the_file_is_rejected() {
    for length in [64_u64, 99_999_999] {
        let mut file = length.to_le_bytes().to_vec();
        file.extend(b"{}");
        assert!(
            error_text(from_bytes(&file)).contains("truncated"),
            "{length}"
        );
    }
    let mut file = u64::MAX.to_le_bytes().to_vec();
    file.extend(b"{}");
    assert!(error_text(from_bytes(&file)).contains("format is unknown"));
}

#[test]
fn unsupported_types_are_rejected_by_name_on_use() {
    let header = r#"{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]},
        "b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},
        "c":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}}"#;
    let weights =
        from_bytes(&raw_safetensors(header.as_bytes(), &[0; 8])).expect("failed to parse the file");
    assert_eq!(numbers(&weights, "b"), [0.0]);
    let text = error_text(weights.tensor("a", &[4]));
    assert!(
        text.contains("F8_E4M3") && text.contains("tensor: a"),
        "{text}"
    );
    assert!(error_text(weights.tensor("c", &[0])).contains("empty"));

    let file = gguf(&[tensor(&[256], 10, 0)], &[]);
    let weights = from_bytes(&file).expect("failed to parse the file");
    assert!(error_text(weights.tensor("x", &[256])).contains("Q2_K"));

    // The shape of such a tensor is not validated.
    let huge = [1, 1 << 40, 1 << 40];
    let file = gguf(&[tensor(&huge, 10, 0)], &[]);
    let weights = from_bytes(&file).expect("failed to parse the file");
    let shape = huge.map(|length| length as usize);
    let shape: Vec<_> = shape.into_iter().rev().collect();
    assert!(error_text(weights.tensor("x", &shape)).contains("Q2_K"));
}

#[test]
fn other_file_types_are_identified() {
    let cases: [(&[u8], &str); 6] = [
        (b"", "empty"),
        (b"PK\x03\x04 and so on", "pickle"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"lmggxxxxxxxxxxxxx", "older than GGUF"),
        (b"hello, this is some text", "format is unknown"),
    ];
    for (bytes, expected) in cases {
        let text = error_text(from_bytes(bytes));
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let folder = tempfile::TempDir::new().expect("failed to create a temporary folder");
    assert!(error_text(open(&[folder.path()])).contains("folder"));
    let missing = error_text(open(&[folder.path().join("nothing")]));
    assert!(missing.contains("cannot read the file") && missing.contains("nothing"));
}

#[test]
fn valid_files_match_the_safetensors_library() {
    let path = golden("plain/transformer/diffusion_pytorch_model.safetensors");
    let bytes = std::fs::read(&path).expect("failed to read the file");
    let expected = SafeTensors::deserialize(&bytes).expect("failed to parse the file");
    let actual =
        Weights::open(&[path], &Device::Cpu, DType::F32).expect("failed to open the weights");
    assert_eq!(actual.names().count(), expected.len());
    for (name, tensor) in expected.tensors() {
        assert_eq!(actual.shape(&name).as_deref(), Some(tensor.shape()));
        let numbers: Vec<u8> = numbers(&actual, &name)
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        assert_eq!(numbers, tensor.data(), "{name}");
    }
}
