//! The dimensions and parameters of a backdrop.

use crate::rng::Rng;
use crate::scene::Setting;

/// The dimensions and parameters of a backdrop. Lengths are in units of the picture's shorter side.
pub(super) struct Frame {
    pub(super) w: f32,
    pub(super) h: f32,
    pub(super) horizon: f32,
    pub(super) setting: Setting,
    pub(super) rng: Rng,
    pub(super) mentioned: Mentioned,
}

/// The backdrop's details that are also subjects of the scene, and are therefore left out.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about the scene"
)]
#[derive(Debug, Clone, Copy)]
pub(super) struct Mentioned {
    /// The sun or the moon.
    pub(super) light: bool,
    pub(super) cloud: bool,
    pub(super) star: bool,
    pub(super) flower: bool,
}
