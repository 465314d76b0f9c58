//! English and Russian inflection.

pub(crate) mod english;
pub(crate) mod russian;
