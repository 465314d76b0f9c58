//! The configuration of a model, read and checked from its `config.json` files or derived from its
//! tensors.

mod autoencoder;
mod defaults;
mod fields;
mod text;
mod transformer;

pub use autoencoder::AutoencoderConfig;
pub use defaults::GenerationDefaults;
pub(crate) use fields::Fields;
pub use transformer::TransformerConfig;
