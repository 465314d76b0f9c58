//! The animals: their names, colours and rig parameters.

use super::butterfly;
use super::rig::{Coat, Ears, Muzzle, Rig, Tail};
use super::thing::{Art, Thing};
use crate::grammar::russian::{Noun, f, m};
use crate::scene::{Color, Paint, Shade};

const ORANGE: Paint = Paint::new(Color::Orange);
const GREY: Paint = Paint::new(Color::Grey);
const BROWN: Paint = Paint::new(Color::Brown);
const TAN: Paint = Paint::shaded(Color::Brown, Shade::Light);
const WHITE: Paint = Paint::new(Color::White);
const BLACK: Paint = Paint::new(Color::Black);
const PINK: Paint = Paint::shaded(Color::Pink, Shade::Light);
const GREEN: Paint = Paint::new(Color::Green);
const BLUE: Paint = Paint::new(Color::Blue);
const SKY: Paint = Paint::shaded(Color::Blue, Shade::Light);
const RED: Paint = Paint::new(Color::Red);
const YELLOW: Paint = Paint::new(Color::Yellow);
const SAND: Paint = Paint::shaded(Color::Orange, Shade::Light);
const SMOKE: Paint = Paint::shaded(Color::Grey, Shade::Light);
const PURPLE: Paint = Paint::new(Color::Purple);
const TEAL: Paint = Paint::new(Color::Turquoise);

/// Creates a sitting animal.
const fn sitting(
    id: &'static str,
    en: &'static [&'static str],
    ru: &'static [Noun],
    rig: &'static Rig,
    colors: &'static [Paint],
) -> Thing {
    Thing::new(id, en, ru, Art::Rig(rig))
        .size(0.5, 0.76)
        .colors(colors)
        .top(0.0, -0.9, 0.4)
}

