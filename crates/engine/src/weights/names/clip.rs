//! Adds the prefix `text_model.` to the names of the CLIP text encoder, which transformers 5 omits.

use super::Target;

pub(super) fn target(name: &str) -> Target {
    let unprefixed = ["embeddings.", "encoder.", "final_layer_norm."];
    if unprefixed.iter().any(|start| name.starts_with(start)) {
        Target::entire(format!("text_model.{name}"))
    } else {
        Target::entire(name)
    }
}
