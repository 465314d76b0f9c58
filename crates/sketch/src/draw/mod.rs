//! Draws a layout into pixels.

mod backdrop;
mod light;
mod painter;
mod support;
mod weather;

pub use painter::{Painter, Picture, Step, draw};
