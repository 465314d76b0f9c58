//! Comparisons that need no model: noise, schedules and matrix products.

use std::fs;
use std::path::Path;

use candle_core::{DType, Device, safetensors};
use fluxhop_engine::{
    Linear, Matrix, NoiseType, Schedule, SchedulerConfig, WeightBytes, WeightType, noise,
};
use serde::Deserialize;

use crate::measure::{floats, largest, relative};

/// Checks the noise: f32 within 1e-6, bf16 bit for bit.
pub(crate) fn check_noise(root: &Path) {
    let all = safetensors::load(root.join("noise.safetensors"), &Device::Cpu).unwrap();
    assert!(all.len() > 100, "only {} samples", all.len());
    for (name, expected) in all {
        let parts: Vec<&str> = name.split('.').collect();
        let [kind, seed, length] = parts.as_slice() else {
            panic!("unexpected tensor name `{name}`");
        };
        let kind = match *kind {
            "bf16" => NoiseType::Bf16,
            _ => NoiseType::F32,
        };
        let actual = noise(seed.parse().unwrap(), length.parse().unwrap(), kind);
        let tolerance = if kind == NoiseType::F32 { 1e-6 } else { 0.0 };
        let error = largest(&actual, &floats(&expected));
        assert!(error <= tolerance, "{name}: {error}");
    }
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    config: serde_json::Value,
    width: usize,
    height: usize,
    steps: usize,
    sigmas: Vec<f32>,
}

/// Checks the noise levels, within 1e-6.
pub(crate) fn check_schedules(root: &Path) {
    let text = fs::read_to_string(root.join("schedules.json")).unwrap();
    let entries: Vec<Entry> = serde_json::from_str(&text).unwrap();
    assert!(entries.len() > 20, "only {} schedules", entries.len());
    for entry in entries {
        let config = serde_json::from_value::<SchedulerConfig>(entry.config).unwrap();
        let tokens = entry.width / 16 * (entry.height / 16);
        let actual = Schedule::new(&config, entry.steps, tokens).unwrap();
        let error = largest(&actual.sigmas, &entry.sigmas);
        let Entry {
            name,
            width,
            height,
            steps,
            ..
        } = entry;
        assert!(
            error <= 1e-6,
            "{name}, {width} × {height}, {steps} steps: {error}"
        );
    }
}

/// Checks dequantised weights within 1e-7, and products within 1e-2 for quantised weights, whose
/// products round activations to 8 bits, or 1e-6 for others.
pub(crate) fn check_products(root: &Path) {
    let all = safetensors::load(root.join("products.safetensors"), &Device::Cpu).unwrap();
    let input = &all["input"];
    for (name, kind) in [
        ("F16", WeightType::F16),
        ("BF16", WeightType::Bf16),
        ("Q8_0", WeightType::Q8_0),
        ("Q4_0", WeightType::Q4_0),
        ("Q5_0", WeightType::Q5_0),
        ("Q4_K", WeightType::Q4K),
        ("Q5_K", WeightType::Q5K),
        ("Q6_K", WeightType::Q6K),
    ] {
        let weight = &all[&format!("{name}.weight")];
        let (rows, columns) = weight.dims2().unwrap();
        let blocks = all[&format!("{name}.blocks")].flatten_all().unwrap();
        let bytes = WeightBytes::owned(blocks.to_vec1::<u8>().unwrap());
        let matrix = Matrix::new(kind, rows, columns, bytes).unwrap();
        let error = relative(&matrix.to_f32(), &floats(weight));
        assert!(error <= 1e-7, "{name}, dequantised: {error}");
        let layer = Linear::new(matrix, None, &Device::Cpu, DType::F32).unwrap();
        let actual = layer.forward(input).unwrap();
        let error = relative(&floats(&actual), &floats(&all[&format!("{name}.product")]));
        let tolerance = if kind.is_quantized() { 1e-2 } else { 1e-6 };
        assert!(error <= tolerance, "{name}, product: {error}");
    }
}
