//! From placed things to pixels.

mod backdrop;
mod built;
pub(crate) mod color;
pub(crate) mod ink;
mod light;
mod painter;
mod scenery;
pub(crate) mod shape;
mod shore;
mod support;
mod weather;

pub use painter::{Painter, Picture, Stage, draw};
