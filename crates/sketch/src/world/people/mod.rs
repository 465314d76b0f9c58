//! People, robots and snowmen. A person's colour in the prompt is the colour of their clothes.

mod figures;

use crate::grammar::russian::{Noun, f, m};
use crate::scene::{Color, Paint, Shade};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, hex};
use crate::vector::shape::{blob, circle, curve, ellipse, rotated_ellipse, rounded_rect};
use crate::world::face::{AMBER, Face};
use crate::world::look::Look;
use crate::world::thing::{Art, Thing};

const CLOTHES: &[Paint] = &[
    Paint::new(Color::Red),
    Paint::new(Color::Blue),
    Paint::new(Color::Turquoise),
    Paint::new(Color::Yellow),
    Paint::new(Color::Purple),
    Paint::new(Color::Orange),
];

const SKIN_TONES: [Rgb; 4] = [
    hex(0xFC_DC_BE),
    hex(0xF2_C0_94),
    hex(0xC8_8C_5E),
    hex(0x8E_5C_3E),
];
const HAIR_COLORS: [Rgb; 5] = [
    hex(0x4A_30_28),
    hex(0x2E_24_2C),
    hex(0xA8_62_30),
    hex(0xE8_B4_50),
    hex(0xC0_4E_2A),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Person {
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
        |i, l| draw(i, l, Person::Girl),
    ),
    person(
        "boy",
        &["boy", "child/children", "kid"],
        &[
            m("мальчик").alive(),
            m("мальчишка").gpl("мальчишек").alive(),
            m("ребёнок").stem("ребёнк").pl("дети").gpl("детей").alive(),
        ],
        |i, l| draw(i, l, Person::Boy),
    ),
    person(
        "woman",
        &["woman/women", "lady", "mother", "mom"],
        &[
            f("женщина").alive(),
            f("мама").alive(),
            f("тётя").gpl("тётей").alive(),
        ],
        |i, l| draw(i, l, Person::Woman),
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
        |i, l| draw(i, l, Person::Man),
    )
    .size(0.7, 0.58),
    person(
        "grandma",
        &["grandma", "grandmother", "granny"],
        &[f("бабушка").gpl("бабушек").alive()],
        |i, l| draw(i, l, Person::Grandma),
    ),
    person(
        "grandpa",
        &["grandpa", "grandfather", "old man/old men"],
        &[m("дедушка").gpl("дедушек").alive(), m("дед").alive()],
        |i, l| draw(i, l, Person::Grandpa),
    ),
    Thing::new(
        "robot",
        &["robot"],
        &[m("робот").alive()],
        Art::Custom(figures::robot),
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
        Art::Custom(figures::snowman),
    )
    .size(0.6, 0.7)
    .colors(&[Paint::new(Color::White)])
    .head(0.0, -0.93, 0.4)
    .eyes(0.0, -0.77, 0.26)
    .neck(0.0, -0.6, 0.36)
    .hand(0.4, -0.52)
    .top(0.0, -0.95, 0.36),
];

fn draw(canvas: &mut Canvas<'_>, look: &mut Look, person: Person) {
    let old = matches!(person, Person::Grandma | Person::Grandpa);
    let skin = look.rng.pick(&SKIN_TONES);
    let hair = if old {
        hex(0xDE_DC_E2)
    } else if skin.luma() < 0.6 {
        look.rng.pick(&HAIR_COLORS[..2])
    } else {
        look.rng.pick(&HAIR_COLORS)
    };
    let cloth = look.color;
    let skirt = matches!(person, Person::Girl | Person::Woman | Person::Grandma);
    hair_behind(canvas, person, hair);
    legs(canvas, skin, skirt, cloth);
    for side in [-1.0, 1.0] {
        let raised = look.holds && side > 0.0;
        let (arm, hand) = if raised {
            (
                rotated_ellipse(0.185, -0.36, 0.045, 0.105, 62.0),
                circle(0.265, -0.345, 0.042),
            )
        } else {
            (
                rotated_ellipse(side * 0.165, -0.32, 0.045, 0.115, side * -24.0),
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
    details(canvas, person, cloth);
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
    hair_in_front(canvas, person, hair);
    if person == Person::Grandpa {
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
            &rounded_rect(side * 0.075 - 0.045, -0.2, 0.09, 0.17, 0.02),
            Fill::Flat(color),
        );
        canvas.shape(
            &ellipse(side * 0.09, -0.03, 0.075, 0.035),
            Fill::Soft(hex(0x6A_3E_34)),
        );
    }
}

fn details(canvas: &mut Canvas<'_>, person: Person, cloth: Rgb) {
    let pale = cloth.lighter(0.65);
    match person {
        Person::Girl => {
            for x in [-0.05, 0.05] {
                canvas.fill(&ellipse(x, -0.455, 0.05, 0.03), Fill::Flat(pale));
            }
            canvas.line(
                &curve(&[(-0.21, -0.155), (0.0, -0.13), (0.21, -0.155)]),
                pale,
                0.022,
            );
        }
        Person::Boy => {
            for y in [-0.37, -0.27] {
                canvas.line(
                    &curve(&[(-0.135, y), (0.0, y + 0.012), (0.135, y)]),
                    pale,
                    0.034,
                );
            }
        }
        Person::Woman => canvas.line(
            &curve(&[(-0.14, -0.29), (0.0, -0.275), (0.14, -0.29)]),
            cloth.darker(0.45),
            0.03,
        ),
        Person::Man | Person::Grandpa => {
            for y in [-0.38, -0.31, -0.24] {
                canvas.fill(&circle(0.0, y, 0.014), Fill::Flat(pale));
            }
        }
        Person::Grandma => {
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

fn hair_behind(canvas: &mut Canvas<'_>, person: Person, hair: Rgb) {
    match person {
        Person::Girl => {
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
        Person::Woman => {
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
        Person::Grandma => canvas.shape(&circle(0.0, -0.92, 0.095), Fill::Soft(hair)),
        _ => {}
    }
}

fn hair_in_front(canvas: &mut Canvas<'_>, person: Person, hair: Rgb) {
    match person {
        Person::Grandpa => {
            for side in [-1.0, 1.0] {
                canvas.shape(&ellipse(side * 0.225, -0.74, 0.05, 0.08), Fill::Soft(hair));
            }
        }
        Person::Boy | Person::Man => {
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
        Person::Girl | Person::Woman | Person::Grandma => {
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
            if person == Person::Girl {
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
