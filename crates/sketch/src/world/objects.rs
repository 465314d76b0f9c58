//! Household things and toys.

use super::accessory;
use super::face::Face;
use super::look::Look;
use super::thing::{Art, Thing};
use crate::grammar::russian::{f, m, n};
use crate::scene::{Color, Paint, Shade};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{
    arc, blob, circle, curve, ellipse, polyline, rect, rounded_poly, rounded_rect,
};

const BRIGHT: &[Paint] = &[
    Paint::new(Color::Red),
    Paint::new(Color::Blue),
    Paint::new(Color::Yellow),
    Paint::new(Color::Turquoise),
    Paint::new(Color::Purple),
];
const CREAM: Rgb = hex(0xFF_F2_DC);

pub(crate) static THINGS: &[Thing] = &[
    Thing::new(
        "book",
        &["book"],
        &[f("книга"), f("книжка").gpl("книжек")],
        Art::Custom(book),
    )
    .size(0.26, 1.5)
    .colors(BRIGHT)
    .top(0.0, -0.86, 0.9),
    Thing::new(
        "lamp",
        &["lamp", "table lamp"],
        &[f("лампа"), m("светильник"), f("лампочка").gpl("лампочек")],
        Art::Custom(lamp),
    )
    .size(0.5, 0.7)
    .colors(&[
        Paint::new(Color::Yellow),
        Paint::new(Color::Orange),
        Paint::shaded(Color::Pink, Shade::Light),
    ])
    .top(0.0, -0.95, 0.24)
    .under(0.0, -0.46, 0.56),
    Thing::new(
        "umbrella",
        &["umbrella", "parasol"],
        &[m("зонт"), m("зонтик")],
        Art::Custom(umbrella),
    )
    .size(0.62, 1.1)
    .colors(BRIGHT)
    .top(0.0, -0.93, 0.24)
    .under(0.0, -0.6, 0.8),
    Thing::new(
        "balloon",
        &["balloon", "toy balloon"],
        &[
            m("шарик"),
            m("шарик").with("воздушный"),
            m("шар").with("воздушный"),
        ],
        Art::Custom(balloon),
    )
    .size(0.5, 0.54)
    .air()
    .colors(BRIGHT)
    .eyes(0.0, -0.72, 0.26)
    .top(0.0, -0.97, 0.2),
    Thing::new(
        "ball",
        &["ball", "beach ball"],
        &[m("мяч").gpl("мячей"), m("мячик")],
        Art::Custom(ball),
    )
    .size(0.3, 1.0)
    .colors(BRIGHT)
    .top(0.0, -0.97, 0.3),
    Thing::new(
        "gift",
        &["gift", "present", "gift box/gift boxes"],
        &[m("подарок").stem("подарк"), m("подарочек").stem("подарочк")],
        Art::Custom(gift),
    )
    .size(0.38, 0.92)
    .colors(BRIGHT)
    .top(0.0, -0.76, 0.5),
    Thing::new(
        "box",
        &["box/boxes", "cardboard box/cardboard boxes"],
        &[f("коробка").gpl("коробок"), m("ящик")],
        Art::Custom(cardboard_box),
    )
    .size(0.38, 1.24)
    .colors(&[Paint::shaded(Color::Brown, Shade::Light)])
    .top(0.0, -0.7, 0.6)
    .inside(0.0, -0.36, 0.7, 0.9, true),
    Thing::new(
        "chair",
        &["chair", "stool"],
        &[
            m("стул").pl("стулья").gpl("стульев"),
            n("кресло").gpl("кресел"),
            m("стульчик"),
        ],
        Art::Custom(chair),
    )
    .size(0.56, 0.6)
    .colors(&[
        Paint::shaded(Color::Brown, Shade::Light),
        Paint::new(Color::Red),
        Paint::new(Color::Blue),
    ])
    .top(0.0, -0.48, 0.42),
    Thing::new(
        "table",
        &["table", "desk"],
        &[m("стол"), m("столик")],
        Art::Custom(table),
    )
    .size(0.44, 1.5)
    .colors(&[
        Paint::shaded(Color::Brown, Shade::Light),
        Paint::new(Color::White),
    ])
    .top(0.0, -0.97, 1.2)
    .under(0.0, -0.74, 1.0),
    Thing::new(
        "key",
        &["key"],
        &[m("ключ").gpl("ключей"), m("ключик")],
        Art::Custom(key),
    )
    .size(0.34, 0.56)
    .colors(&[Paint::new(Color::Yellow)])
    .top(0.0, -0.97, 0.3),
];

