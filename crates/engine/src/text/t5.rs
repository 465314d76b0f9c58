//! The encoder of T5 version 1.1.

use candle_core::{DType, Device, Tensor};
use serde::Deserialize;

use super::{Embedding, check_epsilon, check_sizes, split_heads, stacked_linear};
use crate::{Error, ErrorKind, Linear, Result, Weights, ops};

/// The configuration of a T5 encoder, with the names of transformers' `config.json`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct T5Config {
    /// Number of token embeddings.
    pub vocab_size: usize,
    /// Features of a token.
    pub d_model: usize,
    /// Features of a head.
    pub d_kv: usize,
    /// Hidden features of a feed-forward network.
    pub d_ff: usize,
    /// Number of blocks.
    pub num_layers: usize,
    /// Attention heads.
    pub num_heads: usize,
    /// Number of buckets of relative positions, for both directions together; 32 by default.
    #[serde(default = "default_buckets")]
    pub relative_attention_num_buckets: usize,
    /// Distances of at least this value share a bucket; 128 by default.
    #[serde(default = "default_distance")]
    pub relative_attention_max_distance: usize,
    /// Epsilon of the RMS norms; 1e-6 by default.
    #[serde(default = "default_epsilon")]
    pub layer_norm_epsilon: f64,
    /// Type of the feed-forward networks; only `gated-gelu` is supported.
    pub feed_forward_proj: String,
}

fn default_buckets() -> usize {
    32
}

fn default_distance() -> usize {
    128
}

fn default_epsilon() -> f64 {
    1e-6
}

impl T5Config {
    /// Validates the values. Errors name the field.
    pub fn check(&self) -> Result<()> {
        let buckets = self.relative_attention_num_buckets;
        check_sizes(
            "T5",
            &[
                ("vocab_size", self.vocab_size),
                ("d_model", self.d_model),
                ("d_kv", self.d_kv),
                ("d_ff", self.d_ff),
                ("num_layers", self.num_layers),
                ("num_heads", self.num_heads),
                ("relative_attention_num_buckets", buckets),
            ],
        )?;
        check_epsilon("T5", "layer_norm_epsilon", self.layer_norm_epsilon)?;
        if buckets < 4 || !buckets.is_multiple_of(4) {
            return Err(Error::model(format!(
                "the T5 encoder's `relative_attention_num_buckets` is {buckets}, \
                 not a multiple of 4"
            )));
        }
        let distance = self.relative_attention_max_distance;
        if distance <= buckets / 4 {
            return Err(Error::model(format!(
                "the T5 encoder's `relative_attention_max_distance` is {distance}, \
                 expected more than a quarter of its {buckets} buckets"
            )));
        }
        if self.feed_forward_proj != "gated-gelu" {
            return Err(Error::model(format!(
                "the T5 encoder's `feed_forward_proj` is {}, only gated-gelu (T5 1.1) is supported",
                self.feed_forward_proj
            )));
        }
        Ok(())
    }

    /// The bucket of a key `offset` tokens after its query.
    ///
    /// Each direction has half of the buckets. Half of those are for a single distance each, the
    /// others for ranges of distances that grow exponentially.
    fn bucket(&self, offset: isize) -> usize {
        let side = self.relative_attention_num_buckets / 2;
        let first = if offset > 0 { side } else { 0 };
        let distance = offset.unsigned_abs();
        let exact = side / 2;
        if distance < exact {
            return first + distance;
        }
        let reach = self.relative_attention_max_distance as f64 / exact as f64;
        // Computed in f32 like torch, because rounding decides the bucket at a boundary.
        let share = (distance as f32 / exact as f32).ln() / reach.ln() as f32;
        let range = exact + (share * (side - exact) as f32) as usize;
        first + range.min(side - 1)
    }
}

/// T5's encoder, which returns a state for each token.
///
/// Padding is not masked, as in FLUX's training.
#[derive(Clone, Debug)]
pub struct T5Encoder {
    config: T5Config,
    embedding: Embedding,
    /// `[buckets, heads]`, used by all blocks.
    biases: Vec<f32>,
    blocks: Vec<Block>,
    norm: Tensor,
}

#[derive(Clone, Debug)]
struct Block {
    attention_norm: Tensor,
    qkv: Linear,
    out: Linear,
    feed_forward_norm: Tensor,
    /// The rows of the gate, followed by those of the gated layer.
    expand: Linear,
    contract: Linear,
}

impl T5Encoder {
    /// Loads an encoder from weights with the names of transformers' `T5EncoderModel`.
    pub fn new(weights: &Weights, config: &T5Config) -> Result<Self> {
        config.check()?;
        let (d, inner) = (config.d_model, config.num_heads * config.d_kv);
        // Two names of one tensor; files contain either or both.
        let name = ["shared.weight", "encoder.embed_tokens.weight"]
            .into_iter()
            .find(|name| weights.contains(name))
            .unwrap_or("shared.weight");
        let encoder = weights.at("encoder");
        let block = |index| -> Result<Block> {
            let attention = encoder.at(format!("block.{index}.layer.0"));
            let feed_forward = encoder.at(format!("block.{index}.layer.1"));
            let projections = attention.at("SelfAttention");
            let dense = feed_forward.at("DenseReluDense");
            Ok(Block {
                attention_norm: attention.tensor("layer_norm.weight", &[d])?,
                qkv: stacked_linear(&projections, &["q", "k", "v"], d, inner, false)?,
                out: projections.linear("o", inner, d, false)?,
                feed_forward_norm: feed_forward.tensor("layer_norm.weight", &[d])?,
                expand: stacked_linear(&dense, &["wi_0", "wi_1"], d, config.d_ff, false)?,
                contract: dense.linear("wo", config.d_ff, d, false)?,
            })
        };
        let biases = encoder.matrix(
            "block.0.layer.0.SelfAttention.relative_attention_bias.weight",
            config.relative_attention_num_buckets,
            config.num_heads,
        )?;
        Ok(Self {
            embedding: Embedding::new(weights, name, config.vocab_size, d)?,
            biases: biases.to_f32(),
            blocks: (0..config.num_layers).map(block).collect::<Result<_>>()?,
            norm: encoder.tensor("final_layer_norm.weight", &[d])?,
            config: config.clone(),
        })
    }

