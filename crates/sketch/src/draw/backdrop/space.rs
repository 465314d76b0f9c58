//! The space backdrop: nebulae and the surface of a small planet.

use super::frame::Frame;
use super::parts::land;
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::hex;
use crate::vector::shape::ellipse;

/// Draws faint nebulae.
pub(super) fn nebula(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let mut rng = frame.rng.fork(40);
    for color in [hex(0xB8_5A_C0), hex(0x4A_7A_D8), hex(0xE0_6A_9A)] {
        let (x, y) = (rng.range(0.0, frame.w), rng.range(0.05, 0.55) * frame.h);
        canvas.glow(x, y, rng.range(0.3, 0.5), rng.range(0.16, 0.28), color, 0.3);
    }
}

pub(super) fn space(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let mut rng = frame.rng.fork(41);
    let soil = rng.pick(&[hex(0x9A_8C_C0), hex(0x8C_96_C4), hex(0xB8_8C_AE)]);
    let rise = frame.horizon;
    let points = [
        (-0.1, rise + 0.08),
        (frame.w * 0.25, rise + 0.02),
        (frame.w * 0.5, rise),
        (frame.w * 0.75, rise + 0.02),
        (frame.w + 0.1, rise + 0.08),
    ];
    land(canvas, frame, &points, soil.lighter(0.2), soil.darker(0.36));
    for _ in 0..7 {
        let depth = rng.range(0.18, 0.95);
        let (x, y) = (rng.range(0.0, frame.w), rise + (frame.h - rise) * depth);
        let r = rng.range(0.02, 0.05) * (0.6 + depth);
        canvas.fill(&ellipse(x, y, r, r * 0.42), Fill::Flat(soil.darker(0.3)));
        canvas.fill(
            &ellipse(x, y + r * 0.07, r * 0.84, r * 0.32),
            Fill::Flat(soil.darker(0.16)),
        );
    }
}
