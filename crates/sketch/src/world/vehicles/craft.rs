//! Boats, aircraft and rockets.

use super::ground::pane;
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{arc, blob, circle, curve, poly, polyline, rounded_poly, rounded_rect};
use crate::world::face::Face;
use crate::world::look::Look;

const GLASS: Rgb = hex(0xC6_E8_F8);

pub(super) fn boat(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let sail = if color.luma() > 0.88 {
        hex(0xFB_D8_A0)
    } else {
        WHITE
    };
    canvas.line(
        &polyline(&[(0.0, -0.2), (0.0, -0.97)]),
        hex(0x8A_5E_42),
        0.032,
    );
    let main = blob(&[
        (0.035, -0.93),
        (0.2, -0.72),
        (0.37, -0.42),
        (0.34, -0.34),
        (0.035, -0.345),
    ]);
    let jib = rounded_poly(&[(-0.035, -0.88), (-0.035, -0.5), (-0.27, -0.5)], 0.04);
    canvas.rim(&[&main, &jib]);
    canvas.shape(&main, Fill::Soft(sail));
    canvas.shape(&jib, Fill::Soft(sail));
    if canvas.shows_detail(0.06) {
        canvas.fill(
            &poly(&[(0.04, -0.56), (0.29, -0.56), (0.33, -0.49), (0.04, -0.49)]),
            Fill::Flat(color.lighter(0.25)),
        );
    }
    canvas.shape(
        &rounded_poly(&[(0.0, -0.99), (-0.17, -0.95), (0.0, -0.9)], 0.012),
        Fill::Flat(hex(0xF2_B8_3A)),
    );
    let hull = blob(&[
        (-0.5, -0.28),
        (0.0, -0.25),
        (0.5, -0.3),
        (0.42, -0.1),
        (0.28, -0.005),
        (0.0, 0.0),
        (-0.28, -0.005),
        (-0.42, -0.1),
    ]);
    canvas.rim(&[&hull]);
    canvas.shape(&hull, color);
    canvas.line(
        &curve(&[(-0.46, -0.225), (0.0, -0.195), (0.46, -0.235)]),
        color.lighter(0.65),
        0.034,
    );
    for x in [-0.2, 0.0, 0.2] {
        canvas.fill(&circle(x, -0.11, 0.032), Fill::Flat(color.lighter(0.72)));
    }
}

pub(super) fn plane(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let accent = if look.natural {
        hex(0xFF_D0_4E)
    } else {
        color.darker(0.3)
    };
    let fin = rounded_poly(
        &[(0.52, -0.5), (0.72, -0.97), (0.92, -0.97), (0.84, -0.44)],
        0.05,
    );
    let body = blob(&[
        (-0.9, -0.36),
        (-0.82, -0.56),
        (-0.5, -0.7),
        (0.0, -0.7),
        (0.5, -0.6),
        (0.9, -0.5),
        (0.92, -0.42),
        (0.5, -0.24),
        (0.0, -0.14),
        (-0.5, -0.14),
        (-0.8, -0.2),
    ]);
    canvas.rim(&[&body, &fin]);
    canvas.shape(&fin, Fill::Soft(accent));
    let far = rounded_poly(
        &[(-0.06, -0.62), (0.24, -0.94), (0.4, -0.94), (0.28, -0.58)],
        0.05,
    );
    canvas.shape(&far, Fill::Soft(accent.darker(0.16)));
    canvas.shape(&body, color);
    canvas.fill(
        &blob(&[
            (-0.86, -0.3),
            (-0.4, -0.26),
            (0.2, -0.28),
            (0.7, -0.38),
            (0.4, -0.23),
            (0.0, -0.15),
            (-0.5, -0.15),
            (-0.78, -0.21),
        ]),
        Fill::Translucent(WHITE, 0.55),
    );
    pane(
        canvas,
        &[
            (-0.76, -0.47),
            (-0.66, -0.62),
            (-0.46, -0.64),
            (-0.46, -0.46),
        ],
        0.06,
    );
    for x in [-0.26, -0.06, 0.14, 0.34] {
        canvas.shape(&circle(x, -0.5, 0.06), Fill::Flat(GLASS.lighter(0.3)));
    }
    let wing = rounded_poly(
        &[(-0.22, -0.34), (0.22, -0.36), (0.5, -0.02), (0.28, 0.0)],
        0.06,
    );
    canvas.shape(&wing, Fill::Soft(accent));
    canvas.shape(
        &rounded_poly(
            &[(0.6, -0.46), (0.84, -0.46), (0.96, -0.3), (0.84, -0.28)],
            0.04,
        ),
        Fill::Soft(accent),
    );
}

