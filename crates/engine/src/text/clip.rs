//! CLIP's text encoder.

use candle_core::Tensor;
use serde::Deserialize;

use super::{Embedding, check_epsilon, check_sizes, split_heads, stacked_linear};
use crate::{Error, Linear, Result, Weights, ops};

/// The configuration of a CLIP text encoder, with the names of transformers' `config.json`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ClipConfig {
    /// Number of token embeddings.
    pub vocab_size: usize,
    /// Features of a token.
    pub hidden_size: usize,
    /// Hidden features of a feed-forward network.
    pub intermediate_size: usize,
    /// Number of layers.
    pub num_hidden_layers: usize,
    /// Attention heads.
    pub num_attention_heads: usize,
    /// Maximum number of tokens; 77 by default.
    #[serde(default = "default_positions")]
    pub max_position_embeddings: usize,
    /// Activation function of the feed-forward networks; `quick_gelu` by default.
    #[serde(default)]
    pub hidden_act: Activation,
    /// Epsilon of the layer norms; 1e-5 by default.
    #[serde(default = "default_epsilon")]
    pub layer_norm_eps: f64,
    /// The token whose state is the prompt's embedding; 49407 by default.
    ///
    /// Files written by transformers before 4.31 contain 2 by mistake, which selects the largest
    /// token id of the prompt.
    #[serde(default = "default_end")]
    pub eos_token_id: u32,
}

/// An activation function, with transformers' names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Activation {
    /// `x · sigmoid(1.702 · x)`.
    #[default]
    QuickGelu,
    /// The exact GELU, computed with the error function.
    Gelu,
}

fn default_positions() -> usize {
    77
}

fn default_epsilon() -> f64 {
    1e-5
}

fn default_end() -> u32 {
    49407
}

impl ClipConfig {
    /// Validates the values. Errors name the field.
    pub fn check(&self) -> Result<()> {
        let (width, heads) = (self.hidden_size, self.num_attention_heads);
        check_sizes(
            "CLIP",
            &[
                ("vocab_size", self.vocab_size),
                ("hidden_size", width),
                ("intermediate_size", self.intermediate_size),
                ("num_hidden_layers", self.num_hidden_layers),
                ("num_attention_heads", heads),
                ("max_position_embeddings", self.max_position_embeddings),
            ],
        )?;
        check_epsilon("CLIP", "layer_norm_eps", self.layer_norm_eps)?;
        if !width.is_multiple_of(heads) {
            return Err(Error::model(format!(
                "the CLIP encoder's `hidden_size` is {width}, \
                 not a multiple of `num_attention_heads` ({heads})"
            )));
        }
        Ok(())
    }

    /// The position of the token whose state is the prompt's embedding, as in transformers.
    fn end(&self, ids: &[u32]) -> usize {
        let end = if self.eos_token_id == 2 {
            ids.iter().max().copied().unwrap_or_default()
        } else {
            self.eos_token_id
        };
        ids.iter().position(|&id| id == end).unwrap_or(0)
    }
}

/// CLIP's text encoder, which returns one vector for each prompt.
#[derive(Clone, Debug)]
pub struct ClipTextEncoder {
    config: ClipConfig,
    tokens: Embedding,
    /// `[positions, features]`.
    positions: Tensor,
    layers: Vec<Layer>,
    norm: Norm,
}

#[derive(Clone, Debug)]
struct Layer {
    attention_norm: Norm,
    qkv: Linear,
    out: Linear,
    feed_forward_norm: Norm,
    expand: Linear,
    contract: Linear,
}

#[derive(Clone, Debug)]
struct Norm {
    weight: Tensor,
    bias: Tensor,
    epsilon: f64,
}

