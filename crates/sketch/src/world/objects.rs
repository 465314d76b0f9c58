//! Household things and toys.

use super::accessory;
use super::face::Face;
use super::thing::{Art, Look, Thing};
use crate::draw::color::{Rgb, WHITE, hex};
use crate::draw::ink::{Fill, Ink};
use crate::draw::shape::{arc, blob, circle, curve, ellipse, line, rect, round, soft_poly};
use crate::scene::{Color, Paint, Shade};
use crate::words::ru::{f, m, n};

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
        Art::Own(book),
    )
    .size(0.26, 1.5)
    .colors(BRIGHT)
    .top(0.0, -0.86, 0.9),
    Thing::new(
        "lamp",
        &["lamp", "table lamp"],
        &[f("лампа"), m("светильник"), f("лампочка").gpl("лампочек")],
        Art::Own(lamp),
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
        Art::Own(umbrella),
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
        Art::Own(balloon),
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
        Art::Own(ball),
    )
    .size(0.3, 1.0)
    .colors(BRIGHT)
    .top(0.0, -0.97, 0.3),
    Thing::new(
        "gift",
        &["gift", "present", "gift box/gift boxes"],
        &[m("подарок").stem("подарк"), m("подарочек").stem("подарочк")],
        Art::Own(gift),
    )
    .size(0.38, 0.92)
    .colors(BRIGHT)
    .top(0.0, -0.76, 0.5),
    Thing::new(
        "box",
        &["box/boxes", "cardboard box/cardboard boxes"],
        &[f("коробка").gpl("коробок"), m("ящик")],
        Art::Own(cardboard),
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
        Art::Own(chair),
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
        Art::Own(table),
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
        Art::Own(key),
    )
    .size(0.34, 0.56)
    .colors(&[Paint::new(Color::Yellow)])
    .top(0.0, -0.97, 0.3),
];

fn book(ink: &mut Ink<'_>, look: &mut Look) {
    let color = look.color;
    let cover = soft_poly(
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
    ink.rim(&[&cover]);
    ink.shape(&cover, color);
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
        ink.shape(&page, Fill::Down(CREAM.lighter(0.4), CREAM));
        if ink.fine(0.05) {
            for y in [-0.74, -0.6, -0.46, -0.32] {
                ink.pen(
                    &curve(&[(s * 0.12, y), (s * 0.32, y - 0.045), (s * 0.55, y)]),
                    hex(0xB8_A8_A0),
                );
            }
        }
    }
    ink.pen(&line(&[(0.0, -0.86), (0.0, -0.14)]), hex(0x9A_86_7E));
    ink.fill(
        &rect(0.18, -0.2, 0.09, 0.26),
        Fill::Flat(color.darker(0.25)),
    );
}

fn lamp(ink: &mut Ink<'_>, look: &mut Look) {
    let color = look.color;
    let glowing = color.lighter(if color.luma() < 0.3 { 0.08 } else { 0.35 });
    ink.unlit(|ink| {
        ink.glow(
            0.0,
            -0.5,
            0.34,
            0.3,
            hex(0xFF_EC_A0),
            if ink.is_dark() { 0.85 } else { 0.4 },
        );
    });
    let base = hex(0x8A_62_50);
    ink.shape(&round(-0.03, -0.52, 0.06, 0.48, 0.02), Fill::Soft(base));
    ink.shape(
        &ellipse(0.0, -0.2, 0.075, 0.1),
        Fill::Soft(base.lighter(0.2)),
    );
    ink.shape(&ellipse(0.0, -0.045, 0.19, 0.045), Fill::Soft(base));
    ink.fill(&circle(0.0, -0.47, 0.06), Fill::Flat(hex(0xFF_F6_CE)));
    let shade = soft_poly(
        &[(-0.17, -0.96), (0.17, -0.96), (0.34, -0.48), (-0.34, -0.48)],
        0.045,
    );
    ink.rim(&[&shade]);
    ink.unlit(|ink| ink.shape(&shade, Fill::Down(color, glowing)));
    ink.line(
        &curve(&[(-0.31, -0.53), (0.0, -0.525), (0.31, -0.53)]),
        color.darker(0.28),
        0.026,
    );
    ink.line(&curve(&[(0.2, -0.48), (0.2, -0.38)]), base, 0.012);
    ink.fill(&circle(0.2, -0.37, 0.022), Fill::Flat(color.darker(0.2)));
}

fn umbrella(ink: &mut Ink<'_>, look: &mut Look) {
    accessory::umbrella(ink, (0.0, -0.58), 1.08, (0.0, -0.06), look.color);
}

fn balloon(ink: &mut Ink<'_>, look: &mut Look) {
    let sway = look.rng.range(-0.06, 0.06);
    ink.line(
        &curve(&[(0.0, -0.42), (sway, -0.28), (-sway, -0.14), (0.0, 0.0)]),
        hex(0x8A_7A_82),
        0.014,
    );
    accessory::balloon(ink, 0.0, -0.44, 0.5, look.color);
    Face::small(0.0, -0.72, 0.085, look.color).draw(ink, look);
}