pub(super) fn rocket(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let nose = if color.luma() > 0.85 {
        hex(0xE6_50_48)
    } else {
        color.darker(0.32)
    };
    let flicker = look.rng.range(-0.02, 0.02);
    for (w, h, tone) in [(0.1, 0.2, hex(0xF8_7A_2E)), (0.06, 0.13, hex(0xFF_D8_5A))] {
        let flame = blob(&[
            (-w, -0.2),
            (w, -0.2),
            (w * 0.75, -0.2 + h * 0.5),
            (0.0, -0.2 + h + flicker),
            (-w * 0.75, -0.2 + h * 0.5),
        ]);
        canvas.unlit(|canvas| canvas.fill(&flame, Fill::Flat(tone)));
    }
    for side in [-1.0, 1.0] {
        let fin = blob(&[
            (side * 0.13, -0.46),
            (side * 0.25, -0.36),
            (side * 0.275, -0.13),
            (side * 0.2, -0.18),
            (side * 0.12, -0.22),
        ]);
        canvas.rim(&[&fin]);
        canvas.shape(&fin, Fill::Soft(nose));
    }
    let body = blob(&[
        (0.0, -0.98),
        (0.11, -0.84),
        (0.185, -0.62),
        (0.18, -0.38),
        (0.12, -0.18),
        (-0.12, -0.18),
        (-0.18, -0.38),
        (-0.185, -0.62),
        (-0.11, -0.84),
    ]);
    canvas.rim(&[&body]);
    canvas.shape(&body, color);
    canvas.fill(
        &blob(&[
            (0.0, -0.97),
            (0.1, -0.84),
            (0.13, -0.775),
            (0.0, -0.755),
            (-0.13, -0.775),
            (-0.1, -0.84),
        ]),
        Fill::Soft(nose),
    );
    canvas.shape(&circle(0.0, -0.6, 0.115), Fill::Flat(hex(0xE8_E2_E6)));
    canvas.fill(
        &circle(0.0, -0.6, 0.09),
        Fill::Gradient(GLASS.lighter(0.3), GLASS),
    );
    let mut face = Face::small(0.0, -0.61, 0.045, GLASS);
    face.cheeks = Some((0.062, 0.03));
    face.draw(canvas, look);
    canvas.fill(
        &rounded_rect(-0.165, -0.36, 0.33, 0.045, 0.01),
        Fill::Flat(nose),
    );
    canvas.stroke(
        &curve(&[(-0.115, -0.76), (-0.145, -0.62), (-0.145, -0.46)]),
        WHITE,
        0.02,
        0.6,
    );
}

pub(super) fn hot_air_balloon(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let accent = if look.natural {
        hex(0xFF_E0_8A)
    } else {
        color.lighter(0.62)
    };
    for x in [-0.07, 0.07] {
        canvas.line(
            &polyline(&[(x * 1.5, -0.33), (x, -0.16)]),
            hex(0x7A_5A_48),
            0.014,
        );
    }
    let envelope = blob(&[
        (0.0, -0.98),
        (0.2, -0.93),
        (0.325, -0.75),
        (0.31, -0.56),
        (0.19, -0.39),
        (0.09, -0.3),
        (-0.09, -0.3),
        (-0.19, -0.39),
        (-0.31, -0.56),
        (-0.325, -0.75),
        (-0.2, -0.93),
    ]);
    canvas.rim(&[&envelope]);
    canvas.shape(&envelope, color);
    for (out, inner) in [(0.245, 0.13), (-0.245, -0.13)] {
        let gore = blob(&[
            (0.0, -0.97),
            (out * 0.85, -0.88),
            (out, -0.68),
            (out * 0.55, -0.42),
            (out * 0.24, -0.3),
            (inner * 0.2, -0.3),
            (inner * 0.6, -0.45),
            (inner, -0.68),
            (inner * 0.8, -0.88),
        ]);
        canvas.fill(&gore, Fill::Soft(accent));
    }
    canvas.stroke(
        &arc(-0.02, -0.7, 0.22, 0.22, 190.0, 250.0),
        WHITE,
        0.026,
        0.55,
    );
    let basket = rounded_poly(
        &[(-0.095, -0.17), (0.095, -0.17), (0.075, 0.0), (-0.075, 0.0)],
        0.025,
    );
    canvas.shape(&basket, Fill::Soft(hex(0xB4_7E_4C)));
    canvas.line(
        &polyline(&[(-0.09, -0.16), (0.09, -0.16)]),
        hex(0x7A_50_34),
        0.028,
    );
    if canvas.shows_detail(0.08) {
        canvas.pen(&polyline(&[(-0.08, -0.09), (0.08, -0.09)]), hex(0x8A_5C_38));
    }
}
