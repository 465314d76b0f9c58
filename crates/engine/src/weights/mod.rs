//! The named tensors of a model, memory-mapped from its files.

mod component;
mod file;
mod gguf;
mod names;
mod overlaps;
mod safetensors;
mod tensor;

use std::fmt::Display;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};

pub use component::Component;
pub(crate) use component::describe_foreign;
pub(crate) use file::{Format, HEAD_BYTES, read};
pub(crate) use tensor::{FileTensors, ModelTensor, ModelTensors};

use crate::{Error, Linear, Matrix, Result, WeightBytes, WeightType};

/// The tensors of a component of a model, such as its transformer, below a prefix of their names.
#[derive(Clone, Debug)]
pub struct Weights {
    files: Arc<Files>,
    prefix: String,
}

#[derive(Debug)]
struct Files {
    tensors: Arc<ModelTensors>,
    device: Device,
    dtype: DType,
}

impl Weights {
    /// Maps safetensors and GGUF files, with the names of the tensors in the files. `dtype` is the
    /// type of activations on `device` (f32 on a CPU).
    ///
    /// A file must not be truncated while it is mapped: the operating system kills a process that
    /// reads pages past the end of the file.
    pub fn open<P: AsRef<Path>>(paths: &[P], device: &Device, dtype: DType) -> Result<Self> {
        let mut tensors = FileTensors::new();
        for path in paths {
            merge(&mut tensors, read(path.as_ref())?)?;
        }
        Ok(Self::from_file_tensors(tensors, device, dtype))
    }

    /// Reads a safetensors or GGUF file from memory, with the names of the tensors in the file.
    pub fn from_bytes(bytes: impl Into<Arc<[u8]>>, device: &Device, dtype: DType) -> Result<Self> {
        let tensors = file::parse("memory", &WeightBytes::owned(bytes))?;
        Ok(Self::from_file_tensors(tensors, device, dtype))
    }

    /// The tensors of a component by the model's names: those of the original FLUX files for the
    /// transformer and the autoencoder, those of transformers for the text encoders.
    pub fn component(&self, component: Component) -> Result<Self> {
        let tensors = self.files.tensors.iter().filter_map(|(name, entry)| {
            let [stored] = entry.parts() else { return None };
            Some((name.clone(), stored.clone()))
        });
        let tensors = model_tensors(component, &tensors.collect())?;
        Ok(Self::from_model_tensors(
            Arc::new(tensors),
            self.device(),
            self.dtype(),
        ))
    }

    fn from_file_tensors(tensors: FileTensors, device: &Device, dtype: DType) -> Self {
        let entry = |(name, stored)| (name, ModelTensor::new(vec![stored]));
        let tensors = tensors.into_iter().map(entry).collect();
        Self::from_model_tensors(Arc::new(tensors), device, dtype)
    }

    pub(crate) fn from_model_tensors(
        tensors: Arc<ModelTensors>,
        device: &Device,
        dtype: DType,
    ) -> Self {
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

    /// The tensors whose names start with `name` and a dot.
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
        let mut same = Self::from_model_tensors(self.files.tensors.clone(), device, dtype);
        same.prefix.clone_from(&self.prefix);
        same
    }

    /// The device of the activations.
    pub fn device(&self) -> &Device {
        &self.files.device
    }

    /// The type of activations.
    pub fn dtype(&self) -> DType {
        self.files.dtype
    }

