//! The parts of a model, found where they lie and checked; no weight is read.

mod find;
mod shards;
mod tokenizers;

use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device};

use crate::config::Fields;
use crate::weights::Table;
use crate::{
    AutoencoderConfig, ClipConfig, Component, Error, GenerationDefaults, Result, SchedulerConfig,
    T5Config, TokenizerFiles, TransformerConfig, WeightType, Weights,
};
use find::Search;

/// What a path holds: a whole model, recognised and checked, of which no weight is read yet.
///
/// The path is one of
/// - a **folder of diffusers**: `transformer/`, `vae/`, `text_encoder/`, `text_encoder_2/`,
///   `tokenizer/`, `tokenizer_2/`, `scheduler/`;
/// - a **folder of files**: a transformer, an autoencoder, a T5 and a CLIP encoder, each known by its
///   tensors and not by its name, and the tokenizers' files in the folder or in `tokenizer/` and
///   `tokenizer_2/`;
/// - a mixture: what has no folder of its own is looked for among the files;
/// - one **file** with some or all parts; the others are looked for beside it.
///
/// Where a part has no `config.json`, its shape is read off its tensors, and the rest is as in
/// FLUX.1.
#[derive(Clone, Debug)]
pub struct ModelFiles {
    name: String,
    transformer: Arc<Table>,
    autoencoder: Arc<Table>,
    t5: Arc<Table>,
    clip: Arc<Table>,
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
    /// Finds the parts of the model at `path`.
    pub fn open(path: &Path) -> Result<Self> {
        let search = Search::new(path)?;
        let [transformer, autoencoder, t5, clip] = search.parts()?;
        let base = search.base();

        let weights = unread(&transformer);
        let transformer_config = match config(base, Component::Transformer)? {
            Some(fields) => {
                let config = TransformerConfig::from_fields(&fields)?;
                let checked = config.check_tensors(&weights);
                checked.map_err(|error| fields.named(error))?;
                config
            }
            None => TransformerConfig::from_tensors(&weights)?,
        };
        let stored_type = weights.stored_type().ok_or_else(|| {
            Error::model("no tensor of the transformer is of a type that is read")
        })?;
        let autoencoder_config = match config(base, Component::Autoencoder)? {
            Some(fields) => AutoencoderConfig::from_fields(&fields)?,
            None => AutoencoderConfig::from_tensors(&unread(&autoencoder))?,
        };
        let t5_config = match config(base, Component::T5)? {
            Some(fields) => T5Config::from_fields(&fields)?,
            None => T5Config::from_tensors(&unread(&t5))?,
        };
        let clip_config = match config(base, Component::Clip)? {
            Some(fields) => ClipConfig::from_fields(&fields)?,
            None => ClipConfig::from_tensors(&unread(&clip))?,
        };
        let schedule = base.join("scheduler").join("scheduler_config.json");
        let scheduler_config = if schedule.is_file() {
            SchedulerConfig::from_fields(&Fields::read(&schedule)?)?
        } else {
            SchedulerConfig::flux(transformer_config.guidance_embeds)
        };
        let defaults = GenerationDefaults::of(base, transformer_config.guidance_embeds)?;
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

    /// Refuses parts that do not belong together.
    fn check(&self) -> Result<()> {
        let transformer = &self.transformer_config;
        let pairs = [
            (
                "the transformer takes tokens of {} features, and four latents of the autoencoder \
                 have {}",
                transformer.in_channels,
                self.autoencoder_config.latent_channels * 4,
            ),
            (
                "the transformer takes texts of {} features, and the T5 encoder gives {}",
                transformer.joint_attention_dim,
                self.t5_config.d_model,
            ),
            (
                "the transformer takes pooled texts of {} features, and the CLIP encoder gives {}",
                transformer.pooled_projection_dim,
                self.clip_config.hidden_size,
            ),
        ];
        for (what, wanted, given) in pairs {
            if wanted != given {
                let what = what.replacen("{}", &wanted.to_string(), 1);
                let what = what.replacen("{}", &given.to_string(), 1);
                return Err(Error::model(format!(
                    "{what}: they are of different models"
                )));
            }
        }
        Ok(())
    }

    /// The model's name: its repository's where it lies in the hub's cache, else its folder's or
    /// file's.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The transformer's tensors, by the names of the original FLUX files.
    pub fn transformer(&self, device: &Device, dtype: DType) -> Result<Weights> {
        Ok(Weights::of_table(self.transformer.clone(), device, dtype))
    }

    /// The autoencoder's tensors, by the names of the original FLUX files.
    pub fn autoencoder(&self, device: &Device, dtype: DType) -> Result<Weights> {
        Ok(Weights::of_table(self.autoencoder.clone(), device, dtype))
    }

    /// The T5 encoder's tensors, by transformers' names.
    pub fn t5(&self, device: &Device, dtype: DType) -> Result<Weights> {
        Ok(Weights::of_table(self.t5.clone(), device, dtype))
    }

    /// The CLIP encoder's tensors, by transformers' names.
    pub fn clip(&self, device: &Device, dtype: DType) -> Result<Weights> {
        Ok(Weights::of_table(self.clip.clone(), device, dtype))
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

    /// How the noise falls.
    pub fn scheduler_config(&self) -> &SchedulerConfig {
        &self.scheduler_config
    }

    /// Where T5's tokenizer lies.
    pub fn t5_tokenizer(&self) -> &TokenizerFiles {
        &self.t5_tokenizer
    }

    /// Where CLIP's tokenizer lies.
    pub fn clip_tokenizer(&self) -> &TokenizerFiles {
        &self.clip_tokenizer
    }

    /// The type that most of the transformer's bytes are stored in.
    pub fn stored_type(&self) -> WeightType {
        self.stored_type
    }

    /// What it is drawn with where nobody says.
    pub fn defaults(&self) -> &GenerationDefaults {
        &self.defaults
    }
}

/// The tensors of a part, to look at their shapes.
fn unread(table: &Arc<Table>) -> Weights {
    Weights::of_table(table.clone(), &Device::Cpu, DType::F32)
}

/// The `config.json` in a part's folder; none where there is none.
fn config(base: &Path, part: Component) -> Result<Option<Fields>> {
    let path = base.join(part.folder()).join("config.json");
    path.is_file().then(|| Fields::read(&path)).transpose()
}
