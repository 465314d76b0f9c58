//! What a word or phrase means to the parser.

use crate::scene::{Accessory, Backdrop, Kind, Mood, Paint, Place, Shade, Size, Time, Weather};

/// Whether a noun's form stands for several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    One,
    Many,
    /// The form serves for both: "кошки".
    Either,
}

/// What a word, or a phrase, means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Meaning {
    Thing(Kind, Number),
    Item(Accessory),
    /// A thing that can also be worn or held.
    Both(Kind, Number, Accessory),
    Paint(Paint),
    Shade(Shade),
    Size(Size),
    Mood(Mood),
    Count(u8),
    /// A number larger than a scene takes.
    TooMany,
    Place(Place),
    /// "to its left"
    Beside(Place),
    Backdrop(Backdrop),
    /// Snow: a land to stand in, or the weather.
    Snow,
    /// The sky: a place to be in, or what is above everything.
    Sky,
    Time(Time),
    Weather(Weather),
    /// "wearing"
    Wear,
    /// "holding"
    Hold,
    /// "with"
    With,
    /// Russian "у": whose it is follows.
    Of,
    And,
    /// "the"
    The,
    /// "a"
    A,
    /// "it"
    Pronoun,
    /// "background": what was said of it is not said of a thing.
    Ground,
    /// Another preposition.
    Preposition,
    /// A word that says nothing about the picture.
    Filler,
}
