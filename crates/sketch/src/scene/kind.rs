//! The id of a kind of thing.

use std::fmt;

use serde::{Serialize, Serializer};

/// A kind of thing, such as a cat or a house.
///
/// Only the id is stored; `world` maps it to the thing. A kind is serialized as its id, and
/// deserializing an unknown id fails.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kind(&'static str);

impl Kind {
    pub(crate) const fn new(id: &'static str) -> Self {
        Self(id)
    }

    /// The id used in labels, in `snake_case`: `cat`, `ice_cream`.
    pub const fn id(self) -> &'static str {
        self.0
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}