pub(crate) static THINGS: &[Thing] = &[
    sitting(
        "cat",
        &["cat", "kitten", "kitty", "tomcat"],
        &[
            f("кошка").gpl("кошек").alive(),
            m("кот").alive(),
            m("котёнок")
                .stem("котёнк")
                .pl("котята")
                .gpl("котят")
                .alive(),
            m("котик").alive(),
            f("кошечка").gpl("кошечек").alive(),
        ],
        &Rig::sitting(Ears::Pointed, Muzzle::Cat, Tail::Curl, Coat::Tabby),
        &[ORANGE, GREY, SAND, TAN, SMOKE],
    ),
    sitting(
        "dog",
        &["dog", "puppy", "doggy", "hound"],
        &[
            f("собака").alive(),
            m("пёс").stem("пс").alive(),
            m("щенок").stem("щенк").pl("щенки").alive(),
            f("собачка").gpl("собачек").alive(),
        ],
        &Rig::sitting(Ears::Floppy, Muzzle::Dog, Tail::Curl, Coat::Plain),
        &[TAN, BROWN, SAND, WHITE],
    ),
    sitting(
        "fox",
        &["fox", "vixen"],
        &[
            f("лиса").pl("лисы").alive(),
            f("лисица").alive(),
            m("лис").alive(),
            m("лисёнок")
                .stem("лисёнк")
                .pl("лисята")
                .gpl("лисят")
                .alive(),
            f("лисичка").gpl("лисичек").alive(),
        ],
        &Rig::sitting(Ears::Pointed, Muzzle::Fox, Tail::Bushy, Coat::Bib),
        &[ORANGE],
    ),
    sitting(
        "wolf",
        &["wolf/wolves"],
        &[
            m("волк").gpl("волков").alive(),
            m("волчонок")
                .stem("волчонк")
                .pl("волчата")
                .gpl("волчат")
                .alive(),
        ],
        &Rig::sitting(Ears::Pointed, Muzzle::Fox, Tail::Bushy, Coat::Bib),
        &[GREY],
    ),
    sitting(
        "bear",
        &["bear", "teddy bear", "teddy"],
        &[
            m("медведь").alive(),
            m("мишка").gpl("мишек").alive(),
            m("медвежонок")
                .stem("медвежонк")
                .pl("медвежата")
                .gpl("медвежат")
                .alive(),
        ],
        &Rig::sitting(Ears::Round, Muzzle::Bear, Tail::None, Coat::Plain).plump(1.16),
        &[BROWN, TAN],
    )
    .size(0.56, 0.76),
    sitting(
        "panda",
        &["panda"],
        &[f("панда").alive()],
        &Rig::sitting(Ears::Round, Muzzle::Bear, Tail::None, Coat::Panda).plump(1.14),
        &[WHITE],
    )
    .size(0.54, 0.76),
    sitting(
        "rabbit",
        &["rabbit", "bunny/bunnies", "hare"],
        &[
            m("кролик").alive(),
            m("заяц").stem("зайц").alive(),
            m("зайчик").alive(),
            m("зайчонок")
                .stem("зайчонк")
                .pl("зайчата")
                .gpl("зайчат")
                .alive(),
        ],
        &Rig::sitting(Ears::Long, Muzzle::Rabbit, Tail::Puff, Coat::Plain),
        &[WHITE, SMOKE, TAN],
    )
    .size(0.54, 0.7),
    sitting(
        "mouse",
        &["mouse/mice"],
        &[
            f("мышь").alive(),
            f("мышка").gpl("мышек").alive(),
            m("мышонок")
                .stem("мышонк")
                .pl("мышата")
                .gpl("мышат")
                .alive(),
        ],
        &Rig::sitting(Ears::Saucer, Muzzle::Cat, Tail::Thin, Coat::Plain).plump(0.94),
        &[GREY, SMOKE],
    )
    .size(0.38, 0.84),
    sitting(
        "pig",
        &["pig", "piglet", "piggy/piggies"],
        &[
            f("свинья").pl("свиньи").gpl("свиней").alive(),
            m("поросёнок")
                .stem("поросёнк")
                .pl("поросята")
                .gpl("поросят")
                .alive(),
            f("свинка").gpl("свинок").alive(),
            f("хрюшка").gpl("хрюшек").alive(),
        ],
        &Rig::sitting(Ears::Fold, Muzzle::Snout, Tail::Spiral, Coat::Plain).plump(1.16),
        &[PINK],
    )
    .size(0.48, 0.76),
    sitting(
        "cow",
        &["cow", "calf/calves"],
        &[
            f("корова").alive(),
            m("телёнок")
                .stem("телёнк")
                .pl("телята")
                .gpl("телят")
                .alive(),
            f("коровка").gpl("коровок").alive(),
        ],
        &Rig::sitting(Ears::Side, Muzzle::Cow, Tail::Tuft, Coat::Patches).plump(1.12),
        &[WHITE],
    )
    .size(0.56, 0.92),
    sitting(
        "sheep",
        &["sheep/sheep", "lamb"],
        &[
            f("овца").pl("овцы").gpl("овец").alive(),
            f("овечка").gpl("овечек").alive(),
            m("барашек").stem("барашк").alive(),
        ],
        &Rig::sitting(Ears::Side, Muzzle::Rabbit, Tail::None, Coat::Wool).plump(1.1),
        &[WHITE],
    )
    .size(0.5, 0.92),
    sitting(
        "lion",
        &["lion", "lion cub"],
        &[
            m("лев").stem("льв").alive(),
            m("львёнок")
                .stem("львёнк")
                .pl("львята")
                .gpl("львят")
                .alive(),
        ],
        &Rig::sitting(Ears::Bare, Muzzle::Bear, Tail::Tuft, Coat::Mane),
        &[SAND],
    )
    .size(0.56, 0.9),
    sitting(
        "tiger",
        &["tiger", "tiger cub"],
        &[
            m("тигр").alive(),
            m("тигрёнок")
                .stem("тигрёнк")
                .pl("тигрята")
                .gpl("тигрят")
                .alive(),
        ],
        &Rig::sitting(Ears::Round, Muzzle::Bear, Tail::Curl, Coat::Stripes),
        &[ORANGE],
    )
    .size(0.54, 0.78),
    sitting(
        "elephant",
        &["elephant"],
        &[
            m("слон").alive(),
            m("слонёнок")
                .stem("слонёнк")
                .pl("слонята")
                .gpl("слонят")
                .alive(),
            m("слоник").alive(),
        ],
        &Rig::sitting(Ears::Fan, Muzzle::Trunk, Tail::Thin, Coat::Plain).plump(1.25),
        &[GREY, SKY],
    )
    .size(0.62, 1.02),
    sitting(
        "monkey",
        &["monkey"],
        &[
            f("обезьяна").alive(),
            f("обезьянка").gpl("обезьянок").alive(),
            f("мартышка").gpl("мартышек").alive(),
        ],
        &Rig::sitting(Ears::Saucer, Muzzle::Ape, Tail::Curl, Coat::Plain).plump(0.92),
        &[BROWN],
    )
    .size(0.5, 0.84),
    sitting(
        "frog",
        &["frog", "toad"],
        &[
            f("лягушка").gpl("лягушек").alive(),
            m("лягушонок")
                .stem("лягушонк")
                .pl("лягушата")
                .gpl("лягушат")
                .alive(),
            f("жаба").alive(),
        ],
        &Rig::sitting(Ears::Bumps, Muzzle::Wide, Tail::None, Coat::Plain).plump(1.15),
        &[GREEN],
    )
    .size(0.42, 0.76),
    sitting(
        "hedgehog",
        &["hedgehog"],
        &[m("ёж").stem("еж").alive(), m("ёжик").alive()],
        &Rig::sitting(Ears::Bare, Muzzle::Fox, Tail::None, Coat::Spikes),
        &[BROWN],
    )
    .size(0.42, 0.88),
    Thing::new(
        "bird",
        &["bird", "birdie", "sparrow"],
        &[
            f("птица").alive(),
            f("птичка").gpl("птичек").alive(),
            m("воробей").stem("воробь").gpl("воробьёв").alive(),
        ],
        Art::Rig(&Rig::bird(Ears::Pointed, Muzzle::Beak, Coat::Plain)),
    )
    .size(0.34, 0.96)
    .air()
    .colors(&[BLUE, RED, YELLOW, SKY, TEAL])
    .top(0.0, -0.92, 0.4),
    Thing::new(
        "owl",
        &["owl", "owlet"],
        &[
            f("сова").pl("совы").alive(),
            m("филин").alive(),
            m("совёнок")
                .stem("совёнк")
                .pl("совята")
                .gpl("совят")
                .alive(),
        ],
        Art::Rig(&Rig::bird(Ears::Tufts, Muzzle::Hook, Coat::Plain)),
    )
    .size(0.44, 0.9)
    .colors(&[BROWN, TAN, GREY])
    .top(0.0, -0.92, 0.4),
    Thing::new(
        "penguin",
        &["penguin"],
        &[
            m("пингвин").alive(),
            m("пингвинёнок")
                .stem("пингвинёнк")
                .pl("пингвинята")
                .gpl("пингвинят")
                .alive(),
        ],
        Art::Rig(&Rig::bird(Ears::Bare, Muzzle::Beak, Coat::Bib)),
    )
    .size(0.46, 0.9)
    .colors(&[BLACK])
    .top(0.0, -0.92, 0.4),
    Thing::new(
        "duck",
        &["duck", "duckling"],
        &[
            f("утка").gpl("уток").alive(),
            f("уточка").gpl("уточек").alive(),
            m("утёнок").stem("утёнк").pl("утята").gpl("утят").alive(),
        ],
        Art::Rig(&Rig::bird(Ears::Pointed, Muzzle::Bill, Coat::Plain)),
    )
    .size(0.38, 0.92)
    .colors(&[YELLOW])
    .top(0.0, -0.92, 0.4),
    Thing::new(
        "chicken",
        &["chicken", "hen", "rooster"],
        &[
            f("курица").pl("курицы").alive(),
            m("петух").alive(),
            f("курочка").gpl("курочек").alive(),
            m("цыплёнок")
                .stem("цыплёнк")
                .pl("цыплята")
                .gpl("цыплят")
                .alive(),
        ],
        Art::Rig(&Rig::bird(Ears::Comb, Muzzle::Beak, Coat::Plain)),
    )
    .size(0.42, 0.92)
    .colors(&[WHITE, TAN, SAND])
    .top(0.0, -0.92, 0.4),
    Thing::new(
        "fish",
        &["fish/fish", "goldfish/goldfish"],
        &[f("рыба").alive(), f("рыбка").gpl("рыбок").alive()],
        Art::Rig(&Rig::fish(Tail::Bushy, 1.0)),
    )
    .size(0.34, 1.36)
    .water()
    .colors(&[ORANGE, RED, BLUE, TEAL])
    .top(-0.05, -0.85, 0.5),
    Thing::new(
        "whale",
        &["whale"],
        &[
            m("кит").alive(),
            m("китёнок")
                .stem("китёнк")
                .pl("китята")
                .gpl("китят")
                .alive(),
        ],
        Art::Rig(&Rig::fish(Tail::Thin, 1.2)),
    )
    .size(0.46, 1.74)
    .water()
    .colors(&[BLUE, SKY, GREY])
    .top(-0.2, -0.74, 0.6),
    Thing::new(
        "butterfly",
        &["butterfly/butterflies"],
        &[
            f("бабочка").gpl("бабочек").alive(),
            m("мотылёк").stem("мотыльк").alive(),
        ],
        Art::Custom(butterfly::draw),
    )
    .size(0.34, 1.18)
    .air()
    .colors(&[PURPLE, ORANGE, PINK, SKY, YELLOW])
    .head(0.0, -0.76, 0.2)
    .eyes(0.0, -0.685, 0.15)
    .top(0.0, -0.8, 0.5),
];
