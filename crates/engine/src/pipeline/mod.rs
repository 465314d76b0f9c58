//! Everything together: words and seeds in, pictures out.
//!
//! [`Pipeline::open`] maps a model's files and checks them. [`Pipeline::draw`] loads each part when
//! it is needed: the text encoders read the prompts, the transformer takes the noise away step by
//! step, the decoder makes pixels. On a CPU loading is mapping, so the text encoders go as soon as
//! the prompts are read, and the system keeps their pages for as long as it can; on other devices
//! parts stay where all of them fit.

mod decode;
mod denoise;
mod encode;
mod event;
mod info;
mod job;
mod latents;
mod options;
mod prompts;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::memory::{self, Demand, Parts, Shapes};
use crate::preview::PreviewMap;
use crate::transformer::modulations;
use crate::{
    ClipTextEncoder, Decoder, Error, ErrorKind, MemoryPlan, ModelFiles, NoiseType, Result,
    T5Encoder, Tokenizer, Transformer, WeightType, Weights,
};

use prompts::Prompts;

pub(crate) use decode::byte;
pub(crate) use denoise::CONDITIONED_ROWS;

pub use denoise::{model_guidance, timestep};
pub use event::{Event, Observer, Picture};
pub use info::ModelInfo;
pub use job::{ImageRequest, Job};
pub use latents::starting_noise;
pub use options::{DeviceKind, Options};

/// A model that draws.
pub struct Pipeline {
    files: ModelFiles,
    options: Options,
    facts: ModelInfo,
    device: Device,
    /// Of activations.
    dtype: DType,
    noise: NoiseType,
    parts: Parts,
    /// Bytes that were free on the device before anything was loaded; none on a CPU, which says it
    /// anew each time.
    free: Option<u64>,
    tokenizers: Tokenizers,
    pool: Arc<ThreadPool>,
    resident: Resident,
    prompts: Prompts,
}

struct Tokenizers {
    t5: Tokenizer,
    clip: Tokenizer,
}

/// The parts that are loaded.
#[derive(Default)]
struct Resident {
    text: Option<TextEncoders>,
    transformer: Option<Transformer>,
    decoder: Option<Decoder>,
    preview: Option<PreviewMap>,
}

struct TextEncoders {
    t5: T5Encoder,
    clip: ClipTextEncoder,
}

impl Pipeline {
    /// Opens the model at `path`: a diffusers folder, or a folder of loose files.
    ///
    /// Every file is mapped, and every tensor that will be needed is looked for and its shape
    /// checked. Nothing is computed, and no more read than that takes. Files must not be shortened
    /// by others while the pipeline lives: a mapped page that is gone ends the process.
    pub fn open(path: &Path, options: Options) -> Result<Self> {
        let files = ModelFiles::open(path)?;
        let device = options.device.open()?;
        let dtype = if device.is_cpu() {
            DType::F32
        } else {
            DType::BF16
        };
        let stored = files.stored_type();
        let noise = options.noise.unwrap_or(match stored {
            WeightType::Bf16 => NoiseType::Bf16,
            _ => NoiseType::F32,
        });
        let max_tokens = options.max_tokens.unwrap_or(files.defaults().max_tokens);
        if max_tokens == 0 || max_tokens > 4096 {
            let message = format!("{max_tokens} tokens; 1 to 4096 are possible");
            return Err(Error::invalid("max_tokens", message));
        }
        let facts = ModelInfo {
            max_tokens,
            ..ModelInfo::of(&files)
        };
        let parts = check(&files, dtype)?;
        let free = memory::free_on(&device);
        let tokenizers = Tokenizers {
            t5: Tokenizer::t5(files.t5_tokenizer())?,
            clip: Tokenizer::clip(files.clip_tokenizer())?,
        };
        let threads = options.threads.unwrap_or(0);
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| {
            Error::new(ErrorKind::Device, "the threads cannot be started").with_source(error)
        })?;
        Ok(Self {
            files,
            options,
            facts,
            device,
            dtype,
            noise,
            parts,
            free,
            tokenizers,
            pool: Arc::new(pool),
            resident: Resident::default(),
            prompts: Prompts::default(),
        })
    }

    /// What the model is like.
    pub fn facts(&self) -> &ModelInfo {
        &self.facts
    }

    /// What is in memory when, for `batch` pictures of a size drawn together.
    pub fn memory_plan(&self, width: usize, height: usize, batch: usize) -> MemoryPlan {
        let on_cpu = self.device.is_cpu();
        let there = || if on_cpu { memory::free() } else { self.free };
        let free = self.options.memory.or_else(there);
        let shapes = Shapes {
            t5: self.files.t5_config(),
            transformer: self.files.transformer_config(),
            autoencoder: self.files.autoencoder_config(),
            on_cpu,
        };
        let demand = Demand {
            width,
            height,
            batch,
            text_tokens: self.facts.max_tokens,
        };
        MemoryPlan::new(&self.parts, shapes, &demand, Decoder::TILE, free)
    }

    /// Draws, and answers the pictures in the order of the job's drawings.
    ///
    /// The same job gives the same pixels, on the same kind of machine, however many are drawn
    /// together. When it is cancelled, all pictures of the job are lost.
    pub fn draw(&mut self, job: &Job, observer: &dyn Observer) -> Result<Vec<Picture>> {
        job.check(&self.facts)?;
        let plan = self.memory_plan(job.width, job.height, job.drawings.len());
        plan.check()?;
        self.pool.clone().install(|| {
            let encoded = self.encode(job, &plan, observer)?;
            let latents = self.denoise(job, &plan, &encoded, observer)?;
            self.decode(job, &plan, &latents, observer)
        })
    }

    /// Drops whatever is loaded, and the prompts that are remembered.
    pub fn unload(&mut self) {
        self.drop_text();
        self.drop_transformer();
        self.resident = Resident::default();
        self.prompts.clear();
        memory::give_back();
    }

    fn drop_text(&mut self) {
        if self.resident.text.take().is_some() {
            let (cpu, dtype) = (Device::Cpu, DType::F32);
            release(self.files.t5(&cpu, dtype));
            release(self.files.clip(&cpu, dtype));
        }
    }

    fn drop_transformer(&mut self) {
        if self.resident.transformer.take().is_some() {
            release(self.files.transformer(&Device::Cpu, DType::F32));
        }
    }
}

