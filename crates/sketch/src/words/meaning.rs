//! What a word or phrase means to the parser.

use crate::scene::{Accessory, Backdrop, Kind, Mood, Paint, Place, Shade, Size, Time, Weather};

/// The grammatical number of a noun form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    One,
    Many,
    /// The form is ambiguous: "кошки".
    Either,
}

/// The meaning of a word or phrase.
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
    /// A number above the maximum.
    TooMany,
    Place(Place),
    /// "to its left"
    Beside(Place),
    Backdrop(Backdrop),
    /// Snow: a backdrop or the weather.
    Snow,
    /// The sky: a backdrop, or part of another one.
    Sky,
    Time(Time),
    Weather(Weather),
    /// "wearing"
    Wear,
    /// "holding"
    Hold,
    /// "with"
    With,
    /// Russian "у": the owner follows.
    Of,
    And,
    /// "the"
    The,
    /// "a"
    A,
    /// "it"
    Pronoun,
    /// "background": modifiers before it do not describe a thing.
    Ground,
    /// Another preposition.
    Preposition,
    /// A word without effect on the picture.
    Filler,
}
