//! The things that can be drawn. To add one, add an entry to the `THINGS` table of the matching
//! file.

pub(crate) mod accessory;
mod anchor;
mod animal;
mod animal_head;
mod animals;
mod bird;
mod buildings;
mod butterfly;
mod face;
mod fish;
mod food;
mod heavens;
mod kinds;
mod look;
mod nature;
mod objects;
mod people;
mod rig;
mod thing;
mod vehicles;

pub(crate) use anchor::{Anchor, Interior};
pub use kinds::kinds;
pub(crate) use kinds::things;
pub(crate) use look::Look;
pub(crate) use thing::{Art, Habitat, Thing};
