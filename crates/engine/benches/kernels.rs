//! Measures the engine's kernels and candle's in one run.
//!
//! `cargo bench -p fluxhop-engine [-- THREADS]` prints the median rate of products of FLUX's shapes
//! for each storage type, in GFLOP per second of CPU time, which is less sensitive to other programs
//! than wall time. Linux only.

use std::hint::black_box;
use std::io::Write;

use candle_core::{DType, Device, Tensor};
use fluxhop_engine::{Linear, Matrix, WeightBytes, WeightType, ops};

const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let threads = std::env::args().find_map(|argument| argument.parse().ok());
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = threads {
        pool = pool.num_threads(threads);
    }
    pool.build_global()?;
    let mut out = std::io::stdout();
    writeln!(out, "threads: {}", rayon::current_num_threads())?;
    for (m, k, n) in [(1024, 3072, 3072), (1280, 1024, 4096), (256, 4096, 4096)] {
        let x = Tensor::from_vec(numbers(m * k), (m, k), &Device::Cpu)?;
        let w = Tensor::from_vec(numbers(n * k), (n, k), &Device::Cpu)?;
        let rate = |seconds: f64| 2.0 * (m * k * n) as f64 / seconds / 1e9;
        let candle = median(|| {
            black_box(x.matmul(&w.t()?)?);
            Ok(())
        })?;
        writeln!(out, "{m}×{k}×{n}\n  candle f32 {:8.1}", rate(candle))?;
        for kind in [
            WeightType::F32,
            WeightType::Bf16,
            WeightType::F16,
            WeightType::Q8_0,
            WeightType::Q4_0,
            WeightType::Q5_0,
            WeightType::Q4K,
            WeightType::Q5K,
            WeightType::Q6K,
        ] {
            let matrix = Matrix::new(kind, n, k, weights(kind, n, k))?;
            let linear = Linear::new(matrix, None, &Device::Cpu, DType::F32)?;
            let engine = median(|| {
                black_box(linear.forward(&x)?);
                Ok(())
            })?;
            writeln!(out, "  {kind:?} {:8.1}", rate(engine))?;
        }
    }
    others(&mut out)
}

/// Attention, convolutions and GELU of FLUX's shapes.
fn others(out: &mut impl Write) -> Result<(), Box<dyn std::error::Error>> {
    let (heads, tokens, d) = (24, 1280, 128);
    let heads_of = |seed| -> candle_core::Result<Tensor> {
        let numbers = numbers(heads * tokens * d + seed).split_off(seed);
        Tensor::from_vec(numbers, (1, heads, tokens, d), &Device::Cpu)
    };
    let (q, k, v) = (heads_of(0)?, heads_of(1)?, heads_of(2)?);
    let rate = |seconds: f64| (4 * heads * tokens * tokens * d) as f64 / seconds / 1e9;
    let candle = median(|| {
        let weights = (q.matmul(&k.t()?)? * 0.1)?.exp()?;
        let sums = weights.sum_keepdim(3)?;
        black_box(weights.matmul(&v)?.broadcast_div(&sums)?);
        Ok(())
    })?;
    let engine = median(|| {
        black_box(ops::attention(&q, &k, &v, 0.1, None, false)?);
        Ok(())
    })?;
    writeln!(out, "attention {heads} heads × {tokens} × {d}")?;
    writeln!(
        out,
        "  candle {:8.1}\n  engine {:8.1}",
        rate(candle),
        rate(engine)
    )?;
    for (channels, side) in [(512, 64), (256, 128), (128, 256)] {
        let shape = (1, channels, side, side);
        let x = Tensor::from_vec(numbers(channels * side * side), shape, &Device::Cpu)?;
        let shape = (channels, channels, 3, 3);
        let weight = Tensor::from_vec(numbers(channels * channels * 9), shape, &Device::Cpu)?;
        let rate = |seconds: f64| (18 * channels * channels * side * side) as f64 / seconds / 1e9;
        let candle = median(|| {
            black_box(x.conv2d(&weight, 1, 1, 1, 1)?);
            Ok(())
        })?;
        let bias = Tensor::zeros(channels, DType::F32, &Device::Cpu)?;
        let convolution = ops::Convolution::new(&weight, bias)?;
        let map = ops::FeatureMap::from_channels_first(&x)?;
        let engine = median(|| {
            black_box(convolution.forward(&map)?);
            Ok(())
        })?;
        writeln!(out, "convolution 3×3, {channels} channels, {side}²")?;
        writeln!(
            out,
            "  candle {:8.1}\n  engine {:8.1}",
            rate(candle),
            rate(engine)
        )?;
    }
    let x = Tensor::from_vec(numbers(1280 * 12288), (1280, 12288), &Device::Cpu)?;
    let candle = median(|| {
        black_box(x.gelu()?);
        Ok(())
    })?;
    let engine = median(|| {
        black_box(ops::gelu(&x)?);
        Ok(())
    })?;
    writeln!(
        out,
        "GELU 1280×12288, ms\n  candle {:8.1}\n  engine {:8.1}",
        candle * 1e3,
        engine * 1e3
    )?;
    Ok(())
}

/// The CPU time of all threads of this process, in seconds.
fn cpu_seconds() -> std::io::Result<f64> {
    let mut nanoseconds = 0;
    for task in std::fs::read_dir("/proc/self/task")? {
        let times = std::fs::read_to_string(task?.path().join("schedstat"))?;
        let running = times
            .split(' ')
            .next()
            .and_then(|time| time.parse::<u64>().ok());
        nanoseconds += running.unwrap_or_default();
    }
    Ok(nanoseconds as f64 / 1e9)
}

/// The median CPU time of `work`, in seconds.
fn median(
    mut work: impl FnMut() -> Result<(), Box<dyn std::error::Error>>,
) -> Result<f64, Box<dyn std::error::Error>> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = cpu_seconds()?;
        work()?;
        times.push(cpu_seconds()? - start);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[ROUNDS / 2])
}

fn numbers(count: usize) -> Vec<f32> {
    let number = |i: usize| ((i * 7919) % 2003) as f32 / 1001.0 - 1.0;
    (0..count).map(number).collect()
}

/// Arbitrary weights with finite scales.
fn weights(kind: WeightType, rows: usize, columns: usize) -> WeightBytes {
    let size = kind.row_bytes(columns).unwrap_or_default() * rows;
    let bytes: Vec<u8> = (0..size).map(|i| (i * 31 % 61) as u8).collect();
    WeightBytes::owned(bytes)
}
