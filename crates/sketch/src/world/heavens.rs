//! Things in the sky, simple shapes, hats and crowns.

use super::accessory;
use super::face::Face;
use super::look::Look;
use super::thing::{Art, Thing};
use crate::grammar::russian::{f, m, n};
use crate::scene::{Color, Paint, Shade};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{
    arc, blob, circle, curve, heart, rounded_poly, rounded_rect, sin_cos, star,
};

const BRIGHT: &[Paint] = &[
    Paint::new(Color::Red),
    Paint::new(Color::Blue),
    Paint::new(Color::Yellow),
    Paint::new(Color::Green),
    Paint::new(Color::Purple),
];

pub(crate) static THINGS: &[Thing] = &[
    Thing::new(
        "sun",
        &["sun", "sunshine/suns"],
        &[
            n("солнце").gpl("солнц"),
            n("солнышко").pl("солнышки").gpl("солнышек"),
        ],
        Art::Custom(sun),
    )
    .size(0.4, 1.0)
    .air()
    .colors(&[Paint::new(Color::Yellow)])
    .head(0.0, -0.78, 0.4)
    .eyes(0.0, -0.52, 0.34)
    .top(0.0, -0.82, 0.4),
    Thing::new(
        "moon",
        &["moon", "crescent"],
        &[f("луна").pl("луны"), m("месяц")],
        Art::Custom(moon),
    )
    .size(0.4, 0.9)
    .air()
    .colors(&[Paint::shaded(Color::Yellow, Shade::Light)])
    .eyes(-0.17, -0.47, 0.24)
    .top(0.02, -0.94, 0.3),
    Thing::new(
        "star",
        &["star"],
        &[
            f("звезда").pl("звёзды").gpl("звёзд"),
            f("звёздочка").gpl("звёздочек"),
        ],
        Art::Custom(draw_star),
    )
    .size(0.32, 1.02)
    .air()
    .colors(&[Paint::new(Color::Yellow)])
    .eyes(0.0, -0.5, 0.3)
    .top(0.0, -0.95, 0.1),
    Thing::new(
        "cloud",
        &["cloud"],
        &[
            n("облако").pl("облака").gpl("облаков"),
            f("туча"),
            n("облачко").pl("облачка").gpl("облачков"),
        ],
        Art::Custom(cloud),
    )
    .size(0.34, 1.6)
    .air()
    .colors(&[Paint::new(Color::White)])
    .eyes(0.0, -0.4, 0.36)
    .top(0.05, -0.85, 0.6),
    Thing::new(
        "planet",
        &["planet", "saturn"],
        &[f("планета")],
        Art::Custom(planet),
    )
    .size(0.44, 1.36)
    .air()
    .colors(&[
        Paint::new(Color::Orange),
        Paint::new(Color::Purple),
        Paint::new(Color::Turquoise),
    ])
    .eyes(0.0, -0.56, 0.34)
    .top(0.0, -0.9, 0.4),
    Thing::new(
        "rainbow",
        &["rainbow"],
        &[f("радуга")],
        Art::Custom(rainbow),
    )
    .size(0.5, 1.9)
    .air()
    .colors(&[])
    .top(0.0, -0.95, 0.4),
    Thing::new(
        "heart",
        &["heart"],
        &[
            n("сердце").pl("сердца").gpl("сердец"),
            n("сердечко").pl("сердечки").gpl("сердечек"),
        ],
        Art::Custom(draw_heart),
    )
    .size(0.34, 1.08)
    .air()
    .colors(&[Paint::new(Color::Red), Paint::new(Color::Pink)])
    .eyes(0.0, -0.56, 0.34)
    .top(0.0, -0.78, 0.4),
    Thing::new(
        "circle",
        &["circle", "disc", "round shape"],
        &[m("круг"), m("кружочек").stem("кружочк")],
        Art::Custom(draw_circle),
    )
    .size(0.36, 1.0)
    .colors(BRIGHT)
    .top(0.0, -0.97, 0.2),
    Thing::new(
        "square",
        &["square", "cube"],
        &[m("квадрат"), m("куб"), m("кубик")],
        Art::Custom(square),
    )
    .size(0.36, 1.0)
    .colors(BRIGHT)
    .top(0.0, -0.97, 0.7),
    Thing::new(
        "triangle",
        &["triangle", "pyramid"],
        &[m("треугольник"), f("пирамида")],
        Art::Custom(triangle),
    )
    .size(0.38, 1.12)
    .colors(BRIGHT)
    .top(0.0, -0.95, 0.1),
    Thing::new(
        "hat",
        &["hat", "cap"],
        &[
            f("шляпа"),
            f("шапка").gpl("шапок"),
            f("шляпка").gpl("шляпок"),
        ],
        Art::Custom(hat),
    )
    .size(0.3, 1.6)
    .colors(BRIGHT)
    .top(0.0, -0.92, 0.5),
    Thing::new("crown", &["crown"], &[f("корона")], Art::Custom(crown))
        .size(0.3, 1.3)
        .colors(&[Paint::new(Color::Yellow)])
        .top(0.0, -0.6, 0.6),
];

