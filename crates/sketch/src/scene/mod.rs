//! The typed scene: what a prompt asks for, before anything is placed or drawn.
//!
//! Plain data. What a scene may hold is decided in `rules`, what a [`Kind`] stands for in `world`.

mod kind;
mod labels;
mod subject;

use serde::{Deserialize, Serialize};

pub use kind::Kind;
pub use labels::{Accessory, Backdrop, Color, Mood, Place, Shade, Size, Time, Weather};
pub use subject::{Paint, Subject, Worn};

/// The most subjects of a scene; each may be up to [`MAX_COUNT`] things.
pub const MAX_SUBJECTS: usize = 6;
/// The most things of one subject.
pub const MAX_COUNT: u8 = 5;

/// One subject's place with respect to another. Numbers are indices into [`Scene::subjects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Relation {
    /// Who is placed.
    pub subject: usize,
    /// How.
    pub place: Place,
    /// With respect to whom.
    pub object: usize,
    /// The second neighbour of [`Place::Between`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<usize>,
}

/// Where and when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Setting {
    /// Where the scene is set.
    #[serde(default)]
    pub backdrop: Backdrop,
    /// The time of day.
    #[serde(default)]
    pub time: Time,
    /// The weather.
    #[serde(default)]
    pub weather: Weather,
}

/// What a text asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scene {
    /// The things named; a scene without any shows its setting alone.
    pub subjects: Vec<Subject>,
    /// How they stand to each other. Together they form a forest: no relation joins subjects that
    /// earlier ones already join (see [`Scene::relate`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
    /// Where and when.
    #[serde(default)]
    pub setting: Setting,
}
