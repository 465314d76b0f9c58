//! Positions on a thing where accessories and other things go.

/// A position on a thing with a width `w`, in the thing's coordinates: height 1, foot at (0, 0), y
/// down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Anchor {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) w: f32,
}

/// The space inside a thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Interior {
    /// The middle of its floor, and its width.
    pub(crate) anchor: Anchor,
    /// Its height.
    pub(crate) height: f32,
    /// Whether things inside are drawn behind the thing, as in a cup.
    pub(crate) behind: bool,
}

/// The anchors of a thing's accessories; `None` if it cannot wear them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Anchors {
    pub(crate) head: Option<Anchor>,
    pub(crate) eyes: Option<Anchor>,
    pub(crate) neck: Option<Anchor>,
    pub(crate) hand: Option<Anchor>,
}
