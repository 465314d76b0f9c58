//! The complete text-to-image pipeline.
//!
//! [`Pipeline::open`] maps a model's files and checks them. [`Pipeline::draw`] loads each model when
//! it is needed: the text encoders encode the prompts, the transformer removes the noise step by
//! step, the decoder produces pixels. On a CPU, loading is mapping: the text encoders are dropped
//! once the prompts are encoded, and the kernel keeps their pages cached while memory allows. On
//! other devices models stay loaded if all of them fit.

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
    ClipTextEncoder, Decoder, Error, ErrorKind, MemoryPlan, ModelFiles, NoiseType, Picture, Result,
    T5Encoder, Tokenizer, Transformer, WeightType, Weights,
};

use prompts::Prompts;

pub use denoise::{model_guidance, timestep};
pub use event::{Event, Observer};
pub use info::ModelInfo;
pub use job::{ImageRequest, Job};
pub use latents::starting_noise;
pub use options::{DeviceKind, Options};

/// An opened model.
pub struct Pipeline {
    files: ModelFiles,
    options: Options,
    info: ModelInfo,
    device: Device,
    /// The type of activations.
    dtype: DType,
    noise: NoiseType,
    parts: Parts,
    /// Bytes that were free on the GPU before anything was loaded. On a CPU the available memory is
    /// queried for each job.
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

/// The models that are loaded.
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
    /// Maps every file and checks the presence and shape of every tensor; computes nothing. Files
    /// must not be truncated while the pipeline exists: access to a missing page of a mapped file
    /// ends the process.
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
            let message = format!("{max_tokens} is not between 1 and 4096");
            return Err(Error::invalid("max_tokens", message));
        }
        let info = ModelInfo {
            max_tokens,
            ..ModelInfo::of(&files)
        };
        let parts = check(&files, dtype)?;
        let free = memory::available_on(&device);
        let tokenizers = Tokenizers {
            t5: Tokenizer::t5(files.t5_tokenizer())?,
            clip: Tokenizer::clip(files.clip_tokenizer())?,
        };
        let threads = options.threads.unwrap_or(0);
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| {
            Error::new(ErrorKind::Device, "cannot start the threads").with_source(error)
        })?;
        Ok(Self {
            files,
            options,
            info,
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

    /// The model's properties.
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// The memory that a job of `batch` images of this size in pixels needs.
    pub fn memory_plan(&self, width: usize, height: usize, batch: usize) -> MemoryPlan {
        let on_cpu = self.device.is_cpu();
        let available = || {
            if on_cpu {
                memory::available()
            } else {
                self.free
            }
        };
        let free = self.options.memory.or_else(available);
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
            text_tokens: self.info.max_tokens,
        };
        MemoryPlan::new(&self.parts, shapes, &demand, Decoder::TILE, free)
    }

    /// Runs a job and returns its images in order.
    ///
    /// On the same kind of machine, an image has the same pixels regardless of the rest of the
    /// job, except for the last bit of a colour value. A cancelled job returns
    /// [`ErrorKind::Cancelled`] and no images.
    pub fn draw(&mut self, job: &Job, observer: &dyn Observer) -> Result<Vec<Picture>> {
        job.check(&self.info)?;
        let plan = self.memory_plan(job.width, job.height, job.images.len());
        plan.check()?;
        self.pool.clone().install(|| {
            let encoded = self.encode(job, &plan, observer)?;
            let latents = self.denoise(job, &plan, &encoded, observer)?;
            self.decode(job, &plan, &latents, observer)
        })
    }

    /// Drops all loaded models and the cached prompt embeddings.
    pub fn unload(&mut self) {
        self.drop_text();
        self.drop_transformer();
        self.resident = Resident::default();
        self.prompts.clear();
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

/// Releases the mapped pages of a model's files.
fn release(weights: Result<Weights>) {
    if let Ok(weights) = weights {
        weights.release();
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("info", &self.info)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Checks every tensor, and returns the size of each model in memory.
///
/// The models are built on the CPU regardless of the device, because that only maps the files.
fn check(files: &ModelFiles, dtype: DType) -> Result<Parts> {
    let cpu = Device::Cpu;
    let (t5, clip) = (files.t5(&cpu, DType::F32)?, files.clip(&cpu, DType::F32)?);
    let transformer = files.transformer(&cpu, DType::F32)?;
    let autoencoder = files.autoencoder(&cpu, DType::F32)?;
    T5Encoder::new(&t5, files.t5_config())?;
    ClipTextEncoder::new(&clip, files.clip_config())?;
    Transformer::new(&transformer, files.transformer_config(), false)?;
    Decoder::new(&autoencoder, files.autoencoder_config())?;
    // A CPU reads weights in their stored type; other devices convert them to that of activations.
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

/// The number of elements of all tensors.
fn elements(weights: &Weights) -> u64 {
    let shapes = weights.names().filter_map(|name| weights.shape(name));
    shapes
        .map(|shape| shape.iter().map(|side| *side as u64).product::<u64>())
        .sum()
}

/// Fails if a tensor contains NaN or infinity.
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
        "{part} produced NaN or infinity {when}; its weights are damaged or belong to another kind \
         of model"
    );
    Err(Error::model(message))
}
