//! A matrix that several threads fill, each writing its own segments.

use std::marker::PhantomData;

/// Rows of equal length in contiguous memory, written in disjoint segments.
pub(crate) struct DisjointRows<'a> {
    start: *mut f32,
    rows: usize,
    columns: usize,
    memory: PhantomData<&'a mut [f32]>,
}

// SAFETY: the only access is `segment`, whose callers promise that no two segments overlap.
#[expect(unsafe_code, reason = "threads write disjoint segments of one matrix")]
unsafe impl Sync for DisjointRows<'_> {}

impl<'a> DisjointRows<'a> {
    /// Views `numbers` as rows of `columns` numbers.
    pub(crate) fn new(numbers: &'a mut [f32], columns: usize) -> Self {
        Self {
            rows: numbers.len() / columns.max(1),
            start: numbers.as_mut_ptr(),
            columns,
            memory: PhantomData,
        }
    }

    /// The length of a row.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// `length` numbers of a row, from column `column`.
    ///
    /// # Panics
    /// If the segment is out of bounds.
    ///
    /// # Safety
    /// The segment must not overlap another one that is alive.
    #[inline]
    #[expect(unsafe_code, reason = "threads write disjoint segments of one matrix")]
    #[expect(clippy::mut_from_ref, reason = "the caller promises disjoint segments")]
    pub(crate) unsafe fn segment(&self, row: usize, column: usize, length: usize) -> &mut [f32] {
        assert!(row < self.rows && column + length <= self.columns);
        // SAFETY: the segment is within the memory borrowed by `new`, as checked above, and the
        // caller has exclusive access to it.
        unsafe {
            std::slice::from_raw_parts_mut(self.start.add(row * self.columns + column), length)
        }
    }
}

/// Adds `sums` to `out`, or, if `first` is set, overwrites `out` with `sums` plus the bias.
#[inline]
pub(crate) fn accumulate(first: bool, sums: &[f32], bias: Option<&[f32]>, out: &mut [f32]) {
    match bias.filter(|_| first) {
        Some(bias) => {
            for ((out, sum), bias) in out.iter_mut().zip(sums).zip(bias) {
                *out = sum + bias;
            }
        }
        None if first => out.copy_from_slice(sums),
        None => {
            for (out, sum) in out.iter_mut().zip(sums) {
                *out += sum;
            }
        }
    }
}
