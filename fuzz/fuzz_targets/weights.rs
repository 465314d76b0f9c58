//! Reads every tensor of a weight file, by its name in the file and by its name in each component.

use std::sync::Arc;

use candle_core::{DType, Device};
use fluxhop_engine::{Component, Weights};

/// Opens a file and reads all tensors. Errors are fine; panics are bugs.
pub fn read(bytes: &[u8]) {
    let Ok(weights) = Weights::from_bytes(Arc::<[u8]>::from(bytes), &Device::Cpu, DType::F32)
    else {
        return;
    };
    assert!(weights.byte_count() <= bytes.len());
    read_all(&weights);
    for component in Component::ALL {
        let Ok(weights) = weights.component(component) else {
            continue;
        };
        assert!(weights.byte_count() <= bytes.len());
        read_all(&weights);
    }
}

fn read_all(weights: &Weights) {
    let _ = weights.stored_type();
    for name in weights.names() {
        let shape = weights.shape(name).expect("listed tensor has no shape");
        if let Ok(tensor) = weights.tensor(name, &shape) {
            assert_eq!(tensor.dims(), shape);
        }
        let columns = shape.last().copied().unwrap_or(1);
        let rows: usize = shape
            .iter()
            .rev()
            .skip(1)
            .fold(1, |rows, d| rows.saturating_mul(*d));
        if let Ok(matrix) = weights.matrix(name, rows, columns) {
            assert_eq!(matrix.to_f32().len(), rows * columns);
        }
    }
}
