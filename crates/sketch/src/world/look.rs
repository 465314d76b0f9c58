//! The appearance of one drawn thing.

use crate::rng::Rng;
use crate::scene::Mood;
use crate::vector::color::Rgb;

/// The appearance of one drawn thing.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    /// Its main colour.
    pub(crate) color: Rgb,
    /// Whether the prompt gives no colour, so that details may have their natural colours.
    pub(crate) natural: bool,
    /// The expression of its face.
    pub(crate) mood: Mood,
    /// Whether it is drawn flying.
    pub(crate) airborne: bool,
    /// Whether it holds an accessory, with its hand raised.
    pub(crate) holds: bool,
    /// The source of variation between things.
    pub(crate) rng: Rng,
}
