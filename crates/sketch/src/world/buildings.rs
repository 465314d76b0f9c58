//! Buildings.

use super::look::Look;
use super::thing::{Art, Thing};
use crate::grammar::russian::{f, m};
use crate::scene::{Color, Paint, Shade};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{circle, ellipse, poly, polyline, rect, rounded_poly, rounded_rect};

const GLASS: Rgb = hex(0xBF_E6_F6);
const LIT_GLASS: Rgb = hex(0xFF_DF_7E);

pub(crate) static THINGS: &[Thing] = &[
    Thing::new(
        "house",
        &["house", "cottage", "home"],
        &[m("дом").pl("дома"), m("домик")],
        Art::Custom(house),
    )
    .size(0.7, 1.04)
    .colors(&[
        Paint::new(Color::Yellow),
        Paint::shaded(Color::Orange, Shade::Light),
        Paint::shaded(Color::Blue, Shade::Light),
        Paint::shaded(Color::Pink, Shade::Light),
        Paint::new(Color::White),
    ])
    .top(-0.06, -0.9, 0.4)
    .inside(0.0, -0.02, 0.2, 0.27, false),
    Thing::new(
        "castle",
        &["castle", "palace", "fortress"],
        &[
            m("замок").stem("замк"),
            m("дворец").stem("дворц").gpl("дворцов"),
            f("крепость"),
        ],
        Art::Custom(castle),
    )
    .size(0.84, 1.0)
    .colors(&[
        Paint::shaded(Color::Grey, Shade::Light),
        Paint::shaded(Color::Pink, Shade::Light),
        Paint::shaded(Color::Purple, Shade::Light),
    ])
    .top(0.0, -0.66, 0.34)
    .inside(0.0, -0.02, 0.19, 0.22, false),
    Thing::new(
        "lighthouse",
        &["lighthouse"],
        &[m("маяк")],
        Art::Custom(lighthouse),
    )
    .size(0.86, 0.46)
    .colors(&[Paint::new(Color::Red)])
    .top(0.0, -0.98, 0.16)
    .inside(0.0, -0.02, 0.12, 0.16, false),
    Thing::new(
        "tent",
        &["tent", "teepee"],
        &[
            f("палатка").gpl("палаток"),
            m("шатёр").stem("шатр"),
            m("вигвам"),
        ],
        Art::Custom(tent),
    )
    .size(0.5, 1.2)
    .colors(&[
        Paint::new(Color::Orange),
        Paint::new(Color::Green),
        Paint::new(Color::Blue),
    ])
    .top(0.0, -0.9, 0.2)
    .inside(0.0, -0.02, 0.34, 0.5, false),
];

fn window_color(canvas: &Canvas<'_>) -> Rgb {
    if canvas.is_dark() { LIT_GLASS } else { GLASS }
}

fn window(canvas: &mut Canvas<'_>, x: f32, y: f32, w: f32, h: f32, frame: Rgb) {
    let pane = window_color(canvas);
    if pane == LIT_GLASS {
        canvas.shape(
            &rounded_rect(x - w / 2.0, y - h / 2.0, w, h, 0.015),
            Fill::Flat(frame),
        );
        canvas.unlit(|canvas| {
            canvas.fill(
                &rounded_rect(x - w * 0.4, y - h * 0.4, w * 0.8, h * 0.8, 0.01),
                Fill::Flat(LIT_GLASS),
            );
        });
    } else {
        canvas.shape(
            &rounded_rect(x - w / 2.0, y - h / 2.0, w, h, 0.015),
            Fill::Flat(frame),
        );
        canvas.fill(
            &rounded_rect(x - w * 0.4, y - h * 0.4, w * 0.8, h * 0.8, 0.01),
            Fill::Gradient(pane, pane.lighter(0.4)),
        );
    }
    if canvas.shows_detail(w) {
        canvas.line(
            &polyline(&[(x, y - h * 0.4), (x, y + h * 0.4)]),
            frame,
            w * 0.09,
        );
        canvas.line(
            &polyline(&[(x - w * 0.4, y), (x + w * 0.4, y)]),
            frame,
            w * 0.09,
        );
    }
}

