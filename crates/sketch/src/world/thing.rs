//! What a thing of the world is: its names, how it is drawn, where it may stand, what it can wear.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::animal::Rig;
use crate::draw::color::Rgb;
use crate::draw::ink::Ink;
use crate::rng::Rng;
use crate::scene::{Accessory, Mood, Paint};
use crate::words::lexicon::{Lexicon, Meaning};
use crate::words::ru::Noun;
use crate::words::singular;

/// Where a thing is at home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// On the ground.
    Ground,
    /// In the air.
    Air,
    /// In water.
    Water,
}

/// How a thing is drawn.
#[derive(Clone, Copy)]
pub(crate) enum Art {
    /// By the animals' rig, with these parameters.
    Rig(&'static Rig),
    /// By a function of its own.
    Own(fn(&mut Ink<'_>, &mut Look)),
}

/// How one of its kind looks in this picture.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    /// Its main colour.
    pub(crate) color: Rgb,
    /// The colour was chosen by the seed: details may take natural colours of their own.
    pub(crate) natural: bool,
    /// What its face shows.
    pub(crate) mood: Mood,
    /// It is off the ground.
    pub(crate) airborne: bool,
    /// It holds something in its hand.
    pub(crate) holds: bool,
    /// Variation.
    pub(crate) rng: Rng,
}

/// A place on a thing, in its own coordinates: its height is 1, its foot is at (0, 0), y is down.
/// `w` is how wide the place is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spot {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) w: f32,
}

/// The inside of a thing: its floor, and how wide what is inside may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Inside {
    pub(crate) spot: Spot,
    /// How high what is inside may be.
    pub(crate) height: f32,
    /// The thing is drawn over what is inside it, as a cup's wall is.
    pub(crate) behind: bool,
}

/// One thing of the world.
pub(crate) struct Thing {
    pub(crate) id: &'static str,
    pub(crate) en: &'static [&'static str],
    pub(crate) ru: &'static [Noun],
    /// Words that are read but not written: forms that follow no rule.
    pub(crate) also: &'static [&'static str],
    pub(crate) art: Art,
    pub(crate) stands: Stands,
    /// How high it is beside other things; a cat is about 0.5.
    pub(crate) height: f32,
    /// Its width, where its height is 1.
    pub(crate) width: f32,
    /// The colours it has where none is named.
    pub(crate) colors: &'static [Paint],
    pub(crate) head: Option<Spot>,
    pub(crate) eyes: Option<Spot>,
    pub(crate) neck: Option<Spot>,
    pub(crate) hand: Option<Spot>,
    pub(crate) top: Option<Spot>,
    pub(crate) inside: Option<Inside>,
    pub(crate) under: Option<Spot>,
}

