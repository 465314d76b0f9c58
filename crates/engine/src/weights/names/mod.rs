//! One set of names for a part's tensors, whatever family of files it comes from.
//!
//! The transformer and the autoencoder have the names of the original FLUX files, the text encoders
//! those of transformers. Files of diffusers hold some matrices apart that the model has in one;
//! here they become one entry of several parts, so that nothing is copied.

mod autoencoder;
mod clip;
mod t5;
mod transformer;

use std::collections::BTreeMap;

use super::component::Component;
use super::entry::{Entry, Listing, Stored, Table};
use crate::{Error, Result};

/// Where a file's tensor belongs.
struct Place {
    /// The model's name of it.
    name: String,
    /// Its place among the parts of that tensor.
    part: usize,
    /// How many parts there are.
    of: usize,
    /// Whether its two halves come in the other order.
    swapped: bool,
}

impl Place {
    fn whole(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            part: 0,
            of: 1,
            swapped: false,
        }
    }

    fn part(name: String, part: usize, of: usize) -> Self {
        Self {
            name,
            part,
            of,
            swapped: false,
        }
    }
}

/// The parts of one tensor of the model, as they come together.
#[derive(Default)]
struct Gathering<'a> {
    parts: BTreeMap<usize, (&'a str, &'a Stored)>,
    of: usize,
    swapped: bool,
}

/// The tensors of `part`, whose names in `listing` begin with `prefix`, by the model's names.
pub(super) fn table(part: Component, prefix: &str, listing: &Listing) -> Result<Table> {
    let mut tensors: Vec<(&str, &Stored)> = Vec::new();
    for (name, stored) in listing {
        tensors.extend(name.strip_prefix(prefix).map(|name| (name, stored)));
    }
    let levels = autoencoder::levels(tensors.iter().map(|(name, _)| *name));
    let has = |name: &str| listing.contains_key(&format!("{prefix}{name}"));
    let mut gathered: BTreeMap<String, Gathering<'_>> = BTreeMap::new();
    for (name, stored) in tensors {
        let place = match part {
            Component::Transformer => transformer::place(name),
            Component::Autoencoder => autoencoder::place(name, levels),
            Component::T5 => t5::place(name, has),
            Component::Clip => Some(clip::place(name)),
        };
        let Some(place) = place else { continue };
        let gathering = gathered.entry(place.name).or_default();
        let earlier = gathering.parts.insert(place.part, (name, stored));
        let other = earlier.map(|(name, _)| name);
        let first = gathering.parts.values().next().map(|(name, _)| *name);
        // A fused tensor and one of its parts are two sources of the same weights as well.
        if let Some(other) = other.or(first.filter(|_| ![0, place.of].contains(&gathering.of))) {
            let message = format!("the tensors `{other}` and `{name}` are the same of the model's");
            return Err(Error::model(message).with_context("file", &*stored.file));
        }
        gathering.of = place.of;
        gathering.swapped = place.swapped;
    }
    let entries = gathered.into_iter().map(|(name, gathering)| {
        let entry = gathering.entry(&name)?;
        Ok((name, entry))
    });
    entries.collect()
}

impl Gathering<'_> {
    /// The tensor that the parts make.
    fn entry(self, name: &str) -> Result<Entry> {
        let error = |what: String| {
            let file = self.parts.values().next().map(|(_, stored)| &*stored.file);
            Error::model(what).with_context("file", file.unwrap_or_default())
        };
        if self.parts.len() != self.of {
            let found: Vec<_> = self.parts.values().map(|(name, _)| *name).collect();
            let (of, found) = (self.of, found.join("`, `"));
            return Err(error(format!(
                "`{name}` is made of {of} tensors, of which only `{found}` are there"
            )));
        }
        let parts: Vec<_> = self.parts.values().map(|(_, s)| (*s).clone()).collect();
        let parts = match parts.as_slice() {
            [whole] if self.swapped && whole.known().is_ok() => {
                let halves = whole.swapped_halves().ok_or_else(|| {
                    let shape = &whole.shape;
                    error(format!("`{name}` of shape {shape:?} has no two halves"))
                })?;
                halves.to_vec()
            }
            _ => parts,
        };
        let entry = Entry::new(parts);
        if entry.shape().is_none() {
            let shape = |(name, stored): &(&str, &Stored)| format!("`{name}` {:?}", stored.shape);
            let shapes: Vec<_> = self.parts.values().map(shape).collect();
            let shapes = shapes.join(", ");
            return Err(error(format!("`{name}` cannot be made of {shapes}")));
        }
        Ok(entry)
    }
}

/// `name` cut at its first dot.
fn cut(name: &str) -> Option<(&str, &str)> {
    name.split_once('.')
}

/// `name` cut at its last dot: a layer, and `weight` or `bias`.
fn layer_and_field(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.')
}

/// The number that `name` begins with, up to a dot, and the rest.
fn index(name: &str) -> Option<(usize, &str)> {
    let (number, rest) = cut(name)?;
    Some((number.parse().ok()?, rest))
}
