//! The T5 encoder: llama.cpp's names to those of transformers.

use super::{Place, index, layer_and_field};

/// Layers of a block: theirs and ours.
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

/// `has` says whether the file has a tensor of that name.
pub(super) fn place(name: &str, has: impl Fn(&str) -> bool) -> Option<Place> {
    if name == "token_embd.weight" {
        return Some(Place::whole("shared.weight"));
    }
    if name == "encoder.embed_tokens.weight" {
        // The same matrix, which some files hold by both names.
        return (!has("shared.weight")).then(|| Place::whole("shared.weight"));
    }
    if let Some(field) = name.strip_prefix("enc.output_norm.") {
        return Some(Place::whole(format!("encoder.final_layer_norm.{field}")));
    }
    let Some(rest) = name.strip_prefix("enc.blk.") else {
        return Some(Place::whole(name));
    };
    let (block, rest) = index(rest)?;
    let (layer, field) = layer_and_field(rest)?;
    let (_, ours) = BLOCK.iter().find(|(theirs, _)| *theirs == layer)?;
    Some(Place::whole(format!(
        "encoder.block.{block}.{ours}.{field}"
    )))
}
