//! From placed things to pixels.

mod backdrop;
mod light;
mod painter;
mod support;
mod weather;

pub use painter::{Painter, Picture, Stage, draw};