fn house(canvas: &mut Canvas<'_>, look: &mut Look) {
    let wall = look.color;
    let roof = if look.natural {
        look.rng.pick(&[
            hex(0xD8_54_46),
            hex(0xB4_4A_5A),
            hex(0x5A_7A_A8),
            hex(0x9A_5E_42),
        ])
    } else if wall.luma() > 0.8 {
        hex(0xC8_5A_4A)
    } else {
        wall.darker(0.48)
    };
    let brick = hex(0xB8_6A_52);
    canvas.shape(&rect(0.2, -0.92, 0.12, 0.26), Fill::Soft(brick));
    canvas.shape(
        &rounded_rect(0.185, -0.95, 0.15, 0.06, 0.015),
        Fill::Flat(brick.darker(0.2)),
    );
    let walls = rounded_rect(-0.4, -0.58, 0.8, 0.58, 0.02);
    let gable = rounded_poly(
        &[(-0.54, -0.5), (-0.06, -0.93), (0.06, -0.93), (0.54, -0.5)],
        0.05,
    );
    canvas.rim(&[&walls, &gable]);
    canvas.shape(&walls, wall);
    canvas.shape(&gable, Fill::Soft(roof));
    if canvas.shows_detail(0.06) {
        for (y, w) in [(-0.62, 0.38), (-0.72, 0.27), (-0.82, 0.16)] {
            canvas.pen(
                &polyline(&[(-w, y), (w, y)]),
                roof.outline().mix(roof, 0.55),
            );
        }
    }
    canvas.fill(
        &rect(-0.395, -0.5, 0.79, 0.03),
        Fill::Translucent(wall.outline(), 0.3),
    );
    let frame = if wall.luma() > 0.9 {
        hex(0xE8_C8_A0)
    } else {
        WHITE
    };
    window(canvas, -0.26, -0.28, 0.19, 0.2, frame);
    window(canvas, 0.26, -0.28, 0.19, 0.2, frame);
    canvas.shape(&circle(0.0, -0.7, 0.07), Fill::Flat(frame));
    let pane = window_color(canvas);
    canvas.fill(&circle(0.0, -0.7, 0.05), Fill::Flat(pane));
    let door = roof.mix(hex(0x8A_56_3C), 0.55);
    canvas.shape(
        &rounded_rect(-0.105, -0.34, 0.21, 0.34, 0.08),
        Fill::Soft(door),
    );
    canvas.fill(&circle(0.06, -0.16, 0.018), Fill::Flat(LIT_GLASS));
    canvas.shape(&rect(-0.15, -0.03, 0.3, 0.03), Fill::Flat(hex(0xC8_BC_B0)));
    for (x, tone) in [
        (-0.34, hex(0xF2_7A_8E)),
        (-0.25, hex(0xFB_C8_3A)),
        (-0.18, hex(0xF2_7A_8E)),
        (0.18, hex(0xFB_C8_3A)),
        (0.26, hex(0xF2_7A_8E)),
        (0.34, hex(0xFB_C8_3A)),
    ] {
        canvas.fill(&circle(x, -0.14, 0.035), Fill::Flat(hex(0x62_A8_56)));
        canvas.fill(&circle(x, -0.165, 0.02), Fill::Flat(tone));
    }
}

fn tower(canvas: &mut Canvas<'_>, x: f32, w: f32, height: f32, wall: Rgb, roof: Rgb, flag: bool) {
    let top = -height;
    let body = rect(x - w / 2.0, top, w, height);
    canvas.rim(&[&body]);
    if flag {
        let pole = hex(0x6A_5A_62);
        canvas.line(
            &polyline(&[(x, top - w * 1.05), (x, top - w * 1.55)]),
            pole,
            0.014,
        );
        canvas.shape(
            &rounded_poly(
                &[
                    (x, top - w * 1.55),
                    (x + w * 0.62, top - w * 1.4),
                    (x, top - w * 1.22),
                ],
                0.01,
            ),
            Fill::Flat(hex(0xE8_4A_50)),
        );
    }
    canvas.shape(&body, wall);
    let cap = rounded_poly(
        &[
            (x - w * 0.68, top + 0.015),
            (x, top - w * 1.2),
            (x + w * 0.68, top + 0.015),
        ],
        0.03,
    );
    canvas.rim(&[&cap]);
    canvas.shape(&cap, Fill::Soft(roof));
    let pane = if canvas.is_dark() {
        LIT_GLASS
    } else {
        wall.darker(0.62)
    };
    let hole = rounded_rect(x - w * 0.15, top + w * 0.3, w * 0.3, w * 0.5, w * 0.15);
    if canvas.is_dark() {
        canvas.unlit(|canvas| canvas.fill(&hole, Fill::Flat(pane)));
    } else {
        canvas.fill(&hole, Fill::Flat(pane));
    }
}

