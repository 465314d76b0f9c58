//! Robots and snowmen.

use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{WHITE, hex};
use crate::vector::shape::{arc, circle, curve, ellipse, rounded_poly, rounded_rect};
use crate::world::face::{AMBER, Face};
use crate::world::look::Look;

pub(super) fn robot(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let dark = color.darker(0.4);
    for side in [-1.0, 1.0] {
        canvas.shape(
            &rounded_rect(side * 0.12 - 0.055, -0.16, 0.11, 0.13, 0.02),
            Fill::Flat(dark),
        );
        canvas.shape(
            &rounded_rect(side * 0.13 - 0.09, -0.07, 0.18, 0.07, 0.03),
            color,
        );
        let raised = look.holds && side > 0.0;
        let points = if raised {
            [(0.2, -0.4), (0.29, -0.32), (0.36, -0.36)]
        } else {
            [
                (side * 0.2, -0.41),
                (side * 0.31, -0.33),
                (side * 0.31, -0.2),
            ]
        };
        let outline = canvas.outline_width();
        canvas.line(&curve(&points), dark.outline(), 0.06 + 2.0 * outline);
        canvas.line(&curve(&points), dark, 0.06);
        let hand = points[2];
        canvas.shape(
            &circle(hand.0, hand.1, 0.05),
            Fill::Soft(color.lighter(0.2)),
        );
    }
    canvas.line(&curve(&[(0.0, -0.88), (0.0, -0.96)]), dark, 0.026);
    canvas.shape(&circle(0.0, -0.965, 0.035), Fill::Soft(hex(0xF2_54_4A)));
    let body = rounded_rect(-0.215, -0.48, 0.43, 0.36, 0.07);
    let head = rounded_rect(-0.28, -0.9, 0.56, 0.42, 0.11);
    canvas.rim(&[&body, &head]);
    canvas.shape(&body, color);
    for side in [-1.0, 1.0] {
        canvas.shape(
            &rounded_rect(side * 0.3 - 0.03, -0.75, 0.06, 0.13, 0.02),
            Fill::Soft(dark),
        );
    }
    canvas.shape(&head, color);
    canvas.shape(
        &rounded_rect(-0.22, -0.825, 0.44, 0.27, 0.08),
        Fill::Flat(color.lighter(0.72)),
    );
    canvas.fill(
        &rounded_rect(-0.14, -0.41, 0.28, 0.2, 0.04),
        Fill::Flat(color.lighter(0.45)),
    );
    for (x, tone) in [
        (-0.08, hex(0xF2_54_4A)),
        (0.0, hex(0xFB_C8_3A)),
        (0.08, hex(0x5A_BE_6A)),
    ] {
        canvas.fill(&circle(x, -0.31, 0.028), Fill::Flat(tone));
    }
    Face {
        x: 0.0,
        y: -0.7,
        spread: 0.105,
        eye: 0.048,
        skin: WHITE,
        white: AMBER,
        mouth: Some(0.085),
        cheeks: Some((0.175, 0.065)),
    }
    .draw(canvas, look);
}

pub(super) fn snowman(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let shade = if color.luma() > 0.85 {
        hex(0xC4_DA_F2)
    } else {
        color.darker(0.2)
    };
    let twig = hex(0x7A_50_38);
    for side in [-1.0, 1.0] {
        let (tip, fork) = if look.holds && side > 0.0 {
            ((0.4, -0.53), (0.36, -0.58))
        } else {
            ((side * 0.4, -0.56), (side * 0.39, -0.48))
        };
        canvas.line(
            &curve(&[(side * 0.18, -0.44), (side * 0.3, -0.5), tip]),
            twig,
            0.024,
        );
        canvas.line(&curve(&[(side * 0.31, -0.505), fork]), twig, 0.016);
    }
    let low = ellipse(0.0, -0.215, 0.3, 0.215);
    let mid = ellipse(0.0, -0.49, 0.215, 0.17);
    let head = circle(0.0, -0.77, 0.185);
    canvas.rim(&[&low, &mid, &head]);
    for ball in [low, mid, head] {
        canvas.shape(&ball, Fill::Gradient(color, color.mix(shade, 0.75)));
    }
    for y in [-0.55, -0.47, -0.39] {
        canvas.fill(&circle(0.0, y, 0.02), Fill::Flat(hex(0x3A_34_40)));
    }
    Face {
        x: 0.0,
        y: -0.8,
        spread: 0.075,
        eye: 0.028,
        skin: color,
        white: AMBER,
        mouth: Some(0.125),
        cheeks: Some((0.125, 0.07)),
    }
    .draw(canvas, look);
    let s = if look.rng.chance(0.5) { 1.0 } else { -1.0 };
    canvas.shape(
        &rounded_poly(&[(0.0, -0.785), (s * 0.15, -0.735), (0.0, -0.725)], 0.015),
        Fill::Soft(hex(0xF8_8A_2E)),
    );
    canvas.stroke(
        &arc(-0.06, -0.8, 0.09, 0.1, 180.0, 250.0),
        WHITE,
        0.014,
        0.8,
    );
}
