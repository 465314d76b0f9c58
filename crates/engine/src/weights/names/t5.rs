//! Maps llama.cpp's names of the T5 encoder to those of transformers.

use super::{Target, index, layer_and_field};

/// Layers of a block: llama.cpp's name, transformers' name.
const BLOCK: [(&str, &str); 10] = [
    ("attn_q", "layer.0.SelfAttention.q"),
    ("attn_k", "layer.0.SelfAttention.k"),
    ("attn_v", "layer.0.SelfAttention.v"),
    ("attn_o", "layer.0.SelfAttention.o"),
    (
        "attn_rel_b",
        "layer.0.SelfAttention.relative_attention_bias",
    ),
    ("attn_norm", "layer.0.layer_norm"),
    ("ffn_gate", "layer.1.DenseReluDense.wi_0"),
    ("ffn_up", "layer.1.DenseReluDense.wi_1"),
    ("ffn_down", "layer.1.DenseReluDense.wo"),
    ("ffn_norm", "layer.1.layer_norm"),
];

/// `has` reports whether the file contains a tensor of a given name.
pub(super) fn target(name: &str, has: impl Fn(&str) -> bool) -> Option<Target> {
    if name == "token_embd.weight" {
        return Some(Target::entire("shared.weight"));
    }
    if name == "encoder.embed_tokens.weight" {
        // The same matrix; some files contain it under both names.
        return (!has("shared.weight")).then(|| Target::entire("shared.weight"));
    }
    if let Some(field) = name.strip_prefix("enc.output_norm.") {
        return Some(Target::entire(format!("encoder.final_layer_norm.{field}")));
    }
    let Some(rest) = name.strip_prefix("enc.blk.") else {
        return Some(Target::entire(name));
    };
    let (block, rest) = index(rest)?;
    let (layer, field) = layer_and_field(rest)?;
    let (_, target) = BLOCK.iter().find(|(source, _)| *source == layer)?;
    Some(Target::entire(format!(
        "encoder.block.{block}.{target}.{field}"
    )))
}