fn sun(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let spin = look.rng.range(0.0, 30.0);
    canvas.unlit(|canvas| {
        canvas.glow(0.0, -0.5, 0.5, 0.5, color.lighter(0.4), 0.55);
        let rays: Vec<_> = (0..12u8)
            .map(|i| {
                let angle = spin + 30.0 * f32::from(i);
                let reach = if i % 2 == 0 { 0.48 } else { 0.42 };
                let p = |offset: f32, r: f32| {
                    let (down, across) = sin_cos(angle + offset);
                    (across * r, -0.5 + down * r)
                };
                rounded_poly(&[p(-11.0, 0.3), p(0.0, reach), p(11.0, 0.3)], 0.025)
            })
            .collect();
        let warm = color.mix(hex(0xF8_9A_2E), if look.natural { 0.45 } else { 0.12 });
        for ray in &rays {
            canvas.shape(ray, Fill::Flat(warm));
        }
        canvas.shape(&circle(0.0, -0.5, 0.29), color);
        canvas.stroke(&arc(0.0, -0.5, 0.23, 0.23, 195.0, 250.0), WHITE, 0.03, 0.7);
        Face::small(0.0, -0.52, 0.115, color).draw(canvas, look);
    });
}

fn moon(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    canvas.unlit(|canvas| {
        canvas.glow(-0.03, -0.5, 0.5, 0.5, color.lighter(0.3), 0.4);
        let crescent = blob(&[
            (0.2, -0.965),
            (0.0, -0.97),
            (-0.22, -0.88),
            (-0.38, -0.7),
            (-0.43, -0.48),
            (-0.37, -0.25),
            (-0.22, -0.09),
            (0.0, -0.01),
            (0.22, -0.04),
            (0.4, -0.17),
            (0.22, -0.2),
            (0.08, -0.29),
            (0.0, -0.45),
            (0.0, -0.62),
            (0.07, -0.81),
        ]);
        canvas.shape(&crescent, color);
        for (x, y, r) in [
            (-0.02, -0.86, 0.04),
            (-0.3, -0.64, 0.03),
            (0.12, -0.13, 0.045),
            (-0.13, -0.2, 0.03),
        ] {
            canvas.fill(&circle(x, y, r), Fill::Translucent(color.darker(0.4), 0.4));
        }
        let mut face = Face::small(-0.19, -0.5, 0.09, color);
        face.cheeks = Some((0.13, 0.06));
        face.draw(canvas, look);
    });
}

fn draw_star(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    canvas.unlit(|canvas| {
        canvas.glow(0.0, -0.48, 0.5, 0.5, color.lighter(0.4), 0.4);
        let body = star(0.0, -0.47, 0.5, 0.27, 5, 0.09);
        canvas.shape(&body, color);
        canvas.stroke(&curve(&[(-0.07, -0.72), (-0.12, -0.6)]), WHITE, 0.03, 0.65);
        Face::small(0.0, -0.5, 0.1, color).draw(canvas, look);
    });
}

fn cloud(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let low = if color.luma() > 0.88 {
        hex(0xCE_E0_F4)
    } else {
        color.darker(0.16)
    };
    let puffs = [
        (-0.5, -0.27, 0.25),
        (0.5, -0.28, 0.26),
        (-0.2, -0.5, 0.33),
        (0.22, -0.56, 0.36),
        (0.0, -0.3, 0.28),
    ]
    .map(|(x, y, r): (f32, f32, f32)| {
        let wobble = look.rng.range(-0.02, 0.02);
        circle(x + wobble, y, r)
    });
    let base = rounded_rect(-0.7, -0.36, 1.4, 0.34, 0.17);
    let [a, b, c, d, e] = puffs;
    canvas.rim(&[&base, &a, &b, &c, &d]);
    let fill = Fill::Flat(color);
    canvas.body(&[
        (base, Fill::Gradient(color, low)),
        (a, fill),
        (b, fill),
        (c, fill),
        (d, fill),
        (e, fill),
    ]);
    let shade = blob(&[
        (-0.7, -0.2),
        (-0.4, -0.11),
        (0.0, -0.14),
        (0.42, -0.1),
        (0.71, -0.2),
        (0.62, -0.045),
        (0.0, -0.03),
        (-0.62, -0.045),
    ]);
    canvas.fill(&shade, Fill::Translucent(low, 0.9));
    Face::small(0.0, -0.4, 0.13, color).draw(canvas, look);
}

