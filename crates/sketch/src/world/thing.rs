//! A thing of the world: its names, drawing, habitat, colours and anchors.

use super::anchor::{Anchor, Anchors, Interior};
use super::look::Look;
use super::rig::Rig;
use crate::grammar::russian::Noun;
use crate::scene::Paint;
use crate::vector::canvas::Canvas;

/// Where a thing stands by default.
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
    /// As an animal, from the parameters of a rig.
    Rig(&'static Rig),
    /// By a dedicated function.
    Custom(fn(&mut Canvas<'_>, &mut Look)),
}

/// One thing of the world.
pub(crate) struct Thing {
    pub(crate) id: &'static str,
    pub(crate) en: &'static [&'static str],
    pub(crate) ru: &'static [Noun],
    /// Further words that the parser knows and captions do not use, such as irregular forms.
    pub(crate) also: &'static [&'static str],
    pub(crate) art: Art,
    pub(crate) habitat: Habitat,
    /// Its height relative to other things; a cat is about 0.5.
    pub(crate) height: f32,
    /// Its width if its height is 1.
    pub(crate) width: f32,
    /// The natural colours, used if the prompt names none.
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
            also: &[],
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

    /// Sets the height relative to other things, and the width if the height is 1.
    pub(crate) const fn size(mut self, height: f32, width: f32) -> Self {
        self.height = height;
        self.width = width;
        self
    }

    /// The natural colours, used if the prompt names none.
    pub(crate) const fn colors(mut self, colors: &'static [Paint]) -> Self {
        self.colors = colors;
        self
    }

    /// Sets further words that captions do not use.
    pub(crate) const fn also(mut self, words: &'static [&'static str]) -> Self {
        self.also = words;
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

    /// Sets the top of the head, where a hat sits, and the width of the head.
    pub(crate) const fn head(mut self, x: f32, y: f32, w: f32) -> Self {
        self.head = Some(Anchor { x, y, w });
        self
    }

    /// Sets the point between the eyes; `w` is the distance between their outer corners.
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

    /// Sets the surface on which things can stand.
    pub(crate) const fn top(mut self, x: f32, y: f32, w: f32) -> Self {
        self.top = Some(Anchor { x, y, w });
        self
    }

    /// Sets the floor, width and height of the interior.
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

    /// Sets the space under its roof or crown; `y` is the ceiling.
    pub(crate) const fn under(mut self, x: f32, y: f32, w: f32) -> Self {
        self.under = Some(Anchor { x, y, w });
        self
    }
}

impl Thing {
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
