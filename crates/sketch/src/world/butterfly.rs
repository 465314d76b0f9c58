//! The butterfly.

use super::face::Face;
use super::look::Look;
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, hex};
use crate::vector::shape::{blob, circle, curve, ellipse, rounded_poly};

/// Draws a butterfly with spread wings.
pub(super) fn draw(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let accent = if look.natural {
        color.mix(hex(0xFF_E0_7A), 0.65)
    } else {
        color.lighter(0.5)
    };
    let body: Rgb = hex(0x5A_42_52);
    for side in [-1.0, 1.0] {
        let upper = blob(&[
            (side * 0.03, -0.52),
            (side * 0.18, -0.82),
            (side * 0.44, -0.94),
            (side * 0.57, -0.76),
            (side * 0.46, -0.52),
            (side * 0.2, -0.44),
        ]);
        let lower = blob(&[
            (side * 0.03, -0.48),
            (side * 0.3, -0.46),
            (side * 0.45, -0.28),
            (side * 0.36, -0.08),
            (side * 0.17, -0.12),
        ]);
        canvas.rim(&[&upper, &lower]);
        canvas.shape(&lower, Fill::Soft(color.darker(0.1)));
        canvas.shape(&upper, Fill::Soft(color));
        canvas.fill(&ellipse(side * 0.4, -0.74, 0.085, 0.1), Fill::Flat(accent));
        canvas.fill(&circle(side * 0.24, -0.62, 0.05), Fill::Flat(accent));
        canvas.fill(&ellipse(side * 0.29, -0.27, 0.07, 0.08), Fill::Flat(accent));
        let antenna = curve(&[
            (side * 0.02, -0.74),
            (side * 0.06, -0.9),
            (side * 0.14, -0.97),
        ]);
        canvas.line(&antenna, body, 0.022);
        canvas.fill(&circle(side * 0.14, -0.965, 0.026), Fill::Flat(body));
    }
    canvas.shape(
        &rounded_poly(
            &[
                (-0.055, -0.62),
                (0.055, -0.62),
                (0.04, -0.16),
                (-0.04, -0.16),
            ],
            0.04,
        ),
        Fill::Soft(body),
    );
    canvas.shape(&circle(0.0, -0.68, 0.105), Fill::Soft(hex(0xF8_D8_B0)));
    let mut face = Face::small(0.0, -0.685, 0.05, hex(0xF8_D8_B0));
    face.eye = 0.02;
    face.draw(canvas, look);
}
