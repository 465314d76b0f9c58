//! Named tensors of a model's files, memory-mapped.

mod component;
mod entry;
mod file;
mod gguf;
mod names;
mod overlap;
mod safetensors;

use std::fmt::Display;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};

pub use component::Component;
pub(crate) use component::foreign;
pub(crate) use entry::{Entry, Listing, Table};
pub(crate) use file::{Format, HEAD, read};

use crate::{Error, Linear, Matrix, Result, WeightBytes, WeightType};

/// The tensors of one part of a model, such as its transformer, under a prefix of their names.
#[derive(Clone, Debug)]
pub struct Weights {
    files: Arc<Files>,
    prefix: String,
}

#[derive(Debug)]
struct Files {
    tensors: Arc<Table>,
    device: Device,
    dtype: DType,
}

impl Weights {
    /// Maps safetensors and GGUF files and keeps the names that they have there; `dtype` is the
    /// type of activations on `device` (f32 on a CPU).
    ///
    /// A file must not be shortened while it is mapped: the operating system ends a process that
    /// reads pages that are no longer there.
    pub fn open<P: AsRef<Path>>(paths: &[P], device: &Device, dtype: DType) -> Result<Self> {
        let mut listing = Listing::new();
        for path in paths {
            merge(&mut listing, read(path.as_ref())?)?;
        }
        Ok(Self::of_listing(listing, device, dtype))
    }

    /// The tensors of a safetensors or GGUF file in memory, as [`open`](Self::open) has them.
    pub fn from_bytes(bytes: impl Into<Arc<[u8]>>, device: &Device, dtype: DType) -> Result<Self> {
        let listing = file::parse("memory", &WeightBytes::owned(bytes))?;
        Ok(Self::of_listing(listing, device, dtype))
    }

    /// The tensors of a part by the model's names for them: the original FLUX files' for the
    /// transformer and the autoencoder, those of transformers for the text encoders.
    pub fn component(&self, part: Component) -> Result<Self> {
        let listing = self.files.tensors.iter().filter_map(|(name, entry)| {
            let [stored] = entry.parts() else { return None };
            Some((name.clone(), stored.clone()))
        });
        let table = table(part, &listing.collect())?;
        Ok(Self::of_table(Arc::new(table), self.device(), self.dtype()))
    }

    fn of_listing(listing: Listing, device: &Device, dtype: DType) -> Self {
        let entry = |(name, stored)| (name, Entry::new(vec![stored]));
        let table = listing.into_iter().map(entry).collect();
        Self::of_table(Arc::new(table), device, dtype)
    }

    pub(crate) fn of_table(tensors: Arc<Table>, device: &Device, dtype: DType) -> Self {
        let files = Arc::new(Files {
            tensors,
            device: device.clone(),
            dtype,
        });
        Self {
            files,
            prefix: String::new(),
        }
    }

    /// The tensors whose names begin with `name` and a dot.
    #[must_use]
    pub fn at(&self, name: impl Display) -> Self {
        Self {
            files: self.files.clone(),
            prefix: format!("{}{name}.", self.prefix),
        }
    }

    /// The same tensors for another device and type of activations.
    #[must_use]
    pub fn with_device(&self, device: &Device, dtype: DType) -> Self {
        let mut same = Self::of_table(self.files.tensors.clone(), device, dtype);
        same.prefix.clone_from(&self.prefix);
        same
    }

    /// The device.
    pub fn device(&self) -> &Device {
        &self.files.device
    }

    /// The type of activations.
    pub fn dtype(&self) -> DType {
        self.files.dtype
    }

