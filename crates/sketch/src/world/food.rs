//! Food and drink.

use super::face::Face;
use super::look::Look;
use super::thing::{Art, Thing};
use crate::grammar::russian::{f, m, n};
use crate::scene::{Color, Paint, Shade};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{
    arc, blob, circle, curve, ellipse, polyline, rect, rotated_ellipse, rounded_poly, rounded_rect,
};

const CUPS: &[Paint] = &[
    Paint::new(Color::Red),
    Paint::new(Color::Blue),
    Paint::new(Color::Turquoise),
    Paint::new(Color::Purple),
];
const CREAM: Rgb = hex(0xFF_F2_DC);

pub(crate) static THINGS: &[Thing] = &[
    Thing::new(
        "cake",
        &["cake", "birthday cake", "pie"],
        &[m("торт"), m("пирог"), m("тортик")],
        Art::Custom(cake),
    )
    .size(0.42, 1.0)
    .colors(&[
        Paint::new(Color::Pink),
        Paint::shaded(Color::Brown, Shade::Light),
        Paint::shaded(Color::Yellow, Shade::Light),
    ])
    .eyes(0.0, -0.3, 0.32)
    .top(0.0, -0.66, 0.6),
    Thing::new(
        "ice_cream",
        &["ice cream/ice creams", "ice-cream/ice-creams"],
        &[m("рожок").stem("рожк")],
        Art::Custom(ice_cream),
    )
    .size(0.44, 0.54)
    .colors(&[
        Paint::new(Color::Pink),
        Paint::shaded(Color::Turquoise, Shade::Light),
        Paint::shaded(Color::Yellow, Shade::Light),
    ])
    .parse_only(&[
        "мороженое",
        "мороженого",
        "мороженым",
        "мороженом",
        "мороженому",
    ])
    .head(0.0, -0.92, 0.28)
    .eyes(0.0, -0.68, 0.24)
    .top(0.0, -0.93, 0.2),
    Thing::new(
        "apple",
        &["apple"],
        &[
            n("яблоко").pl("яблоки"),
            n("яблочко").pl("яблочки").gpl("яблочек"),
        ],
        Art::Custom(apple),
    )
    .size(0.32, 0.92)
    .colors(&[
        Paint::new(Color::Red),
        Paint::shaded(Color::Green, Shade::Light),
        Paint::new(Color::Yellow),
    ])
    .eyes(0.0, -0.42, 0.4)
    .top(0.0, -0.76, 0.4),
    Thing::new("pumpkin", &["pumpkin"], &[f("тыква")], Art::Custom(pumpkin))
        .size(0.38, 1.16)
        .colors(&[Paint::new(Color::Orange)])
        .head(0.0, -0.82, 0.4)
        .eyes(0.0, -0.45, 0.44)
        .top(0.0, -0.82, 0.5),
    Thing::new(
        "cup",
        &["cup", "mug", "teacup"],
        &[f("чашка").gpl("чашек"), f("кружка").gpl("кружек")],
        Art::Custom(cup),
    )
    .size(0.34, 1.1)
    .colors(CUPS)
    .eyes(-0.06, -0.38, 0.4)
    .top(-0.06, -0.78, 0.5)
    .inside(-0.06, -0.42, 0.52, 0.8, true),
];

