//! Draws fish and whales from the side, facing left.

use super::anchor::{Anchor, Anchors};
use super::face::{AMBER, Face};
use super::look::Look;
use super::rig::{Rig, Tail};
use crate::scene::Mood;
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{WHITE, hex};
use crate::vector::shape::{arc, blob, circle, curve};

fn is_whale(rig: &Rig) -> bool {
    rig.tail == Tail::Thin
}

pub(crate) fn anchors(rig: &Rig) -> Anchors {
    if is_whale(rig) {
        return Anchors {
            head: Some(Anchor {
                x: -0.26,
                y: -0.76,
                w: 0.5,
            }),
            eyes: Some(Anchor {
                x: -0.42,
                y: -0.42,
                w: 0.46,
            }),
            neck: None,
            hand: None,
        };
    }
    Anchors {
        head: Some(Anchor {
            x: -0.2,
            y: -0.8,
            w: 0.44,
        }),
        eyes: Some(Anchor {
            x: -0.38,
            y: -0.54,
            w: 0.4,
        }),
        neck: None,
        hand: None,
    }
}

/// Draws a fish or a whale.
pub(crate) fn draw(rig: &Rig, canvas: &mut Canvas<'_>, look: &mut Look) {
    if is_whale(rig) {
        draw_whale(canvas, look);
    } else {
        draw_fish(canvas, look);
    }
}

fn draw_fish(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let fin = if look.natural {
        color.mix(hex(0xFF_C8_3A), 0.45)
    } else {
        color.darker(0.2)
    };
    let tail = blob(&[
        (0.3, -0.47),
        (0.5, -0.68),
        (0.68, -0.8),
        (0.66, -0.62),
        (0.58, -0.47),
        (0.66, -0.32),
        (0.68, -0.13),
        (0.5, -0.26),
    ]);
    let top = blob(&[
        (-0.24, -0.76),
        (-0.08, -0.97),
        (0.14, -0.95),
        (0.27, -0.74),
        (0.0, -0.66),
    ]);
    let bottom = blob(&[(-0.06, -0.2), (0.1, -0.04), (0.22, -0.08), (0.18, -0.26)]);
    let body = blob(&[
        (-0.65, -0.46),
        (-0.55, -0.67),
        (-0.3, -0.83),
        (0.0, -0.84),
        (0.25, -0.68),
        (0.4, -0.47),
        (0.25, -0.26),
        (0.0, -0.12),
        (-0.3, -0.13),
        (-0.55, -0.26),
    ]);
    canvas.rim(&[&body, &tail]);
    for path in [tail, top, bottom] {
        canvas.shape(&path, Fill::Soft(fin));
    }
    canvas.shape(&body, color);
    let belly = blob(&[
        (-0.6, -0.38),
        (-0.3, -0.3),
        (0.05, -0.3),
        (0.3, -0.4),
        (0.2, -0.24),
        (0.0, -0.15),
        (-0.3, -0.16),
        (-0.53, -0.27),
    ]);
    canvas.fill(&belly, Fill::Translucent(color.lighter(0.7), 0.6));
    if canvas.shows_detail(0.05) {
        let shade = color.darker(0.3);
        for (x, y) in [
            (-0.02, -0.6),
            (0.12, -0.62),
            (0.05, -0.48),
            (0.19, -0.5),
            (0.12, -0.37),
            (-0.02, -0.38),
            (0.26, -0.4),
        ] {
            canvas.stroke(&arc(x, y, 0.05, 0.055, -80.0, 80.0), shade, 0.016, 0.6);
        }
    }
    let flank = blob(&[
        (-0.1, -0.44),
        (0.06, -0.42),
        (0.16, -0.28),
        (0.02, -0.27),
        (-0.1, -0.34),
    ]);
    canvas.shape(&flank, Fill::Soft(fin));
    Face {
        x: -0.38,
        y: -0.54,
        spread: 0.115,
        eye: 0.07,
        skin: color,
        white: AMBER,
        mouth: Some(0.16),
        cheeks: Some((0.2, 0.13)),
    }
    .draw(canvas, look);
    if look.mood == Mood::Surprised {
        for (x, y, r) in [(-0.7, -0.72, 0.04), (-0.64, -0.86, 0.03)] {
            canvas.stroke(&circle(x, y, r), WHITE, 0.02, 0.9);
        }
    }
}

fn draw_whale(canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let water = hex(0x8C_D2_F6);
    for s in [-1.0, 1.0] {
        let jet = curve(&[
            (-0.2, -0.76),
            (-0.2 + s * 0.03, -0.92),
            (-0.2 + s * 0.14, -0.97),
            (-0.2 + s * 0.2, -0.88),
        ]);
        canvas.line(&jet, water, 0.035);
    }
    let body = blob(&[
        (-0.78, -0.36),
        (-0.72, -0.6),
        (-0.5, -0.76),
        (-0.15, -0.77),
        (0.18, -0.62),
        (0.46, -0.44),
        (0.62, -0.5),
        (0.68, -0.42),
        (0.55, -0.22),
        (0.25, -0.06),
        (-0.25, 0.0),
        (-0.62, -0.1),
    ]);
    let tail = blob(&[
        (0.55, -0.45),
        (0.5, -0.66),
        (0.54, -0.78),
        (0.66, -0.7),
        (0.72, -0.62),
        (0.82, -0.68),
        (0.94, -0.68),
        (0.9, -0.54),
        (0.74, -0.44),
        (0.64, -0.38),
    ]);
    canvas.rim(&[&body, &tail]);
    canvas.body(&[(tail, color.into()), (body, color.into())]);
    let belly = blob(&[
        (-0.77, -0.31),
        (-0.45, -0.24),
        (-0.05, -0.2),
        (0.3, -0.22),
        (0.42, -0.17),
        (0.22, -0.075),
        (-0.25, -0.02),
        (-0.6, -0.12),
    ]);
    canvas.fill(&belly, Fill::Flat(color.lighter(0.72)));
    if canvas.shows_detail(0.05) {
        let line = color.mix(color.lighter(0.72), 0.5);
        for dy in [0.0, 0.055] {
            canvas.line(
                &curve(&[
                    (-0.6, -0.19 + dy),
                    (-0.2, -0.135 + dy * 0.9),
                    (0.15, -0.14 + dy * 0.8),
                ]),
                line,
                0.012,
            );
        }
    }
    canvas.shape(
        &blob(&[
            (-0.12, -0.28),
            (0.06, -0.27),
            (0.13, -0.1),
            (0.0, -0.07),
            (-0.11, -0.16),
        ]),
        Fill::Soft(color.darker(0.12)),
    );
    Face {
        x: -0.42,
        y: -0.42,
        spread: 0.15,
        eye: 0.058,
        skin: color,
        white: AMBER,
        mouth: Some(0.1),
        cheeks: Some((0.24, 0.09)),
    }
    .draw(canvas, look);
}
