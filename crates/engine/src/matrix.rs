//! Weight matrices, memory-mapped in their storage type.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use memmap2::Mmap;
#[cfg(unix)]
use memmap2::UncheckedAdvice;

use crate::dequantize::dequantize;
use crate::{Error, Result, WeightType};

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
