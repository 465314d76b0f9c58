//! Finds and checks the files of a model, without reading its weights.

mod find;
mod shards;
mod tokenizers;

use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device};

use crate::config::Fields;
use crate::weights::ModelTensors;
use crate::{
    AutoencoderConfig, ClipConfig, Component, Error, GenerationDefaults, Result, SchedulerConfig,
    T5Config, TokenizerFiles, TransformerConfig, WeightType, Weights,
};
use find::Search;

/// The files of a complete model. Their headers have been read and checked, but not their weights.
///
/// A model is one of
/// - a **diffusers folder**: `transformer/`, `vae/`, `text_encoder/`, `text_encoder_2/`,
///   `tokenizer/`, `tokenizer_2/`, `scheduler/`;
/// - a **folder of files**: a transformer, an autoencoder, a T5 and a CLIP encoder, detected by their
///   tensors rather than their names, and the tokenizers' files in the folder or in `tokenizer/` and
///   `tokenizer_2/`;
/// - a mixture: components without their own folder are looked up among the files;
/// - one **file** with some or all components; the others are looked up in its folder.
///
/// If a component has no `config.json`, its shape is derived from its tensors, and the other values
/// are those of FLUX.1.
#[derive(Clone, Debug)]
pub struct ModelFiles {
    name: String,
    transformer: Arc<ModelTensors>,
    autoencoder: Arc<ModelTensors>,
    t5: Arc<ModelTensors>,
    clip: Arc<ModelTensors>,
    transformer_config: TransformerConfig,
    autoencoder_config: AutoencoderConfig,
    t5_config: T5Config,
    clip_config: ClipConfig,
    scheduler_config: SchedulerConfig,
    t5_tokenizer: TokenizerFiles,
    clip_tokenizer: TokenizerFiles,
    stored_type: WeightType,
    defaults: GenerationDefaults,
}

impl ModelFiles {
    /// Opens the model at `path`. Fails if a component is missing, invalid or unsupported.
    pub fn open(path: &Path) -> Result<Self> {
        let search = Search::new(path)?;
        let [transformer, autoencoder, t5, clip] = search.components()?;
        let base = search.base();

        let weights = shapes(&transformer);
        let transformer_config = match config(base, Component::Transformer)? {
            Some(fields) => {
                let config = TransformerConfig::from_fields(&fields)?;
                let checked = config.check_tensors(&weights);
                checked.map_err(|error| fields.with_file(error))?;
                config
            }
            None => TransformerConfig::from_tensors(&weights)?,
        };
        let stored_type = weights
            .stored_type()
            .ok_or_else(|| Error::model("no tensor of the transformer is of a supported type"))?;
        let autoencoder_config = match config(base, Component::Autoencoder)? {
            Some(fields) => AutoencoderConfig::from_fields(&fields)?,
            None => AutoencoderConfig::from_tensors(&shapes(&autoencoder))?,
        };
        let t5_config = match config(base, Component::T5)? {
            Some(fields) => T5Config::from_fields(&fields)?,
            None => T5Config::from_tensors(&shapes(&t5))?,
        };
        let clip_config = match config(base, Component::Clip)? {
            Some(fields) => ClipConfig::from_fields(&fields)?,
            None => ClipConfig::from_tensors(&shapes(&clip))?,
        };
        let schedule = base.join("scheduler").join("scheduler_config.json");
        let scheduler_config = if schedule.is_file() {
            SchedulerConfig::from_fields(&Fields::read(&schedule)?)?
        } else {
            SchedulerConfig::flux(transformer_config.guidance_embeds)
        };
        let defaults = GenerationDefaults::read(base, transformer_config.guidance_embeds)?;
        let files = Self {
            name: search.name(),
            t5_tokenizer: tokenizers::t5(base)?,
            clip_tokenizer: tokenizers::clip(base)?,
            transformer,
            autoencoder,
            t5,
            clip,
            transformer_config,
            autoencoder_config,
            t5_config,
            clip_config,
            scheduler_config,
            stored_type,
            defaults,
        };
        let checked = files.check();
        checked.map_err(|error| error.with_context("model", path.display().to_string()))?;
        Ok(files)
    }

