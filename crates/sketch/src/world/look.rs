//! How one thing looks in one picture.

use crate::rng::Rng;
use crate::scene::Mood;
use crate::vector::color::Rgb;

/// How one thing looks in one picture.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    /// Its main colour.
    pub(crate) color: Rgb,
    /// Whether the seed chose the colour, so that details may have their natural colours.
    pub(crate) natural: bool,
    /// The expression of its face.
    pub(crate) mood: Mood,
    /// Whether it is off the ground.
    pub(crate) airborne: bool,
    /// Whether it holds something.
    pub(crate) holds: bool,
    /// Random numbers for variation.
    pub(crate) rng: Rng,
}
