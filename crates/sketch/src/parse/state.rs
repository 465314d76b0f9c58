//! The state that the reader keeps between words.

use crate::scene::{Mood, Paint, Place, Shade, Size};

/// Words that modify the noun still to come.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about the words before a noun"
)]
#[derive(Debug, Default)]
pub(super) struct Before {
    pub(super) count: Option<u8>,
    pub(super) paint: Option<Paint>,
    pub(super) shade: Shade,
    pub(super) size: Option<Size>,
    pub(super) mood: Option<Mood>,
    /// "the"
    pub(super) definite: bool,
    /// "a"
    pub(super) indefinite: bool,
    /// A preposition came before, so a Russian form is not a nominative.
    pub(super) oblique: bool,
    /// An unknown word followed, which the modifiers may belong to.
    pub(super) stale: bool,
}

impl Before {
    pub(super) fn paint(&self) -> Option<Paint> {
        self.paint.map(|paint| match (paint.shade, self.shade) {
            (Shade::Plain, shade) => Paint { shade, ..paint },
            _ => paint,
        })
    }

    pub(super) fn is_bare(&self) -> bool {
        self.count.is_none() && self.paint.is_none() && self.size.is_none() && self.mood.is_none()
    }
}

/// A relation that waits for its object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    /// `None` if the subject follows the object.
    pub(super) subject: Option<usize>,
    pub(super) place: Place,
    /// The first of the two objects of "between".
    pub(super) first: Option<usize>,
    pub(super) word: &'static str,
}

/// A relation that waits for its subject.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fronted {
    pub(super) place: Place,
    pub(super) object: usize,
    pub(super) other: Option<usize>,
}

/// Whether the next accessory belongs to the last thing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attach {
    #[default]
    None,
    /// After "wearing" and "holding".
    Put,
    /// After "with".
    With,
    /// An accessory was put on; more may follow after "and" or a comma.
    Spent,
}