/// Gives the pages of a part's files back to the system: they were in this process's memory because
/// a CPU computed with them, or they were copied from.
fn release(weights: Result<Weights>) {
    if let Ok(weights) = weights {
        weights.release();
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("facts", &self.facts)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Looks for every tensor, and says what each part takes in memory.
///
/// Parts are built on the CPU for it, where that is mapping, whatever the device is.
fn check(files: &ModelFiles, dtype: DType) -> Result<Parts> {
    let cpu = Device::Cpu;
    let (t5, clip) = (files.t5(&cpu, DType::F32)?, files.clip(&cpu, DType::F32)?);
    let transformer = files.transformer(&cpu, DType::F32)?;
    let autoencoder = files.autoencoder(&cpu, DType::F32)?;
    T5Encoder::new(&t5, files.t5_config())?;
    ClipTextEncoder::new(&clip, files.clip_config())?;
    Transformer::new(&transformer, files.transformer_config(), false)?;
    Decoder::new(&autoencoder, files.autoencoder_config())?;
    // A CPU reads weights where they are; elsewhere they are of the activations' type.
    let bytes = |weights: &Weights| match dtype {
        DType::F32 => weights.byte_count() as u64,
        _ => elements(weights) * dtype.size_in_bytes() as u64,
    };
    let modulations = modulations(files.transformer_config())
        .map(|(name, _)| bytes(&transformer.at(name)))
        .sum();
    Ok(Parts {
        text: bytes(&t5) + bytes(&clip),
        transformer: bytes(&transformer) - modulations,
        modulations,
        decoder: elements(&autoencoder.at("decoder")) * 4,
    })
}

/// How many numbers the tensors hold.
fn elements(weights: &Weights) -> u64 {
    let shapes = weights.names().filter_map(|name| weights.shape(name));
    shapes
        .map(|shape| shape.iter().map(|side| *side as u64).product::<u64>())
        .sum()
}

/// An error where a part gave something that is no number.
fn ensure_finite(tensor: &Tensor, part: &str, when: &str) -> Result<()> {
    let numbers = tensor.flatten_all()?.to_dtype(DType::F32)?;
    let numbers = numbers.to_device(&Device::Cpu)?;
    if crate::ops::read(&numbers)?
        .as_slice()
        .iter()
        .all(|x| x.is_finite())
    {
        return Ok(());
    }
    let message = format!(
        "{part} gave numbers that are not finite {when}: its weights hold NaN or are not those of \
         this kind of model"
    );
    Err(Error::model(message))
}