fn planet(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let ring = if look.natural {
        hex(0xFA_E0_A2)
    } else {
        color.lighter(0.55)
    };
    let draw_ring = |canvas: &mut Canvas<'_>, from: f32, to: f32| {
        canvas.at((0.0, -0.5), 1.0, -14.0, false, |canvas| {
            let half = arc(0.0, 0.0, 0.62, 0.17, from, to);
            let outline = canvas.outline_width();
            canvas.line(&half, ring.outline(), 0.07 + 2.0 * outline);
            canvas.line(&half, ring, 0.07);
        });
    };
    draw_ring(canvas, 180.0, 360.0);
    let ball = circle(0.0, -0.5, 0.42);
    canvas.rim(&[&ball]);
    canvas.shape(&ball, color);
    for (y, w) in [(-0.72, 0.3), (-0.24, 0.28)] {
        canvas.stroke(
            &curve(&[(-w, y), (0.0, y + 0.05), (w, y - 0.02)]),
            color.lighter(0.4),
            0.06,
            0.55,
        );
    }
    draw_ring(canvas, 0.0, 180.0);
    Face::small(0.0, -0.57, 0.11, color).draw(canvas, look);
}

fn rainbow(canvas: &mut Canvas<'_>, look: &mut Look) {
    let bands: [Rgb; 6] = if look.natural {
        [
            hex(0xEE_5A_52),
            hex(0xF8_9A_42),
            hex(0xFC_D6_54),
            hex(0x7A_C4_66),
            hex(0x5A_A4_E6),
            hex(0x9A_70_CC),
        ]
    } else {
        let c = look.color;
        [
            c.darker(0.4),
            c.darker(0.2),
            c,
            c.lighter(0.25),
            c.lighter(0.45),
            c.lighter(0.65),
        ]
    };
    canvas.rim(&[&arc(0.0, -0.04, 0.86, 0.9, 180.0, 360.0)]);
    for (i, band) in bands.into_iter().enumerate() {
        let r = 0.87 - 0.085 * i as f32;
        canvas.line(&arc(0.0, -0.06, r * 0.98, r, 180.0, 360.0), band, 0.09);
    }
    for s in [-1.0, 1.0] {
        let puffs = [
            (0.78, -0.1, 0.1),
            (0.56, -0.1, 0.1),
            (0.67, -0.17, 0.13),
            (0.67, -0.08, 0.08),
        ]
        .map(|(x, y, r): (f32, f32, f32)| (circle(s * x, y, r), Fill::Flat(WHITE)));
        canvas.body(&puffs);
    }
}

fn draw_heart(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let body = heart(0.0, -0.47, 1.0);
    canvas.rim(&[&body]);
    canvas.shape(&body, color);
    canvas.stroke(
        &arc(-0.24, -0.62, 0.16, 0.16, 190.0, 265.0),
        WHITE,
        0.05,
        0.65,
    );
    Face::small(0.0, -0.54, 0.12, color).draw(canvas, look);
}

fn draw_circle(canvas: &mut Canvas<'_>, look: &mut Look) {
    let body = circle(0.0, -0.49, 0.48);
    canvas.rim(&[&body]);
    canvas.shape(&body, look.color);
    canvas.stroke(&arc(0.0, -0.49, 0.37, 0.37, 195.0, 245.0), WHITE, 0.05, 0.5);
}

fn square(canvas: &mut Canvas<'_>, look: &mut Look) {
    let body = rounded_rect(-0.47, -0.97, 0.94, 0.96, 0.08);
    canvas.rim(&[&body]);
    canvas.shape(&body, look.color);
    canvas.stroke(
        &curve(&[(-0.35, -0.62), (-0.35, -0.85), (-0.12, -0.85)]),
        WHITE,
        0.05,
        0.45,
    );
}

fn triangle(canvas: &mut Canvas<'_>, look: &mut Look) {
    let body = rounded_poly(&[(0.0, -0.99), (0.56, 0.0), (-0.56, 0.0)], 0.1);
    canvas.rim(&[&body]);
    canvas.shape(&body, look.color);
    canvas.stroke(&curve(&[(-0.07, -0.72), (-0.27, -0.34)]), WHITE, 0.05, 0.45);
}

fn hat(canvas: &mut Canvas<'_>, look: &mut Look) {
    accessory::hat(canvas, 0.0, -0.1, 1.3, look.color);
}

fn crown(canvas: &mut Canvas<'_>, look: &mut Look) {
    accessory::crown(canvas, 0.0, -0.04, 1.15, look.color);
}
