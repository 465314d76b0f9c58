//! Plants and mountains.

use super::face::Face;
use super::look::Look;
use super::thing::{Art, Thing};
use crate::grammar::russian::{f, m, n};
use crate::scene::{Color, Paint, Shade};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{
    arc, blob, circle, curve, ellipse, polyline, rotated_ellipse, rounded_poly, rounded_rect,
    sin_cos,
};

const TRUNK: Rgb = hex(0x8E_5E_40);
const LEAF: Rgb = hex(0x5E_AA_50);

pub(crate) static THINGS: &[Thing] = &[
    Thing::new(
        "tree",
        &["tree", "oak"],
        &[
            n("дерево").pl("деревья").gpl("деревьев"),
            m("дуб"),
            n("деревце").gpl("деревец"),
        ],
        Art::Custom(tree),
    )
    .size(0.8, 0.8)
    .colors(&[Paint::new(Color::Green)])
    .top(0.0, -0.93, 0.3)
    .inside(0.0, -0.5, 0.34, 0.3, false)
    .under(0.0, -0.36, 0.6),
    Thing::new(
        "fir",
        &[
            "fir tree",
            "fir",
            "pine",
            "pine tree",
            "spruce",
            "christmas tree",
        ],
        &[
            f("ёлка").gpl("ёлок"),
            f("ель"),
            f("сосна").pl("сосны").gpl("сосен"),
            f("ёлочка").gpl("ёлочек"),
        ],
        Art::Custom(fir),
    )
    .size(0.8, 0.62)
    .colors(&[Paint::shaded(Color::Green, Shade::Dark)])
    .top(0.0, -0.95, 0.16)
    .inside(0.0, -0.35, 0.24, 0.24, false)
    .under(0.0, -0.15, 0.5),
    Thing::new(
        "palm",
        &["palm", "palm tree"],
        &[f("пальма")],
        Art::Custom(palm),
    )
    .size(0.8, 0.78)
    .colors(&[Paint::new(Color::Green)])
    .top(0.03, -0.86, 0.2)
    .under(0.0, -0.5, 0.6),
    Thing::new(
        "flower",
        &["flower", "daisy/daisies", "tulip", "rose", "blossom"],
        &[
            m("цветок").stem("цветк").pl("цветы").gpl("цветов"),
            f("ромашка").gpl("ромашек"),
            m("тюльпан"),
            f("роза"),
            m("цветочек").stem("цветочк"),
        ],
        Art::Custom(flower),
    )
    .size(0.42, 0.6)
    .colors(&[
        Paint::new(Color::Pink),
        Paint::new(Color::Red),
        Paint::new(Color::Purple),
        Paint::new(Color::Yellow),
        Paint::new(Color::White),
    ])
    .eyes(0.0, -0.735, 0.17)
    .top(0.0, -0.9, 0.4),
    Thing::new(
        "mushroom",
        &["mushroom", "toadstool"],
        &[
            m("гриб").pl("грибы"),
            m("мухомор"),
            m("грибок").stem("грибк"),
            m("грибочек").stem("грибочк"),
        ],
        Art::Custom(mushroom),
    )
    .size(0.4, 0.94)
    .colors(&[
        Paint::new(Color::Red),
        Paint::new(Color::Brown),
        Paint::new(Color::Orange),
    ])
    .head(0.0, -0.9, 0.4)
    .eyes(0.0, -0.27, 0.26)
    .top(0.0, -0.93, 0.4)
    .under(0.0, -0.46, 0.8),
    Thing::new(
        "cactus",
        &["cactus/cacti", "cactuses/cactuses"],
        &[m("кактус")],
        Art::Custom(cactus),
    )
    .size(0.52, 0.66)
    .colors(&[Paint::new(Color::Green)])
    .head(0.0, -0.94, 0.3)
    .eyes(0.0, -0.6, 0.2)
    .top(0.0, -0.95, 0.24),
    Thing::new(
        "mountain",
        &["mountain", "hill", "volcano/volcanoes"],
        &[
            f("гора").pl("горы"),
            f("скала").pl("скалы"),
            m("вулкан"),
            m("холм"),
        ],
        Art::Custom(mountain),
    )
    .size(0.76, 1.4)
    .colors(&[
        Paint::new(Color::Grey),
        Paint::shaded(Color::Blue, Shade::Light),
        Paint::shaded(Color::Purple, Shade::Light),
    ])
    .top(0.05, -0.95, 0.2),
];