impl Thing {
    pub(crate) const fn new(
        id: &'static str,
        en: &'static [&'static str],
        ru: &'static [Noun],
        art: Art,
    ) -> Self {
        Self {
            id,
            en,
            ru,
            also: &[],
            art,
            stands: Stands::Ground,
            height: 0.5,
            width: 0.8,
            colors: &[],
            head: None,
            eyes: None,
            neck: None,
            hand: None,
            top: None,
            inside: None,
            under: None,
        }
    }

    /// Height beside other things, and width where the height is 1.
    pub(crate) const fn size(mut self, height: f32, width: f32) -> Self {
        self.height = height;
        self.width = width;
        self
    }

    /// The colours it has where none is named.
    pub(crate) const fn colors(mut self, colors: &'static [Paint]) -> Self {
        self.colors = colors;
        self
    }

    /// More words for it, which captions do not use.
    pub(crate) const fn also(mut self, words: &'static [&'static str]) -> Self {
        self.also = words;
        self
    }

    pub(crate) const fn air(mut self) -> Self {
        self.stands = Stands::Air;
        self
    }

    pub(crate) const fn water(mut self) -> Self {
        self.stands = Stands::Water;
        self
    }

    /// Where a hat sits: the top of the head, and the head's width.
    pub(crate) const fn head(mut self, x: f32, y: f32, w: f32) -> Self {
        self.head = Some(Spot { x, y, w });
        self
    }

    /// Between the eyes; `w` is the distance of the eyes' outer corners.
    pub(crate) const fn eyes(mut self, x: f32, y: f32, w: f32) -> Self {
        self.eyes = Some(Spot { x, y, w });
        self
    }

    /// The neck, for a scarf.
    pub(crate) const fn neck(mut self, x: f32, y: f32, w: f32) -> Self {
        self.neck = Some(Spot { x, y, w });
        self
    }

    /// The hand that holds.
    pub(crate) const fn hand(mut self, x: f32, y: f32) -> Self {
        self.hand = Some(Spot { x, y, w: 0.1 });
        self
    }

    /// Where something may stand on it.
    pub(crate) const fn top(mut self, x: f32, y: f32, w: f32) -> Self {
        self.top = Some(Spot { x, y, w });
        self
    }

    /// The floor of its inside, the width and the height there.
    pub(crate) const fn inside(
        mut self,
        x: f32,
        y: f32,
        w: f32,
        height: f32,
        behind: bool,
    ) -> Self {
        self.inside = Some(Inside {
            spot: Spot { x, y, w },
            height,
            behind,
        });
        self
    }

    /// The room under its roof or crown; `y` is its ceiling.
    pub(crate) const fn under(mut self, x: f32, y: f32, w: f32) -> Self {
        self.under = Some(Spot { x, y, w });
        self
    }
}

/// A kind of thing: a handle to its entry in the world, compared and stored by its name.
#[derive(Clone, Copy)]
pub struct Kind(&'static Thing);

impl Kind {
    pub(crate) const fn of(thing: &'static Thing) -> Self {
        Self(thing)
    }

    pub(crate) fn thing(self) -> &'static Thing {
        self.0
    }

    /// The kind of this name, as [`Kind::id`] gives it: "cat".
    pub fn from_id(id: &str) -> Option<Self> {
        super::kinds().find(|kind| kind.id() == id)
    }

    /// Its name in labels, in `snake_case`.
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// Its English names, the usual one first. A plural that is irregular follows a slash:
    /// "mouse/mice".
    pub fn english(self) -> &'static [&'static str] {
        self.0.en
    }

    /// Its Russian names, the usual one first.
    pub fn russian(self) -> &'static [Noun] {
        self.0.ru
    }

    /// Where it is at home.
    pub fn stands(self) -> Stands {
        self.0.stands
    }

    /// Whether it has a face, which can show a mood.
    pub fn has_face(self) -> bool {
        self.0.spots().eyes.is_some()
    }

    /// Whether it is something that others wear or hold, too.
    pub fn is_wearable(self) -> bool {
        let name = self.english().first().map_or("", |name| singular(name));
        matches!(Lexicon::get().meaning(name), Some(Meaning::Both(..)))
    }

    /// Whether it can wear or hold this.
    pub fn can_wear(self, item: Accessory) -> bool {
        let spots = self.0.spots();
        match item {
            Accessory::Hat | Accessory::Crown => spots.head.is_some(),
            Accessory::Scarf => spots.neck.is_some(),
            Accessory::Glasses => spots.eyes.is_some(),
            Accessory::Balloon | Accessory::Umbrella => spots.hand.is_some(),
        }
    }
}

/// Where accessories go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spots {
    pub(crate) head: Option<Spot>,
    pub(crate) eyes: Option<Spot>,
    pub(crate) neck: Option<Spot>,
    pub(crate) hand: Option<Spot>,
}

impl Thing {
    pub(crate) fn spots(&self) -> Spots {
        match self.art {
            Art::Rig(rig) => rig.spots(),
            Art::Own(_) => Spots {
                head: self.head,
                eyes: self.eyes,
                neck: self.neck,
                hand: self.hand,
            },
        }
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Kind {}

impl std::hash::Hash for Kind {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Self::from_id(&id).ok_or_else(|| {
            de::Error::custom(format!(
                "unknown kind of thing `{id}`: the world lists those there are"
            ))
        })
    }
}
