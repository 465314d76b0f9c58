//! People, small and round-headed, and two who are made rather than born. A named colour is that
//! of their clothes.

use super::face::{AMBER, Face};
use super::thing::{Art, Look, Thing};
use crate::grammar::russian::{Noun, f, m};
use crate::scene::{Color, Paint, Shade};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{arc, blob, circle, curve, ellipse, round, soft_poly, tilted};

const CLOTHES: &[Paint] = &[
    Paint::new(Color::Red),
    Paint::new(Color::Blue),
    Paint::new(Color::Turquoise),
    Paint::new(Color::Yellow),
    Paint::new(Color::Purple),
    Paint::new(Color::Orange),
];

const SKINS: [Rgb; 4] = [
    hex(0xFC_DC_BE),
    hex(0xF2_C0_94),
    hex(0xC8_8C_5E),
    hex(0x8E_5C_3E),
];
const HAIRS: [Rgb; 5] = [
    hex(0x4A_30_28),
    hex(0x2E_24_2C),
    hex(0xA8_62_30),
    hex(0xE8_B4_50),
    hex(0xC0_4E_2A),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Girl,
    Boy,
    Woman,
    Man,
    Grandma,
    Grandpa,
}

const fn person(
    id: &'static str,
    en: &'static [&'static str],
    ru: &'static [Noun],
    draw: fn(&mut Canvas<'_>, &mut Look),
) -> Thing {
    Thing::new(id, en, ru, Art::Custom(draw))
        .size(0.62, 0.62)
        .colors(CLOTHES)
        .head(0.0, -0.9, 0.48)
        .eyes(0.0, -0.655, 0.36)
        .neck(0.0, -0.455, 0.3)
        .hand(0.265, -0.34)
        .top(0.0, -0.95, 0.4)
}

pub(crate) static THINGS: &[Thing] = &[
    person(
        "girl",
        &["girl", "daughter"],
        &[
            f("девочка").gpl("девочек").alive(),
            f("девчонка").gpl("девчонок").alive(),
        ],
        |i, l| draw(i, l, Who::Girl),
    ),
    person(
        "boy",
        &["boy", "child/children", "kid"],
        &[
            m("мальчик").alive(),
            m("мальчишка").gpl("мальчишек").alive(),
            m("ребёнок").stem("ребёнк").pl("дети").gpl("детей").alive(),
        ],
        |i, l| draw(i, l, Who::Boy),
    ),
    person(
        "woman",
        &["woman/women", "lady", "mother", "mom"],
        &[
            f("женщина").alive(),
            f("мама").alive(),
            f("тётя").gpl("тётей").alive(),
        ],
        |i, l| draw(i, l, Who::Woman),
    )
    .size(0.68, 0.58),
    person(
        "man",
        &["man/men", "person/people", "father", "dad", "guy"],
        &[
            m("мужчина").alive(),
            m("человек").pl("люди").gpl("людей").alive(),
            m("папа").alive(),
            m("дядя").gpl("дядей").alive(),
        ],
        |i, l| draw(i, l, Who::Man),
    )
    .size(0.7, 0.58),
    person(
        "grandma",
        &["grandma", "grandmother", "granny"],
        &[f("бабушка").gpl("бабушек").alive()],
        |i, l| draw(i, l, Who::Grandma),
    ),
    person(
        "grandpa",
        &["grandpa", "grandfather", "old man/old men"],
        &[m("дедушка").gpl("дедушек").alive(), m("дед").alive()],
        |i, l| draw(i, l, Who::Grandpa),
    ),
    Thing::new(
        "robot",
        &["robot"],
        &[m("робот").alive()],
        Art::Custom(robot),
    )
    .size(0.58, 0.74)
    .colors(&[
        Paint::shaded(Color::Grey, Shade::Light),
        Paint::new(Color::Turquoise),
        Paint::shaded(Color::Blue, Shade::Light),
    ])
    .head(0.0, -0.88, 0.44)
    .eyes(0.0, -0.68, 0.36)
    .neck(0.0, -0.48, 0.36)
    .hand(0.36, -0.36)
    .top(0.0, -0.9, 0.4),
    Thing::new(
        "snowman",
        &["snowman/snowmen"],
        &[m("снеговик").alive(), f("баба").with("снежный").alive()],
        Art::Custom(snowman),
    )
    .size(0.6, 0.7)
    .colors(&[Paint::new(Color::White)])
    .head(0.0, -0.93, 0.4)
    .eyes(0.0, -0.77, 0.26)
    .neck(0.0, -0.6, 0.36)
    .hand(0.4, -0.52)
    .top(0.0, -0.95, 0.36),
];

