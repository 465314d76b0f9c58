//! FLUX text-to-image on this machine: words in, pixels out.
//!
//! The engine is synchronous and knows no network. On a CPU it computes in f32 by kernels of its
//! own, straight from memory-mapped weights in whatever type a file holds them; on other devices
//! the same model code runs on candle's tensors.

mod autoencoder;
mod config;
mod error;
mod files;
mod kernels;
mod linear;
mod matrix;
mod memory;
mod noise;
pub mod ops;
mod pipeline;
mod preview;
mod scheduler;
mod text;
mod tokenizer;
mod transformer;
mod weights;

/// The tensor library, whose tensors the components of a model take and return.
pub use candle_core as candle;

pub use autoencoder::Decoder;
pub use config::{AutoencoderConfig, GenerationDefaults, TransformerConfig};
pub use error::{Error, ErrorKind, Result};
pub use files::ModelFiles;
pub use linear::Linear;
pub use matrix::{Matrix, WeightBytes, WeightType};
pub use memory::{MemoryPlan, Phase};
pub use noise::{NoiseType, noise};
pub use pipeline::{
    DeviceKind, Event, ImageRequest, Job, ModelInfo, Observer, Options, Picture, Pipeline,
    model_guidance, starting_noise, timestep,
};
pub use scheduler::{Schedule, SchedulerConfig, TimeShift};
pub use text::{Activation, ClipConfig, ClipTextEncoder, T5Config, T5Encoder};
pub use tokenizer::{Tokenizer, TokenizerFiles, Tokens};
pub use transformer::{Conditions, Rope, Transformer};
pub use weights::{Component, Weights};
