//! The real binary: what it prints, how it ends, what it leaves.

mod drawing;
mod files;
mod help;
mod hub;
mod local;
mod models;
mod settings;
#[cfg(feature = "peers")]
mod spaces;
mod support;
#[cfg(unix)]
mod terminal;
mod usage;
