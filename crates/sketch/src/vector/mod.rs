//! Vector drawing on top of tiny-skia: colours, paths and a canvas.

pub(crate) mod canvas;
pub(crate) mod color;
pub(crate) mod shape;
