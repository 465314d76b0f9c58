//! Vehicles.

use super::face::Face;
use super::thing::{Art, Look, Thing};
use crate::grammar::russian::{f, m};
use crate::scene::{Color, Paint, Shade};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{arc, blob, circle, curve, ellipse, line, poly, rect, round, soft_poly};

const BRIGHT: &[Paint] = &[
    Paint::new(Color::Red),
    Paint::new(Color::Blue),
    Paint::new(Color::Yellow),
    Paint::new(Color::Turquoise),
    Paint::new(Color::Orange),
];
const GLASS: Rgb = hex(0xC6_E8_F8);
const TYRE: Rgb = hex(0x42_3C_4A);

pub(crate) static THINGS: &[Thing] = &[
    Thing::new(
        "car",
        &["car", "automobile"],
        &[f("машина"), m("автомобиль"), f("машинка").gpl("машинок")],
        Art::Custom(car),
    )
    .size(0.42, 1.62)
    .colors(BRIGHT)
    .top(0.05, -0.95, 0.7)
    .inside(0.0, -0.47, 0.4, 0.4, false)
    .also(&["авто"]),
    Thing::new(
        "bus",
        &["bus/buses", "school bus/school buses"],
        &[m("автобус")],
        Art::Custom(bus),
    )
    .size(0.5, 1.62)
    .colors(&[Paint::new(Color::Yellow), Paint::new(Color::Red)])
    .top(0.0, -0.96, 1.2)
    .inside(-0.1, -0.45, 0.3, 0.36, false),
    Thing::new(
        "train",
        &["train", "locomotive", "steam train"],
        &[m("поезд").pl("поезда"), m("паровоз"), m("паровозик")],
        Art::Custom(train),
    )
    .size(0.5, 1.56)
    .colors(BRIGHT)
    .top(0.46, -0.9, 0.5)
    .inside(0.46, -0.46, 0.3, 0.32, false),
    Thing::new(
        "boat",
        &["boat", "ship", "sailboat", "sailing boat"],
        &[
            f("лодка").gpl("лодок"),
            m("корабль"),
            m("кораблик"),
            m("парусник"),
            f("лодочка").gpl("лодочек"),
        ],
        Art::Custom(boat),
    )
    .size(0.58, 1.02)
    .water()
    .colors(&[
        Paint::new(Color::Red),
        Paint::new(Color::Blue),
        Paint::new(Color::Brown),
    ])
    .top(-0.3, -0.3, 0.36)
    .inside(-0.26, -0.2, 0.4, 0.34, true),
    Thing::new(
        "plane",
        &["plane", "airplane", "aeroplane", "aircraft/aircraft"],
        &[m("самолёт"), m("самолётик"), m("аэроплан")],
        Art::Custom(plane),
    )
    .size(0.36, 1.9)
    .air()
    .colors(BRIGHT)
    .top(0.0, -0.78, 0.7)
    .inside(-0.42, -0.5, 0.3, 0.36, false),
    Thing::new(
        "rocket",
        &["rocket", "spaceship", "spacecraft/spacecraft"],
        &[f("ракета"), m("корабль").with("космический")],
        Art::Custom(rocket),
    )
    .size(0.66, 0.56)
    .air()
    .colors(&[
        Paint::new(Color::Red),
        Paint::new(Color::White),
        Paint::shaded(Color::Blue, Shade::Light),
    ])
    .eyes(0.0, -0.605, 0.18)
    .top(0.0, -0.97, 0.1)
    .inside(0.0, -0.52, 0.17, 0.17, false),
    Thing::new(
        "hot_air_balloon",
        &["hot air balloon", "hot-air balloon", "montgolfier"],
        &[m("монгольфьер"), m("аэростат")],
        Art::Custom(hot_air_balloon),
    )
    .size(0.72, 0.68)
    .air()
    .colors(BRIGHT)
    .top(0.0, -0.97, 0.36)
    .inside(0.0, -0.1, 0.17, 0.17, true),
    Thing::new(
        "bicycle",
        &["bicycle", "bike", "cycle"],
        &[m("велосипед"), m("велик")],
        Art::Custom(bicycle),
    )
    .size(0.46, 1.5)
    .colors(BRIGHT)
    .top(-0.26, -0.84, 0.22),
];

fn wheel(canvas: &mut Canvas<'_>, x: f32, y: f32, r: f32) {
    canvas.shape(&circle(x, y, r), Fill::Flat(TYRE));
    canvas.fill(&circle(x, y, r * 0.58), Fill::Flat(hex(0xD4_D2_DA)));
    if canvas.shows_detail(r) {
        canvas.fill(&circle(x, y, r * 0.24), Fill::Flat(hex(0x8A_86_94)));
    }
}

fn pane(canvas: &mut Canvas<'_>, points: &[(f32, f32)], r: f32) {
    canvas.shape(
        &soft_poly(points, r),
        Fill::Down(GLASS.lighter(0.35), GLASS),
    );
}

