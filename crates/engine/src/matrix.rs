//! A weight matrix as its file holds it: memory-mapped, in the file's own type, never copied.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use memmap2::Mmap;
#[cfg(unix)]
use memmap2::UncheckedAdvice;

use crate::{Error, Result, kernels};

/// How the numbers of a weight are stored.
///
/// The block types are ggml's: so many weights along a row share a block with its scales. Their
/// layouts are told in ggml's `ggml-common.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WeightType {
    /// IEEE single precision.
    F32,
    /// IEEE half precision.
    F16,
    /// The upper half of an `f32`.
    Bf16,
    /// 32 weights of 8 bits, one scale.
    Q8_0,
    /// 32 weights of 4 bits, one scale.
    Q4_0,
    /// 32 weights of 5 bits, one scale.
    Q5_0,
    /// 256 weights of 4 bits, in groups of 32 with a scale and a minimum each.
    Q4K,
    /// 256 weights of 5 bits, likewise.
    Q5K,
    /// 256 weights of 6 bits, in groups of 16 with a scale each.
    Q6K,
}

impl WeightType {
    /// How many weights share a block.
    pub const fn block_weights(self) -> usize {
        match self {
            Self::F32 | Self::F16 | Self::Bf16 => 1,
            Self::Q8_0 | Self::Q4_0 | Self::Q5_0 => 32,
            Self::Q4K | Self::Q5K | Self::Q6K => 256,
        }
    }

    /// How many bytes a block takes.
    pub const fn block_bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Q8_0 => 34,
            Self::Q4_0 => 18,
            Self::Q5_0 => 22,
            Self::Q4K => 144,
            Self::Q5K => 176,
            Self::Q6K => 210,
        }
    }

    /// The bytes of a row of `columns` weights; `None` where they do not fill whole blocks.
    pub const fn row_bytes(self, columns: usize) -> Option<usize> {
        if columns.is_multiple_of(self.block_weights()) {
            (columns / self.block_weights()).checked_mul(self.block_bytes())
        } else {
            None
        }
    }

    /// Whether weights share blocks, so that products run on 8-bit integers.
    pub const fn is_quantized(self) -> bool {
        self.block_weights() > 1
    }
}

/// The page of nearly every machine.
#[cfg(unix)]
const PAGE: usize = 4096;

/// Bytes of a memory-mapped file, or of memory; a clone shares them.
#[derive(Clone)]
pub struct WeightBytes {
    source: BytesSource,
    range: Range<usize>,
}

#[derive(Clone)]
enum BytesSource {
    Mapped(Arc<Mmap>),
    Owned(Arc<[u8]>),
}

impl WeightBytes {
    /// A part of a mapped file; `None` where the file is shorter.
    pub fn mapped(map: Arc<Mmap>, range: Range<usize>) -> Option<Self> {
        (range.start <= range.end && range.end <= map.len()).then_some(Self {
            source: BytesSource::Mapped(map),
            range,
        })
    }

    /// Bytes in memory.
    pub fn owned(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        Self {
            range: 0..bytes.len(),
            source: BytesSource::Owned(bytes),
        }
    }

    /// A part of these; `None` where they are shorter.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Option<Self> {
        let (start, end) = (
            self.range.start.checked_add(range.start)?,
            self.range.start.checked_add(range.end)?,
        );
        (start <= end && end <= self.range.end).then(|| Self {
            source: self.source.clone(),
            range: start..end,
        })
    }

    /// Where they lie in their file or memory.
    pub(crate) fn range(&self) -> &Range<usize> {
        &self.range
    }

    /// Tells the operating system that the bytes of a file are not needed for now: whole pages of
    /// them leave this process's memory, and come back when they are read.
    pub(crate) fn release(&self) {
        #[cfg(unix)]
        if let BytesSource::Mapped(map) = &self.source {
            // Inwards, so that a neighbour keeps its pages. Where pages are larger, the map's own
            // alignment goes outwards, which costs that neighbour a fault.
            let from = self.range.start.next_multiple_of(PAGE);
            let to = self.range.end / PAGE * PAGE;
            if from < to {
                let advice = UncheckedAdvice::DontNeed;
                #[expect(unsafe_code, reason = "this advice loses what was written to a map")]
                // SAFETY: the map is shared and read-only, so its pages are the file's: what is
                // read after they were let go is what was read before.
                let advised = unsafe { map.unchecked_advise_range(advice, from, to - from) };
                // Advice that is not taken costs memory and changes no number.
                drop(advised);
            }
        }
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        let all: &[u8] = match &self.source {
            BytesSource::Mapped(map) => map,
            BytesSource::Owned(bytes) => bytes,
        };
        &all[self.range.clone()]
    }
}

impl fmt::Debug for WeightBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WeightBytes({:?})", self.range)
    }
}

/// A matrix of `rows` output features by `columns` input features, row by row.
///
/// It may be several matrices one above the other, as where a file holds the projections to query,
/// key and value apart and the model has them in one.
#[derive(Clone, Debug)]
pub struct Matrix {
    pub(crate) parts: Vec<RowBlock>,
    rows: usize,
    columns: usize,
}

