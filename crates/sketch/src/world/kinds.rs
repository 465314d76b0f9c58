//! Maps kinds to things.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, de};

use super::{Habitat, Thing};
use super::{animals, buildings, food, heavens, nature, objects, people, vehicles};
use crate::scene::{Accessory, Kind};

/// All things, grouped by topic.
pub(crate) fn things() -> impl Iterator<Item = &'static Thing> {
    [
        animals::THINGS,
        people::THINGS,
        buildings::THINGS,
        nature::THINGS,
        vehicles::THINGS,
        food::THINGS,
        objects::THINGS,
        heavens::THINGS,
    ]
    .into_iter()
    .flatten()
}

/// All kinds of things that can be drawn.
pub fn kinds() -> impl Iterator<Item = Kind> {
    things().map(|thing| Kind::new(thing.id))
}

static BY_ID: LazyLock<HashMap<&'static str, &'static Thing>> =
    LazyLock::new(|| things().map(|thing| (thing.id, thing)).collect());

impl Kind {
    /// The thing with this id.
    pub(crate) fn thing(self) -> &'static Thing {
        BY_ID
            .get(self.id())
            .expect("kinds are created only from the ids of things")
    }

    /// Where it is placed by default.
    pub(crate) fn habitat(self) -> Habitat {
        self.thing().habitat
    }

    /// Whether it has a face, which can show a mood.
    pub(crate) fn has_face(self) -> bool {
        self.thing().anchors().eyes.is_some()
    }

    /// Whether it can wear or hold this accessory.
    pub fn can_wear(self, item: Accessory) -> bool {
        let anchors = self.thing().anchors();
        match item {
            Accessory::Hat | Accessory::Crown => anchors.head.is_some(),
            Accessory::Scarf => anchors.neck.is_some(),
            Accessory::Glasses => anchors.eyes.is_some(),
            Accessory::Balloon | Accessory::Umbrella => anchors.hand.is_some(),
        }
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        BY_ID
            .get(id.as_str())
            .map(|thing| Self::new(thing.id))
            .ok_or_else(|| de::Error::custom(format!("unknown kind of thing `{id}`")))
    }
}
