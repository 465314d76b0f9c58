//! What draws: one folder a provider. They know no policy and no other provider.

pub mod sketch;
pub mod space;
