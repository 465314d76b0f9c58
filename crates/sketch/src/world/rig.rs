//! The parameters of an animal: build, ears, muzzle, tail and coat.

/// The build of an animal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// Sitting, facing the viewer.
    Sitting,
    /// An egg-shaped body with wings.
    Bird,
    /// Swimming, seen from the side.
    Fish,
}

/// The ears, or whatever else is on top of the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ears {
    Pointed,
    Round,
    Saucer,
    Long,
    Floppy,
    Fan,
    Side,
    Fold,
    /// Eyes on top of the head, as on a frog.
    Bumps,
    Tufts,
    Comb,
    Bare,
}

/// The middle of the face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Muzzle {
    Cat,
    Dog,
    Bear,
    Fox,
    Rabbit,
    Snout,
    Cow,
    Trunk,
    Wide,
    Ape,
    Beak,
    Bill,
    Hook,
}

/// The tail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tail {
    Curl,
    Bushy,
    Puff,
    Thin,
    Tuft,
    Spiral,
    None,
}

/// The pattern of the coat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coat {
    Plain,
    /// Stripes on some animals, depending on the seed.
    Tabby,
    Stripes,
    /// Eye patches, dark ears and limbs.
    Panda,
    Patches,
    Mane,
    Spikes,
    Wool,
    /// White cheeks and chest.
    Bib,
}

/// The parameters of an animal.
#[derive(Debug)]
pub(crate) struct Rig {
    pub(crate) build: Build,
    pub(crate) ears: Ears,
    pub(crate) muzzle: Muzzle,
    pub(crate) tail: Tail,
    pub(crate) coat: Coat,
    /// The head: the vertical position of its centre, its half width and its half height.
    pub(crate) head: (f32, f32, f32),
    /// The width of the body relative to the usual one.
    pub(crate) plump: f32,
}

impl Rig {
    /// Creates a sitting animal.
    pub(crate) const fn sitting(ears: Ears, muzzle: Muzzle, tail: Tail, coat: Coat) -> Self {
        let head = match ears {
            Ears::Long => (-0.5, 0.26, 0.215),
            Ears::Floppy | Ears::Side | Ears::Fan | Ears::Fold => (-0.7, 0.29, 0.25),
            _ => (-0.63, 0.3, 0.245),
        };
        Self {
            build: Build::Sitting,
            ears,
            muzzle,
            tail,
            coat,
            head,
            plump: 1.0,
        }
    }

    /// Creates a bird.
    pub(crate) const fn bird(ears: Ears, muzzle: Muzzle, coat: Coat) -> Self {
        Self {
            build: Build::Bird,
            ears,
            muzzle,
            tail: Tail::None,
            coat,
            head: (-0.62, 0.33, 0.3),
            plump: 1.0,
        }
    }

    /// Creates a fish.
    pub(crate) const fn fish(tail: Tail, plump: f32) -> Self {
        Self {
            build: Build::Fish,
            ears: Ears::Bare,
            muzzle: Muzzle::Wide,
            tail,
            coat: Coat::Plain,
            head: (-0.5, 0.3, 0.3),
            plump,
        }
    }

    /// Sets the width of the body relative to the usual one.
    pub(crate) const fn plump(mut self, plump: f32) -> Self {
        self.plump = plump;
        self
    }

    /// The vertical position of the eyes.
    pub(crate) fn eye_line(&self) -> f32 {
        let (cy, _, ry) = self.head;
        match self.ears {
            Ears::Bumps => cy - ry * 0.82,
            _ => cy - ry * 0.06,
        }
    }
}
