//! Weight matrices, memory-mapped in their storage type.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use memmap2::Mmap;
#[cfg(unix)]
use memmap2::UncheckedAdvice;

use crate::{Error, Result, kernels};

/// The storage type of a tensor.
///
/// The block types are ggml's: consecutive weights of a row share a block and its scales. Their
/// layouts are defined in ggml's `ggml-common.h`.
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
    /// 256 weights of 4 bits, in groups of 32 with a scale and a minimum for each.
    Q4K,
    /// 256 weights of 5 bits, in groups of 32 with a scale and a minimum for each.
    Q5K,
    /// 256 weights of 6 bits, in groups of 16 with a scale for each.
    Q6K,
}

impl WeightType {
    /// The number of weights in a block; 1 for the types without blocks.
    pub const fn block_weights(self) -> usize {
        match self {
            Self::F32 | Self::F16 | Self::Bf16 => 1,
            Self::Q8_0 | Self::Q4_0 | Self::Q5_0 => 32,
            Self::Q4K | Self::Q5K | Self::Q6K => 256,
        }
    }

    /// The size of a block in bytes.
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

    /// The size of a row of `columns` weights in bytes; `None` if they do not fill complete blocks.
    pub const fn row_bytes(self, columns: usize) -> Option<usize> {
        if columns.is_multiple_of(self.block_weights()) {
            (columns / self.block_weights()).checked_mul(self.block_bytes())
        } else {
            None
        }
    }

    /// Whether this is a block type, whose products are computed in 8-bit integers.
    pub const fn is_quantized(self) -> bool {
        self.block_weights() > 1
    }
}

/// The page size of most machines.
#[cfg(unix)]
const PAGE: usize = 4096;

/// A range of a memory-mapped file or of a buffer. Clones share the memory.
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
    /// A range of a mapped file; `None` if it is out of bounds.
    pub(crate) fn mapped(map: Arc<Mmap>, range: Range<usize>) -> Option<Self> {
        (range.start <= range.end && range.end <= map.len()).then_some(Self {
            source: BytesSource::Mapped(map),
            range,
        })
    }

    /// A buffer in memory.
    pub fn owned(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        Self {
            range: 0..bytes.len(),
            source: BytesSource::Owned(bytes),
        }
    }

    /// A subrange; `None` if it is out of bounds.
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

    /// The range within the file or buffer.
    pub(crate) fn range(&self) -> &Range<usize> {
        &self.range
    }

    /// Advises the operating system to drop the mapped pages from this process's memory. They are
    /// read from the file again on the next access. Has no effect on buffers.
    pub(crate) fn release(&self) {
        #[cfg(unix)]
        if let BytesSource::Mapped(map) = &self.source {
            // Rounded inwards, so that the adjacent tensors keep their pages. If pages are larger
            // than PAGE, the map rounds outwards, which costs an adjacent tensor a page fault.
            let from = self.range.start.next_multiple_of(PAGE);
            let to = self.range.end / PAGE * PAGE;
            if from < to {
                let advice = UncheckedAdvice::DontNeed;
                #[expect(unsafe_code, reason = "this advice discards writes to a map")]
                // SAFETY: the map is shared and read-only, so a dropped page is read from the file
                // again, with the same content.
                let advised = unsafe { map.unchecked_advise_range(advice, from, to - from) };
                // A failure only costs memory.
                drop(advised);
            }
        }
    }

    /// Borrows the bytes.
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

/// A matrix of `rows` output features by `columns` input features, in row-major order.
///
/// It may be stacked from several matrices, for example if a file stores the query, key and value
/// projections separately and the model uses them as one.
#[derive(Clone, Debug)]
pub struct Matrix {
    pub(crate) blocks: Vec<RowBlock>,
    rows: usize,
    columns: usize,
}

/// Consecutive rows of a [`Matrix`], of one storage type.
#[derive(Clone, Debug)]
pub(crate) struct RowBlock {
    pub(crate) kind: WeightType,
    pub(crate) rows: usize,
    pub(crate) bytes: WeightBytes,
}

impl Matrix {
    /// Creates a matrix. Fails if the size of `bytes` does not match the shape and type.
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
                "a matrix of {rows} rows of {columns} weights ({kind:?}) cannot have {given} bytes"
            )));
        }
        let blocks = vec![RowBlock { kind, rows, bytes }];
        Ok(Self {
            blocks,
            rows,
            columns,
        })
    }

    /// Stacks matrices of equal width. Fails if there are none or their widths differ.
    pub fn stacked(matrices: impl IntoIterator<Item = Self>) -> Result<Self> {
        let mut matrices = matrices.into_iter();
        let Some(mut stacked) = matrices.next() else {
            return Err(Error::model("cannot stack zero matrices"));
        };
        for matrix in matrices {
            if matrix.columns != stacked.columns {
                let (a, b) = (stacked.columns, matrix.columns);
                return Err(Error::model(format!(
                    "cannot stack matrices of {a} and {b} columns"
                )));
            }
            stacked.rows += matrix.rows;
            stacked.blocks.extend(matrix.blocks);
        }
        Ok(stacked)
    }

    /// A range of rows; `None` if it is out of bounds.
    #[must_use]
    pub fn row_range(&self, range: Range<usize>) -> Option<Self> {
        let rows = range.end.checked_sub(range.start)?;
        if range.end > self.rows {
            return None;
        }
        let mut blocks = Vec::new();
        let mut before = 0;
        for block in &self.blocks {
            let (start, end) = (range.start.max(before), range.end.min(before + block.rows));
            if start < end {
                let row = block.kind.row_bytes(self.columns)?;
                blocks.push(RowBlock {
                    kind: block.kind,
                    rows: end - start,
                    bytes: block
                        .bytes
                        .slice((start - before) * row..(end - before) * row)?,
                });
            }
            before += block.rows;
        }
        Some(Self {
            blocks,
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

    /// The size in its file, in bytes.
    pub fn byte_count(&self) -> usize {
        self.blocks
            .iter()
            .map(|block| block.bytes.as_slice().len())
            .sum()
    }

    /// Advises the operating system to drop the mapped pages from this process's memory. They are
    /// read from the file again on the next access.
    pub fn release(&self) {
        for block in &self.blocks {
            block.bytes.release();
        }
    }

    /// Writes row `row` to `out` as f32.
    ///
    /// # Panics
    /// If the row is out of bounds, or the length of `out` is not [`columns`](Self::columns).
    pub fn read_row(&self, row: usize, out: &mut [f32]) {
        assert_eq!(
            out.len(),
            self.columns,
            "`out` must have one number for each column"
        );
        let mut row = row;
        for block in &self.blocks {
            if row < block.rows {
                let bytes = block.bytes.as_slice();
                let size = bytes.len() / block.rows;
                dequantize(block.kind, &bytes[row * size..(row + 1) * size], out);
                return;
            }
            row -= block.rows;
        }
        panic!("row out of bounds of a matrix of {} rows", self.rows);
    }

    /// The entire matrix as f32, in row-major order.
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

/// Decodes `bytes` to `out`.
///
/// # Panics
/// If the length of `bytes` does not match that of `out`.
pub(crate) fn dequantize(kind: WeightType, bytes: &[u8], out: &mut [f32]) {
    assert_eq!(
        kind.row_bytes(out.len()),
        Some(bytes.len()),
        "the length of `bytes` must match that of `out`"
    );
    match kind {
        WeightType::F32 => {
            for (out, b) in out.iter_mut().zip(bytes.chunks_exact(4)) {
                *out = f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
            }
        }
        WeightType::F16 => {
            // In chunks, so that `half` can use vector conversions.
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