    /// The names of the tensors, without the prefix.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries().map(|(name, _)| &name[self.prefix.len()..])
    }

    /// The tensors whose names start with the prefix.
    fn entries(&self) -> impl Iterator<Item = (&String, &ModelTensor)> {
        let from = self.files.tensors.range(self.prefix.clone()..);
        from.take_while(|(name, _)| name.starts_with(&self.prefix))
    }

    /// Whether there is a tensor with this name.
    pub fn contains(&self, name: &str) -> bool {
        self.files.tensors.contains_key(&self.full_name(name))
    }

    /// The shape of a tensor, in the order of torch; `None` if it is missing.
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.files.tensors.get(&self.full_name(name))?.shape()
    }

    /// The size of the tensors in their files, in bytes.
    pub fn byte_count(&self) -> usize {
        self.entries().map(|(_, entry)| entry.byte_count()).sum()
    }

    /// Advises the operating system to drop the mapped pages from this process's memory. They are
    /// read from the file again on the next access.
    pub fn release(&self) {
        for part in self.entries().flat_map(|(_, entry)| entry.parts()) {
            part.bytes.release();
        }
    }

    /// The storage type of most of the bytes; `None` if there are no tensors of a supported type.
    pub fn stored_type(&self) -> Option<WeightType> {
        let mut totals: Vec<(WeightType, usize)> = Vec::new();
        for part in self.entries().flat_map(|(_, entry)| entry.parts()) {
            let Ok(kind) = part.weight_type() else {
                continue;
            };
            let size = part.bytes.as_slice().len();
            match totals.iter_mut().find(|(other, _)| *other == kind) {
                Some((_, total)) => *total += size,
                None => totals.push((kind, size)),
            }
        }
        let most = totals.into_iter().max_by_key(|(_, total)| *total);
        most.map(|(kind, _)| kind)
    }

    fn full_name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn entry(&self, name: &str, shape: &[usize]) -> Result<&ModelTensor> {
        let full_name = self.full_name(name);
        let Some(entry) = self.files.tensors.get(&full_name) else {
            let message = format!("tensor `{full_name}` of shape {shape:?} is missing");
            return Err(Error::model(message));
        };
        let found = entry.shape().unwrap_or_default();
        // Dimensions of 1 are ignored: 1 × 1 convolutions are linear layers in some files, and some
        // GGUF writers drop such dimensions.
        let same = |a: &[usize], b: &[usize]| {
            let long = |d: &&usize| **d != 1;
            a.iter().filter(long).eq(b.iter().filter(long))
        };
        if !same(&found, shape) {
            let message = format!("tensor `{full_name}` has shape {found:?}, expected {shape:?}");
            return Err(Error::model(message).with_context("file", entry.file()));
        }
        Ok(entry)
    }

    /// Adds the tensor's name to an error.
    fn with_name<T>(&self, name: &str, result: Result<T>) -> Result<T> {
        result.map_err(|error| error.with_context("tensor", self.full_name(name)))
    }

    /// Loads a tensor of this shape to the device, in the type of activations.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let weights = self.with_name(name, self.entry(name, shape)?.to_f32())?;
        let tensor = Tensor::from_vec(weights, shape, self.device())?;
        Ok(tensor.to_dtype(self.dtype())?)
    }

    /// A matrix of `rows` by `columns`, in the storage type of its file.
    pub fn matrix(&self, name: &str, rows: usize, columns: usize) -> Result<Matrix> {
        let entry = self.entry(name, &[rows, columns])?;
        self.with_name(name, entry.matrix(columns))
    }

    /// The linear layer of `name.weight` and, if `bias` is set, `name.bias`.
    pub fn linear(&self, name: &str, inputs: usize, outputs: usize, bias: bool) -> Result<Linear> {
        let weight = self.matrix(&format!("{name}.weight"), outputs, inputs)?;
        let bias = bias
            .then(|| self.tensor(&format!("{name}.bias"), &[outputs]))
            .transpose()?;
        Linear::new(weight, bias, self.device(), self.dtype())
    }

    /// The shape of a tensor that must have `N` dimensions.
    pub(crate) fn shape_of<const N: usize>(&self, name: &str) -> Result<[usize; N]> {
        let full_name = self.full_name(name);
        let Some(entry) = self.files.tensors.get(&full_name) else {
            return Err(Error::model(format!("tensor `{full_name}` is missing")));
        };
        // The shape of a tensor of an unsupported type has not been validated.
        for part in entry.parts() {
            self.with_name(name, part.weight_type())?;
        }
        let shape = entry.shape().unwrap_or_default();
        <[usize; N]>::try_from(shape.as_slice()).map_err(|_| {
            let message =
                format!("tensor `{full_name}` has shape {shape:?}, expected {N} dimensions");
            Error::model(message)
        })
    }

    /// The number of consecutive tensors `name.0.field`, `name.1.field`, ….
    pub(crate) fn count_of(&self, name: &str, field: &str) -> usize {
        let numbers: Range<usize> = 0..usize::MAX;
        let exists = |number: &usize| self.contains(&format!("{name}.{number}.{field}"));
        numbers.take_while(exists).count()
    }
}

/// Adds the tensors of another file. Fails if a name occurs in both.
pub(crate) fn merge(tensors: &mut FileTensors, more: FileTensors) -> Result<()> {
    for (name, stored) in more {
        if let Some(first) = tensors.get(&name) {
            let message = format!("tensor `{name}` is in two files");
            return Err(Error::model(message)
                .with_context("file", &*first.file)
                .with_context("file", &*stored.file));
        }
        tensors.insert(name, stored);
    }
    Ok(())
}

/// The tensors of `component` by the model's names.
pub(crate) fn model_tensors(component: Component, tensors: &FileTensors) -> Result<ModelTensors> {
    let Some(prefix) = component.prefix_in(tensors) else {
        let found = describe_foreign(tensors);
        return Err(Error::model(format!(
            "expected {}, found {found}",
            component.with_article()
        )));
    };
    names::model_tensors(component, prefix, tensors)
}
