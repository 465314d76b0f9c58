//! Maps the tensor names of every supported naming scheme to the model's names.
//!
//! The transformer and the autoencoder use the names of the original FLUX files, the text encoders
//! those of transformers. Matrices that are separate in diffusers' files and fused in the model
//! become one tensor of several parts, so that no weight is copied.

mod autoencoder;
mod clip;
mod t5;
mod transformer;

use std::collections::BTreeMap;

use super::component::Component;
use super::tensor::{FileTensors, ModelTensor, ModelTensors, StoredTensor};
use crate::{Error, Result};

/// The model's tensor that a file's tensor belongs to.
struct Target {
    /// The model's name of the tensor.
    name: String,
    /// The index of the file's tensor among the parts of the model's.
    part: usize,
    /// The number of parts.
    parts: usize,
    /// Whether the two halves are in reverse order.
    swapped: bool,
}

impl Target {
    fn entire(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            part: 0,
            parts: 1,
            swapped: false,
        }
    }

    fn part(name: String, part: usize, parts: usize) -> Self {
        Self {
            name,
            part,
            parts,
            swapped: false,
        }
    }
}

/// A tensor of the model, whose parts are being collected.
#[derive(Default)]
struct PartialTensor<'a> {
    found: BTreeMap<usize, (&'a str, &'a StoredTensor)>,
    parts: usize,
    swapped: bool,
}

/// The tensors of `component`, whose names in `file_tensors` start with `prefix`, by the model's
/// names.
pub(super) fn model_tensors(
    component: Component,
    prefix: &str,
    file_tensors: &FileTensors,
) -> Result<ModelTensors> {
    let mut tensors: Vec<(&str, &StoredTensor)> = Vec::new();
    for (name, stored) in file_tensors {
        tensors.extend(name.strip_prefix(prefix).map(|name| (name, stored)));
    }
    let levels = autoencoder::levels(tensors.iter().map(|(name, _)| *name));
    let has = |name: &str| file_tensors.contains_key(&format!("{prefix}{name}"));
    let mut partial: BTreeMap<String, PartialTensor<'_>> = BTreeMap::new();
    for (name, stored) in tensors {
        let target = match component {
            Component::Transformer => transformer::target(name),
            Component::Autoencoder => autoencoder::target(name, levels),
            Component::T5 => t5::target(name, has),
            Component::Clip => Some(clip::target(name)),
        };
        let Some(target) = target else { continue };
        let tensor = partial.entry(target.name).or_default();
        let duplicate = tensor.found.insert(target.part, (name, stored));
        let duplicate = duplicate.map(|(name, _)| name);
        // A fused tensor and one of its parts also conflict.
        let first = tensor.found.values().next().map(|(name, _)| *name);
        let conflict = first.filter(|_| ![0, target.parts].contains(&tensor.parts));
        if let Some(other) = duplicate.or(conflict) {
            let message =
                format!("tensors `{other}` and `{name}` map to the same tensor of the model");
            return Err(Error::model(message).with_context("file", &*stored.file));
        }
        tensor.parts = target.parts;
        tensor.swapped = target.swapped;
    }
    let tensors = partial.into_iter().map(|(name, tensor)| {
        let tensor = tensor.assemble(&name)?;
        Ok((name, tensor))
    });
    tensors.collect()
}

impl PartialTensor<'_> {
    /// Assembles the parts.
    fn assemble(self, name: &str) -> Result<ModelTensor> {
        let error = |message: String| {
            let file = self.found.values().next().map(|(_, stored)| &*stored.file);
            Error::model(message).with_context("file", file.unwrap_or_default())
        };
        if self.found.len() != self.parts {
            let found: Vec<_> = self.found.values().map(|(name, _)| *name).collect();
            let (parts, found) = (self.parts, found.join("`, `"));
            return Err(error(format!(
                "`{name}` needs {parts} tensors, but only `{found}` were found"
            )));
        }
        let parts: Vec<_> = self.found.values().map(|(_, s)| (*s).clone()).collect();
        let parts = match parts.as_slice() {
            [stored] if self.swapped && stored.weight_type().is_ok() => {
                let halves = stored.swapped_halves().ok_or_else(|| {
                    let shape = &stored.shape;
                    error(format!("cannot split `{name}` of shape {shape:?} in half"))
                })?;
                halves.to_vec()
            }
            _ => parts,
        };
        let tensor = ModelTensor::new(parts);
        if tensor.shape().is_none() {
            let shape =
                |(name, stored): &(&str, &StoredTensor)| format!("`{name}` {:?}", stored.shape);
            let shapes: Vec<_> = self.found.values().map(shape).collect();
            let shapes = shapes.join(", ");
            return Err(error(format!("cannot assemble `{name}` from {shapes}")));
        }
        Ok(tensor)
    }
}

/// Splits `name` at its last dot into a layer and `weight` or `bias`.
fn layer_and_field(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.')
}

/// Splits `name` at its first dot into a number and the rest.
fn index(name: &str) -> Option<(usize, &str)> {
    let (number, rest) = name.split_once('.')?;
    Some((number.parse().ok()?, rest))
}
