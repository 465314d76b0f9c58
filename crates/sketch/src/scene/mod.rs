//! The typed scene that a prompt describes, before layout and drawing.
//!
//! These types are plain data: `rules` checks what a scene may contain, and `world` maps a [`Kind`] to
//! a thing.

mod kind;
mod labels;
mod subject;

use serde::{Deserialize, Serialize};

pub use kind::Kind;
pub use labels::{Accessory, Backdrop, Color, Mood, Place, Shade, Size, Time, Weather};
pub use subject::{Paint, Subject, Worn};

/// The maximum number of subjects in a scene; each is up to [`MAX_COUNT`] things.
pub const MAX_SUBJECTS: usize = 6;
/// The maximum number of things in a subject.
pub const MAX_COUNT: u8 = 5;

/// The position of one subject relative to another. Subjects are indices into [`Scene::subjects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Relation {
    /// The subject that is placed.
    pub subject: usize,
    /// Its position relative to `object`.
    pub place: Place,
    /// The subject that it is placed relative to.
    pub object: usize,
    /// The second object of [`Place::Between`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<usize>,
}

/// The backdrop, time and weather of a scene.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Setting {
    /// The background.
    #[serde(default)]
    pub backdrop: Backdrop,
    /// The time of day.
    #[serde(default)]
    pub time: Time,
    /// The weather.
    #[serde(default)]
    pub weather: Weather,
}

/// A scene to draw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Scene {
    /// The subjects; a scene without subjects shows only its setting.
    pub subjects: Vec<Subject>,
    /// The positions of subjects relative to each other. They form a forest: no relation joins
    /// subjects that earlier relations already connect (see [`Scene::relate`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
    /// The backdrop, time and weather.
    #[serde(default)]
    pub setting: Setting,
}
