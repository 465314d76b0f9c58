//! A subject of a scene: things of one kind, and what they look like.

use serde::{Deserialize, Serialize};

use super::kind::Kind;
use super::labels::{Accessory, Color, Mood, Shade, Size};

/// A colour with its shade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Paint {
    /// The colour.
    pub color: Color,
    /// How light it is.
    #[serde(default)]
    pub shade: Shade,
}

impl Paint {
    /// A colour as it is.
    pub const fn new(color: Color) -> Self {
        Self::shaded(color, Shade::Plain)
    }

    /// A lighter or darker colour.
    pub const fn shaded(color: Color, shade: Shade) -> Self {
        Self { color, shade }
    }
}

/// Something worn or held, in its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Worn {
    /// What it is.
    pub item: Accessory,
    /// Its colour; `None` lets the seed choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paint: Option<Paint>,
}

/// Things of one kind that the text names together: "two small yellow birds".
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// What it is.
    pub kind: Kind,
    /// How many, 1 to [`MAX_COUNT`].
    pub count: u8,
    /// Its colour; `None` lets the seed choose one that is natural.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paint: Option<Paint>,
    /// Its size among its kind.
    #[serde(default)]
    pub size: Size,
    /// What its face shows, where it has one.
    #[serde(default)]
    pub mood: Mood,
    /// What each of them wears and holds, each accessory at most once, in the order of
    /// [`Accessory::ALL`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub worn: Vec<Worn>,
}

impl Subject {
    /// One thing of this kind, as the seed will have it.
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
