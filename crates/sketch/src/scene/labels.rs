//! The values that a scene is described with: colours, sizes, moods, places, settings.

use serde::{Deserialize, Serialize};

/// Declares an enum of plain values, with a list of them all.
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
        /// Interior.
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