fn book(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let cover = rounded_poly(
        &[
            (-0.72, -0.02),
            (-0.72, -0.8),
            (0.0, -0.9),
            (0.72, -0.8),
            (0.72, -0.02),
            (0.0, -0.08),
        ],
        0.05,
    );
    canvas.rim(&[&cover]);
    canvas.shape(&cover, color);
    for s in [-1.0, 1.0] {
        let page = blob(&[
            (0.0, -0.86),
            (s * 0.2, -0.97),
            (s * 0.62, -0.9),
            (s * 0.66, -0.5),
            (s * 0.65, -0.12),
            (s * 0.3, -0.19),
            (0.0, -0.13),
            (0.0, -0.5),
        ]);
        canvas.shape(&page, Fill::Gradient(CREAM.lighter(0.4), CREAM));
        if canvas.shows_detail(0.05) {
            for y in [-0.74, -0.6, -0.46, -0.32] {
                canvas.pen(
                    &curve(&[(s * 0.12, y), (s * 0.32, y - 0.045), (s * 0.55, y)]),
                    hex(0xB8_A8_A0),
                );
            }
        }
    }
    canvas.pen(&polyline(&[(0.0, -0.86), (0.0, -0.14)]), hex(0x9A_86_7E));
    canvas.fill(
        &rect(0.18, -0.2, 0.09, 0.26),
        Fill::Flat(color.darker(0.25)),
    );
}

fn lamp(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let glowing = color.lighter(if color.luma() < 0.3 { 0.08 } else { 0.35 });
    canvas.unlit(|canvas| {
        canvas.glow(
            0.0,
            -0.5,
            0.34,
            0.3,
            hex(0xFF_EC_A0),
            if canvas.is_dark() { 0.85 } else { 0.4 },
        );
    });
    let base = hex(0x8A_62_50);
    canvas.shape(
        &rounded_rect(-0.03, -0.52, 0.06, 0.48, 0.02),
        Fill::Soft(base),
    );
    canvas.shape(
        &ellipse(0.0, -0.2, 0.075, 0.1),
        Fill::Soft(base.lighter(0.2)),
    );
    canvas.shape(&ellipse(0.0, -0.045, 0.19, 0.045), Fill::Soft(base));
    canvas.fill(&circle(0.0, -0.47, 0.06), Fill::Flat(hex(0xFF_F6_CE)));
    let shade = rounded_poly(
        &[(-0.17, -0.96), (0.17, -0.96), (0.34, -0.48), (-0.34, -0.48)],
        0.045,
    );
    canvas.rim(&[&shade]);
    canvas.unlit(|canvas| canvas.shape(&shade, Fill::Gradient(color, glowing)));
    canvas.line(
        &curve(&[(-0.31, -0.53), (0.0, -0.525), (0.31, -0.53)]),
        color.darker(0.28),
        0.026,
    );
    canvas.line(&curve(&[(0.2, -0.48), (0.2, -0.38)]), base, 0.012);
    canvas.fill(&circle(0.2, -0.37, 0.022), Fill::Flat(color.darker(0.2)));
}

fn umbrella(canvas: &mut Canvas<'_>, look: &mut Look) {
    accessory::umbrella(canvas, (0.0, -0.58), 1.08, (0.0, -0.06), look.color);
}

fn balloon(canvas: &mut Canvas<'_>, look: &mut Look) {
    let sway = look.rng.range(-0.06, 0.06);
    canvas.line(
        &curve(&[(0.0, -0.42), (sway, -0.28), (-sway, -0.14), (0.0, 0.0)]),
        hex(0x8A_7A_82),
        0.014,
    );
    accessory::balloon(canvas, 0.0, -0.44, 0.5, look.color);
    Face::small(0.0, -0.72, 0.085, look.color).draw(canvas, look);
}

fn ball(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let pale = if color.luma() > 0.88 {
        hex(0xF2_8A_7A)
    } else {
        WHITE
    };
    let body = circle(0.0, -0.49, 0.48);
    canvas.rim(&[&body]);
    canvas.shape(&body, color);
    let turned = look.rng.range(-30.0, 30.0);
    canvas.at((0.0, -0.49), 1.0, turned, false, |canvas| {
        for s in [-1.0, 1.0] {
            let wedge = blob(&[
                (s * 0.02, -0.08),
                (s * 0.2, -0.32),
                (s * 0.3, -0.36),
                (s * 0.44, -0.18),
                (s * 0.47, 0.0),
                (s * 0.28, -0.04),
            ]);
            canvas.fill(&wedge, Fill::Flat(pale));
        }
        canvas.fill(
            &blob(&[
                (0.0, 0.06),
                (0.12, 0.22),
                (0.14, 0.44),
                (0.0, 0.47),
                (-0.14, 0.44),
                (-0.12, 0.22),
            ]),
            Fill::Flat(pale),
        );
        canvas.fill(&circle(0.0, -0.02, 0.09), Fill::Flat(color.darker(0.12)));
    });
    canvas.stroke(&arc(0.0, -0.49, 0.38, 0.38, 195.0, 245.0), WHITE, 0.05, 0.6);
}

