//! Decodes stored weights of any type.

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use crate::{WeightType, blocks};

/// Decodes `bytes` to `out`.
///
/// # Panics
/// If the length of `bytes` does not match that of `out`.
pub(crate) fn dequantize(kind: WeightType, bytes: &[u8], out: &mut [f32]) {
    assert_eq!(
        kind.row_bytes(out.len()),
        Some(bytes.len()),
        "the length of `bytes` must match that of `out`"
    );
    match kind {
        WeightType::F32 => {
            for (out, b) in out.iter_mut().zip(bytes.chunks_exact(4)) {
                *out = f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
            }
        }
        WeightType::F16 => {
            // In chunks, so that `half` can use vector conversions.
            let mut halves = [f16::ZERO; 64];
            for (out, bytes) in out.chunks_mut(64).zip(bytes.chunks(128)) {
                for (half, b) in halves.iter_mut().zip(bytes.chunks_exact(2)) {
                    *half = f16::from_le_bytes([b[0], b[1]]);
                }
                halves[..out.len()].convert_to_f32_slice(out);
            }
        }
        WeightType::Bf16 => {
            for (out, b) in out.iter_mut().zip(bytes.chunks_exact(2)) {
                *out = bf16::from_le_bytes([b[0], b[1]]).to_f32();
            }
        }
        _ => blocks::dequantize(kind, bytes, out),
    }
}
