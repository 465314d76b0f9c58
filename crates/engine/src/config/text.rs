//! The configurations of the text encoders and the scheduler, from files or derived from tensors.

use super::Fields;
use crate::{Activation, ClipConfig, Error, Result, SchedulerConfig, T5Config, Weights};

impl T5Config {
    pub(crate) fn from_fields(fields: &Fields) -> Result<Self> {
        fields.one_of("model_type", &["t5"])?;
        let config: Self = fields.deserialize()?;
        config.check().map_err(|error| fields.with_file(error))?;
        Ok(config)
    }

    /// Derives the configuration from the tensors; distance and epsilon are those of T5 1.1.
    pub(crate) fn from_tensors(weights: &Weights) -> Result<Self> {
        let [vocab_size, d_model] = weights.shape_of("shared.weight")?;
        let layer = weights.at("encoder.block.0.layer");
        let [inner, _] = layer.shape_of("0.SelfAttention.q.weight")?;
        let bias = "0.SelfAttention.relative_attention_bias.weight";
        let [relative_attention_num_buckets, num_heads] = layer.shape_of(bias)?;
        let [d_ff, _] = layer.shape_of("1.DenseReluDense.wi_0.weight")?;
        if num_heads == 0 || inner % num_heads != 0 {
            return Err(Error::model(format!(
                "`SelfAttention.q.weight` has {inner} rows, not a multiple of {num_heads} heads"
            )));
        }
        let config = Self {
            vocab_size,
            d_model,
            d_kv: inner / num_heads,
            d_ff,
            num_layers: weights.count_of("encoder.block", "layer.0.SelfAttention.q.weight"),
            num_heads,
            relative_attention_num_buckets,
            relative_attention_max_distance: 128,
            layer_norm_epsilon: 1e-6,
            feed_forward_proj: "gated-gelu".into(),
        };
        config.check()?;
        Ok(config)
    }
}

impl ClipConfig {
    pub(crate) fn from_fields(fields: &Fields) -> Result<Self> {
        fields.one_of("model_type", &["clip_text_model"])?;
        let config: Self = fields.deserialize()?;
        config.check().map_err(|error| fields.with_file(error))?;
        Ok(config)
    }

    /// Derives the configuration from the tensors; heads have 64 features, as in all of CLIP's text
    /// encoders.
    pub(crate) fn from_tensors(weights: &Weights) -> Result<Self> {
        let weights = weights.at("text_model");
        let [vocab_size, hidden_size] = weights.shape_of("embeddings.token_embedding.weight")?;
        let [max_position_embeddings, _] =
            weights.shape_of("embeddings.position_embedding.weight")?;
        let [intermediate_size, _] = weights.shape_of("encoder.layers.0.mlp.fc1.weight")?;
        if hidden_size % 64 != 0 {
            return Err(Error::model(format!(
                "cannot derive the number of heads from a hidden size of {hidden_size} without \
                 `text_encoder/config.json`"
            )));
        }
        let config = Self {
            vocab_size,
            hidden_size,
            intermediate_size,
            num_hidden_layers: weights.count_of("encoder.layers", "self_attn.q_proj.weight"),
            num_attention_heads: hidden_size / 64,
            max_position_embeddings,
            hidden_act: Activation::QuickGelu,
            layer_norm_eps: 1e-5,
            eos_token_id: 49_407,
        };
        config.check()?;
        Ok(config)
    }
}

impl SchedulerConfig {
    pub(crate) fn from_fields(fields: &Fields) -> Result<Self> {
        let config: Self = fields.deserialize()?;
        config.check().map_err(|error| fields.with_file(error))?;
        Ok(config)
    }

    /// The configuration of FLUX.1-dev if the model has a guidance input, otherwise that of
    /// FLUX.1-schnell.
    pub(crate) fn flux(guidance: bool) -> Self {
        Self {
            shift: if guidance { 3.0 } else { 1.0 },
            use_dynamic_shifting: guidance,
            ..Self::default()
        }
    }
}
