//! For tests: a provider that follows a mock, and the checks that every provider must pass.

pub mod conformance;
mod mock;

pub use mock::{MockProvider, Step, picture};

#[cfg(test)]
mod tests;
