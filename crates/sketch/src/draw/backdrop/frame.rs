//! The picture that a backdrop is drawn into.

use crate::rng::Rng;
use crate::scene::Setting;

/// Where the picture's measures are in units of its shorter side.
pub(super) struct Frame {
    pub(super) w: f32,
    pub(super) h: f32,
    pub(super) horizon: f32,
    pub(super) setting: Setting,
    pub(super) rng: Rng,
    /// A sun or moon that the text names: the sky has no other.
    pub(super) mentioned: Mentioned,
}

/// What the text names itself, so that the backdrop must not add its own.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that the text may name"
)]
#[derive(Debug, Clone, Copy)]
pub(super) struct Mentioned {
    pub(super) light: bool,
    pub(super) cloud: bool,
    pub(super) star: bool,
    pub(super) flower: bool,
}
