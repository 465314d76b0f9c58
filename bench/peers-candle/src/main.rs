//! Measures steps of candle's quantised FLUX.1-schnell at 512²: `candle-flux FILE.gguf STEPS` prints a
//! line of JSON. `RAYON_NUM_THREADS` sets the number of threads.

use std::time::Instant;

use candle_core::{DType, Device, Result, Tensor};
use candle_transformers::models::flux::{WithForward, model::Config, quantized_model::Flux};
use candle_transformers::quantized_var_builder::VarBuilder;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, steps] = arguments.as_slice() else {
        candle_core::bail!("usage: candle-flux FILE.gguf STEPS");
    };
    let steps: usize = steps.parse().map_err(candle_core::Error::wrap)?;
    let device = Device::Cpu;
    let start = Instant::now();
    let model = Flux::new(&Config::schnell(), VarBuilder::from_gguf(file, &device)?)?;
    let load = start.elapsed().as_secs_f64();
    let latents = Tensor::randn(0f32, 1.0, (1, 1024, 64), &device)?;
    let text = Tensor::randn(0f32, 1.0, (1, 256, 4096), &device)?;
    let pooled = Tensor::randn(0f32, 1.0, (1, 768), &device)?;
    let text_ids = Tensor::zeros((1, 256, 3), DType::F32, &device)?;
    let ids: Vec<f32> = (0..1024u16)
        .flat_map(|token| [0.0, f32::from(token / 32), f32::from(token % 32)])
        .collect();
    let ids = Tensor::from_vec(ids, (1, 1024, 3), &device)?;
    let time = Tensor::ones(1, DType::F32, &device)?;
    let mut times = Vec::new();
    for _ in 0..steps {
        let start = Instant::now();
        let velocity = model.forward(&latents, &ids, &text, &text_ids, &time, &pooled, None)?;
        if !velocity.sum_all()?.to_scalar::<f32>()?.is_finite() {
            candle_core::bail!("the velocity is not finite");
        }
        times.push(start.elapsed().as_secs_f64());
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|words| words.split_whitespace().next());
    let peak = peak.unwrap_or("0");
    println!(r#"{{"load": {load}, "times": {times:?}, "peak_kib": {peak}}}"#);
    Ok(())
}