fn car(canvas: &mut Canvas<'_>, look: &mut Look) {
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
    canvas.pen(&line(&[(0.02, -0.54), (0.02, -0.2)]), color.edge());
    canvas.fill(
        &round(0.08, -0.46, 0.1, 0.035, 0.017),
        Fill::Flat(color.darker(0.55)),
    );
    canvas.fill(
        &round(-0.74, -0.2, 1.5, 0.055, 0.027),
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

fn bus(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let body = round(-0.78, -0.97, 1.56, 0.82, 0.16);
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

fn train(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let dark = hex(0x4A_42_54);
    for (x, y, r, alpha) in [
        (-0.46, -0.93, 0.05, 0.9),
        (-0.36, -0.95, 0.045, 0.8),
        (-0.27, -0.93, 0.04, 0.65),
    ] {
        canvas.fill(&circle(x, y, r), Fill::Glass(WHITE, alpha));
    }
    let chimney = soft_poly(
        &[(-0.57, -0.87), (-0.35, -0.87), (-0.4, -0.6), (-0.52, -0.6)],
        0.03,
    );
    let boiler = round(-0.7, -0.66, 0.98, 0.44, 0.16);
    let cab = round(0.16, -0.86, 0.56, 0.64, 0.05);
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
    canvas.shape(&round(0.1, -0.93, 0.68, 0.1, 0.05), Fill::Soft(dark));
    canvas.shape(
        &soft_poly(&[(-0.62, -0.24), (-0.62, -0.06), (-0.78, -0.04)], 0.02),
        Fill::Flat(hex(0xFB_C8_4A)),
    );
    canvas.shape(&round(-0.68, -0.26, 1.4, 0.1, 0.03), Fill::Flat(dark));
    canvas.shape(&circle(-0.71, -0.5, 0.06), Fill::Flat(hex(0xFF_EE_A8)));
    for (x, r) in [(-0.46, 0.13), (-0.14, 0.13), (0.42, 0.17)] {
        wheel(canvas, x, -r, r);
    }
    canvas.line(
        &line(&[(-0.46, -0.13), (-0.14, -0.13)]),
        hex(0xE8_E2_D8),
        0.03,
    );
}

fn boat(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let sail = if color.luma() > 0.88 {
        hex(0xFB_D8_A0)
    } else {
        WHITE
    };
    canvas.line(&line(&[(0.0, -0.2), (0.0, -0.97)]), hex(0x8A_5E_42), 0.032);
    let main = blob(&[
        (0.035, -0.93),
        (0.2, -0.72),
        (0.37, -0.42),
        (0.34, -0.34),
        (0.035, -0.345),
    ]);
    let jib = soft_poly(&[(-0.035, -0.88), (-0.035, -0.5), (-0.27, -0.5)], 0.04);
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
        &soft_poly(&[(0.0, -0.99), (-0.17, -0.95), (0.0, -0.9)], 0.012),
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

fn plane(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let accent = if look.natural {
        hex(0xFF_D0_4E)
    } else {
        color.darker(0.3)
    };
    let fin = soft_poly(
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
    let far = soft_poly(
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
        Fill::Glass(WHITE, 0.55),
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
    let wing = soft_poly(
        &[(-0.22, -0.34), (0.22, -0.36), (0.5, -0.02), (0.28, 0.0)],
        0.06,
    );
    canvas.shape(&wing, Fill::Soft(accent));
    canvas.shape(
        &soft_poly(
            &[(0.6, -0.46), (0.84, -0.46), (0.96, -0.3), (0.84, -0.28)],
            0.04,
        ),
        Fill::Soft(accent),
    );
}

fn rocket(canvas: &mut Canvas<'_>, look: &mut Look) {
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
        Fill::Down(GLASS.lighter(0.3), GLASS),
    );
    let mut face = Face::small(0.0, -0.61, 0.045, GLASS);
    face.cheeks = Some((0.062, 0.03));
    face.draw(canvas, look);
    canvas.fill(&round(-0.165, -0.36, 0.33, 0.045, 0.01), Fill::Flat(nose));
    canvas.stroke(
        &curve(&[(-0.115, -0.76), (-0.145, -0.62), (-0.145, -0.46)]),
        WHITE,
        0.02,
        0.6,
    );
}

fn hot_air_balloon(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let accent = if look.natural {
        hex(0xFF_E0_8A)
    } else {
        color.lighter(0.62)
    };
    for x in [-0.07, 0.07] {
        canvas.line(
            &line(&[(x * 1.5, -0.33), (x, -0.16)]),
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
    let basket = soft_poly(
        &[(-0.095, -0.17), (0.095, -0.17), (0.075, 0.0), (-0.075, 0.0)],
        0.025,
    );
    canvas.shape(&basket, Fill::Soft(hex(0xB4_7E_4C)));
    canvas.line(
        &line(&[(-0.09, -0.16), (0.09, -0.16)]),
        hex(0x7A_50_34),
        0.028,
    );
    if canvas.shows_detail(0.08) {
        canvas.pen(&line(&[(-0.08, -0.09), (0.08, -0.09)]), hex(0x8A_5C_38));
    }
}

fn bicycle(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    for x in [-0.44, 0.44] {
        canvas.line(&circle(x, -0.3, 0.27), TYRE, 0.055);
        canvas.line(&circle(x, -0.3, 0.23), hex(0xD4_D2_DA), 0.016);
        if canvas.shows_detail(0.1) {
            for i in 0..6u8 {
                let (sin, cos) = crate::vector::shape::turn(30.0 * f32::from(i));
                canvas.stroke(
                    &line(&[
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
    let edge = canvas.line_width();
    for tube in frame {
        canvas.line(&line(tube), color.edge(), 0.05 + 2.0 * edge);
    }
    for tube in frame {
        canvas.line(&line(tube), color, 0.05);
    }
    canvas.shape(
        &ellipse(-0.27, -0.79, 0.12, 0.045),
        Fill::Soft(hex(0x6A_4A_42)),
    );
    canvas.shape(&circle(-0.02, -0.28, 0.06), Fill::Flat(hex(0x8A_86_94)));
    canvas.shape(&circle(0.14, -0.86, 0.03), Fill::Flat(TYRE));
}
