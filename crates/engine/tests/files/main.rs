//! Tests of weight files and model folders through the public API.

mod hostile;
mod models;
mod names;
mod release;
mod support;
mod types;