impl Norm {
    fn new(weights: &Weights, name: &str, config: &ClipConfig) -> Result<Self> {
        let tensor = |part| weights.tensor(&format!("{name}.{part}"), &[config.hidden_size]);
        Ok(Self {
            weight: tensor("weight")?,
            bias: tensor("bias")?,
            epsilon: config.layer_norm_eps,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        ops::layer_norm(x, &self.weight, &self.bias, self.epsilon)
    }
}

impl ClipTextEncoder {
    /// Loads an encoder from weights with the names of transformers' `CLIPTextModel`, below
    /// `text_model`.
    pub fn new(weights: &Weights, config: &ClipConfig) -> Result<Self> {
        config.check()?;
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let model = weights.at("text_model");
        let layer = |index| -> Result<Layer> {
            let layer = model.at(format!("encoder.layers.{index}"));
            let attention = layer.at("self_attn");
            let projections = ["q_proj", "k_proj", "v_proj"];
            Ok(Layer {
                attention_norm: Norm::new(&layer, "layer_norm1", config)?,
                qkv: stacked_linear(&attention, &projections, width, width, true)?,
                out: attention.linear("out_proj", width, width, true)?,
                feed_forward_norm: Norm::new(&layer, "layer_norm2", config)?,
                expand: layer.linear("mlp.fc1", width, inner, true)?,
                contract: layer.linear("mlp.fc2", inner, width, true)?,
            })
        };
        let embeddings = model.at("embeddings");
        let (tokens, positions) = ("token_embedding.weight", "position_embedding.weight");
        Ok(Self {
            tokens: Embedding::new(&embeddings, tokens, config.vocab_size, width)?,
            positions: embeddings.tensor(positions, &[config.max_position_embeddings, width])?,
            layers: (0..config.num_hidden_layers)
                .map(layer)
                .collect::<Result<_>>()?,
            norm: Norm::new(&model, "final_layer_norm", config)?,
            config: config.clone(),
        })
    }

    /// The embedding of each prompt, `[batch, hidden_size]`: the state of its first end token.
    ///
    /// All rows of `ids` must have the same length. Attention is causal, so the padding after the
    /// end token is not computed.
    pub fn pooled(&self, ids: &[Vec<u32>]) -> Result<Tensor> {
        let ends: Vec<usize> = ids.iter().map(|ids| self.config.end(ids)).collect();
        let needed = ends.iter().max().map_or(0, |end| end + 1);
        let limit = self.config.max_position_embeddings;
        if needed > limit {
            let message =
                format!("the prompt has {needed} tokens, more than CLIP's limit of {limit}");
            return Err(Error::invalid("prompt", message));
        }
        let ids: Vec<Vec<u32>> = ids
            .iter()
            .map(|ids| ids.iter().copied().take(needed).collect())
            .collect();
        let positions = self.positions.narrow(0, 0, needed)?;
        let mut x = self.tokens.forward(&ids)?.broadcast_add(&positions)?;
        for layer in &self.layers {
            x = self.layer(layer, &x)?;
        }
        let rows: Vec<Tensor> = ends
            .iter()
            .enumerate()
            .map(|(batch, &end)| Ok(x.narrow(0, batch, 1)?.narrow(1, end, 1)?.contiguous()?))
            .collect::<Result<_>>()?;
        let states = Tensor::cat(&rows, 0)?.squeeze(1)?;
        self.norm.forward(&states)
    }

    fn layer(&self, layer: &Layer, x: &Tensor) -> Result<Tensor> {
        let heads = self.config.num_attention_heads;
        let d = (self.config.hidden_size / heads) as f32;
        let normed = layer.attention_norm.forward(x)?;
        let [q, k, v] = split_heads(&layer.qkv.forward(&normed)?, heads)?;
        let attended = ops::attention(&q, &k, &v, d.powf(-0.5), None, true)?;
        let x = (x + layer.out.forward(&attended)?)?;
        let normed = layer.feed_forward_norm.forward(&x)?;
        let expanded = layer.expand.forward(&normed)?;
        let expanded = match self.config.hidden_act {
            Activation::QuickGelu => ops::quick_gelu(&expanded)?,
            Activation::Gelu => ops::exact_gelu(&expanded)?,
        };
        Ok((&x + layer.contract.forward(&expanded)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(end: u32) -> ClipConfig {
        let text = format!(
            r#"{{"vocab_size": 10, "hidden_size": 8, "intermediate_size": 16, "eos_token_id": {end},
                "num_hidden_layers": 1, "num_attention_heads": 2, "hidden_act": "gelu"}}"#
        );
        serde_json::from_str(&text).expect("invalid JSON")
    }

    #[test]
    fn the_end_is_the_first_end_token_or_the_largest_id_for_old_files() {
        assert_eq!(config(7).end(&[8, 1, 7, 7]), 2);
        assert_eq!(config(7).end(&[8, 1, 3]), 0);
        assert_eq!(config(2).end(&[8, 2, 9, 9]), 2);
    }

    #[test]
    fn invalid_values_are_rejected_by_field() {
        type Change = fn(&mut ClipConfig);
        let changes: [(&str, Change); 4] = [
            ("hidden_size", |c| c.hidden_size = 9),
            ("num_hidden_layers", |c| c.num_hidden_layers = 0),
            ("num_attention_heads", |c| {
                c.num_attention_heads = usize::MAX;
            }),
            ("layer_norm_eps", |c| c.layer_norm_eps = -1.0),
        ];
        assert!(config(7).check().is_ok());
        for (field, change) in changes {
            let mut config = config(7);
            change(&mut config);
            let error = config.check().expect_err(field);
            assert!(error.message().contains(&format!("`{field}`")), "{error}");
        }
        assert!(serde_json::from_str::<ClipConfig>(r#"{"hidden_act": "relu"}"#).is_err());
    }
}