fn tree(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let trunk = blob(&[
        (-0.06, -0.5),
        (0.06, -0.5),
        (0.065, -0.16),
        (0.12, -0.0),
        (0.0, -0.015),
        (-0.12, 0.0),
        (-0.065, -0.16),
    ]);
    let wobble = |rng: &mut crate::rng::Rng| rng.range(-0.02, 0.02);
    let base = [
        (-0.22, -0.52, 0.17),
        (0.22, -0.52, 0.17),
        (-0.2, -0.72, 0.17),
        (0.2, -0.72, 0.17),
        (0.0, -0.8, 0.18),
        (0.0, -0.58, 0.23),
    ];
    let puffs: Vec<_> = base
        .iter()
        .map(|&(x, y, r)| circle(x + wobble(&mut look.rng), y + wobble(&mut look.rng), r))
        .collect();
    canvas.rim(&puffs.iter().chain([&trunk]).collect::<Vec<_>>());
    canvas.shape(&trunk, Fill::Soft(TRUNK));
    if canvas.shows_detail(0.06) {
        canvas.pen(
            &curve(&[(0.0, -0.3), (0.015, -0.22), (-0.005, -0.14)]),
            TRUNK.outline(),
        );
    }
    let crown: Vec<_> = puffs
        .into_iter()
        .map(|p| (p, Fill::Flat(color.darker(0.06))))
        .collect();
    canvas.body(&crown);
    for (x, y, r) in [
        (-0.16, -0.74, 0.12),
        (0.06, -0.82, 0.12),
        (-0.03, -0.66, 0.13),
        (0.2, -0.66, 0.09),
    ] {
        canvas.fill(
            &circle(x, y, r),
            Fill::Translucent(color.lighter(0.35), 0.5),
        );
    }
    if canvas.shows_detail(0.05) {
        for (x, y) in [
            (-0.22, -0.56),
            (0.03, -0.52),
            (0.23, -0.55),
            (-0.1, -0.76),
            (0.1, -0.72),
        ] {
            canvas.pen(&arc(x, y, 0.045, 0.04, 20.0, 160.0), color.darker(0.42));
        }
    }
    if look.natural && look.rng.chance(0.45) {
        for (x, y) in [
            (-0.24, -0.5),
            (0.05, -0.62),
            (0.25, -0.6),
            (-0.12, -0.78),
            (0.12, -0.46),
        ] {
            canvas.shape(&circle(x, y, 0.04), Fill::Soft(hex(0xE6_48_3E)));
        }
    }
}

fn fir(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let trunk = rounded_rect(-0.05, -0.18, 0.1, 0.18, 0.02);
    let tiers = [
        (-0.13, 0.3, -0.5),
        (-0.36, 0.245, -0.7),
        (-0.58, 0.185, -0.95),
    ]
    .map(|(y, w, top): (f32, f32, f32)| {
        rounded_poly(
            &[
                (0.0, top),
                (w, y),
                (w * 0.42, y - 0.03),
                (0.0, y + 0.015),
                (-w * 0.42, y - 0.03),
                (-w, y),
            ],
            0.045,
        )
    });
    canvas.rim(&[&tiers[0], &tiers[1], &tiers[2]]);
    canvas.shape(&trunk, Fill::Soft(TRUNK));
    for tier in &tiers {
        canvas.shape(
            tier,
            Fill::Gradient(color.lighter(0.16), color.darker(0.12)),
        );
    }
    if look.natural && look.rng.chance(0.35) {
        for (i, (x, y)) in [
            (-0.12, -0.22),
            (0.1, -0.25),
            (-0.02, -0.4),
            (0.11, -0.46),
            (-0.08, -0.6),
            (0.05, -0.68),
        ]
        .into_iter()
        .enumerate()
        {
            let tone = [hex(0xF2_54_4A), hex(0xFB_CB_3A), hex(0x6A_B4_F2)][i % 3];
            canvas.fill(&circle(x, y, 0.03), Fill::Flat(tone));
        }
        canvas.shape(
            &crate::vector::shape::star(0.0, -0.93, 0.07, 0.032, 5, 0.008),
            Fill::Flat(hex(0xFF_D6_4A)),
        );
    }
}