fn ball(ink: &mut Ink<'_>, look: &mut Look) {
    let color = look.color;
    let pale = if color.luma() > 0.88 {
        hex(0xF2_8A_7A)
    } else {
        WHITE
    };
    let body = circle(0.0, -0.49, 0.48);
    ink.rim(&[&body]);
    ink.shape(&body, color);
    let turned = look.rng.range(-30.0, 30.0);
    ink.at((0.0, -0.49), 1.0, turned, false, |ink| {
        for s in [-1.0, 1.0] {
            let wedge = blob(&[
                (s * 0.02, -0.08),
                (s * 0.2, -0.32),
                (s * 0.3, -0.36),
                (s * 0.44, -0.18),
                (s * 0.47, 0.0),
                (s * 0.28, -0.04),
            ]);
            ink.fill(&wedge, Fill::Flat(pale));
        }
        ink.fill(
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
        ink.fill(&circle(0.0, -0.02, 0.09), Fill::Flat(color.darker(0.12)));
    });
    ink.stroke(&arc(0.0, -0.49, 0.38, 0.38, 195.0, 245.0), WHITE, 0.05, 0.6);
}

fn gift(ink: &mut Ink<'_>, look: &mut Look) {
    let color = look.color;
    let ribbon = if look.natural {
        hex(0xFF_E0_7A)
    } else {
        color.lighter(0.66)
    };
    let body = round(-0.4, -0.6, 0.8, 0.6, 0.04);
    let lid = round(-0.45, -0.76, 0.9, 0.2, 0.04);
    ink.rim(&[&body, &lid]);
    ink.shape(&body, color);
    ink.fill(&rect(-0.075, -0.6, 0.15, 0.6), Fill::Flat(ribbon));
    ink.shape(&lid, Fill::Soft(color.lighter(0.08)));
    ink.fill(&rect(-0.075, -0.76, 0.15, 0.2), Fill::Flat(ribbon));
    for s in [-1.0, 1.0] {
        let bow = blob(&[
            (0.0, -0.77),
            (s * 0.1, -0.93),
            (s * 0.26, -0.97),
            (s * 0.28, -0.84),
            (s * 0.14, -0.77),
        ]);
        ink.shape(&bow, Fill::Soft(ribbon));
    }
    ink.shape(&circle(0.0, -0.79, 0.055), Fill::Soft(ribbon));
}

fn cardboard(ink: &mut Ink<'_>, look: &mut Look) {
    let color = look.color;
    for s in [-1.0, 1.0] {
        let flap = soft_poly(
            &[
                (s * 0.45, -0.7),
                (s * 0.1, -0.72),
                (s * 0.2, -0.94),
                (s * 0.58, -0.92),
            ],
            0.02,
        );
        ink.shape(&flap, Fill::Soft(color.lighter(0.16)));
    }
    let body = round(-0.46, -0.7, 0.92, 0.7, 0.03);
    ink.rim(&[&body]);
    ink.shape(&body, color);
    ink.fill(&rect(-0.1, -0.7, 0.2, 0.22), Fill::Flat(color.lighter(0.4)));
    for s in [-1.0, 1.0] {
        let flap = soft_poly(
            &[
                (s * 0.46, -0.7),
                (s * 0.62, -0.5),
                (s * 0.52, -0.42),
                (s * 0.46, -0.56),
            ],
            0.02,
        );
        ink.shape(&flap, Fill::Soft(color.darker(0.12)));
    }
    ink.stroke(
        &crate::draw::shape::heart(0.22, -0.22, 0.18),
        color.darker(0.4),
        0.024,
        0.8,
    );
}

fn chair(ink: &mut Ink<'_>, look: &mut Look) {
    let color = look.color;
    let dark = color.darker(0.22);
    for x in [-0.19, 0.19] {
        ink.shape(&round(x - 0.035, -0.96, 0.07, 0.52, 0.03), Fill::Soft(dark));
    }
    ink.shape(&round(-0.2, -0.95, 0.4, 0.13, 0.05), color);
    ink.shape(&round(-0.2, -0.74, 0.4, 0.1, 0.04), color);
    for x in [-0.22, 0.22] {
        ink.shape(
            &round(x - 0.035, -0.44, 0.07, 0.44, 0.025),
            Fill::Soft(dark),
        );
    }
    ink.shape(&round(-0.28, -0.51, 0.56, 0.11, 0.045), color);
}

fn table(ink: &mut Ink<'_>, look: &mut Look) {
    let color = look.color;
    for x in [-0.52, 0.52] {
        ink.shape(
            &soft_poly(
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
    ink.shape(
        &round(-0.62, -0.86, 1.24, 0.13, 0.03),
        Fill::Soft(color.darker(0.14)),
    );
    let slab = round(-0.73, -0.99, 1.46, 0.15, 0.06);
    ink.rim(&[&slab]);
    ink.shape(&slab, color);
}

fn key(ink: &mut Ink<'_>, look: &mut Look) {
    let color = look.color;
    let shaft = rect(-0.05, -0.6, 0.1, 0.58);
    let teeth = [
        round(0.02, -0.2, 0.2, 0.08, 0.02),
        round(0.02, -0.07, 0.15, 0.07, 0.02),
    ];
    let ring = circle(0.0, -0.75, 0.22);
    let [first, second] = teeth;
    ink.rim(&[&shaft, &ring]);
    ink.body(&[
        (shaft, color.into()),
        (first, color.into()),
        (second, color.into()),
        (ring, color.into()),
    ]);
    ink.shape(
        &crate::draw::shape::heart(0.0, -0.75, 0.2),
        Fill::Flat(color.darker(0.55)),
    );
    ink.stroke(&arc(0.0, -0.75, 0.17, 0.17, 190.0, 250.0), WHITE, 0.03, 0.7);
}
