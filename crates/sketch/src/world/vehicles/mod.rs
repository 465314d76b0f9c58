//! Vehicles.

mod craft;
mod ground;

use crate::grammar::russian::{f, m};
use crate::scene::{Color, Paint, Shade};
use crate::world::thing::{Art, Thing};

const BRIGHT: &[Paint] = &[
    Paint::new(Color::Red),
    Paint::new(Color::Blue),
    Paint::new(Color::Yellow),
    Paint::new(Color::Turquoise),
    Paint::new(Color::Orange),
];
pub(crate) static THINGS: &[Thing] = &[
    Thing::new(
        "car",
        &["car", "automobile"],
        &[f("машина"), m("автомобиль"), f("машинка").gpl("машинок")],
        Art::Custom(ground::car),
    )
    .size(0.42, 1.62)
    .colors(BRIGHT)
    .top(0.05, -0.95, 0.7)
    .inside(0.0, -0.47, 0.4, 0.4, false)
    .parse_only(&["авто"]),
    Thing::new(
        "bus",
        &["bus/buses", "school bus/school buses"],
        &[m("автобус")],
        Art::Custom(ground::bus),
    )
    .size(0.5, 1.62)
    .colors(&[Paint::new(Color::Yellow), Paint::new(Color::Red)])
    .top(0.0, -0.96, 1.2)
    .inside(-0.1, -0.45, 0.3, 0.36, false),
    Thing::new(
        "train",
        &["train", "locomotive", "steam train"],
        &[m("поезд").pl("поезда"), m("паровоз"), m("паровозик")],
        Art::Custom(ground::train),
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
        Art::Custom(craft::boat),
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
        Art::Custom(craft::plane),
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
        Art::Custom(craft::rocket),
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
        Art::Custom(craft::hot_air_balloon),
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
        Art::Custom(ground::bicycle),
    )
    .size(0.46, 1.5)
    .colors(BRIGHT)
    .top(-0.26, -0.84, 0.22),
];