    /// The states of the tokens, `[batch, tokens, d_model]`. All rows of `ids` must have the same
    /// length.
    ///
    /// `cancel` is called between blocks; if it returns `true`, this function fails with
    /// [`ErrorKind::Cancelled`].
    pub fn forward(&self, ids: &[Vec<u32>], cancel: &dyn Fn() -> bool) -> Result<Tensor> {
        let mut x = self.embedding.forward(ids)?;
        let bias = self.position_bias(x.dim(1)?, x.device())?;
        for block in &self.blocks {
            if cancel() {
                return Err(Error::new(
                    ErrorKind::Cancelled,
                    "while encoding the prompt",
                ));
            }
            x = self.block(block, &x, &bias)?;
        }
        ops::rms_norm(&x, &self.norm, self.config.layer_norm_epsilon)
    }

    fn block(&self, block: &Block, x: &Tensor, bias: &Tensor) -> Result<Tensor> {
        let epsilon = self.config.layer_norm_epsilon;
        let normed = ops::rms_norm(x, &block.attention_norm, epsilon)?;
        let [q, k, v] = split_heads(&block.qkv.forward(&normed)?, self.config.num_heads)?;
        // T5 does not divide by √d.
        let attended = ops::attention(&q, &k, &v, 1.0, Some(bias), false)?;
        let x = (x + block.out.forward(&attended)?)?;
        let normed = ops::rms_norm(&x, &block.feed_forward_norm, epsilon)?;
        let expanded = ops::gated_gelu(&block.expand.forward(&normed)?)?;
        Ok((&x + block.contract.forward(&expanded)?)?)
    }

    /// The bias of the attention scores, `[heads, tokens, tokens]` in f32.
    fn position_bias(&self, tokens: usize, device: &Device) -> Result<Tensor> {
        let heads = self.config.num_heads;
        let last = tokens.cast_signed() - 1;
        let buckets: Vec<usize> = (-last..=last).map(|i| self.config.bucket(i)).collect();
        let mut out = Vec::with_capacity(heads * tokens * tokens);
        for head in 0..heads {
            for query in 0..tokens {
                // Key offsets start at -query, `buckets` at -last.
                let row = &buckets[tokens - 1 - query..][..tokens];
                out.extend(row.iter().map(|bucket| self.biases[bucket * heads + head]));
            }
        }
        let bias = Tensor::from_vec(out, (heads, tokens, tokens), device)?;
        Ok(bias.to_dtype(DType::F32)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> T5Config {
        serde_json::from_str(
            r#"{"vocab_size": 10, "d_model": 8, "d_kv": 4, "d_ff": 16, "num_layers": 1,
                "num_heads": 2, "feed_forward_proj": "gated-gelu", "architectures": ["T5"]}"#,
        )
        .expect("invalid JSON")
    }

    #[test]
    fn buckets_match_transformers() {
        // `T5Attention._relative_position_bucket` of transformers 5.24: the first offset of each
        // bucket, for 32 buckets and 128 tokens.
        let config = config();
        let starts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91];
        for offset in 0..600_usize {
            let bucket = starts
                .iter()
                .rposition(|&start| start <= offset)
                .expect("no bucket for offset 0");
            let offset = offset.cast_signed();
            assert_eq!(config.bucket(-offset), bucket, "{offset} before");
            if offset > 0 {
                assert_eq!(config.bucket(offset), 16 + bucket, "{offset} after");
            }
        }
    }

    #[test]
    fn invalid_values_are_rejected_by_field() {
        type Change = fn(&mut T5Config);
        let changes: [(&str, Change); 8] = [
            ("d_model", |c| c.d_model = 0),
            ("num_heads", |c| c.num_heads = usize::MAX),
            ("num_layers", |c| c.num_layers = 0),
            ("relative_attention_num_buckets", |c| {
                c.relative_attention_num_buckets = 2;
            }),
            ("relative_attention_max_distance", |c| {
                c.relative_attention_max_distance = 8;
            }),
            ("layer_norm_epsilon", |c| c.layer_norm_epsilon = f64::NAN),
            ("feed_forward_proj", |c| c.feed_forward_proj = "relu".into()),
            ("vocab_size", |c| c.vocab_size = 0),
        ];
        assert!(config().check().is_ok());
        for (field, change) in changes {
            let mut config = config();
            change(&mut config);
            let error = config.check().expect_err(field);
            assert_eq!(*error.kind(), ErrorKind::Model);
            assert!(error.message().contains(&format!("`{field}`")), "{error}");
        }
    }
}