fn palm(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let trunk = blob(&[
        (-0.1, 0.0),
        (-0.09, -0.2),
        (-0.03, -0.45),
        (0.0, -0.72),
        (0.07, -0.72),
        (0.05, -0.45),
        (0.0, -0.2),
        (0.03, 0.0),
    ]);
    canvas.rim(&[&trunk]);
    canvas.shape(&trunk, Fill::Soft(hex(0xB0_7E_52)));
    if canvas.shows_detail(0.06) {
        for y in [-0.12, -0.24, -0.36, -0.48, -0.6] {
            let x = -0.045 + (-y) * 0.11;
            canvas.pen(&arc(x, y - 0.03, 0.05, 0.03, 20.0, 160.0), hex(0x80_56_3A));
        }
    }
    for (i, (dx, dy, sag)) in [
        (-0.39, 0.02, 0.1),
        (0.36, 0.02, 0.1),
        (-0.3, -0.2, 0.02),
        (0.29, -0.2, 0.02),
        (-0.28, 0.24, 0.02),
        (0.28, 0.24, 0.02),
        (0.02, -0.26, 0.0),
    ]
    .into_iter()
    .enumerate()
    {
        let (x, y) = (0.035, -0.72);
        let mid = (x + dx * 0.55, y + dy * 0.4 - 0.1);
        let leaf = blob(&[
            (x, y),
            (mid.0, mid.1 - 0.045),
            (x + dx, y + dy + sag),
            (mid.0, mid.1 + 0.055),
        ]);
        canvas.shape(
            &leaf,
            Fill::Soft(if i % 2 == 0 {
                color
            } else {
                color.darker(0.12)
            }),
        );
    }
    for (x, y) in [(0.0, -0.68), (0.075, -0.67)] {
        canvas.shape(&circle(x, y, 0.038), Fill::Soft(hex(0x7A_50_36)));
    }
}

fn flower(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let sway = look.rng.range(-0.02, 0.02);
    let stem = curve(&[(0.0, 0.0), (sway, -0.3), (0.0, -0.6)]);
    let outline = canvas.outline_width();
    canvas.line(&stem, LEAF.outline(), 0.035 + 2.0 * outline);
    canvas.line(&stem, LEAF, 0.035);
    for side in [-1.0, 1.0] {
        let leaf = blob(&[
            (0.0, -0.08),
            (side * 0.11, -0.25),
            (side * 0.21, -0.28),
            (side * 0.16, -0.13),
        ]);
        canvas.shape(&leaf, Fill::Soft(LEAF));
    }
    let petals = 7u8;
    let turned = look.rng.range(0.0, 50.0);
    let parts: Vec<_> = (0..petals)
        .map(|i| {
            let angle = turned + 360.0 * f32::from(i) / f32::from(petals);
            let (sin, cos) = sin_cos(angle);
            rotated_ellipse(cos * 0.165, -0.735 + sin * 0.165, 0.105, 0.082, angle)
        })
        .collect();
    canvas.rim(&parts.iter().collect::<Vec<_>>());
    for petal in &parts {
        canvas.shape(petal, color);
    }
    let heart = if color.luma() > 0.62 && look.color.r > 0.9 && look.color.b < 0.5 {
        hex(0xC8_7A_34)
    } else {
        hex(0xFF_D0_4E)
    };
    canvas.shape(&circle(0.0, -0.735, 0.125), Fill::Soft(heart));
    Face::small(0.0, -0.75, 0.052, heart).draw(canvas, look);
}

