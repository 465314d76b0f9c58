//! The forms of English and Russian words.

pub(crate) mod english;
pub(crate) mod russian;
