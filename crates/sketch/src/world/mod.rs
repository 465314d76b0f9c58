//! The things of the world. A new one is an entry in the `THINGS` of the file it belongs to.

pub(crate) mod accessory;
mod animal;
mod animal_head;
mod animals;
mod bird;
mod buildings;
mod face;
mod fish;
mod food;
mod heavens;
mod kinds;
mod nature;
mod objects;
mod people;
mod thing;
mod vehicles;

pub use kinds::kinds;
pub(crate) use kinds::things;
pub(crate) use thing::{Anchor, Art, Habitat, Interior, Look, Thing};
