//! How one thing looks in one picture.

use crate::rng::Rng;
use crate::scene::Mood;
use crate::vector::color::Rgb;

/// How one of its kind looks in this picture.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    /// Its main colour.
    pub(crate) color: Rgb,
    /// The colour was chosen by the seed: details may take natural colours of their own.
    pub(crate) natural: bool,
    /// What its face shows.
    pub(crate) mood: Mood,
    /// It is off the ground.
    pub(crate) airborne: bool,
    /// It holds something in its hand.
    pub(crate) holds: bool,
    /// Variation.
    pub(crate) rng: Rng,
}
