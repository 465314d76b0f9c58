//! Vector drawing on top of tiny-skia: colours, outlines of shapes, and the canvas.

pub(crate) mod canvas;
pub(crate) mod color;
pub(crate) mod shape;
