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
mod nature;
mod objects;
mod people;
mod thing;
mod vehicles;

pub(crate) use thing::{Art, Inside, Look, Spot};
pub use thing::{Kind, Stands};

/// Every kind of thing, in the order of the world's files.
pub fn kinds() -> impl Iterator<Item = Kind> {
    [
        animals::THINGS,
        people::THINGS,
        buildings::THINGS,
        nature::THINGS,
        vehicles::THINGS,
        food::THINGS,
        objects::THINGS,
        heavens::THINGS,
    ]
    .into_iter()
    .flatten()
    .map(Kind::of)
}
