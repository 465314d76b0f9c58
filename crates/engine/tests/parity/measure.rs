//! The error between two tensors, and a table of errors.

use std::fmt;

use candle_core::{DType, Device, Tensor};

/// The elements of a tensor, as f32.
pub(crate) fn floats(tensor: &Tensor) -> Vec<f32> {
    let tensor = tensor.to_device(&Device::Cpu).unwrap();
    let tensor = tensor.to_dtype(DType::F32).unwrap();
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// The norm of the difference divided by the norm of `expected`; infinite if the lengths differ.
pub(crate) fn relative(actual: &[f32], expected: &[f32]) -> f64 {
    if actual.len() != expected.len() {
        return f64::INFINITY;
    }
    let square = |numbers: &mut dyn Iterator<Item = f64>| numbers.map(|x| x * x).sum::<f64>();
    let pairs = actual.iter().zip(expected);
    let difference = square(&mut pairs.map(|(a, b)| f64::from(*a) - f64::from(*b)));
    let norm = square(&mut expected.iter().map(|x| f64::from(*x)));
    (difference / norm).sqrt()
}

/// The largest absolute difference; infinite if the lengths differ.
pub(crate) fn largest(actual: &[f32], expected: &[f32]) -> f64 {
    if actual.len() != expected.len() {
        return f64::INFINITY;
    }
    let pairs = actual.iter().zip(expected);
    pairs
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs())
        .fold(0.0, f64::max)
}

/// The measured errors and their tolerances.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

struct Row {
    case: String,
    stage: String,
    error: f64,
    tolerance: f64,
}

impl Row {
    fn is_within(&self) -> bool {
        // False if the error is NaN.
        self.error <= self.tolerance
    }
}

impl Table {
    pub(crate) fn add(&mut self, case: &str, stage: &str, error: f64, tolerance: f64) {
        self.rows.push(Row {
            case: case.to_owned(),
            stage: stage.to_owned(),
            error,
            tolerance,
        });
    }

    pub(crate) fn assert_all_within(&self) {
        let exceeding = self.rows.iter().filter(|row| !row.is_within());
        let exceeding: Vec<String> = exceeding.map(ToString::to_string).collect();
        assert!(
            exceeding.is_empty(),
            "errors above their tolerance:\n{}",
            exceeding.join("\n")
        );
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            case,
            stage,
            error,
            tolerance,
        } = self;
        let mark = if self.is_within() { "" } else { " <<<" };
        write!(
            f,
            "{case:28} {stage:16} {error:9.2e} of {tolerance:.0e}{mark}"
        )
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.iter().try_for_each(|row| writeln!(f, "{row}"))
    }
}