    /// Fails if the components do not fit together.
    fn check(&self) -> Result<()> {
        let transformer = &self.transformer_config;
        let pairs = [
            (
                "the transformer expects image tokens of {} features, but the autoencoder yields {}",
                transformer.in_channels,
                self.autoencoder_config.latent_channels * 4,
            ),
            (
                "the transformer expects text tokens of {} features, but the T5 encoder yields {}",
                transformer.joint_attention_dim,
                self.t5_config.d_model,
            ),
            (
                "the transformer expects a pooled text of {} features, but the CLIP encoder yields {}",
                transformer.pooled_projection_dim,
                self.clip_config.hidden_size,
            ),
        ];
        for (message, expected, found) in pairs {
            if expected != found {
                let message = message.replacen("{}", &expected.to_string(), 1);
                let message = message.replacen("{}", &found.to_string(), 1);
                return Err(Error::model(message));
            }
        }
        Ok(())
    }

    /// The model's name: that of its repository if it is in the hub's cache, otherwise that of its
    /// folder or file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The transformer's tensors, by the names of the original FLUX files.
    pub fn transformer(&self, device: &Device, dtype: DType) -> Result<Weights> {
        Ok(Weights::from_model_tensors(
            self.transformer.clone(),
            device,
            dtype,
        ))
    }

    /// The autoencoder's tensors, by the names of the original FLUX files.
    pub fn autoencoder(&self, device: &Device, dtype: DType) -> Result<Weights> {
        Ok(Weights::from_model_tensors(
            self.autoencoder.clone(),
            device,
            dtype,
        ))
    }

    /// The T5 encoder's tensors, by transformers' names.
    pub fn t5(&self, device: &Device, dtype: DType) -> Result<Weights> {
        Ok(Weights::from_model_tensors(self.t5.clone(), device, dtype))
    }

    /// The CLIP encoder's tensors, by transformers' names.
    pub fn clip(&self, device: &Device, dtype: DType) -> Result<Weights> {
        Ok(Weights::from_model_tensors(
            self.clip.clone(),
            device,
            dtype,
        ))
    }

    /// The transformer's shape.
    pub fn transformer_config(&self) -> &TransformerConfig {
        &self.transformer_config
    }

    /// The autoencoder's shape.
    pub fn autoencoder_config(&self) -> &AutoencoderConfig {
        &self.autoencoder_config
    }

    /// The T5 encoder's shape.
    pub fn t5_config(&self) -> &T5Config {
        &self.t5_config
    }

    /// The CLIP encoder's shape.
    pub fn clip_config(&self) -> &ClipConfig {
        &self.clip_config
    }

    /// The scheduler's configuration.
    pub fn scheduler_config(&self) -> &SchedulerConfig {
        &self.scheduler_config
    }

    /// The files of T5's tokenizer.
    pub fn t5_tokenizer(&self) -> &TokenizerFiles {
        &self.t5_tokenizer
    }

    /// The files of CLIP's tokenizer.
    pub fn clip_tokenizer(&self) -> &TokenizerFiles {
        &self.clip_tokenizer
    }

    /// The storage type of most of the transformer's bytes.
    pub fn stored_type(&self) -> WeightType {
        self.stored_type
    }

    /// The model's default parameters.
    pub fn defaults(&self) -> &GenerationDefaults {
        &self.defaults
    }
}

/// The tensors of a component, to inspect their shapes.
fn shapes(tensors: &Arc<ModelTensors>) -> Weights {
    Weights::from_model_tensors(tensors.clone(), &Device::Cpu, DType::F32)
}

/// The `config.json` in a component's folder, if it exists.
fn config(base: &Path, component: Component) -> Result<Option<Fields>> {
    let path = base.join(component.folder()).join("config.json");
    path.is_file().then(|| Fields::read(&path)).transpose()
}
