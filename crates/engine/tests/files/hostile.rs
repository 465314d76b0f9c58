//! Files that are cut short or lie: an error that names the tensor, never a panic or a read beyond
//! the file, and nothing reserved for what is not there.

use candle_core::{DType, Device};
use fluxhop_engine::{Component, Weights};
use safetensors::SafeTensors;

use crate::support::{
    Gguf, from_bytes, gguf, golden, numbers, open, raw_safetensors, refusal, safetensors,
};

/// Opens a file and reads all of it that can be read.
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
            let shape = weights.shape(name).expect("a tensor has a shape");
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
fn a_file_cut_at_any_byte_is_refused() {
    for whole in [small_gguf(), small_safetensors()] {
        from_bytes(&whole).expect("the whole file is good");
        for length in 0..whole.len() {
            assert!(
                from_bytes(&whole[..length]).is_err(),
                "{length} of {}",
                whole.len()
            );
        }
    }
}

#[test]
fn a_file_with_any_byte_changed_is_read_or_refused() {
    for whole in [small_gguf(), small_safetensors()] {
        for at in 0..whole.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff, whole[at] ^ 0x20] {
                let mut changed = whole.clone();
                changed[at] = value;
                read_all(&changed);
            }
        }
    }
}

#[test]
fn counts_and_lengths_of_gguf_that_lie_are_refused() {
    let whole = small_gguf();
    let change = |at: usize, with: &[u8]| {
        let mut file = whole.clone();
        file[at..at + with.len()].copy_from_slice(with);
        refusal(from_bytes(&file))
    };
    let all = u64::MAX.to_le_bytes();
    assert!(change(4, &1_u32.to_le_bytes()).contains("version 1"));
    assert!(change(4, &3_u32.to_be_bytes()).contains("big-endian"));
    assert!(change(8, &all).contains("are the most"), "tensors");
    assert!(
        change(16, &all).contains("a name of"),
        "what follows is no metadata"
    );
    assert!(change(24, &all).contains("a name of"), "a key");
    let value = 24 + 8 + "general.architecture".len();
    assert!(change(value, &99_u32.to_le_bytes()).contains("type 99"));
    assert!(change(value + 4, &all).contains("cut short"), "a text");
    assert!(
        change(value + 4, &(1_u64 << 40).to_le_bytes()).contains("cut short"),
        "a text"
    );
}

