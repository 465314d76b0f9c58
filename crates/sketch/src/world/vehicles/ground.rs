//! Cars, buses, trains and bicycles.

use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{
    blob, circle, curve, ellipse, polyline, rect, rounded_poly, rounded_rect,
};
use crate::world::look::Look;

const GLASS: Rgb = hex(0xC6_E8_F8);
const TYRE: Rgb = hex(0x42_3C_4A);

fn wheel(canvas: &mut Canvas<'_>, x: f32, y: f32, r: f32) {
    canvas.shape(&circle(x, y, r), Fill::Flat(TYRE));
    canvas.fill(&circle(x, y, r * 0.58), Fill::Flat(hex(0xD4_D2_DA)));
    if canvas.shows_detail(r) {
        canvas.fill(&circle(x, y, r * 0.24), Fill::Flat(hex(0x8A_86_94)));
    }
}

pub(super) fn pane(canvas: &mut Canvas<'_>, points: &[(f32, f32)], r: f32) {
    canvas.shape(
        &rounded_poly(points, r),
        Fill::Gradient(GLASS.lighter(0.35), GLASS),
    );
}

pub(super) fn car(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let cabin = blob(&[
        (-0.44, -0.5),
        (-0.36, -0.78),
        (-0.18, -0.97),
        (0.22, -0.97),
        (0.42, -0.78),
        (0.52, -0.5),
    ]);
    let body = blob(&[
        (-0.78, -0.22),
        (-0.78, -0.42),
        (-0.62, -0.54),
        (-0.3, -0.58),
        (0.3, -0.58),
        (0.64, -0.56),
        (0.78, -0.42),
        (0.8, -0.24),
        (0.7, -0.14),
        (0.0, -0.13),
        (-0.7, -0.14),
    ]);
    canvas.rim(&[&cabin, &body]);
    canvas.body(&[(cabin, color.into()), (body, color.into())]);
    pane(
        canvas,
        &[
            (-0.34, -0.57),
            (-0.26, -0.8),
            (-0.02, -0.87),
            (-0.02, -0.57),
        ],
        0.06,
    );
    pane(
        canvas,
        &[(0.06, -0.57), (0.06, -0.87), (0.26, -0.82), (0.4, -0.57)],
        0.06,
    );
    canvas.pen(&polyline(&[(0.02, -0.54), (0.02, -0.2)]), color.outline());
    canvas.fill(
        &rounded_rect(0.08, -0.46, 0.1, 0.035, 0.017),
        Fill::Flat(color.darker(0.55)),
    );
    canvas.fill(
        &rounded_rect(-0.74, -0.2, 1.5, 0.055, 0.027),
        Fill::Flat(color.darker(0.35)),
    );
    canvas.shape(
        &ellipse(-0.72, -0.4, 0.055, 0.075),
        Fill::Flat(hex(0xFF_EE_A8)),
    );
    canvas.shape(
        &ellipse(0.75, -0.4, 0.035, 0.06),
        Fill::Flat(hex(0xF2_6A_5A)),
    );
    for x in [-0.44, 0.46] {
        wheel(canvas, x, -0.17, 0.17);
    }
    canvas.stroke(
        &curve(&[(-0.26, -0.9), (-0.1, -0.935), (0.1, -0.935)]),
        WHITE,
        0.022,
        0.6,
    );
}

pub(super) fn bus(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let body = rounded_rect(-0.78, -0.97, 1.56, 0.82, 0.16);
    canvas.rim(&[&body]);
    canvas.shape(&body, color);
    for x in [-0.66, -0.32, 0.02, 0.36] {
        let w = if x > 0.3 { 0.34 } else { 0.27 };
        pane(
            canvas,
            &[(x, -0.8), (x + w, -0.8), (x + w, -0.5), (x, -0.5)],
            0.05,
        );
    }
    canvas.fill(
        &rect(-0.775, -0.41, 1.55, 0.05),
        Fill::Flat(color.darker(0.5)),
    );
    canvas.fill(&rect(-0.775, -0.33, 1.55, 0.03), Fill::Flat(WHITE));
    canvas.shape(
        &ellipse(0.73, -0.27, 0.035, 0.055),
        Fill::Flat(hex(0xFF_EE_A8)),
    );
    for x in [-0.42, 0.42] {
        wheel(canvas, x, -0.15, 0.15);
    }
}

