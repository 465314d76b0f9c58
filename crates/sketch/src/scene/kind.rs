//! Kinds of things, by id.

use std::fmt;

use serde::{Serialize, Serializer};

/// A kind of thing, such as a cat or a house.
///
/// It is an id only; `world` holds the thing behind it, and creates every `Kind` there is. It is
/// serialized as its id, and deserializing fails if the world has no such thing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kind(&'static str);

impl Kind {
    pub(crate) const fn new(id: &'static str) -> Self {
        Self(id)
    }

    /// Its id in labels, in `snake_case`: `cat`, `ice_cream`.
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
