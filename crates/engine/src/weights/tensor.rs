//! Tensors as stored in files, and the model's tensors assembled from them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Error, Matrix, Result, WeightBytes, WeightType};

/// The maximum number of tensors in a file; a complete FLUX checkpoint has fewer than 2000.
pub(super) const TENSOR_LIMIT: usize = 65_536;

/// The maximum number of dimensions of a tensor.
pub(super) const DIMENSION_LIMIT: usize = 8;

/// The maximum length of a dimension. Those of FLUX.1 are below 100 000, and sums of a few
/// dimensions cannot overflow.
pub(super) const LENGTH_LIMIT: usize = 1 << 28;

/// A tensor in a file.
#[derive(Clone, Debug)]
pub(crate) struct StoredTensor {
    pub(crate) kind: StoredType,
    /// In the order of torch: the last dimension is contiguous.
    pub(crate) shape: Vec<usize>,
    /// Matches the type and shape; empty if the type is not supported.
    pub(crate) bytes: WeightBytes,
    pub(crate) file: Arc<str>,
}

/// The storage type of a tensor in its file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StoredType {
    Supported(WeightType),
    /// The name of an unsupported type. Not an error until the tensor is used.
    Unsupported(Arc<str>),
}

/// The tensors of one or several files, by their names in the files.
pub(crate) type FileTensors = BTreeMap<String, StoredTensor>;

/// The tensors of a component, by the model's names.
pub(crate) type ModelTensors = BTreeMap<String, ModelTensor>;

/// A tensor of the model: one tensor of a file, or several stacked along the first dimension.
#[derive(Clone, Debug)]
pub(crate) struct ModelTensor {
    parts: Vec<StoredTensor>,
}

impl StoredTensor {
    /// A tensor in `file`. The size of `bytes` must be the [`byte_count`] of the type and shape.
    pub(super) fn new(
        kind: StoredType,
        shape: Vec<usize>,
        bytes: WeightBytes,
        file: Arc<str>,
    ) -> Self {
        Self {
            kind,
            shape,
            bytes,
            file,
        }
    }

    /// The storage type; an error if it is not supported.
    pub(super) fn weight_type(&self) -> Result<WeightType> {
        match &self.kind {
            StoredType::Supported(kind) => Ok(*kind),
            StoredType::Unsupported(name) => Err(Error::model(format!(
                "the storage type {name} is not supported; supported are F32, F16, BF16, Q8_0, Q4_0, \
                 Q5_0, Q4_K, Q5_K and Q6_K"
            ))
            .with_context("file", &*self.file)),
        }
    }

    /// The type, the product of all dimensions but the last, and the last. An error if the type is
    /// not supported, because then the shape has not been validated.
    fn type_and_shape(&self) -> Result<(WeightType, usize, usize)> {
        let kind = self.weight_type()?;
        Ok(match self.shape.split_last() {
            None => (kind, 1, 1),
            Some((&columns, rest)) => (kind, rest.iter().product(), columns),
        })
    }

    /// The two halves along the first dimension, in reverse order. `None` if the tensor cannot be
    /// split.
    pub(super) fn swapped_halves(&self) -> Option<[Self; 2]> {
        let (first, rest) = self.shape.split_first()?;
        let size = self.bytes.as_slice().len();
        let kind = self.weight_type().ok()?;
        let half = first / 2;
        let columns = *self.shape.last()?;
        let columns = if rest.is_empty() { half } else { columns };
        if first % 2 != 0 || kind.row_bytes(columns).is_none() {
            return None;
        }
        let part = |range| {
            let mut part = self.clone();
            part.shape[0] = half;
            part.bytes = self.bytes.slice(range)?;
            Some(part)
        };
        Some([part(size / 2..size)?, part(0..size / 2)?])
    }
}

/// The size of a tensor in bytes. `None` if its rows do not fill complete blocks, it is empty, or a
/// dimension exceeds [`LENGTH_LIMIT`].
pub(super) fn byte_count(kind: WeightType, shape: &[usize]) -> Option<usize> {
    if shape.iter().any(|length| *length > LENGTH_LIMIT) {
        return None;
    }
    let (&columns, rest) = match shape.split_last() {
        None => (&1, shape),
        Some(split) => split,
    };
    let mut size = kind.row_bytes(columns)?;
    for &dimension in rest {
        size = size.checked_mul(dimension)?;
    }
    // The other dimensions of an empty tensor could overflow later.
    (size > 0).then_some(size)
}

impl ModelTensor {
    pub(super) fn new(parts: Vec<StoredTensor>) -> Self {
        Self { parts }
    }

    /// The shape of the stacked tensor; `None` if the parts do not fit together.
    pub(super) fn shape(&self) -> Option<Vec<usize>> {
        let mut parts = self.parts.iter();
        let mut shape = parts.next()?.shape.clone();
        for part in parts {
            if part.shape.len() != shape.len() || part.shape.get(1..) != shape.get(1..) {
                return None;
            }
            let first = shape.first_mut()?;
            *first = first.checked_add(part.shape[0])?;
        }
        Some(shape)
    }

    /// The file of the first part.
    pub(super) fn file(&self) -> &str {
        self.parts.first().map_or("", |part| &part.file)
    }

    /// The parts, in order.
    pub(super) fn parts(&self) -> &[StoredTensor] {
        &self.parts
    }

    /// The tensor as a matrix of `columns` columns. The caller must have checked the shape.
    pub(super) fn matrix(&self, columns: usize) -> Result<Matrix> {
        let part = |part: &StoredTensor| {
            let (kind, rows, last) = part.type_and_shape()?;
            let rows = rows * last / columns.max(1);
            Matrix::new(kind, rows, columns, part.bytes.clone())
                .map_err(|error| error.with_context("file", &*part.file))
        };
        Matrix::stacked(self.parts.iter().map(part).collect::<Result<Vec<_>>>()?)
    }

    /// The weights as f32, in memory order.
    pub(super) fn to_f32(&self) -> Result<Vec<f32>> {
        let mut all = Vec::new();
        for part in &self.parts {
            let (kind, rows, columns) = part.type_and_shape()?;
            all.extend(Matrix::new(kind, rows, columns, part.bytes.clone())?.to_f32());
        }
        Ok(all)
    }

    /// The size in its files, in bytes.
    pub(super) fn byte_count(&self) -> usize {
        self.parts.iter().map(|p| p.bytes.as_slice().len()).sum()
    }
}