fn castle(canvas: &mut Canvas<'_>, look: &mut Look) {
    let wall = look.color;
    let roof = if look.natural {
        look.rng
            .pick(&[hex(0x4E_6E_B8), hex(0xD0_50_5A), hex(0x7A_56_A8)])
    } else {
        wall.darker(0.5)
    };
    tower(canvas, -0.19, 0.2, 0.62, wall.darker(0.07), roof, true);
    tower(canvas, 0.19, 0.2, 0.62, wall.darker(0.07), roof, false);
    let keep = [
        (-0.34, 0.0),
        (-0.34, -0.5),
        (-0.24, -0.5),
        (-0.24, -0.44),
        (-0.15, -0.44),
        (-0.15, -0.5),
        (-0.05, -0.5),
        (-0.05, -0.44),
        (0.05, -0.44),
        (0.05, -0.5),
        (0.15, -0.5),
        (0.15, -0.44),
        (0.24, -0.44),
        (0.24, -0.5),
        (0.34, -0.5),
        (0.34, 0.0),
    ];
    canvas.shape(&poly(&keep), wall);
    if canvas.shows_detail(0.06) {
        for (x, y) in [
            (-0.2, -0.32),
            (0.18, -0.36),
            (0.22, -0.16),
            (-0.24, -0.14),
            (0.02, -0.36),
        ] {
            canvas.fill(
                &rounded_rect(x, y, 0.075, 0.03, 0.012),
                Fill::Translucent(wall.darker(0.4), 0.45),
            );
        }
    }
    tower(canvas, -0.39, 0.2, 0.56, wall, roof, false);
    tower(canvas, 0.39, 0.2, 0.56, wall, roof, true);
    let gate = hex(0x7A_50_3A);
    canvas.shape(
        &rounded_rect(-0.115, -0.28, 0.23, 0.36, 0.11),
        Fill::Flat(wall.lighter(0.35)),
    );
    canvas.shape(
        &rounded_rect(-0.09, -0.25, 0.18, 0.33, 0.09),
        Fill::Soft(gate),
    );
    canvas.fill(&circle(0.04, -0.11, 0.014), Fill::Flat(LIT_GLASS));
}

fn lighthouse(canvas: &mut Canvas<'_>, look: &mut Look) {
    let red = look.color;
    let white = if red.luma() > 0.9 {
        hex(0xD8_DE_E8)
    } else {
        WHITE
    };
    let edge_at = |y: f32| 0.1 + (0.72 + y) / 0.72 * 0.085;
    let body = poly(&[(-0.1, -0.72), (0.1, -0.72), (0.185, 0.0), (-0.185, 0.0)]);
    canvas.rim(&[&body]);
    canvas.shape(&body, Fill::Soft(white));
    for (top, bottom) in [(-0.72, -0.58), (-0.42, -0.27), (-0.12, 0.0)] {
        let (a, b) = (edge_at(top), edge_at(bottom));
        canvas.fill(
            &poly(&[(-a, top), (a, top), (b, bottom), (-b, bottom)]),
            Fill::Flat(red),
        );
    }
    canvas.shape(
        &rounded_rect(-0.15, -0.755, 0.3, 0.05, 0.02),
        Fill::Flat(hex(0x5A_56_66)),
    );
    canvas.shape(&rect(-0.085, -0.87, 0.17, 0.12), Fill::Flat(LIT_GLASS));
    canvas.unlit(|canvas| {
        if canvas.is_dark() {
            canvas.glow(0.0, -0.81, 0.22, 0.18, LIT_GLASS, 0.8);
        }
        canvas.fill(&circle(0.0, -0.81, 0.042), Fill::Flat(WHITE));
    });
    canvas.shape(
        &rounded_poly(&[(-0.12, -0.86), (0.0, -0.99), (0.12, -0.86)], 0.03),
        Fill::Soft(red),
    );
    canvas.shape(
        &rounded_rect(-0.06, -0.17, 0.12, 0.17, 0.06),
        Fill::Soft(hex(0x6A_4A_42)),
    );
    canvas.fill(&circle(0.0, -0.5, 0.035), Fill::Flat(hex(0x6A_86_A8)));
    canvas.fill(&circle(0.0, -0.34, 0.035), Fill::Flat(WHITE));
}

fn tent(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let pole = hex(0x8A_60_42);
    for s in [-1.0, 1.0] {
        canvas.line(&polyline(&[(0.0, -0.9), (s * 0.07, -0.99)]), pole, 0.03);
    }
    let cloth = rounded_poly(&[(0.0, -0.95), (0.6, 0.0), (-0.6, 0.0)], 0.05);
    canvas.rim(&[&cloth]);
    canvas.shape(&cloth, color);
    canvas.fill(
        &poly(&[(-0.36, -0.36), (0.36, -0.36), (0.43, -0.25), (-0.43, -0.25)]),
        Fill::Flat(color.lighter(0.5)),
    );
    let flap = rounded_poly(&[(0.0, -0.72), (0.26, 0.0), (-0.26, 0.0)], 0.03);
    let dark = if canvas.is_dark() {
        LIT_GLASS.darker(0.2)
    } else {
        color.darker(0.7)
    };
    canvas.shape(&flap, Fill::Flat(dark));
    canvas.shape(
        &rounded_poly(
            &[(0.0, -0.72), (-0.12, -0.3), (-0.34, 0.0), (-0.26, 0.0)],
            0.02,
        ),
        Fill::Soft(color.lighter(0.2)),
    );
    canvas.shape(
        &rounded_poly(
            &[(0.0, -0.72), (0.12, -0.3), (0.34, 0.0), (0.26, 0.0)],
            0.02,
        ),
        Fill::Soft(color.lighter(0.2)),
    );
    canvas.fill(
        &ellipse(0.0, -0.72, 0.03, 0.03),
        Fill::Flat(color.darker(0.3)),
    );
}
