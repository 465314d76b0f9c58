//! Draws birds: egg-shaped bodies with wings.

use super::anchor::{Anchor, Anchors};
use super::face::{AMBER, Face};
use super::look::Look;
use super::rig::{Coat, Ears, Muzzle, Rig};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{arc, blob, circle, curve, ellipse, rotated_ellipse, rounded_poly};

const BEAK: Rgb = hex(0xFB_A9_2C);

pub(crate) fn anchors() -> Anchors {
    Anchors {
        head: Some(Anchor {
            x: 0.0,
            y: -0.88,
            w: 0.42,
        }),
        eyes: Some(Anchor {
            x: 0.0,
            y: -0.68,
            w: 0.42,
        }),
        neck: Some(Anchor {
            x: 0.0,
            y: -0.46,
            w: 0.62,
        }),
        hand: Some(Anchor {
            x: 0.41,
            y: -0.5,
            w: 0.1,
        }),
    }
}

/// Draws a bird.
pub(crate) fn draw(rig: &Rig, canvas: &mut Canvas<'_>, look: &mut Look) {
    let color = look.color;
    let p = rig.plump;
    let egg = blob(&[
        (0.0, -0.95),
        (0.2 * p, -0.88),
        (0.31 * p, -0.66),
        (0.38 * p, -0.38),
        (0.29 * p, -0.13),
        (0.0, -0.05),
        (-0.29 * p, -0.13),
        (-0.38 * p, -0.38),
        (-0.31 * p, -0.66),
        (-0.2 * p, -0.88),
    ]);
    canvas.rim(&[&egg]);
    tail(canvas, color, look);
    if look.airborne {
        wings_spread(canvas, color, look.holds);
    }
    if !look.airborne || rig.muzzle == Muzzle::Bill {
        for side in [-1.0, 1.0] {
            let foot = rounded_poly(
                &[
                    (side * 0.06, -0.07),
                    (side * 0.2, -0.07),
                    (side * 0.25, 0.0),
                    (side * 0.02, 0.0),
                ],
                0.03,
            );
            canvas.shape(&foot, Fill::Flat(BEAK.darker(0.08)));
        }
    }
    crown(rig, canvas, color);
    canvas.shape(&egg, color);
    let pale = if rig.coat == Coat::Bib {
        WHITE
    } else if color.luma() < 0.3 {
        color.lighter(0.35)
    } else {
        color.lighter(0.58)
    };
    if rig.coat == Coat::Bib {
        let front = blob(&[
            (0.0, -0.74),
            (0.12, -0.82),
            (0.23, -0.7),
            (0.21, -0.56),
            (0.27, -0.34),
            (0.19, -0.12),
            (0.0, -0.08),
            (-0.19, -0.12),
            (-0.27, -0.34),
            (-0.21, -0.56),
            (-0.23, -0.7),
            (-0.12, -0.82),
        ]);
        canvas.fill(&front, Fill::Flat(pale));
    } else {
        canvas.fill(&ellipse(0.0, -0.3, 0.24 * p, 0.21), Fill::Soft(pale));
    }
    if rig.muzzle == Muzzle::Hook && canvas.shows_detail(0.06) {
        for (x, y) in [
            (-0.1, -0.36),
            (0.0, -0.36),
            (0.1, -0.36),
            (-0.05, -0.26),
            (0.05, -0.26),
            (0.0, -0.17),
        ] {
            canvas.line(
                &arc(x, y, 0.035, 0.035, 20.0, 160.0),
                color.mix(pale, 0.25),
                0.014,
            );
        }
    }
    if !look.airborne {
        wings_folded(canvas, color, look.holds, p);
    }
    face(rig, canvas, look, pale);
}

fn tail(canvas: &mut Canvas<'_>, color: Rgb, look: &mut Look) {
    let side = if look.rng.chance(0.5) || look.holds {
        -1.0
    } else {
        1.0
    };
    for tilt in [52.0, 34.0] {
        canvas.shape(
            &rotated_ellipse(side * 0.33, -0.12, 0.055, 0.15, side * (tilt + 40.0)),
            Fill::Soft(color.darker(0.22)),
        );
    }
}