fn draw(canvas: &mut Canvas<'_>, look: &mut Look, who: Who) {
    let old = matches!(who, Who::Grandma | Who::Grandpa);
    let skin = look.rng.pick(&SKINS);
    let hair = if old {
        hex(0xDE_DC_E2)
    } else if skin.luma() < 0.6 {
        look.rng.pick(&HAIRS[..2])
    } else {
        look.rng.pick(&HAIRS)
    };
    let cloth = look.color;
    let skirt = matches!(who, Who::Girl | Who::Woman | Who::Grandma);
    hair_behind(canvas, who, hair);
    legs(canvas, skin, skirt, cloth);
    for side in [-1.0, 1.0] {
        let raised = look.holds && side > 0.0;
        let (arm, hand) = if raised {
            (
                tilted(0.185, -0.36, 0.045, 0.105, 62.0),
                circle(0.265, -0.345, 0.042),
            )
        } else {
            (
                tilted(side * 0.165, -0.32, 0.045, 0.115, side * -24.0),
                circle(side * 0.205, -0.215, 0.04),
            )
        };
        canvas.shape(&hand, Fill::Soft(skin));
        canvas.shape(&arm, Fill::Soft(cloth.darker(0.08)));
    }
    let dress = if skirt {
        blob(&[
            (0.0, -0.475),
            (0.1, -0.45),
            (0.15, -0.28),
            (0.23, -0.125),
            (0.0, -0.1),
            (-0.23, -0.125),
            (-0.15, -0.28),
            (-0.1, -0.45),
        ])
    } else {
        blob(&[
            (0.0, -0.475),
            (0.12, -0.45),
            (0.155, -0.3),
            (0.15, -0.16),
            (0.0, -0.145),
            (-0.15, -0.16),
            (-0.155, -0.3),
            (-0.12, -0.45),
        ])
    };
    canvas.rim(&[&dress]);
    canvas.shape(&dress, cloth);
    details(canvas, who, cloth);
    let head = ellipse(0.0, -0.68, 0.24, 0.225);
    for side in [-1.0, 1.0] {
        canvas.shape(
            &circle(side * 0.235, -0.65, 0.042),
            Fill::Soft(skin.darker(0.06)),
        );
    }
    canvas.rim(&[&head]);
    canvas.shape(&head, skin);
    Face {
        x: 0.0,
        y: -0.655,
        spread: 0.105,
        eye: 0.036,
        skin: if skin.luma() < 0.45 {
            skin.lighter(0.1)
        } else {
            skin
        },
        white: AMBER,
        mouth: Some(0.115),
        cheeks: Some((0.165, 0.07)),
    }
    .draw(canvas, look);
    canvas.fill(
        &ellipse(0.0, -0.6, 0.018, 0.013),
        Fill::Flat(skin.darker(0.25)),
    );
    hair_before(canvas, who, hair);
    if who == Who::Grandpa {
        let beard = blob(&[
            (-0.2, -0.6),
            (-0.12, -0.56),
            (0.0, -0.565),
            (0.12, -0.56),
            (0.2, -0.6),
            (0.19, -0.48),
            (0.1, -0.4),
            (0.0, -0.375),
            (-0.1, -0.4),
            (-0.19, -0.48),
        ]);
        canvas.shape(&beard, Fill::Soft(hair));
        super::face::mouth(canvas, 0.0, -0.525, 0.05, hex(0x8A_3A_42), look.mood);
    }
}

fn legs(canvas: &mut Canvas<'_>, skin: Rgb, skirt: bool, cloth: Rgb) {
    let trousers = cloth.darker(0.62).mix(hex(0x3C_4A_78), 0.4);
    for side in [-1.0, 1.0] {
        let color = if skirt { skin } else { trousers };
        canvas.shape(
            &round(side * 0.075 - 0.045, -0.2, 0.09, 0.17, 0.02),
            Fill::Flat(color),
        );
        canvas.shape(
            &ellipse(side * 0.09, -0.03, 0.075, 0.035),
            Fill::Soft(hex(0x6A_3E_34)),
        );
    }
}

fn details(canvas: &mut Canvas<'_>, who: Who, cloth: Rgb) {
    let pale = cloth.lighter(0.65);
    match who {
        Who::Girl => {
            for x in [-0.05, 0.05] {
                canvas.fill(&ellipse(x, -0.455, 0.05, 0.03), Fill::Flat(pale));
            }
            canvas.line(
                &curve(&[(-0.21, -0.155), (0.0, -0.13), (0.21, -0.155)]),
                pale,
                0.022,
            );
        }
        Who::Boy => {
            for y in [-0.37, -0.27] {
                canvas.line(
                    &curve(&[(-0.135, y), (0.0, y + 0.012), (0.135, y)]),
                    pale,
                    0.034,
                );
            }
        }
        Who::Woman => canvas.line(
            &curve(&[(-0.14, -0.29), (0.0, -0.275), (0.14, -0.29)]),
            cloth.darker(0.45),
            0.03,
        ),
        Who::Man | Who::Grandpa => {
            for y in [-0.38, -0.31, -0.24] {
                canvas.fill(&circle(0.0, y, 0.014), Fill::Flat(pale));
            }
        }
        Who::Grandma => {
            let apron = blob(&[
                (-0.09, -0.33),
                (0.09, -0.33),
                (0.13, -0.16),
                (0.0, -0.135),
                (-0.13, -0.16),
            ]);
            canvas.fill(&apron, Fill::Flat(pale));
        }
    }
}

