//! Files of weights and folders of models, through the public interface.

mod hostile;
mod models;
mod names;
mod release;
mod support;
mod types;
