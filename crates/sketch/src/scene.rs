//! The typed scene: what a text asks for, before anything is placed or drawn.

use serde::{Deserialize, Serialize};

use crate::world::Kind;

/// The most subjects of a scene; each may stand for up to [`MAX_COUNT`] things.
pub const MAX_SUBJECTS: usize = 6;
/// The most things one subject stands for.
pub const MAX_COUNT: u8 = 5;

/// Declares an enum of labels with the list of all its values.
macro_rules! labels {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $value:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $value),+ }

        impl $name {
            /// Every value, in the order of its declaration.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];
        }
    };
}

labels! {
    /// The twelve colours.
    Color {
        /// Red.
        Red,
        /// Orange.
        Orange,
        /// Yellow.
        Yellow,
        /// Green.
        Green,
        /// Turquoise: between green and blue.
        Turquoise,
        /// Blue.
        Blue,
        /// Purple.
        Purple,
        /// Pink.
        Pink,
        /// Brown.
        Brown,
        /// Black.
        Black,
        /// White.
        White,
        /// Grey.
        Grey,
    }
}

labels! {
    /// How light a colour is.
    #[derive(Default)]
    Shade {
        /// The colour itself.
        #[default]
        Plain,
        /// Lighter.
        Light,
        /// Darker.
        Dark,
    }
}

labels! {
    /// How large a thing is among its kind.
    #[derive(Default)]
    Size {
        /// Smaller than usual.
        Small,
        /// As usual.
        #[default]
        Medium,
        /// Larger than usual.
        Big,
    }
}

labels! {
    /// What a face shows.
    #[derive(Default)]
    Mood {
        /// A smile: what every face shows unless told otherwise.
        #[default]
        Happy,
        /// Down-turned mouth and a tear.
        Sad,
        /// Round mouth, wide eyes.
        Surprised,
        /// Closed eyes.
        Sleepy,
        /// Lowered brows.
        Angry,
    }
}

labels! {
    /// What can be worn or held.
    Accessory {
        /// A hat, worn.
        Hat,
        /// A crown, worn.
        Crown,
        /// A scarf, worn.
        Scarf,
        /// Glasses, worn.
        Glasses,
        /// A toy balloon, held.
        Balloon,
        /// An umbrella, held.
        Umbrella,
    }
}

impl Accessory {
    /// Whether it is held in a hand rather than worn.
    pub const fn is_held(self) -> bool {
        matches!(self, Self::Balloon | Self::Umbrella)
    }
}

labels! {
    /// Where one subject is with respect to another, as the viewer sees it.
    Place {
        /// Further left.
        LeftOf,
        /// Further right.
        RightOf,
        /// Higher in the picture.
        Above,
        /// Lower in the picture.
        Below,
        /// Standing on top.
        On,
        /// Inside.
        In,
        /// Nearer to the viewer, covering a part.
        InFrontOf,
        /// Beside, on either side.
        NextTo,
        /// Between two others.
        Between,
    }
}

labels! {
    /// Where the scene is set.
    #[derive(Default)]
    Backdrop {
        /// A plain backdrop.
        #[default]
        Plain,
        /// Up in the sky.
        Sky,
        /// A meadow with hills.
        Meadow,
        /// A snowy land.
        Snow,
        /// A beach.
        Beach,
        /// The open sea.
        Sea,
        /// A forest.
        Forest,
        /// A city street.
        City,
        /// A desert.
        Desert,
        /// The surface of a small planet, under stars.
        Space,
    }
}

labels! {
    /// The time of day.
    #[derive(Default)]
    Time {
        /// Day.
        #[default]
        Day,
        /// Sunset, or dawn.
        Sunset,
        /// Night.
        Night,
    }
}

labels! {
    /// The weather.
    #[derive(Default)]
    Weather {
        /// Clear.
        #[default]
        Clear,
        /// Rain.
        Rain,
        /// Falling snow.
        Snow,
        /// Fog.
        Fog,
    }
}

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

    /// Puts something on, keeping the order; false where it cannot wear that, or already does.
    pub fn wear(&mut self, worn: Worn) -> bool {
        let head_taken = |item| matches!(item, Accessory::Hat | Accessory::Crown);
        let hand_taken = |item: Accessory| item.is_held();
        let clash = self.worn.iter().any(|other| {
            (head_taken(other.item) && head_taken(worn.item))
                || (hand_taken(other.item) && hand_taken(worn.item))
                || other.item == worn.item
        });
        if clash || !self.kind.can_wear(worn.item) {
            return false;
        }
        let at = self.worn.partition_point(|other| other.item < worn.item);
        self.worn.insert(at, worn);
        true
    }
}

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

impl Scene {
    /// Adds a relation, unless it could contradict those there are: every relation must join
    /// subjects that the earlier ones leave apart, and nothing stands on, in, under or before two
    /// others at once. Returns whether it was added.
    pub fn relate(&mut self, relation: Relation) -> bool {
        let mut groups = Groups::new(self.subjects.len());
        for earlier in &self.relations {
            groups.accept(self, *earlier);
        }
        let fits = groups.accept(self, relation);
        if fits {
            self.relations.push(relation);
        }
        fits
    }
}

impl Relation {
    /// Whether it makes the subject stand on, in, before or right under the object, as one group.
    pub(crate) fn is_tight(&self, scene: &Scene) -> bool {
        match self.place {
            Place::On | Place::In | Place::InFrontOf => true,
            Place::Below => scene.subjects[self.object].kind.thing().under.is_some(),
            _ => false,
        }
    }
}

/// Which subjects the relations join.
pub(crate) struct Groups {
    /// The group of each subject.
    of: Vec<usize>,
    /// Whether a subject has what it stands on.
    based: Vec<bool>,
}

impl Groups {
    pub(crate) fn new(subjects: usize) -> Self {
        Self {
            of: (0..subjects).collect(),
            based: vec![false; subjects],
        }
    }

    /// Joins the subjects of `relation`; false, and nothing joined, where it names a subject that
    /// is not there or joins what is joined already.
    pub(crate) fn accept(&mut self, scene: &Scene, relation: Relation) -> bool {
        let mut members = vec![relation.subject, relation.object];
        match (relation.place, relation.other) {
            (Place::Between, Some(other)) => members.push(other),
            (Place::Between, None) | (_, Some(_)) => return false,
            (_, None) => {}
        }
        if members.iter().any(|&m| m >= self.of.len()) {
            return false;
        }
        let mut roots: Vec<usize> = members.iter().map(|&m| self.of[m]).collect();
        roots.sort_unstable();
        let tight = relation.is_tight(scene);
        if roots.windows(2).any(|pair| pair[0] == pair[1])
            || (tight && self.based[relation.subject])
        {
            return false;
        }
        self.based[relation.subject] |= tight;
        for group in &mut self.of {
            if roots.contains(group) {
                *group = roots[0];
            }
        }
        true
    }
}
