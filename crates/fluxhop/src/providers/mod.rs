//! What draws: one folder a provider. They know no policy and no other provider.

#[cfg(feature = "local")]
pub mod local;
pub mod sketch;
pub mod space;