fn wings_spread(canvas: &mut Canvas<'_>, color: Rgb, holds: bool) {
    let dark = color.darker(0.14);
    for side in [-1.0, 1.0] {
        if holds && side > 0.0 {
            canvas.shape(
                &rotated_ellipse(0.37, -0.46, 0.1, 0.18, 40.0),
                Fill::Soft(dark),
            );
            continue;
        }
        let wing = blob(&[
            (side * 0.24, -0.36),
            (side * 0.3, -0.6),
            (side * 0.5, -0.78),
            (side * 0.66, -0.8),
            (side * 0.64, -0.62),
            (side * 0.58, -0.56),
            (side * 0.56, -0.46),
            (side * 0.47, -0.42),
            (side * 0.42, -0.32),
        ]);
        canvas.rim(&[&wing]);
        canvas.shape(&wing, dark);
        if canvas.shows_detail(0.08) {
            canvas.pen(
                &curve(&[
                    (side * 0.38, -0.42),
                    (side * 0.46, -0.54),
                    (side * 0.55, -0.62),
                ]),
                dark.outline().mix(dark, 0.35),
            );
        }
    }
}

fn wings_folded(canvas: &mut Canvas<'_>, color: Rgb, holds: bool, p: f32) {
    let dark = color.darker(0.16);
    for side in [-1.0, 1.0] {
        let wing = if holds && side > 0.0 {
            rotated_ellipse(0.37, -0.46, 0.085, 0.17, 42.0)
        } else {
            blob(&[
                (side * 0.28 * p, -0.56),
                (side * 0.41 * p, -0.42),
                (side * 0.43 * p, -0.24),
                (side * 0.36 * p, -0.15),
                (side * 0.27 * p, -0.28),
                (side * 0.245 * p, -0.42),
            ])
        };
        canvas.shape(&wing, dark);
    }
}

fn crown(rig: &Rig, canvas: &mut Canvas<'_>, color: Rgb) {
    match rig.ears {
        Ears::Tufts => {
            for side in [-1.0, 1.0] {
                let tuft = rounded_poly(
                    &[
                        (side * 0.32, -0.72),
                        (side * 0.29, -1.0),
                        (side * 0.08, -0.88),
                    ],
                    0.04,
                );
                canvas.rim(&[&tuft]);
                canvas.shape(&tuft, color);
            }
        }
        Ears::Comb => {
            let red = hex(0xE2_44_3C);
            let comb = [(-0.08, -0.94), (0.0, -0.97), (0.08, -0.94)];
            let parts = comb.map(|(x, y)| (circle(x, y, 0.055), Fill::Soft(red)));
            canvas.body(&parts);
        }
        Ears::Bare => {}
        _ => {
            for (x, tilt) in [(-0.03, -22.0), (0.03, 16.0)] {
                canvas.shape(
                    &rotated_ellipse(x, -0.96, 0.028, 0.07, tilt),
                    Fill::Soft(color),
                );
            }
        }
    }
}

fn face(rig: &Rig, canvas: &mut Canvas<'_>, look: &mut Look, pale: Rgb) {
    let owl = rig.muzzle == Muzzle::Hook;
    if owl {
        for side in [-1.0, 1.0] {
            canvas.shape(&circle(side * 0.145, -0.68, 0.15), Fill::Flat(pale));
        }
    }
    let skin = if owl || rig.coat == Coat::Bib {
        pale
    } else {
        look.color
    };
    Face {
        x: 0.0,
        y: -0.68,
        spread: if owl { 0.135 } else { 0.14 },
        eye: if owl { 0.082 } else { 0.056 },
        skin,
        white: AMBER,
        mouth: None,
        cheeks: (!owl).then_some((0.23, 0.11)),
    }
    .draw(canvas, look);
    if rig.muzzle == Muzzle::Bill {
        let bill = blob(&[
            (0.0, -0.63),
            (0.1, -0.605),
            (0.16, -0.55),
            (0.1, -0.515),
            (0.0, -0.505),
            (-0.1, -0.515),
            (-0.16, -0.55),
            (-0.1, -0.605),
        ]);
        canvas.shape(&bill, Fill::Soft(BEAK));
        canvas.pen(&arc(0.0, -0.57, 0.13, 0.03, 20.0, 160.0), BEAK.outline());
    } else {
        let w = if owl { 0.045 } else { 0.075 };
        let beak = rounded_poly(&[(-w, -0.625), (w, -0.625), (0.0, -0.52)], 0.022);
        canvas.shape(&beak, Fill::Soft(BEAK));
    }
    if rig.ears == Ears::Comb {
        canvas.shape(
            &ellipse(0.0, -0.49, 0.035, 0.05),
            Fill::Soft(hex(0xE2_44_3C)),
        );
    }
}
