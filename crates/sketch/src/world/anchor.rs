//! Places on a thing where other things go.

/// A place on a thing, with its width `w`, in the thing's coordinates: height 1, foot at (0, 0), y
/// down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Anchor {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) w: f32,
}

/// The inside of a thing: its floor, and the space there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Interior {
    pub(crate) anchor: Anchor,
    /// The height available.
    pub(crate) height: f32,
    /// Whether things inside are drawn behind the thing, as in a cup.
    pub(crate) behind: bool,
}

/// Where accessories go on a thing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Anchors {
    pub(crate) head: Option<Anchor>,
    pub(crate) eyes: Option<Anchor>,
    pub(crate) neck: Option<Anchor>,
    pub(crate) hand: Option<Anchor>,
}