fn gift(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let ribbon = if look.natural {
        hex(0xFF_E0_7A)
    } else {
        color.lighter(0.66)
    };
    let body = rounded_rect(-0.4, -0.6, 0.8, 0.6, 0.04);
    let lid = rounded_rect(-0.45, -0.76, 0.9, 0.2, 0.04);
    canvas.rim(&[&body, &lid]);
    canvas.shape(&body, color);
    canvas.fill(&rect(-0.075, -0.6, 0.15, 0.6), Fill::Flat(ribbon));
    canvas.shape(&lid, Fill::Soft(color.lighter(0.08)));
    canvas.fill(&rect(-0.075, -0.76, 0.15, 0.2), Fill::Flat(ribbon));
    for s in [-1.0, 1.0] {
        let bow = blob(&[
            (0.0, -0.77),
            (s * 0.1, -0.93),
            (s * 0.26, -0.97),
            (s * 0.28, -0.84),
            (s * 0.14, -0.77),
        ]);
        canvas.shape(&bow, Fill::Soft(ribbon));
    }
    canvas.shape(&circle(0.0, -0.79, 0.055), Fill::Soft(ribbon));
}

fn cardboard_box(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    for s in [-1.0, 1.0] {
        let flap = rounded_poly(
            &[
                (s * 0.45, -0.7),
                (s * 0.1, -0.72),
                (s * 0.2, -0.94),
                (s * 0.58, -0.92),
            ],
            0.02,
        );
        canvas.shape(&flap, Fill::Soft(color.lighter(0.16)));
    }
    let body = rounded_rect(-0.46, -0.7, 0.92, 0.7, 0.03);
    canvas.rim(&[&body]);
    canvas.shape(&body, color);
    canvas.fill(&rect(-0.1, -0.7, 0.2, 0.22), Fill::Flat(color.lighter(0.4)));
    for s in [-1.0, 1.0] {
        let flap = rounded_poly(
            &[
                (s * 0.46, -0.7),
                (s * 0.62, -0.5),
                (s * 0.52, -0.42),
                (s * 0.46, -0.56),
            ],
            0.02,
        );
        canvas.shape(&flap, Fill::Soft(color.darker(0.12)));
    }
    canvas.stroke(
        &crate::vector::shape::heart(0.22, -0.22, 0.18),
        color.darker(0.4),
        0.024,
        0.8,
    );
}

fn chair(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let dark = color.darker(0.22);
    for x in [-0.19, 0.19] {
        canvas.shape(
            &rounded_rect(x - 0.035, -0.96, 0.07, 0.52, 0.03),
            Fill::Soft(dark),
        );
    }
    canvas.shape(&rounded_rect(-0.2, -0.95, 0.4, 0.13, 0.05), color);
    canvas.shape(&rounded_rect(-0.2, -0.74, 0.4, 0.1, 0.04), color);
    for x in [-0.22, 0.22] {
        canvas.shape(
            &rounded_rect(x - 0.035, -0.44, 0.07, 0.44, 0.025),
            Fill::Soft(dark),
        );
    }
    canvas.shape(&rounded_rect(-0.28, -0.51, 0.56, 0.11, 0.045), color);
}

fn table(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    for x in [-0.52, 0.52] {
        canvas.shape(
            &rounded_poly(
                &[
                    (x - 0.06, -0.84),
                    (x + 0.06, -0.84),
                    (x + 0.045, 0.0),
                    (x - 0.045, 0.0),
                ],
                0.025,
            ),
            Fill::Soft(color.darker(0.2)),
        );
    }
    canvas.shape(
        &rounded_rect(-0.62, -0.86, 1.24, 0.13, 0.03),
        Fill::Soft(color.darker(0.14)),
    );
    let slab = rounded_rect(-0.73, -0.99, 1.46, 0.15, 0.06);
    canvas.rim(&[&slab]);
    canvas.shape(&slab, color);
}

fn key(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let shaft = rect(-0.05, -0.6, 0.1, 0.58);
    let teeth = [
        rounded_rect(0.02, -0.2, 0.2, 0.08, 0.02),
        rounded_rect(0.02, -0.07, 0.15, 0.07, 0.02),
    ];
    let ring = circle(0.0, -0.75, 0.22);
    let [first, second] = teeth;
    canvas.rim(&[&shaft, &ring]);
    canvas.body(&[
        (shaft, color.into()),
        (first, color.into()),
        (second, color.into()),
        (ring, color.into()),
    ]);
    canvas.shape(
        &crate::vector::shape::heart(0.0, -0.75, 0.2),
        Fill::Flat(color.darker(0.55)),
    );
    canvas.stroke(&arc(0.0, -0.75, 0.17, 0.17, 190.0, 250.0), WHITE, 0.03, 0.7);
}
