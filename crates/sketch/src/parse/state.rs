//! The state that the reader keeps between words.

use crate::scene::{Mood, Paint, Place, Shade, Size};

/// The modifiers read since the last noun. They usually apply to the next one.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about the words before a noun"
)]
#[derive(Debug, Default)]
pub(super) struct Modifiers {
    pub(super) count: Option<u8>,
    pub(super) paint: Option<Paint>,
    pub(super) shade: Shade,
    pub(super) size: Option<Size>,
    pub(super) mood: Option<Mood>,
    /// Follows "the".
    pub(super) definite: bool,
    /// Follows "a".
    pub(super) indefinite: bool,
    /// Follows a preposition, so a Russian noun form is not a nominative.
    pub(super) oblique: bool,
    /// Followed by an unknown word, which the modifiers may describe.
    pub(super) stale: bool,
}

impl Modifiers {
    /// The colour in the shade of a separate word: "light" and "red" give light red.
    pub(super) fn paint(&self) -> Option<Paint> {
        self.paint.map(|paint| match (paint.shade, self.shade) {
            (Shade::Plain, shade) => Paint { shade, ..paint },
            _ => paint,
        })
    }

    /// Whether the noun has no count, colour, size or mood.
    pub(super) fn is_bare(&self) -> bool {
        self.count.is_none() && self.paint.is_none() && self.size.is_none() && self.mood.is_none()
    }
}

/// A relation whose object has not been read yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct PendingRelation {
    /// `None` if the subject follows the object.
    pub(super) subject: Option<usize>,
    pub(super) place: Place,
    /// The first of the two objects of "between".
    pub(super) first_object: Option<usize>,
}

/// A relation that precedes its subject, as in "on the house is a cat".
#[derive(Debug, Clone, Copy)]
pub(super) struct FrontedRelation {
    pub(super) place: Place,
    pub(super) object: usize,
    /// The second object of "between".
    pub(super) other: Option<usize>,
}

/// Whether the next accessory belongs to the last thing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccessoryState {
    #[default]
    None,
    /// After "wearing" or "holding".
    Expected,
    /// After "with", which may also introduce a thing.
    AfterWith,
    /// After an accessory; another one may follow "and" or a comma.
    Attached,
}

/// The parts of the setting that the text has specified.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct SpecifiedSetting {
    pub(super) backdrop: bool,
    pub(super) time: bool,
    pub(super) weather: bool,
}

impl SpecifiedSetting {
    pub(super) fn any(self) -> bool {
        self.backdrop || self.time || self.weather
    }
}