fn mushroom(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let cream = hex(0xFA_EC_D2);
    let stalk = blob(&[
        (-0.15, -0.52),
        (0.15, -0.52),
        (0.18, -0.26),
        (0.22, -0.06),
        (0.0, -0.005),
        (-0.22, -0.06),
        (-0.18, -0.26),
    ]);
    let cap = blob(&[
        (0.0, -0.96),
        (0.25, -0.88),
        (0.43, -0.68),
        (0.465, -0.5),
        (0.3, -0.43),
        (0.0, -0.415),
        (-0.3, -0.43),
        (-0.465, -0.5),
        (-0.43, -0.68),
        (-0.25, -0.88),
    ]);
    canvas.rim(&[&stalk, &cap]);
    canvas.shape(&stalk, Fill::Soft(cream));
    canvas.shape(&cap, color);
    canvas.fill(
        &ellipse(0.0, -0.45, 0.36, 0.034),
        Fill::Translucent(color.darker(0.6), 0.5),
    );
    let dot = if color.luma() > 0.85 {
        hex(0xE8_BC_9A)
    } else {
        WHITE
    };
    for (x, y, rx, ry) in [
        (-0.02, -0.76, 0.1, 0.085),
        (-0.27, -0.67, 0.06, 0.065),
        (0.26, -0.69, 0.07, 0.07),
        (0.13, -0.57, 0.05, 0.04),
        (-0.15, -0.55, 0.045, 0.035),
        (0.37, -0.55, 0.035, 0.035),
    ] {
        canvas.fill(&ellipse(x, y, rx, ry), Fill::Flat(dot));
    }
    Face::small(0.0, -0.27, 0.08, cream).draw(canvas, look);
}

fn cactus(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let body = rounded_rect(-0.135, -0.95, 0.27, 0.98, 0.135);
    canvas.rim(&[&body]);
    for side in [-1.0, 1.0] {
        let y = if side > 0.0 { -0.42 } else { -0.34 };
        let arm = curve(&[
            (side * 0.1, y),
            (side * 0.2, y),
            (side * 0.255, y - 0.07),
            (side * 0.26, y - 0.24),
        ]);
        let outline = canvas.outline_width();
        canvas.line(&arm, color.outline(), 0.115 + 2.0 * outline);
        canvas.line(&arm, color.darker(0.05), 0.115);
    }
    canvas.shape(&rounded_rect(-0.135, -0.95, 0.27, 0.95, 0.13), color);
    if canvas.shows_detail(0.05) {
        for x in [-0.07, 0.0, 0.07] {
            canvas.stroke(
                &polyline(&[(x, -0.86), (x, -0.74)]),
                color.darker(0.4),
                0.012,
                0.7,
            );
            canvas.stroke(
                &polyline(&[(x, -0.38), (x, -0.06)]),
                color.darker(0.4),
                0.012,
                0.7,
            );
        }
    }
    let bloom = if look.natural {
        hex(0xF4_7A_A4)
    } else {
        color.lighter(0.6)
    };
    for (x, y) in [(-0.04, -0.955), (0.04, -0.955), (0.0, -0.975)] {
        canvas.fill(&circle(x, y, 0.042), Fill::Flat(bloom));
    }
    Face::small(0.0, -0.6, 0.064, color).draw(canvas, look);
}

fn mountain(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let snow = if color.luma() > 0.88 {
        hex(0xDC_EA_F8)
    } else {
        WHITE
    };
    let side = rounded_poly(&[(0.28, -0.62), (0.7, 0.0), (-0.05, 0.0)], 0.06);
    canvas.rim(&[&side]);
    canvas.shape(
        &side,
        Fill::Gradient(color.lighter(0.12), color.darker(0.1)),
    );
    let main = rounded_poly(&[(-0.05, -0.98), (0.48, 0.0), (-0.7, 0.0)], 0.07);
    canvas.rim(&[&main]);
    canvas.shape(
        &main,
        Fill::Gradient(color.lighter(0.1), color.darker(0.16)),
    );
    let shade = rounded_poly(
        &[
            (-0.045, -0.93),
            (0.46, 0.0),
            (0.02, 0.0),
            (0.09, -0.3),
            (-0.03, -0.55),
        ],
        0.02,
    );
    canvas.fill(&shade, Fill::Translucent(color.darker(0.45), 0.4));
    let cap = blob(&[
        (-0.05, -0.955),
        (0.02, -0.89),
        (0.15, -0.62),
        (0.06, -0.66),
        (0.0, -0.56),
        (-0.08, -0.65),
        (-0.17, -0.56),
        (-0.24, -0.635),
        (-0.12, -0.86),
    ]);
    canvas.fill(&cap, Fill::Flat(snow));
    canvas.fill(
        &blob(&[
            (0.28, -0.585),
            (0.36, -0.46),
            (0.29, -0.48),
            (0.24, -0.42),
            (0.19, -0.48),
        ]),
        Fill::Flat(snow),
    );
}
