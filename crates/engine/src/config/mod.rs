//! What a model's `config.json` files say, every value checked before it is used, and what its
//! tensors say where there is no such file.

mod autoencoder;
mod defaults;
mod fields;
mod text;
mod transformer;

pub use autoencoder::AutoencoderConfig;
pub use defaults::GenerationDefaults;
pub(crate) use fields::Fields;
pub use transformer::TransformerConfig;
