//! How far two tensors are apart, and a table of it.

use std::fmt;

use candle_core::{DType, Device, Tensor};

/// The numbers of a tensor, as f32.
pub(crate) fn floats(tensor: &Tensor) -> Vec<f32> {
    let tensor = tensor.to_device(&Device::Cpu).unwrap();
    let tensor = tensor.to_dtype(DType::F32).unwrap();
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// The norm of the difference by the norm of `wanted`; infinite where lengths differ.
pub(crate) fn relative(ours: &[f32], wanted: &[f32]) -> f64 {
    if ours.len() != wanted.len() {
        return f64::INFINITY;
    }
    let square = |numbers: &mut dyn Iterator<Item = f64>| numbers.map(|x| x * x).sum::<f64>();
    let pairs = ours.iter().zip(wanted);
    let difference = square(&mut pairs.map(|(a, b)| f64::from(*a) - f64::from(*b)));
    let norm = square(&mut wanted.iter().map(|x| f64::from(*x)));
    (difference / norm).sqrt()
}

/// The largest difference; infinite where lengths differ.
pub(crate) fn largest(ours: &[f32], wanted: &[f32]) -> f64 {
    if ours.len() != wanted.len() {
        return f64::INFINITY;
    }
    let pairs = ours.iter().zip(wanted);
    pairs
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs())
        .fold(0.0, f64::max)
}

/// What was measured, and what is allowed.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

struct Row {
    case: String,
    what: String,
    error: f64,
    allowed: f64,
}

impl Row {
    fn is_within(&self) -> bool {
        // An error that is no number is not within.
        self.error <= self.allowed
    }
}

impl Table {
    pub(crate) fn add(&mut self, case: &str, what: &str, error: f64, allowed: f64) {
        self.rows.push(Row {
            case: case.to_owned(),
            what: what.to_owned(),
            error,
            allowed,
        });
    }

    pub(crate) fn assert_all_within(&self) {
        let beyond = self.rows.iter().filter(|row| !row.is_within());
        let beyond: Vec<String> = beyond.map(ToString::to_string).collect();
        assert!(
            beyond.is_empty(),
            "beyond what is allowed:\n{}",
            beyond.join("\n")
        );
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            case,
            what,
            error,
            allowed,
        } = self;
        let mark = if self.is_within() { "" } else { " <<<" };
        write!(f, "{case:28} {what:16} {error:9.2e} of {allowed:.0e}{mark}")
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.iter().try_for_each(|row| writeln!(f, "{row}"))
    }
}
