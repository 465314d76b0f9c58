//! A subject of a scene: one or more things of one kind, with their appearance.

use serde::{Deserialize, Serialize};

use super::kind::Kind;
use super::labels::{Accessory, Color, Mood, Shade, Size};

/// A colour in a shade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Paint {
    /// The colour.
    pub color: Color,
    /// The shade.
    #[serde(default)]
    pub shade: Shade,
}

impl Paint {
    /// The plain shade of a colour.
    pub const fn new(color: Color) -> Self {
        Self::shaded(color, Shade::Plain)
    }

    /// A colour in the given shade.
    pub const fn shaded(color: Color, shade: Shade) -> Self {
        Self { color, shade }
    }
}

/// An accessory worn or held by a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Worn {
    /// The accessory.
    pub item: Accessory,
    /// Its colour; `None` lets the seed choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paint: Option<Paint>,
}

/// One or more things of one kind, named together: "two small yellow birds".
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Subject {
    /// The kind of thing.
    pub kind: Kind,
    /// The number of things, 1 to [`MAX_COUNT`](super::MAX_COUNT).
    pub count: u8,
    /// Its colour; `None` lets the seed choose a natural one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paint: Option<Paint>,
    /// Its size relative to its kind.
    #[serde(default)]
    pub size: Size,
    /// The expression of its face, if it has one.
    #[serde(default)]
    pub mood: Mood,
    /// The accessories of each thing, without repeats and in the order of [`Accessory::ALL`]; see
    /// [`Subject::wear`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub worn: Vec<Worn>,
}

impl Subject {
    /// One thing of medium size, with a colour chosen by the seed and without accessories.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            count: 1,
            paint: None,
            size: Size::Medium,
            mood: Mood::Happy,
            worn: Vec::new(),
        }
    }
}
