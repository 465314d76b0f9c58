//! The meaning of a word or phrase to the parser.

use crate::scene::{Accessory, Backdrop, Kind, Mood, Paint, Place, Shade, Size, Time, Weather};

/// The grammatical number of a noun form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    One,
    Many,
    /// Ambiguous: "кошки" is the genitive singular and the nominative plural.
    Either,
}

/// The meaning of a word or phrase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Meaning {
    Thing(Kind, Number),
    Accessory(Accessory),
    /// A thing that can also be worn or held.
    ThingOrAccessory(Kind, Number, Accessory),
    Paint(Paint),
    Shade(Shade),
    Size(Size),
    Mood(Mood),
    Count(u8),
    /// A number above [`MAX_COUNT`](crate::MAX_COUNT).
    TooMany,
    Place(Place),
    /// A place relative to the last thing: "to its left".
    PlaceOfIt(Place),
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
    /// Russian "у", before the owner of an accessory.
    Owner,
    And,
    /// "the"
    The,
    /// "a"
    A,
    /// "it"
    Pronoun,
    /// "background": the modifiers before it do not describe a thing.
    Background,
    /// A preposition that is not a relation.
    Preposition,
    /// A word that does not affect the picture.
    Filler,
}
