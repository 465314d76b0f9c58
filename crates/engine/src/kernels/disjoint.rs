//! A matrix that several threads fill, each a part of its own.

use std::marker::PhantomData;

/// Rows of equal length in one piece of memory, written in parts.
pub(crate) struct DisjointRows<'a> {
    start: *mut f32,
    rows: usize,
    stride: usize,
    memory: PhantomData<&'a mut [f32]>,
}

// SAFETY: `part` hands out parts, whose callers promise that no two overlap at a time.
#[expect(unsafe_code, reason = "threads write disjoint parts of one matrix")]
unsafe impl Sync for DisjointRows<'_> {}

impl<'a> DisjointRows<'a> {
    /// `numbers` as rows of `stride` numbers.
    pub(crate) fn new(numbers: &'a mut [f32], stride: usize) -> Self {
        Self {
            rows: numbers.len() / stride.max(1),
            start: numbers.as_mut_ptr(),
            stride,
            memory: PhantomData,
        }
    }

    /// Numbers of a row.
    pub(crate) fn columns(&self) -> usize {
        self.stride
    }

    /// `length` numbers of a row, from column `from`.
    ///
    /// # Panics
    /// Where they lie outside the sheet.
    ///
    /// # Safety
    /// No other part that is alive shares a number with this one.
    #[inline]
    #[expect(unsafe_code, reason = "threads write disjoint parts of one matrix")]
    #[expect(clippy::mut_from_ref, reason = "that is what the promise is for")]
    pub(crate) unsafe fn part(&self, row: usize, from: usize, length: usize) -> &mut [f32] {
        assert!(row < self.rows && from + length <= self.stride);
        // SAFETY: the part lies in the memory that `new` borrowed, by the check above, and is the
        // caller's alone.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(row * self.stride + from), length) }
    }
}

/// Sets a part to the first of several sums, with the bias where there is one, or adds a later one.
#[inline]
pub(crate) fn add(first: bool, numbers: &[f32], bias: Option<&[f32]>, out: &mut [f32]) {
    match bias.filter(|_| first) {
        Some(bias) => {
            for ((out, number), bias) in out.iter_mut().zip(numbers).zip(bias) {
                *out = number + bias;
            }
        }
        None if first => out.copy_from_slice(numbers),
        None => {
            for (out, number) in out.iter_mut().zip(numbers) {
                *out += number;
            }
        }
    }
}
