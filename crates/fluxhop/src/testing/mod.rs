//! For tests: a provider that follows a script, and the checks that every provider must pass.

pub mod conformance;
mod script;

pub use script::{Script, Step, picture};

#[cfg(test)]
mod tests;
