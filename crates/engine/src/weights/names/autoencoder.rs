//! Maps diffusers' names of the autoencoder to those of the original files.

use super::{Target, index, layer_and_field};

/// The number of levels of a decoder with diffusers' names; 0 for other names.
pub(super) fn levels<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    let level = |name: &str| Some(index(name.strip_prefix("decoder.up_blocks.")?)?.0);
    names
        .filter_map(level)
        .max()
        .map_or(0, |last| last.saturating_add(1))
}

pub(super) fn target(name: &str, levels: usize) -> Option<Target> {
    let Some((side, rest)) = name
        .split_once('.')
        .filter(|(s, _)| ["encoder", "decoder"].contains(s))
    else {
        return Some(Target::entire(name));
    };
    if let Some(rest) = rest.strip_prefix("conv_norm_out.") {
        return Some(Target::entire(format!("{side}.norm_out.{rest}")));
    }
    if let Some(rest) = rest.strip_prefix("mid_block.") {
        return middle(rest).map(|rest| Target::entire(format!("{side}.mid.{rest}")));
    }
    let (blocks, direction) = if let Some(rest) = rest.strip_prefix("up_blocks.") {
        (rest, "up")
    } else if let Some(rest) = rest.strip_prefix("down_blocks.") {
        (rest, "down")
    } else {
        return Some(Target::entire(name));
    };
    let (block, rest) = index(blocks)?;
    // The original files number the decoder's levels from the finest, diffusers from the coarsest.
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
    Some(Target::entire(format!("{side}.{direction}.{level}.{rest}")))
}

/// The name of a layer of a residual block.
fn residual(name: &str) -> String {
    match name.strip_prefix("conv_shortcut.") {
        Some(field) => format!("nin_shortcut.{field}"),
        None => name.to_owned(),
    }
}

/// The name of a layer of the middle block: residual block, attention, residual block.
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
    let target = match layer {
        "group_norm" => "norm",
        // The second name of each pair is that of diffusers before 0.17.
        "to_q" | "query" => "q",
        "to_k" | "key" => "k",
        "to_v" | "value" => "v",
        "to_out.0" | "proj_attn" => "proj_out",
        _ => return None,
    };
    Some(format!("attn_1.{target}.{field}"))
}
