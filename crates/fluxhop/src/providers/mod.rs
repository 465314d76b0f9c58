//! The provider implementations, one folder each. They depend on no policy and no other provider.

#[cfg(feature = "local")]
pub mod local;
#[cfg(feature = "sketch")]
pub mod sketch;
pub mod space;