pub(super) fn train(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let dark = hex(0x4A_42_54);
    for (x, y, r, alpha) in [
        (-0.46, -0.93, 0.05, 0.9),
        (-0.36, -0.95, 0.045, 0.8),
        (-0.27, -0.93, 0.04, 0.65),
    ] {
        canvas.fill(&circle(x, y, r), Fill::Translucent(WHITE, alpha));
    }
    let chimney = rounded_poly(
        &[(-0.57, -0.87), (-0.35, -0.87), (-0.4, -0.6), (-0.52, -0.6)],
        0.03,
    );
    let boiler = rounded_rect(-0.7, -0.66, 0.98, 0.44, 0.16);
    let cab = rounded_rect(0.16, -0.86, 0.56, 0.64, 0.05);
    canvas.rim(&[&boiler, &cab]);
    canvas.shape(&chimney, Fill::Soft(dark));
    canvas.shape(
        &ellipse(-0.08, -0.66, 0.1, 0.09),
        Fill::Soft(hex(0xFB_C8_4A)),
    );
    canvas.shape(&boiler, color);
    for x in [-0.5, -0.18] {
        canvas.fill(&rect(x, -0.655, 0.05, 0.43), Fill::Flat(hex(0xFB_CE_56)));
    }
    canvas.shape(&cab, Fill::Soft(color.darker(0.12)));
    pane(
        canvas,
        &[(0.29, -0.76), (0.61, -0.76), (0.61, -0.5), (0.29, -0.5)],
        0.06,
    );
    canvas.shape(&rounded_rect(0.1, -0.93, 0.68, 0.1, 0.05), Fill::Soft(dark));
    canvas.shape(
        &rounded_poly(&[(-0.62, -0.24), (-0.62, -0.06), (-0.78, -0.04)], 0.02),
        Fill::Flat(hex(0xFB_C8_4A)),
    );
    canvas.shape(
        &rounded_rect(-0.68, -0.26, 1.4, 0.1, 0.03),
        Fill::Flat(dark),
    );
    canvas.shape(&circle(-0.71, -0.5, 0.06), Fill::Flat(hex(0xFF_EE_A8)));
    for (x, r) in [(-0.46, 0.13), (-0.14, 0.13), (0.42, 0.17)] {
        wheel(canvas, x, -r, r);
    }
    canvas.line(
        &polyline(&[(-0.46, -0.13), (-0.14, -0.13)]),
        hex(0xE8_E2_D8),
        0.03,
    );
}

pub(super) fn bicycle(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    for x in [-0.44, 0.44] {
        canvas.line(&circle(x, -0.3, 0.27), TYRE, 0.055);
        canvas.line(&circle(x, -0.3, 0.23), hex(0xD4_D2_DA), 0.016);
        if canvas.shows_detail(0.1) {
            for i in 0..6u8 {
                let (sin, cos) = crate::vector::shape::sin_cos(30.0 * f32::from(i));
                canvas.stroke(
                    &polyline(&[
                        (x - cos * 0.22, -0.3 - sin * 0.22),
                        (x + cos * 0.22, -0.3 + sin * 0.22),
                    ]),
                    hex(0xA8_A6_B2),
                    0.008,
                    0.9,
                );
            }
        }
    }
    let frame: [&[(f32, f32)]; 4] = [
        &[
            (-0.44, -0.3),
            (-0.24, -0.66),
            (0.3, -0.68),
            (-0.02, -0.28),
            (-0.44, -0.3),
        ],
        &[(-0.02, -0.28), (-0.26, -0.74)],
        &[(0.44, -0.3), (0.28, -0.82)],
        &[(0.28, -0.82), (0.16, -0.88), (0.12, -0.82)],
    ];
    let outline = canvas.outline_width();
    for tube in frame {
        canvas.line(&polyline(tube), color.outline(), 0.05 + 2.0 * outline);
    }
    for tube in frame {
        canvas.line(&polyline(tube), color, 0.05);
    }
    canvas.shape(
        &ellipse(-0.27, -0.79, 0.12, 0.045),
        Fill::Soft(hex(0x6A_4A_42)),
    );
    canvas.shape(&circle(-0.02, -0.28, 0.06), Fill::Flat(hex(0x8A_86_94)));
    canvas.shape(&circle(0.14, -0.86, 0.03), Fill::Flat(TYRE));
}
