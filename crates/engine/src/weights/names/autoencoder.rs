//! The autoencoder: diffusers' names to those of the original files.

use super::{Place, index, layer_and_field};

/// How many levels the decoder has, where its blocks have diffusers' names.
pub(super) fn levels<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    let level = |name: &str| Some(index(name.strip_prefix("decoder.up_blocks.")?)?.0);
    names
        .filter_map(level)
        .max()
        .map_or(0, |last| last.saturating_add(1))
}

pub(super) fn place(name: &str, levels: usize) -> Option<Place> {
    let Some((side, rest)) = name
        .split_once('.')
        .filter(|(s, _)| ["encoder", "decoder"].contains(s))
    else {
        return Some(Place::whole(name));
    };
    if let Some(rest) = rest.strip_prefix("conv_norm_out.") {
        return Some(Place::whole(format!("{side}.norm_out.{rest}")));
    }
    if let Some(rest) = rest.strip_prefix("mid_block.") {
        return middle(rest).map(|rest| Place::whole(format!("{side}.mid.{rest}")));
    }
    let (blocks, direction) = if let Some(rest) = rest.strip_prefix("up_blocks.") {
        (rest, "up")
    } else if let Some(rest) = rest.strip_prefix("down_blocks.") {
        (rest, "down")
    } else {
        return Some(Place::whole(name));
    };
    let (block, rest) = index(blocks)?;
    // The original numbers the decoder's levels from the finest, diffusers from the coarsest.
    let level = if direction == "up" {
        levels.checked_sub(block)?.checked_sub(1)?
    } else {
        block
    };
    let rest = if let Some(rest) = rest.strip_prefix("resnets.") {
        let (number, rest) = index(rest)?;
        format!("block.{number}.{}", residual(rest))
    } else if let Some(rest) = rest.strip_prefix("upsamplers.0.") {
        format!("upsample.{rest}")
    } else {
        format!("downsample.{}", rest.strip_prefix("downsamplers.0.")?)
    };
    Some(Place::whole(format!("{side}.{direction}.{level}.{rest}")))
}

/// A layer of a residual block.
fn residual(name: &str) -> String {
    match name.strip_prefix("conv_shortcut.") {
        Some(field) => format!("nin_shortcut.{field}"),
        None => name.to_owned(),
    }
}

/// A layer of the middle: residual block, attention, residual block.
fn middle(name: &str) -> Option<String> {
    if let Some(rest) = name.strip_prefix("resnets.") {
        let (number, rest) = index(rest)?;
        return Some(format!(
            "block_{}.{}",
            number.checked_add(1)?,
            residual(rest)
        ));
    }
    let (layer, field) = layer_and_field(name.strip_prefix("attentions.0.")?)?;
    let ours = match layer {
        "group_norm" => "norm",
        // The second names are those of diffusers before 0.17.
        "to_q" | "query" => "q",
        "to_k" | "key" => "k",
        "to_v" | "value" => "v",
        "to_out.0" | "proj_attn" => "proj_out",
        _ => return None,
    };
    Some(format!("attn_1.{ours}.{field}"))
}
