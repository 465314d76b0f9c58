//! The values that describe a scene: colours, sizes, moods, accessories, places and settings.

use serde::{Deserialize, Serialize};

/// Declares a fieldless enum with a list of all its values.
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
    /// A colour.
    Color {
        /// Red.
        Red,
        /// Orange.
        Orange,
        /// Yellow.
        Yellow,
        /// Green.
        Green,
        /// Turquoise.
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
        /// Neither lighter nor darker.
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
    /// A facial expression.
    #[derive(Default)]
    Mood {
        /// A smile.
        #[default]
        Happy,
        /// A frown and a tear.
        Sad,
        /// A round mouth and wide eyes.
        Surprised,
        /// Closed eyes.
        Sleepy,
        /// Lowered brows.
        Angry,
    }
}

labels! {
    /// An accessory that can be worn or held.
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
        /// To the left.
        LeftOf,
        /// To the right.
        RightOf,
        /// Higher in the picture.
        Above,
        /// Lower in the picture.
        Below,
        /// On top.
        On,
        /// Inside.
        In,
        /// Closer to the viewer, covering part of the object.
        InFrontOf,
        /// Beside, on either side.
        NextTo,
        /// Between two objects.
        Between,
    }
}

labels! {
    /// The background of a scene.
    #[derive(Default)]
    Backdrop {
        /// A plain background.
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
        /// The surface of a small planet under the stars.
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
        /// Sunset or dawn.
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
