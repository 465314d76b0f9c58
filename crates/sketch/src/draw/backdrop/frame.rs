//! The picture that a backdrop is drawn into.

use crate::rng::Rng;
use crate::scene::Setting;

/// The picture, its setting and its horizon. Lengths are in units of its shorter side.
pub(super) struct Frame {
    pub(super) w: f32,
    pub(super) h: f32,
    pub(super) horizon: f32,
    pub(super) setting: Setting,
    pub(super) rng: Rng,
    /// Things of the scene that the backdrop must not add as well.
    pub(super) mentioned: Mentioned,
}

/// Subjects of the scene that the backdrop leaves out.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about the scene"
)]
#[derive(Debug, Clone, Copy)]
pub(super) struct Mentioned {
    pub(super) light: bool,
    pub(super) cloud: bool,
    pub(super) star: bool,
    pub(super) flower: bool,
}
