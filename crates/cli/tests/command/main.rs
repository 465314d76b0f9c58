//! Tests of the real binary: output, exit codes and files.

mod events;
mod files;
mod generate;
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
