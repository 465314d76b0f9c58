//! Maps diffusers' names of the transformer to those of the original FLUX files.

use super::{Target, index, layer_and_field};

/// Layers outside the blocks: diffusers' name, the original name.
const OUTSIDE: [(&str, &str); 10] = [
    ("x_embedder", "img_in"),
    ("context_embedder", "txt_in"),
    (
        "time_text_embed.timestep_embedder.linear_1",
        "time_in.in_layer",
    ),
    (
        "time_text_embed.timestep_embedder.linear_2",
        "time_in.out_layer",
    ),
    (
        "time_text_embed.text_embedder.linear_1",
        "vector_in.in_layer",
    ),
    (
        "time_text_embed.text_embedder.linear_2",
        "vector_in.out_layer",
    ),
    (
        "time_text_embed.guidance_embedder.linear_1",
        "guidance_in.in_layer",
    ),
    (
        "time_text_embed.guidance_embedder.linear_2",
        "guidance_in.out_layer",
    ),
    ("norm_out.linear", "final_layer.adaLN_modulation.1"),
    ("proj_out", "final_layer.linear"),
];

/// Layers of a double block: diffusers' name, the original name, the index of the part, the number of
/// parts.
const DOUBLE: [(&str, &str, usize, usize); 14] = [
    ("norm1.linear", "img_mod.lin", 0, 1),
    ("norm1_context.linear", "txt_mod.lin", 0, 1),
    ("attn.to_q", "img_attn.qkv", 0, 3),
    ("attn.to_k", "img_attn.qkv", 1, 3),
    ("attn.to_v", "img_attn.qkv", 2, 3),
    ("attn.add_q_proj", "txt_attn.qkv", 0, 3),
    ("attn.add_k_proj", "txt_attn.qkv", 1, 3),
    ("attn.add_v_proj", "txt_attn.qkv", 2, 3),
    ("attn.to_out.0", "img_attn.proj", 0, 1),
    ("attn.to_add_out", "txt_attn.proj", 0, 1),
    ("ff.net.0.proj", "img_mlp.0", 0, 1),
    ("ff.net.2", "img_mlp.2", 0, 1),
    ("ff_context.net.0.proj", "txt_mlp.0", 0, 1),
    ("ff_context.net.2", "txt_mlp.2", 0, 1),
];

/// Layers of a single block, as in [`DOUBLE`].
const SINGLE: [(&str, &str, usize, usize); 6] = [
    ("norm.linear", "modulation.lin", 0, 1),
    ("attn.to_q", "linear1", 0, 4),
    ("attn.to_k", "linear1", 1, 4),
    ("attn.to_v", "linear1", 2, 4),
    ("proj_mlp", "linear1", 3, 4),
    ("proj_out", "linear2", 0, 1),
];

/// Norms of queries and keys: the kind of block, diffusers' name, the original name.
const NORMS: [(&str, &str, &str); 6] = [
    (
        "double_blocks",
        "attn.norm_q.weight",
        "img_attn.norm.query_norm.scale",
    ),
    (
        "double_blocks",
        "attn.norm_k.weight",
        "img_attn.norm.key_norm.scale",
    ),
    (
        "double_blocks",
        "attn.norm_added_q.weight",
        "txt_attn.norm.query_norm.scale",
    ),
    (
        "double_blocks",
        "attn.norm_added_k.weight",
        "txt_attn.norm.key_norm.scale",
    ),
    (
        "single_blocks",
        "attn.norm_q.weight",
        "norm.query_norm.scale",
    ),
    ("single_blocks", "attn.norm_k.weight", "norm.key_norm.scale"),
];

pub(super) fn target(name: &str) -> Option<Target> {
    let (blocks, layers, rest) = if let Some(rest) = name.strip_prefix("transformer_blocks.") {
        ("double_blocks", DOUBLE.as_slice(), rest)
    } else if let Some(rest) = name.strip_prefix("single_transformer_blocks.") {
        ("single_blocks", SINGLE.as_slice(), rest)
    } else {
        return Some(outside(name));
    };
    let (block, rest) = index(rest)?;
    let norm = NORMS.iter().find(|norm| norm.0 == blocks && norm.1 == rest);
    if let Some((_, _, target)) = norm {
        return Some(Target::entire(format!("{blocks}.{block}.{target}")));
    }
    let (layer, field) = layer_and_field(rest)?;
    let &(_, target, part, parts) = layers.iter().find(|(source, ..)| *source == layer)?;
    Some(Target::part(
        format!("{blocks}.{block}.{target}.{field}"),
        part,
        parts,
    ))
}

/// The target of a layer outside the blocks, or of a tensor with an original name.
fn outside(name: &str) -> Target {
    let known = layer_and_field(name).and_then(|(layer, field)| {
        let (_, target) = OUTSIDE.iter().find(|(source, _)| *source == layer)?;
        // Diffusers stores the scale of the last norm before the shift, the original files after it.
        let swapped = layer == "norm_out.linear";
        let target = Target::entire(format!("{target}.{field}"));
        Some(Target { swapped, ..target })
    });
    known.unwrap_or_else(|| Target::entire(name))
}
