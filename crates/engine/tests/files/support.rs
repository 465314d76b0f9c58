//! Access to the committed models, and writers of small weight files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device};
use fluxhop_engine::{Component, Error, Result, Weights};

/// The path of a model or file in the parity set.
pub(crate) fn golden(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/parity/golden/models");
    root.join(name)
}

/// Copies a folder recursively.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("failed to create the folder");
    for entry in fs::read_dir(from).expect("failed to read the folder") {
        let from = entry.expect("failed to read a folder entry").path();
        let to = to.join(from.file_name().expect("no file name"));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).expect("failed to copy the file");
        }
    }
}

/// Opens weight files; tensors keep the names of the files.
pub(crate) fn open<P: AsRef<Path>>(paths: &[P]) -> Result<Weights> {
    Weights::open(paths, &Device::Cpu, DType::F32)
}

pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Weights> {
    Weights::from_bytes(bytes, &Device::Cpu, DType::F32)
}

/// Opens the weights of a component in a file; tensors have the names of the model.
pub(crate) fn open_component(path: &Path, component: Component) -> Weights {
    let weights = open(&[path]).and_then(|weights| weights.component(component));
    weights.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The elements of a tensor of any shape.
pub(crate) fn numbers(weights: &Weights, name: &str) -> Vec<f32> {
    let shape = weights.shape(name).expect("no such tensor");
    let tensor = weights
        .tensor(name, &shape)
        .expect("failed to read the tensor");
    tensor.flatten_all().expect("flat").to_vec1().expect("f32")
}

/// The message of the expected error.
pub(crate) fn error_text<T>(result: Result<T>) -> String {
    result.err().expect("no error").to_string()
}

/// Asserts that the message of an error contains each of `parts`.
pub(crate) fn assert_error_contains(error: &Error, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing from: {text}");
    }
}

/// A safetensors file of f32 tensors.
pub(crate) fn safetensors(tensors: &[(&str, &[usize], Vec<f32>)]) -> Vec<u8> {
    let mut header = BTreeMap::new();
    let mut data = Vec::new();
    for (name, shape, numbers) in tensors {
        let from = data.len();
        data.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        let info = serde_json::json!({
            "dtype": "F32", "shape": shape, "data_offsets": [from, data.len()],
        });
        header.insert(*name, info);
    }
    let header = serde_json::to_vec(&header).expect("invalid JSON");
    raw_safetensors(&header, &data)
}

/// A safetensors file with the given header and data.
pub(crate) fn raw_safetensors(header: &[u8], data: &[u8]) -> Vec<u8> {
    let length = header.len() as u64;
    [&length.to_le_bytes(), header, data].concat()
}

/// The header entry of a tensor in a GGUF file.
pub(crate) struct Gguf<'a> {
    pub(crate) name: &'a str,
    /// Contiguous dimension first.
    pub(crate) dimensions: &'a [u64],
    pub(crate) kind: u32,
    pub(crate) offset: u64,
}

/// A GGUF file of version 3, with a string, an integer and an array as metadata.
pub(crate) fn gguf(tensors: &[Gguf<'_>], data: &[u8]) -> Vec<u8> {
    let mut file = b"GGUF".to_vec();
    file.extend(3_u32.to_le_bytes());
    file.extend((tensors.len() as u64).to_le_bytes());
    file.extend(3_u64.to_le_bytes());
    write_string(&mut file, "general.architecture");
    file.extend(8_u32.to_le_bytes());
    write_string(&mut file, "flux");
    write_string(&mut file, "general.file_type");
    file.extend(4_u32.to_le_bytes());
    file.extend(7_u32.to_le_bytes());
    write_string(&mut file, "tokens");
    file.extend(9_u32.to_le_bytes());
    file.extend(8_u32.to_le_bytes());
    file.extend(2_u64.to_le_bytes());
    write_string(&mut file, "a");
    write_string(&mut file, "bc");
    for tensor in tensors {
        write_string(&mut file, tensor.name);
        file.extend((tensor.dimensions.len() as u32).to_le_bytes());
        file.extend(tensor.dimensions.iter().flat_map(|d| d.to_le_bytes()));
        file.extend(tensor.kind.to_le_bytes());
        file.extend(tensor.offset.to_le_bytes());
    }
    file.resize(file.len().next_multiple_of(32), 0);
    file.extend(data);
    file
}

fn write_string(file: &mut Vec<u8>, text: &str) {
    file.extend((text.len() as u64).to_le_bytes());
    file.extend(text.as_bytes());
}
