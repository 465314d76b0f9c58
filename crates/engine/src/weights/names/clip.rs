//! The CLIP text encoder: `text_model.` before every name, which transformers 5 no longer writes.

use super::Place;

pub(super) fn place(name: &str) -> Place {
    let bare = ["embeddings.", "encoder.", "final_layer_norm."];
    if bare.iter().any(|begin| name.starts_with(begin)) {
        Place::whole(format!("text_model.{name}"))
    } else {
        Place::whole(name)
    }
}
