//! Test support: a mock provider and the conformance suite that every provider must pass.

pub mod conformance;
mod mock;

pub use mock::{MockProvider, Step, picture};

#[cfg(test)]
mod tests;
