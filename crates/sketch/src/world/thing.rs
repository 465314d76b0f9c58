//! The definition of a thing: its names, drawing, habitat, colours and anchors.

use super::anchor::{Anchor, Anchors, Interior};
use super::look::Look;
use super::rig::Rig;
use crate::grammar::russian::Noun;
use crate::scene::Paint;
use crate::vector::canvas::Canvas;

/// Where a thing is placed by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habitat {
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
    /// As an animal, from a rig's parameters.
    Rig(&'static Rig),
    /// By a dedicated function.
    Custom(fn(&mut Canvas<'_>, &mut Look)),
}

/// The definition of a thing.
pub(crate) struct Thing {
    pub(crate) id: &'static str,
    /// Its English names; the first is the usual one.
    pub(crate) en: &'static [&'static str],
    /// Its Russian names; the first is the usual one.
    pub(crate) ru: &'static [Noun],
    /// Words that the parser accepts but captions do not use, such as irregular forms.
    pub(crate) parse_only: &'static [&'static str],
    pub(crate) art: Art,
    pub(crate) habitat: Habitat,
    /// Its height relative to other things; a cat's is 0.5.
    pub(crate) height: f32,
    /// Its width relative to its height.
    pub(crate) width: f32,
    /// Its natural colours, used if the prompt gives none.
    pub(crate) colors: &'static [Paint],
    pub(crate) head: Option<Anchor>,
    pub(crate) eyes: Option<Anchor>,
    pub(crate) neck: Option<Anchor>,
    pub(crate) hand: Option<Anchor>,
    pub(crate) top: Option<Anchor>,
    pub(crate) inside: Option<Interior>,
    pub(crate) under: Option<Anchor>,
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
            parse_only: &[],
            art,
            habitat: Habitat::Ground,
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

    /// Sets the height relative to other things, and the width relative to the height.
    pub(crate) const fn size(mut self, height: f32, width: f32) -> Self {
        self.height = height;
        self.width = width;
        self
    }

    /// Sets the natural colours, used if the prompt gives none.
    pub(crate) const fn colors(mut self, colors: &'static [Paint]) -> Self {
        self.colors = colors;
        self
    }

    /// Sets words that the parser accepts but captions do not use.
    pub(crate) const fn parse_only(mut self, words: &'static [&'static str]) -> Self {
        self.parse_only = words;
        self
    }

    pub(crate) const fn air(mut self) -> Self {
        self.habitat = Habitat::Air;
        self
    }

    pub(crate) const fn water(mut self) -> Self {
        self.habitat = Habitat::Water;
        self
    }

    /// Sets the top and the width of the head, for a hat or crown.
    pub(crate) const fn head(mut self, x: f32, y: f32, w: f32) -> Self {
        self.head = Some(Anchor { x, y, w });
        self
    }

    /// Sets the point between the eyes, for glasses; `w` is the distance between the outer corners.
    pub(crate) const fn eyes(mut self, x: f32, y: f32, w: f32) -> Self {
        self.eyes = Some(Anchor { x, y, w });
        self
    }

    /// Sets the neck, for a scarf.
    pub(crate) const fn neck(mut self, x: f32, y: f32, w: f32) -> Self {
        self.neck = Some(Anchor { x, y, w });
        self
    }

    /// Sets the hand that holds accessories.
    pub(crate) const fn hand(mut self, x: f32, y: f32) -> Self {
        self.hand = Some(Anchor { x, y, w: 0.1 });
        self
    }

    /// Sets the surface on which other things can stand.
    pub(crate) const fn top(mut self, x: f32, y: f32, w: f32) -> Self {
        self.top = Some(Anchor { x, y, w });
        self
    }

    /// Sets the interior: the middle of its floor, its width and height, and whether things inside
    /// are drawn behind the thing.
    pub(crate) const fn inside(
        mut self,
        x: f32,
        y: f32,
        w: f32,
        height: f32,
        behind: bool,
    ) -> Self {
        self.inside = Some(Interior {
            anchor: Anchor { x, y, w },
            height,
            behind,
        });
        self
    }

    /// Sets the space under a roof or treetop: its middle and width; `y` is its ceiling.
    pub(crate) const fn under(mut self, x: f32, y: f32, w: f32) -> Self {
        self.under = Some(Anchor { x, y, w });
        self
    }

    /// The anchors of accessories.
    pub(crate) fn anchors(&self) -> Anchors {
        match self.art {
            Art::Rig(rig) => rig.anchors(),
            Art::Custom(_) => Anchors {
                head: self.head,
                eyes: self.eyes,
                neck: self.neck,
                hand: self.hand,
            },
        }
    }
}
