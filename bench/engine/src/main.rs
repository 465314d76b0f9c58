//! Measures one part of the engine: `engine-bench PART FOLDER THREADS NUMBER` prints a line of JSON.
//!
//! The parts and their number: `step RUNS`, `decode SIDE`, `text RUNS`, `generate STEPS`, and
//! `products HIDDEN`, which ignores the folder.

use std::error::Error;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use candle_core::{DType, Device, Tensor};
use fluxhop_engine::{
    ClipTextEncoder, Decoder, Event, ImageRequest, Job, Linear, Matrix, ModelFiles, NoiseType,
    Observer, Options, Pipeline, Rope, T5Encoder, Transformer, WeightBytes, WeightType, noise,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The text tokens of FLUX.1-schnell, and the tokens on a side of a 512² image.
const TEXT: usize = 256;
const SIDE: usize = 32;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [part, folder, numbers @ ..] = arguments.as_slice() else {
        return Err("usage: engine-bench PART FOLDER THREADS NUMBER".into());
    };
    let numbers: Vec<usize> = numbers
        .iter()
        .map(|word| word.parse())
        .collect::<std::result::Result<_, _>>()?;
    let [threads, number] = numbers[..] else {
        return Err("expected the number of threads and one other number".into());
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()?;
    let folder = Path::new(folder);
    let line = match part.as_str() {
        "step" => step(folder, number)?,
        "decode" => decode(folder, number)?,
        "text" => text(folder, number)?,
        "generate" => generate(folder, threads, number)?,
        "products" => products(number)?,
        _ => return Err(format!("unknown part `{part}`").into()),
    };
    println!("{line}");
    Ok(())
}

fn line(load: f64, times: &[f64], check: f32) -> Result<String> {
    if !check.is_finite() {
        return Err("the result is not finite".into());
    }
    Ok(format!(
        r#"{{"load": {load}, "times": {times:?}, "peak_kib": {}}}"#,
        peak_kib()?
    ))
}

/// One transformer step of a 512² image, including the modulations of the step. The first run is not
/// counted.
fn step(folder: &Path, runs: usize) -> Result<String> {
    let start = Instant::now();
    let files = ModelFiles::open(folder)?;
    let config = files.transformer_config();
    let weights = files.transformer(&Device::Cpu, DType::F32)?;
    let transformer = Transformer::new(&weights, config, false)?;
    let load = start.elapsed().as_secs_f64();
    let latents = normal(1, (1, SIDE * SIDE, config.in_channels))?;
    let text = normal(2, (1, TEXT, config.joint_attention_dim))?;
    let pooled = normal(3, (1, config.pooled_projection_dim))?;
    let rope = Rope::new(config, TEXT, SIDE, SIDE, &Device::Cpu)?;
    let mut times = Vec::new();
    let mut check = 0.0;
    for _ in 0..=runs {
        let start = Instant::now();
        let conditions = transformer.conditions(&[1000.0], &pooled, Some(3500.0), &|| false)?;
        let velocity = transformer.forward(&latents, &text, &conditions, 0, &rope, &|| false)?;
        times.push(start.elapsed().as_secs_f64());
        check = velocity.sum_all()?.to_scalar()?;
    }
    line(load, &times[1..], check)
}

/// Decodes one `side`² image without tiling.
fn decode(folder: &Path, side: usize) -> Result<String> {
    let start = Instant::now();
    let files = ModelFiles::open(folder)?;
    let config = files.autoencoder_config();
    let weights = files.autoencoder(&Device::Cpu, DType::F32)?;
    let decoder = Decoder::new(&weights, config)?;
    let load = start.elapsed().as_secs_f64();
    let latents = normal(1, (1, config.latent_channels, side / 8, side / 8))?;
    let start = Instant::now();
    let planes = decoder.decode(&latents, side / 8, &|| false)?;
    let time = start.elapsed().as_secs_f64();
    line(load, &[time], planes.sum_all()?.to_scalar()?)
}

/// Encodes 256 tokens with T5 and 77 with CLIP. The first run is not counted.
fn text(folder: &Path, runs: usize) -> Result<String> {
    let start = Instant::now();
    let files = ModelFiles::open(folder)?;
    let t5 = T5Encoder::new(&files.t5(&Device::Cpu, DType::F32)?, files.t5_config())?;
    let clip = files.clip(&Device::Cpu, DType::F32)?;
    let clip = ClipTextEncoder::new(&clip, files.clip_config())?;
    let load = start.elapsed().as_secs_f64();
    let ids = |count: u32| vec![(0..count).map(|id| 3 + id).collect::<Vec<_>>()];
    let mut times = Vec::new();
    let mut check = 0.0;
    for _ in 0..=runs {
        let start = Instant::now();
        let pooled = clip.pooled(&ids(77))?;
        let embedding = t5.forward(&ids(TEXT as u32), &|| false)?;
        times.push(start.elapsed().as_secs_f64());
        check = (pooled.sum_all()? + embedding.sum_all()?)?.to_scalar()?;
    }
    line(load, &times[1..], check)
}

/// Generates a 512² image with the pipeline, with the time of each event.
fn generate(folder: &Path, threads: usize, steps: usize) -> Result<String> {
    let start = Instant::now();
    let mut pipeline = Pipeline::open(folder, Options::default().with_threads(threads))?;
    let load = start.elapsed().as_secs_f64();
    let clock = Clock {
        start,
        marks: Mutex::new(Vec::new()),
    };
    let image = ImageRequest::new("a lighthouse in a storm", 7);
    let mut job = Job::new(vec![image], 512, 512);
    job.steps = Some(steps);
    let images = pipeline.draw(&job, &clock)?;
    let end = start.elapsed().as_secs_f64();
    let rgb = &images[0].rgb;
    if rgb.iter().all(|byte| *byte == rgb[0]) {
        return Err("the image has only one colour".into());
    }
    let marks = clock.marks.into_inner().map_err(|_| "a thread panicked")?;
    let marks: Vec<String> = marks
        .iter()
        .map(|(name, time)| format!(r#"["{name}", {time}]"#))
        .collect();
    Ok(format!(
        r#"{{"load": {load}, "marks": [{}], "end": {end}, "plan": {:?}, "peak_kib": {}}}"#,
        marks.join(", "),
        pipeline.memory_plan(512, 512, 1).to_string(),
        peak_kib()?
    ))
}

struct Clock {
    start: Instant,
    marks: Mutex<Vec<(&'static str, f64)>>,
}

impl Observer for Clock {
    fn on_event(&self, event: Event) {
        let name = match event {
            Event::Encoding => "encoding",
            Event::Step { .. } => "step",
            Event::Decoding { .. } => "decoding",
            _ => return,
        };
        if let Ok(mut marks) = self.marks.lock() {
            marks.push((name, self.start.elapsed().as_secs_f64()));
        }
    }
}

/// The f32 matrix products of a step, measured alone: the mean rate in GFLOP/s, for a model of this
/// width with twice as many single as double blocks.
fn products(hidden: usize) -> Result<String> {
    let image = SIDE * SIDE;
    let all = image + TEXT;
    let mut shapes = Vec::new();
    for tokens in [image, TEXT] {
        for (inputs, outputs) in [(1, 3), (1, 1), (1, 4), (4, 1)] {
            shapes.push((tokens, inputs * hidden, outputs * hidden, 1));
        }
    }
    shapes.extend([(all, hidden, 7 * hidden, 2), (all, 5 * hidden, hidden, 2)]);
    let (mut operations, mut seconds) = (0.0, 0.0);
    for (tokens, inputs, outputs, count) in shapes {
        let x = normal(1, (tokens, inputs))?;
        let weight = noise(2, inputs * outputs, NoiseType::F32);
        let bytes: Vec<u8> = weight.iter().flat_map(|x| x.to_le_bytes()).collect();
        let matrix = Matrix::new(WeightType::F32, outputs, inputs, WeightBytes::owned(bytes))?;
        let linear = Linear::new(matrix, None, &Device::Cpu, DType::F32)?;
        linear.forward(&x)?;
        let mut runs = Vec::new();
        for _ in 0..5 {
            let start = Instant::now();
            linear.forward(&x)?;
            runs.push(start.elapsed().as_secs_f64());
        }
        runs.sort_by(f64::total_cmp);
        operations += f64::from(count) * 2.0 * (tokens * inputs * outputs) as f64;
        seconds += f64::from(count) * runs[2];
    }
    line(0.0, &[operations / seconds / 1e9], 0.0)
}

fn normal<S: Into<candle_core::Shape>>(seed: u64, shape: S) -> Result<Tensor> {
    let shape = shape.into();
    let numbers = noise(seed, shape.elem_count(), NoiseType::F32);
    Ok(Tensor::from_vec(numbers, shape, &Device::Cpu)?)
}

/// The peak resident memory of this process, including the touched pages of mapped files.
fn peak_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let words = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let words = words.ok_or("the system does not report the peak memory")?;
    let kib = words.split_whitespace().next().unwrap_or_default();
    Ok(kib.parse()?)
}
