//! Places on a thing where other things go.

/// A place on a thing, in its own coordinates: its height is 1, its foot is at (0, 0), y is down.
/// `w` is how wide the place is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Anchor {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) w: f32,
}

/// The inside of a thing: its floor, and how wide what is inside may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Interior {
    pub(crate) anchor: Anchor,
    /// How high what is inside may be.
    pub(crate) height: f32,
    /// The thing is drawn over what is inside it, as a cup's wall is.
    pub(crate) behind: bool,
}

/// Where accessories go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Anchors {
    pub(crate) head: Option<Anchor>,
    pub(crate) eyes: Option<Anchor>,
    pub(crate) neck: Option<Anchor>,
    pub(crate) hand: Option<Anchor>,
}
