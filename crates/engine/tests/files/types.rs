//! Every storage type decodes to the same bits as in ggml's Python package.

use candle_core::{DType, Device};
use fluxhop_engine::{Matrix, WeightBytes, WeightType, Weights};
use safetensors::SafeTensors;

use crate::support::{Gguf, gguf, golden, numbers};

/// The types in the golden file: name, type, ggml's number.
const TYPES: [(&str, WeightType, u32); 8] = [
    ("F16", WeightType::F16, 1),
    ("BF16", WeightType::Bf16, 30),
    ("Q4_0", WeightType::Q4_0, 2),
    ("Q5_0", WeightType::Q5_0, 6),
    ("Q8_0", WeightType::Q8_0, 8),
    ("Q4_K", WeightType::Q4K, 12),
    ("Q5_K", WeightType::Q5K, 13),
    ("Q6_K", WeightType::Q6K, 14),
];

/// Rows and columns of the matrices in the golden file.
const SHAPE: (usize, usize) = (6, 512);

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

#[test]
fn weights_of_every_type_match_ggml() {
    let file =
        std::fs::read(golden("../products.safetensors")).expect("failed to read the golden file");
    let file = SafeTensors::deserialize(&file).expect("failed to parse the file");
    let (rows, columns) = SHAPE;
    for (name, kind, number) in TYPES {
        let blocks = file
            .tensor(&format!("{name}.blocks"))
            .expect("blocks")
            .data();
        let weight = file
            .tensor(&format!("{name}.weight"))
            .expect("failed to open the weights")
            .data();
        let expected: Vec<u32> = weight
            .chunks_exact(4)
            .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        assert_eq!(expected.len(), rows * columns);
        let matrix =
            Matrix::new(kind, rows, columns, WeightBytes::owned(blocks)).expect("invalid matrix");
        assert_eq!(bits(&matrix.to_f32()), expected, "{name}");

        // The same from a GGUF file, which stores dimensions in reverse order.
        let tensor = Gguf {
            name: "x",
            dimensions: &[columns as u64, rows as u64],
            kind: number,
            offset: 0,
        };
        let bytes = gguf(&[tensor], blocks);
        let weights =
            Weights::from_bytes(bytes, &Device::Cpu, DType::F32).expect("failed to parse the file");
        assert_eq!(weights.shape("x"), Some(vec![rows, columns]));
        assert_eq!(bits(&numbers(&weights, "x")), expected, "{name}");
        assert_eq!(weights.stored_type(), Some(kind));
    }
}