fn cake(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    canvas.shape(
        &ellipse(0.0, -0.045, 0.49, 0.045),
        Fill::Soft(hex(0xE4_E8_F2)),
    );
    let body = rounded_rect(-0.4, -0.56, 0.8, 0.5, 0.07);
    let upper = rounded_rect(-0.25, -0.74, 0.5, 0.22, 0.06);
    canvas.rim(&[&body, &upper]);
    for (x, tone) in [
        (-0.13, hex(0x6A_B4_F2)),
        (0.0, hex(0xFB_C8_3A)),
        (0.13, hex(0x6A_CE_9A)),
    ] {
        canvas.shape(&rect(x - 0.02, -0.88, 0.04, 0.16), Fill::Flat(tone));
        canvas.unlit(|canvas| {
            canvas.glow(x, -0.925, 0.09, 0.09, hex(0xFF_E0_80), 0.5);
            canvas.fill(&ellipse(x, -0.93, 0.026, 0.05), Fill::Flat(hex(0xFF_A8_2E)));
            canvas.fill(
                &ellipse(x, -0.918, 0.013, 0.026),
                Fill::Flat(hex(0xFF_F0_A8)),
            );
        });
    }
    canvas.shape(&upper, Fill::Soft(color.lighter(0.18)));
    canvas.shape(&body, color);
    let icing = if color.luma() > 0.85 {
        hex(0xF8_A8_BE)
    } else {
        CREAM
    };
    let drip = blob(&[
        (-0.41, -0.52),
        (-0.38, -0.585),
        (0.0, -0.6),
        (0.38, -0.585),
        (0.41, -0.52),
        (0.36, -0.4),
        (0.28, -0.48),
        (0.19, -0.43),
        (0.1, -0.49),
        (0.0, -0.42),
        (-0.1, -0.49),
        (-0.19, -0.42),
        (-0.28, -0.48),
        (-0.36, -0.39),
    ]);
    canvas.shape(&drip, Fill::Flat(icing));
    if canvas.shows_detail(0.04) {
        for (i, (x, y)) in [
            (-0.2, -0.65),
            (-0.1, -0.68),
            (0.02, -0.64),
            (0.11, -0.68),
            (0.2, -0.65),
        ]
        .into_iter()
        .enumerate()
        {
            let tone = [hex(0xF2_54_6A), hex(0xFB_CB_3A), hex(0x6A_B4_F2)][i % 3];
            canvas.fill(
                &rotated_ellipse(x, y, 0.024, 0.009, 40.0 * i as f32),
                Fill::Flat(tone),
            );
        }
    }
    Face::small(0.0, -0.28, 0.1, color).draw(canvas, look);
}

fn ice_cream(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let waffle = hex(0xE8_AE_62);
    let cone = rounded_poly(&[(-0.17, -0.5), (0.17, -0.5), (0.0, 0.0)], 0.03);
    canvas.rim(&[&cone]);
    canvas.shape(&cone, Fill::Soft(waffle));
    if canvas.shows_detail(0.08) {
        for (a, b) in [
            ((-0.14, -0.46), (0.04, -0.1)),
            ((-0.03, -0.48), (0.09, -0.25)),
            ((0.14, -0.46), (-0.04, -0.1)),
            ((0.03, -0.48), (-0.09, -0.25)),
        ] {
            canvas.pen(&polyline(&[a, b]), waffle.darker(0.45));
        }
    }
    let scoop = blob(&[
        (0.0, -0.95),
        (0.17, -0.88),
        (0.24, -0.7),
        (0.23, -0.55),
        (0.16, -0.47),
        (0.08, -0.5),
        (0.0, -0.45),
        (-0.09, -0.5),
        (-0.16, -0.47),
        (-0.23, -0.55),
        (-0.24, -0.7),
        (-0.17, -0.88),
    ]);
    canvas.rim(&[&scoop]);
    canvas.shape(&scoop, color);
    canvas.shape(&circle(0.06, -0.95, 0.05), Fill::Soft(hex(0xE2_3E_48)));
    canvas.stroke(
        &arc(0.0, -0.72, 0.17, 0.17, 190.0, 240.0),
        WHITE,
        0.026,
        0.75,
    );
    Face::small(0.0, -0.68, 0.078, color).draw(canvas, look);
}

