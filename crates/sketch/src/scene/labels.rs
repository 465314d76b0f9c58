//! The values that a scene is described with: colours, sizes, moods, places, settings.

use serde::{Deserialize, Serialize};

/// Declares an enum of plain values, with a list of them all.
macro_rules! labels {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $value:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum $name { $($(#[$vdoc])* $value),+ }

        impl $name {
            /// All values, in declaration order.
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
    /// The lightness of a colour.
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
    /// The size of a thing relative to its kind.
    #[derive(Default)]
    Size {
        /// Smaller than usual.
        Small,
        /// The usual size.
        #[default]
        Medium,
        /// Larger than usual.
        Big,
    }
}

labels! {
    /// The expression of a face.
    #[derive(Default)]
    Mood {
        /// A smile; the default.
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
    /// Something that can be worn or held.
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
    /// The position of one subject relative to another, as seen by the viewer.
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
        /// Interior.
        In,
        /// Nearer to the viewer, covering part of the object.
        InFrontOf,
        /// Beside, on either side.
        NextTo,
        /// Between two others.
        Between,
    }
}

labels! {
    /// The place where a scene is set.
    #[derive(Default)]
    Backdrop {
        /// A plain backdrop.
        #[default]
        Plain,
        /// Up in the sky.
        Sky,
        /// A meadow with hills.
        Meadow,
        /// Snow-covered land.
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
