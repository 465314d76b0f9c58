//! FLUX text-to-image inference.
//!
//! The engine is synchronous and uses no network. On a CPU it computes in f32 with its own kernels,
//! directly from memory-mapped weights in their stored type. On other devices the same model code
//! runs on candle's tensors.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use fluxhop_engine::{ImageRequest, Job, Options, Pipeline};
//!
//! # fn main() -> fluxhop_engine::Result<()> {
//! let mut pipeline = Pipeline::open(Path::new("models/FLUX.1-schnell"), Options::default())?;
//! let job = Job::new(vec![ImageRequest::new("a cat wearing a hat", 7)], 512, 512);
//! let images = pipeline.draw(&job, &())?;
//! assert_eq!(images[0].rgb.len(), 512 * 512 * 3);
//! # Ok(())
//! # }
//! ```
//!
//! [`Pipeline`] is the entry point. The models that it uses are also public; their functions
//! take tensors of [`candle`], which is re-exported.

mod autoencoder;
mod blocks;
mod config;
mod dequantize;
mod error;
mod files;
mod kernels;
mod linear;
mod matrix;
mod memory;
mod noise;
pub mod ops;
mod picture;
mod pipeline;
mod preview;
mod scheduler;
mod text;
mod tokenizer;
mod transformer;
mod weight_type;
mod weights;

/// The tensor library, whose tensors the components of a model take and return.
pub use candle_core as candle;

pub use autoencoder::Decoder;
pub use config::{AutoencoderConfig, GenerationDefaults, TransformerConfig};
pub use error::{Error, ErrorKind, Result};
pub use files::ModelFiles;
pub use linear::Linear;
pub use matrix::{Matrix, WeightBytes};
pub use memory::{MemoryPlan, Phase};
pub use noise::{NoiseType, noise};
pub use picture::Picture;
pub use pipeline::{
    DeviceKind, Event, ImageRequest, Job, ModelInfo, Observer, Options, Pipeline, model_guidance,
    starting_noise, timestep,
};
pub use scheduler::{Schedule, SchedulerConfig, TimeShift};
pub use text::{Activation, ClipConfig, ClipTextEncoder, T5Config, T5Encoder};
pub use tokenizer::{Tokenizer, TokenizerFiles, Tokens};
pub use transformer::{Conditions, Rope, Transformer};
pub use weight_type::WeightType;
pub use weights::{Component, Weights};