fn apple(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    canvas.line(
        &curve(&[(0.0, -0.74), (0.015, -0.86), (0.06, -0.95)]),
        hex(0x7A_50_36),
        0.05,
    );
    canvas.shape(
        &blob(&[(0.04, -0.82), (0.14, -0.95), (0.32, -0.95), (0.24, -0.83)]),
        Fill::Soft(hex(0x64_B0_4E)),
    );
    let body = blob(&[
        (0.0, -0.74),
        (0.2, -0.81),
        (0.41, -0.68),
        (0.455, -0.42),
        (0.33, -0.12),
        (0.14, -0.01),
        (0.0, -0.04),
        (-0.14, -0.01),
        (-0.33, -0.12),
        (-0.455, -0.42),
        (-0.41, -0.68),
        (-0.2, -0.81),
    ]);
    canvas.rim(&[&body]);
    canvas.shape(&body, color);
    canvas.fill(
        &rotated_ellipse(-0.25, -0.62, 0.055, 0.11, 32.0),
        Fill::Translucent(WHITE, 0.6),
    );
    canvas.stroke(
        &arc(0.0, -0.79, 0.09, 0.06, 30.0, 150.0),
        color.outline(),
        0.024,
        0.8,
    );
    Face::small(0.0, -0.4, 0.13, color).draw(canvas, look);
}

fn pumpkin(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    canvas.shape(
        &blob(&[
            (-0.05, -0.78),
            (-0.03, -0.9),
            (0.06, -0.97),
            (0.12, -0.92),
            (0.06, -0.86),
            (0.06, -0.78),
        ]),
        Fill::Soft(hex(0x5E_8A_42)),
    );
    let lobes = [
        (-0.38, 0.19),
        (0.38, 0.19),
        (-0.2, 0.24),
        (0.2, 0.24),
        (0.0, 0.2),
    ]
    .map(|(x, rx): (f32, f32)| ellipse(x, -0.41, rx, 0.41 - x.abs() * 0.14));
    canvas.rim(&[&lobes[0], &lobes[1], &lobes[2], &lobes[3]]);
    let parts = lobes.map(|lobe| (lobe, Fill::Soft(color)));
    canvas.body(&parts);
    for (x, w) in [(-0.26, 0.12), (0.26, 0.12), (-0.42, 0.1), (0.42, 0.1)] {
        let s = if x > 0.0 { 1.0 } else { -1.0 };
        canvas.stroke(
            &curve(&[
                (x - s * 0.05, -0.74),
                (x + s * w * 0.3, -0.42),
                (x - s * 0.05, -0.08),
            ]),
            color.darker(0.4),
            0.02,
            0.55,
        );
    }
    Face::small(0.0, -0.44, 0.14, color).draw(canvas, look);
}

fn cup(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let handle = arc(0.3, -0.44, 0.17, 0.17, -95.0, 95.0);
    let outline = canvas.outline_width();
    canvas.line(&handle, color.outline(), 0.085 + 2.0 * outline);
    canvas.line(&handle, color.darker(0.1), 0.085);
    let body = blob(&[
        (-0.45, -0.76),
        (-0.06, -0.74),
        (0.33, -0.76),
        (0.31, -0.3),
        (0.2, -0.05),
        (-0.06, -0.0),
        (-0.32, -0.05),
        (-0.43, -0.3),
    ]);
    canvas.rim(&[&body]);
    canvas.shape(&body, color);
    canvas.shape(
        &ellipse(-0.06, -0.76, 0.39, 0.09),
        Fill::Flat(color.lighter(0.45)),
    );
    canvas.fill(
        &ellipse(-0.06, -0.745, 0.33, 0.06),
        Fill::Flat(hex(0x8A_56_3A)),
    );
    canvas.stroke(
        &curve(&[(-0.37, -0.62), (-0.36, -0.4), (-0.31, -0.22)]),
        WHITE,
        0.035,
        0.5,
    );
    Face::small(-0.06, -0.4, 0.12, color).draw(canvas, look);
    for x in [-0.18, 0.04] {
        canvas.stroke(
            &curve(&[
                (x, -0.83),
                (x + 0.04, -0.88),
                (x - 0.01, -0.93),
                (x + 0.03, -0.98),
            ]),
            WHITE,
            0.026,
            0.65,
        );
    }
}