#[test]
fn tensors_of_gguf_that_lie_are_named() {
    let cases: [(Gguf<'_>, &str); 9] = [
        (tensor(&[u64::MAX, u64::MAX], 0, 0), "impossible shape"),
        (
            tensor(&[1 << 27, 1 << 27, 1 << 27], 0, 0),
            "impossible shape",
        ),
        (tensor(&[1 << 40], 0, 0), "impossible shape"),
        (tensor(&[4, 0], 0, 0), "none is empty"),
        (tensor(&[33], 8, 0), "multiples of 32"),
        (tensor(&[4], 0, u64::MAX - 31), "takes 16 bytes from"),
        (tensor(&[4], 0, 4), "no multiple of 32"),
        (tensor(&[64], 0, 0), "takes 256 bytes from 0"),
        (tensor(&[1, 1, 1, 1, 1], 0, 0), "has 5 dimensions"),
    ];
    for (tensor, words) in cases {
        let text = refusal(from_bytes(&gguf(&[tensor], &[0; 64])));
        assert!(
            text.contains("`x`") && text.contains(words),
            "{words}: {text}"
        );
        assert!(text.contains("file: memory"), "{text}");
    }
    let twice = gguf(&[tensor(&[1], 0, 0), tensor(&[1], 0, 32)], &[0; 64]);
    assert!(refusal(from_bytes(&twice)).contains("`x` is there twice"));
    let other = Gguf {
        name: "y",
        ..tensor(&[4], 0, 32)
    };
    let overlap = gguf(&[tensor(&[9], 0, 0), other], &[0; 64]);
    assert!(refusal(from_bytes(&overlap)).contains("`x` and `y` overlap"));
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
    // Arrays within arrays, without end; and one of more texts than the file has bytes.
    let begin = |entries: u64| {
        let mut file = b"GGUF".to_vec();
        file.extend(3_u32.to_le_bytes());
        file.extend(0_u64.to_le_bytes());
        file.extend(entries.to_le_bytes());
        file.extend(1_u64.to_le_bytes());
        file.push(b'k');
        file
    };
    let mut deep = begin(1);
    deep.extend(9_u32.to_le_bytes());
    for _ in 0..100_000 {
        deep.extend(9_u32.to_le_bytes());
        deep.extend(1_u64.to_le_bytes());
    }
    assert!(refusal(from_bytes(&deep)).contains("deep"));
    for inner in [0_u32, 8, 9, 12] {
        let mut many = begin(1);
        many.extend(9_u32.to_le_bytes());
        many.extend(inner.to_le_bytes());
        many.extend((u64::MAX / 2).to_le_bytes());
        assert!(refusal(from_bytes(&many)).contains("cut short"));
    }
}

#[test]
fn tensors_of_safetensors_that_lie_are_named() {
    let cases = [
        (
            r#"{"dtype":"F32","shape":[2],"data_offsets":[0,4]}"#,
            "not the 8 of shape [2]",
        ),
        (
            r#"{"dtype":"F32","shape":[2],"data_offsets":[8,0]}"#,
            "lies at 8 to 0",
        ),
        (
            r#"{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}"#,
            "lies at 0",
        ),
        (
            r#"{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}"#,
            "impossible",
        ),
        (
            r#"{"dtype":"F32","shape":[0,18446744073709551615],"data_offsets":[0,8]}"#,
            "impossible",
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
    for (info, words) in cases {
        let header = format!(r#"{{"x":{info}}}"#);
        let text = refusal(from_bytes(&raw_safetensors(header.as_bytes(), &[0; 16])));
        assert!(
            text.contains("`x`") && text.contains(words),
            "{words}: {text}"
        );
    }
    let info = r#"{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#;
    let twice = format!(r#"{{"x":{info},"x":{info}}}"#);
    let text = refusal(from_bytes(&raw_safetensors(twice.as_bytes(), &[0; 8])));
    assert!(text.contains("`x` is there twice"), "{text}");
    let overlap = format!(r#"{{"x":{info},"y":{info}}}"#);
    let text = refusal(from_bytes(&raw_safetensors(overlap.as_bytes(), &[0; 8])));
    assert!(text.contains("`x` and `y` overlap"), "{text}");
}

#[test]
fn a_header_that_is_longer_than_the_file_reserves_nothing() {
    for length in [64_u64, 99_999_999] {
        let mut file = length.to_le_bytes().to_vec();
        file.extend(b"{}");
        assert!(refusal(from_bytes(&file)).contains("cut short"), "{length}");
    }
    let mut file = u64::MAX.to_le_bytes().to_vec();
    file.extend(b"{}");
    assert!(refusal(from_bytes(&file)).contains("begins like neither"));
}

#[test]
fn other_types_are_refused_by_name_when_they_are_used() {
    let header = r#"{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]},
        "b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},
        "c":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}}"#;
    let weights = from_bytes(&raw_safetensors(header.as_bytes(), &[0; 8])).expect("a file");
    assert_eq!(numbers(&weights, "b"), [0.0]);
    let text = refusal(weights.tensor("a", &[4]));
    assert!(
        text.contains("F8_E4M3") && text.contains("tensor: a"),
        "{text}"
    );
    assert!(refusal(weights.tensor("c", &[0])).contains("empty"));

    let file = gguf(&[tensor(&[256], 10, 0)], &[]);
    let weights = from_bytes(&file).expect("a file");
    assert!(refusal(weights.tensor("x", &[256])).contains("Q2_K"));

    // Nothing was compared with the shape of such a tensor: it may be any.
    let vast = [1, 1 << 40, 1 << 40];
    let file = gguf(&[tensor(&vast, 10, 0)], &[]);
    let weights = from_bytes(&file).expect("a file");
    let shape = vast.map(|length| length as usize);
    let shape: Vec<_> = shape.into_iter().rev().collect();
    assert!(refusal(weights.tensor("x", &shape)).contains("Q2_K"));
}

#[test]
fn what_is_no_file_of_weights_is_told_apart() {
    let cases: [(&[u8], &str); 6] = [
        (b"", "empty"),
        (b"PK\x03\x04 and so on", "pickle"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"lmggxxxxxxxxxxxxx", "old ggml"),
        (b"hello, this is some text", "neither"),
    ];
    for (bytes, words) in cases {
        let text = refusal(from_bytes(bytes));
        assert!(text.contains(words), "{words}: {text}");
    }
    let folder = tempfile::TempDir::new().expect("a folder");
    assert!(refusal(open(&[folder.path()])).contains("folder"));
    let nothing = refusal(open(&[folder.path().join("nothing")]));
    assert!(nothing.contains("cannot be read") && nothing.contains("nothing"));
}

#[test]
fn good_files_are_read_as_the_formats_own_library_reads_them() {
    let path = golden("plain/transformer/diffusion_pytorch_model.safetensors");
    let bytes = std::fs::read(&path).expect("a file");
    let theirs = SafeTensors::deserialize(&bytes).expect("safetensors");
    let ours = Weights::open(&[path], &Device::Cpu, DType::F32).expect("weights");
    assert_eq!(ours.names().count(), theirs.len());
    for (name, tensor) in theirs.tensors() {
        assert_eq!(ours.shape(&name).as_deref(), Some(tensor.shape()));
        let numbers: Vec<u8> = numbers(&ours, &name)
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        assert_eq!(numbers, tensor.data(), "{name}");
    }
}