fn hair_behind(canvas: &mut Canvas<'_>, who: Who, hair: Rgb) {
    match who {
        Who::Girl => {
            for side in [-1.0, 1.0] {
                let tail = blob(&[
                    (side * 0.2, -0.78),
                    (side * 0.3, -0.76),
                    (side * 0.33, -0.6),
                    (side * 0.29, -0.45),
                    (side * 0.24, -0.6),
                ]);
                canvas.rim(&[&tail]);
                canvas.shape(&tail, Fill::Soft(hair));
            }
        }
        Who::Woman => {
            let long = blob(&[
                (0.0, -0.94),
                (0.23, -0.84),
                (0.29, -0.62),
                (0.27, -0.36),
                (0.15, -0.33),
                (0.0, -0.36),
                (-0.15, -0.33),
                (-0.27, -0.36),
                (-0.29, -0.62),
                (-0.23, -0.84),
            ]);
            canvas.rim(&[&long]);
            canvas.shape(&long, Fill::Soft(hair));
        }
        Who::Grandma => canvas.shape(&circle(0.0, -0.92, 0.095), Fill::Soft(hair)),
        _ => {}
    }
}

fn hair_before(canvas: &mut Canvas<'_>, who: Who, hair: Rgb) {
    match who {
        Who::Grandpa => {
            for side in [-1.0, 1.0] {
                canvas.shape(&ellipse(side * 0.225, -0.74, 0.05, 0.08), Fill::Soft(hair));
            }
        }
        Who::Boy | Who::Man => {
            let cap = blob(&[
                (-0.245, -0.67),
                (-0.255, -0.8),
                (-0.16, -0.92),
                (0.0, -0.955),
                (0.16, -0.92),
                (0.255, -0.8),
                (0.245, -0.67),
                (0.2, -0.76),
                (0.1, -0.81),
                (-0.02, -0.79),
                (-0.12, -0.815),
                (-0.2, -0.76),
            ]);
            canvas.shape(&cap, Fill::Soft(hair));
        }
        Who::Girl | Who::Woman | Who::Grandma => {
            let fringe = blob(&[
                (-0.25, -0.62),
                (-0.26, -0.79),
                (-0.16, -0.92),
                (0.0, -0.95),
                (0.16, -0.92),
                (0.26, -0.79),
                (0.25, -0.62),
                (0.19, -0.75),
                (0.02, -0.835),
                (-0.16, -0.76),
            ]);
            canvas.shape(&fringe, Fill::Soft(hair));
            if who == Who::Girl {
                for side in [-1.0, 1.0] {
                    canvas.shape(
                        &circle(side * 0.235, -0.775, 0.03),
                        Fill::Flat(hex(0xF2_6A_8A)),
                    );
                }
            }
        }
    }
}

fn robot(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let dark = color.darker(0.4);
    for side in [-1.0, 1.0] {
        canvas.shape(
            &round(side * 0.12 - 0.055, -0.16, 0.11, 0.13, 0.02),
            Fill::Flat(dark),
        );
        canvas.shape(&round(side * 0.13 - 0.09, -0.07, 0.18, 0.07, 0.03), color);
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
        let edge = canvas.line_width();
        canvas.line(&curve(&points), dark.edge(), 0.06 + 2.0 * edge);
        canvas.line(&curve(&points), dark, 0.06);
        let hand = points[2];
        canvas.shape(
            &circle(hand.0, hand.1, 0.05),
            Fill::Soft(color.lighter(0.2)),
        );
    }
    canvas.line(&curve(&[(0.0, -0.88), (0.0, -0.96)]), dark, 0.026);
    canvas.shape(&circle(0.0, -0.965, 0.035), Fill::Soft(hex(0xF2_54_4A)));
    let body = round(-0.215, -0.48, 0.43, 0.36, 0.07);
    let head = round(-0.28, -0.9, 0.56, 0.42, 0.11);
    canvas.rim(&[&body, &head]);
    canvas.shape(&body, color);
    for side in [-1.0, 1.0] {
        canvas.shape(
            &round(side * 0.3 - 0.03, -0.75, 0.06, 0.13, 0.02),
            Fill::Soft(dark),
        );
    }
    canvas.shape(&head, color);
    canvas.shape(
        &round(-0.22, -0.825, 0.44, 0.27, 0.08),
        Fill::Flat(color.lighter(0.72)),
    );
    canvas.fill(
        &round(-0.14, -0.41, 0.28, 0.2, 0.04),
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

fn snowman(canvas: &mut Canvas<'_>, look: &mut Look) {
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
        canvas.shape(&ball, Fill::Down(color, color.mix(shade, 0.75)));
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
        &soft_poly(&[(0.0, -0.785), (s * 0.15, -0.735), (0.0, -0.725)], 0.015),
        Fill::Soft(hex(0xF8_8A_2E)),
    );
    canvas.stroke(
        &arc(-0.06, -0.8, 0.09, 0.1, 180.0, 250.0),
        WHITE,
        0.014,
        0.8,
    );
}