    /// The names, without the prefix.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.under().map(|(name, _)| &name[self.prefix.len()..])
    }

    /// The tensors whose names begin with the prefix.
    fn under(&self) -> impl Iterator<Item = (&String, &Entry)> {
        let from = self.files.tensors.range(self.prefix.clone()..);
        from.take_while(|(name, _)| name.starts_with(&self.prefix))
    }

    /// Whether there is a tensor of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.files.tensors.contains_key(&self.whole(name))
    }

    /// The shape of a tensor as torch has it; none where it is missing.
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.files.tensors.get(&self.whole(name))?.shape()
    }

    /// The bytes that the tensors take in their files.
    pub fn byte_count(&self) -> usize {
        self.under().map(|(_, entry)| entry.byte_count()).sum()
    }

    /// Tells the operating system that the tensors are not needed for now, so that they no longer
    /// count as this process's memory. Reading them is as before: their pages come back from the
    /// file.
    pub fn release(&self) {
        for part in self.under().flat_map(|(_, entry)| entry.parts()) {
            part.bytes.release();
        }
    }

    /// The type that most of the bytes are stored in; none where there are none.
    pub fn stored_type(&self) -> Option<WeightType> {
        let mut totals: Vec<(WeightType, usize)> = Vec::new();
        for part in self.under().flat_map(|(_, entry)| entry.parts()) {
            let Ok(kind) = part.known() else { continue };
            let size = part.bytes.as_slice().len();
            match totals.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, total)) => *total += size,
                None => totals.push((kind, size)),
            }
        }
        let most = totals.into_iter().max_by_key(|(_, total)| *total);
        most.map(|(kind, _)| kind)
    }

    fn whole(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn entry(&self, name: &str, shape: &[usize]) -> Result<&Entry> {
        let whole = self.whole(name);
        let Some(entry) = self.files.tensors.get(&whole) else {
            let message = format!("the tensor `{whole}` of shape {shape:?} is missing");
            return Err(Error::model(message));
        };
        let found = entry.shape().unwrap_or_default();
        // A dimension of 1 changes no byte: 1 × 1 convolutions are linear layers in some files,
        // and some writers of GGUF drop it.
        let same = |a: &[usize], b: &[usize]| {
            let long = |d: &&usize| **d != 1;
            a.iter().filter(long).eq(b.iter().filter(long))
        };
        if !same(&found, shape) {
            let message = format!("the tensor `{whole}` is of shape {found:?}, not {shape:?}");
            return Err(Error::model(message).with_context("file", entry.file()));
        }
        Ok(entry)
    }

    /// Adds the tensor's name to what went wrong with it.
    fn naming<T>(&self, name: &str, result: Result<T>) -> Result<T> {
        result.map_err(|error| error.with_context("tensor", self.whole(name)))
    }

    /// A tensor of this shape, on the device in the type of activations.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let weights = self.naming(name, self.entry(name, shape)?.to_f32())?;
        let tensor = Tensor::from_vec(weights, shape, self.device())?;
        Ok(tensor.to_dtype(self.dtype())?)
    }

    /// A matrix of `rows` by `columns`, in its file's own type.
    pub fn matrix(&self, name: &str, rows: usize, columns: usize) -> Result<Matrix> {
        let entry = self.entry(name, &[rows, columns])?;
        self.naming(name, entry.matrix(columns))
    }

    /// The linear layer `name` (`name.weight`, and `name.bias` where it has one).
    pub fn linear(&self, name: &str, inputs: usize, outputs: usize, bias: bool) -> Result<Linear> {
        let weight = self.matrix(&format!("{name}.weight"), outputs, inputs)?;
        let bias = bias
            .then(|| self.tensor(&format!("{name}.bias"), &[outputs]))
            .transpose()?;
        Linear::new(weight, bias, self.device(), self.dtype())
    }

    /// The dimensions of a tensor that must have `N` of them.
    pub(crate) fn shape_of<const N: usize>(&self, name: &str) -> Result<[usize; N]> {
        let whole = self.whole(name);
        let Some(entry) = self.files.tensors.get(&whole) else {
            return Err(Error::model(format!("the tensor `{whole}` is missing")));
        };
        // The shape of a type that is not read was compared with nothing.
        for part in entry.parts() {
            self.naming(name, part.known())?;
        }
        let shape = entry.shape().unwrap_or_default();
        <[usize; N]>::try_from(shape.as_slice()).map_err(|_| {
            let message = format!("the tensor `{whole}` is of shape {shape:?}, not {N} dimensions");
            Error::model(message)
        })
    }

    /// How many of `name.0.field`, `name.1.field`, … there are.
    pub(crate) fn count_of(&self, name: &str, field: &str) -> usize {
        let numbers: Range<usize> = 0..usize::MAX;
        let there = |number: &usize| self.contains(&format!("{name}.{number}.{field}"));
        numbers.take_while(there).count()
    }
}

/// Adds the tensors of another file.
pub(crate) fn merge(listing: &mut Listing, more: Listing) -> Result<()> {
    for (name, stored) in more {
        if let Some(first) = listing.get(&name) {
            let message = format!("the tensor `{name}` is in two files");
            return Err(Error::model(message)
                .with_context("file", &*first.file)
                .with_context("file", &*stored.file));
        }
        listing.insert(name, stored);
    }
    Ok(())
}

/// The tensors of `part` by the model's names for them.
pub(crate) fn table(part: Component, listing: &Listing) -> Result<Table> {
    let Some(prefix) = part.prefix_in(listing) else {
        let found = foreign(listing);
        return Err(Error::model(format!(
            "expected {}, found {found}",
            part.with_article()
        )));
    };
    names::table(part, prefix, listing)
}
