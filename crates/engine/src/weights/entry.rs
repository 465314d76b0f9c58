//! A tensor as a file holds it, and one of the model's, made of such.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Error, Matrix, Result, WeightBytes, WeightType};

/// The most tensors that a file may have; a whole FLUX checkpoint has fewer than 2000.
pub(super) const TENSOR_LIMIT: usize = 65_536;

/// The most dimensions that a tensor may have.
pub(super) const DIMENSION_LIMIT: usize = 8;

/// The longest dimension; in FLUX.1 none passes 100 000. No sum or product of a few of them
/// passes what a machine counts.
pub(super) const LENGTH_LIMIT: usize = 1 << 28;

/// A tensor as its file has it.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) kind: Kind,
    /// As torch has it: the last dimension is the one that lies together.
    pub(crate) shape: Vec<usize>,
    /// As many as type and shape say; none where the type is not read.
    pub(crate) bytes: WeightBytes,
    pub(crate) file: Arc<str>,
}

/// The type of a tensor in its file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Known(WeightType),
    /// A type that is not read, by its name; no error until such a tensor is used.
    Other(Arc<str>),
}

/// The tensors of a file, or of several, by the names that they have there.
pub(crate) type Listing = BTreeMap<String, Stored>;

/// The tensors of a part of a model, by the names that the model has for them.
pub(crate) type Table = BTreeMap<String, Entry>;

/// A tensor of the model: one of a file, or several one after the other along the first dimension.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    parts: Vec<Stored>,
}

impl Stored {
    /// A tensor whose bytes lie in `file`; its shape's product must fit the bytes, which
    /// [`byte_count`] has told.
    pub(super) fn new(kind: Kind, shape: Vec<usize>, bytes: WeightBytes, file: Arc<str>) -> Self {
        Self {
            kind,
            shape,
            bytes,
            file,
        }
    }

    /// Its type; an error where that is not read.
    pub(super) fn known(&self) -> Result<WeightType> {
        match &self.kind {
            Kind::Known(kind) => Ok(*kind),
            Kind::Other(name) => Err(Error::model(format!(
                "it is stored as {name}, which is not read: F32, F16, BF16, Q8_0, Q4_0, Q5_0, \
                 Q4_K, Q5_K and Q6_K are"
            ))
            .with_context("file", &*self.file)),
        }
    }

    /// Its type, and how many rows of how many weights it has: all dimensions but the last, and the
    /// last. An error where the type is not read, because then the shape is no more than a claim.
    fn measured(&self) -> Result<(WeightType, usize, usize)> {
        let kind = self.known()?;
        Ok(match self.shape.split_last() {
            None => (kind, 1, 1),
            Some((&columns, rest)) => (kind, rest.iter().product(), columns),
        })
    }

    /// The tensor with its halves along the first dimension swapped, as two parts.
    pub(super) fn swapped_halves(&self) -> Option<[Self; 2]> {
        let (first, rest) = self.shape.split_first()?;
        let size = self.bytes.as_slice().len();
        let kind = self.known().ok()?;
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

/// How many bytes a tensor takes; `None` where its rows do not fill blocks, it has no weights, or
/// more than there can be.
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
    // An empty tensor would let its other dimensions overflow later.
    (size > 0).then_some(size)
}

impl Entry {
    pub(super) fn new(parts: Vec<Stored>) -> Self {
        Self { parts }
    }

    /// The shape of the whole; `None` where the parts do not fit together.
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

    /// The file of its first part.
    pub(super) fn file(&self) -> &str {
        self.parts.first().map_or("", |part| &part.file)
    }

    /// What it is made of.
    pub(super) fn parts(&self) -> &[Stored] {
        &self.parts
    }

    /// The whole as a matrix of `columns`; the shape must have been compared.
    pub(super) fn matrix(&self, columns: usize) -> Result<Matrix> {
        let part = |part: &Stored| {
            let (kind, rows, last) = part.measured()?;
            let rows = rows * last / columns.max(1);
            Matrix::new(kind, rows, columns, part.bytes.clone())
                .map_err(|error| error.with_context("file", &*part.file))
        };
        Matrix::stacked(self.parts.iter().map(part).collect::<Result<Vec<_>>>()?)
    }

    /// The weights as f32, in the order in which they lie.
    pub(super) fn to_f32(&self) -> Result<Vec<f32>> {
        let mut all = Vec::new();
        for part in &self.parts {
            let (kind, rows, columns) = part.measured()?;
            all.extend(Matrix::new(kind, rows, columns, part.bytes.clone())?.to_f32());
        }
        Ok(all)
    }

    /// The bytes that it takes in its files.
    pub(super) fn byte_count(&self) -> usize {
        self.parts.iter().map(|p| p.bytes.as_slice().len()).sum()
    }
}