/// Some rows of a [`Matrix`], of one type.
#[derive(Clone, Debug)]
pub(crate) struct RowBlock {
    pub(crate) kind: WeightType,
    pub(crate) rows: usize,
    pub(crate) bytes: WeightBytes,
}

impl Matrix {
    /// A matrix whose bytes must be just as many as its shape and type say.
    pub fn new(kind: WeightType, rows: usize, columns: usize, bytes: WeightBytes) -> Result<Self> {
        let row = kind.row_bytes(columns).ok_or_else(|| {
            let block = kind.block_weights();
            Error::model(format!(
                "rows of {columns} weights do not fill blocks of {block} ({kind:?})"
            ))
        })?;
        let given = bytes.as_slice().len();
        if row.checked_mul(rows) != Some(given) {
            return Err(Error::model(format!(
                "{given} bytes are not {rows} rows of {columns} weights ({kind:?})"
            )));
        }
        let parts = vec![RowBlock { kind, rows, bytes }];
        Ok(Self {
            parts,
            rows,
            columns,
        })
    }

    /// Several matrices of equal width, one above the other.
    pub fn stacked(matrices: impl IntoIterator<Item = Self>) -> Result<Self> {
        let mut matrices = matrices.into_iter();
        let Some(mut whole) = matrices.next() else {
            return Err(Error::model("a matrix of no parts"));
        };
        for matrix in matrices {
            if matrix.columns != whole.columns {
                let (a, b) = (whole.columns, matrix.columns);
                return Err(Error::model(format!(
                    "matrices of {a} and {b} columns cannot be stacked"
                )));
            }
            whole.rows += matrix.rows;
            whole.parts.extend(matrix.parts);
        }
        Ok(whole)
    }

    /// The rows `range`; `None` where there are fewer.
    #[must_use]
    pub fn row_range(&self, range: Range<usize>) -> Option<Self> {
        let rows = range.end.checked_sub(range.start)?;
        if range.end > self.rows {
            return None;
        }
        let mut parts = Vec::new();
        let mut before = 0;
        for part in &self.parts {
            let (start, end) = (range.start.max(before), range.end.min(before + part.rows));
            if start < end {
                let row = part.kind.row_bytes(self.columns)?;
                parts.push(RowBlock {
                    kind: part.kind,
                    rows: end - start,
                    bytes: part
                        .bytes
                        .slice((start - before) * row..(end - before) * row)?,
                });
            }
            before += part.rows;
        }
        Some(Self {
            parts,
            rows,
            columns: self.columns,
        })
    }

    /// Output features.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Input features.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The bytes that it takes in its file.
    pub fn byte_count(&self) -> usize {
        self.parts
            .iter()
            .map(|part| part.bytes.as_slice().len())
            .sum()
    }

    /// Tells the operating system that the bytes are not needed for now, so that they no longer
    /// count as this process's memory; reading them is as before.
    pub fn release(&self) {
        for part in &self.parts {
            part.bytes.release();
        }
    }

    /// Row `row` as f32, written to `out`, which has [`columns`](Self::columns) places.
    ///
    /// # Panics
    /// Where there is no such row, or `out` is of another length.
    pub fn read_row(&self, row: usize, out: &mut [f32]) {
        assert_eq!(
            out.len(),
            self.columns,
            "a row has as many numbers as columns"
        );
        let mut row = row;
        for part in &self.parts {
            if row < part.rows {
                let bytes = part.bytes.as_slice();
                let size = bytes.len() / part.rows;
                dequantize(part.kind, &bytes[row * size..(row + 1) * size], out);
                return;
            }
            row -= part.rows;
        }
        panic!("the matrix has {} rows", self.rows);
    }

    /// All of it as f32, row by row.
    pub fn to_f32(&self) -> Vec<f32> {
        let mut all = vec![0.0; self.rows * self.columns];
        if self.columns > 0 {
            for (row, out) in all.chunks_exact_mut(self.columns).enumerate() {
                self.read_row(row, out);
            }
        }
        all
    }
}

/// Writes the weights that `bytes` hold to `out`.
///
/// # Panics
/// Where `bytes` is not as long as `out` takes.
pub(crate) fn dequantize(kind: WeightType, bytes: &[u8], out: &mut [f32]) {
    assert_eq!(
        kind.row_bytes(out.len()),
        Some(bytes.len()),
        "as many bytes as the weights take"
    );
    match kind {
        WeightType::F32 => {
            for (out, b) in out.iter_mut().zip(bytes.chunks_exact(4)) {
                *out = f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
            }
        }
        WeightType::F16 => {
            // In runs, for which the processor has an instruction.
            let mut halves = [f16::ZERO; 64];
            for (out, bytes) in out.chunks_mut(64).zip(bytes.chunks(128)) {
                for (half, b) in halves.iter_mut().zip(bytes.chunks_exact(2)) {
                    *half = f16::from_le_bytes([b[0], b[1]]);
                }
                halves[..out.len()].convert_to_f32_slice(out);
            }
        }
        WeightType::Bf16 => {
            for (out, b) in out.iter_mut().zip(bytes.chunks_exact(2)) {
                *out = bf16::from_le_bytes([b[0], b[1]]).to_f32();
            }
        }
        _ => kernels::blocks::dequantize(kind, bytes, out),
    }
}
