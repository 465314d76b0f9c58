//! Draws the heads of sitting animals: ears, coat markings, eyes and muzzle.

use super::face::{AMBER, Face, mouth, nose, whiskers};
use super::look::Look;
use super::rig::{Coat, Ears, Muzzle, Rig};
use crate::scene::Mood;
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{INK, Rgb, WHITE, hex};
use crate::vector::shape::{
    arc, blob, circle, curve, ellipse, rotated_ellipse, rounded_poly, sin_cos,
};

const PINK: Rgb = hex(0xF6_A4_A8);

/// Draws a sitting animal's head.
pub(crate) fn draw(rig: &Rig, canvas: &mut Canvas<'_>, look: &mut Look) {
    let (cy, rx, ry) = rig.head;
    let color = match rig.coat {
        Coat::Spikes => look.color.lighter(0.55).mix(hex(0xF2_D2_A8), 0.4),
        _ => look.color,
    };
    if rig.coat == Coat::Mane {
        mane(canvas, cy, look.color);
    }
    if rig.coat == Coat::Wool {
        wool(canvas, cy, look.color);
    }
    let ear_color = match rig.coat {
        Coat::Panda => hex(0x3A_36_42),
        _ => color,
    };
    ears_behind(rig, canvas, ear_color);
    let skull = if rig.ears == Ears::Bumps {
        blob(&[
            (0.0, cy - ry * 0.82),
            (rx, cy + 0.02),
            (rx * 0.7, cy + ry * 0.85),
            (0.0, cy + ry),
            (-rx * 0.7, cy + ry * 0.85),
            (-rx, cy + 0.02),
        ])
    } else {
        blob(&[
            (0.0, cy - ry),
            (rx * 0.72, cy - ry * 0.7),
            (rx, cy + ry * 0.12),
            (rx * 0.68, cy + ry * 0.84),
            (0.0, cy + ry),
            (-rx * 0.68, cy + ry * 0.84),
            (-rx, cy + ry * 0.12),
            (-rx * 0.72, cy - ry * 0.7),
        ])
    };
    let face_color = if rig.coat == Coat::Wool {
        color.mix(hex(0xF8_D8_C2), 0.7)
    } else {
        color
    };
    canvas.rim(&[&skull]);
    if rig.ears == Ears::Bumps {
        let bumps = [-1.0, 1.0].map(|s: f32| circle(s * 0.155, cy - ry * 0.78, 0.1));
        let [left, right] = bumps;
        canvas.body(&[
            (left, color.into()),
            (right, color.into()),
            (skull, color.into()),
        ]);
    } else {
        canvas.shape(&skull, face_color);
    }
    markings(rig, canvas, look, color);
    if rig.coat == Coat::Wool {
        for (x, y) in [(-0.13, -0.2), (0.0, -0.23), (0.13, -0.2)] {
            canvas.fill(&circle(x, cy + y, 0.085), Fill::Soft(look.color));
        }
    }
    ears_in_front(rig, canvas, color, look);
    let skin = match rig.coat {
        Coat::Panda => hex(0x3A_36_42),
        _ => face_color,
    };
    let ear_eyes = rig.ears == Ears::Bumps;
    let face = Face {
        x: 0.0,
        y: rig.eye_line(),
        spread: if ear_eyes { 0.155 } else { rx * 0.46 },
        eye: if ear_eyes { 0.058 } else { 0.052 },
        skin,
        white: if rig.coat == Coat::Panda {
            WHITE
        } else {
            AMBER
        },
        mouth: None,
        cheeks: Some((rx * 0.7, if ear_eyes { ry * 0.95 } else { ry * 0.4 })),
    };
    face.draw(canvas, look);
    let line = if face_color.luma() < 0.34 {
        face_color.lighter(0.6)
    } else {
        INK.mix(face_color, 0.15)
    };
    muzzle(rig, canvas, look, face_color, line);
}

fn ears_behind(rig: &Rig, canvas: &mut Canvas<'_>, color: Rgb) {
    let (cy, rx, _) = rig.head;
    let inner = if color.luma() < 0.3 {
        color.lighter(0.25)
    } else {
        PINK.mix(color, 0.25)
    };
    for s in [-1.0, 1.0] {
        match rig.ears {
            Ears::Pointed => {
                let ear = rounded_poly(
                    &[
                        (s * 0.29, cy - 0.05),
                        (s * 0.265, cy - 0.36),
                        (s * 0.05, cy - 0.19),
                    ],
                    0.05,
                );
                canvas.rim(&[&ear]);
                canvas.shape(&ear, color);
                canvas.fill(
                    &rounded_poly(
                        &[
                            (s * 0.245, cy - 0.13),
                            (s * 0.235, cy - 0.29),
                            (s * 0.12, cy - 0.2),
                        ],
                        0.03,
                    ),
                    Fill::Flat(inner),
                );
            }
            Ears::Round | Ears::Saucer => {
                let (x, y, r) = if rig.ears == Ears::Round {
                    (0.215, 0.2, 0.1)
                } else {
                    (0.25, 0.19, 0.155)
                };
                let ear = circle(s * x, cy - y, r);
                canvas.rim(&[&ear]);
                canvas.shape(&ear, color);
                canvas.fill(&circle(s * x, cy - y + r * 0.1, r * 0.6), Fill::Flat(inner));
            }
            Ears::Long => {
                let ear = rotated_ellipse(s * 0.12, cy - 0.325, 0.068, 0.19, s * 9.0);
                canvas.rim(&[&ear]);
                canvas.shape(&ear, color);
                canvas.fill(
                    &rotated_ellipse(s * 0.12, cy - 0.31, 0.034, 0.14, s * 9.0),
                    Fill::Flat(inner),
                );
            }
            Ears::Fan => {
                let ear = blob(&[
                    (s * 0.16, cy - 0.2),
                    (s * 0.4, cy - 0.24),
                    (s * 0.5, cy - 0.04),
                    (s * 0.4, cy + 0.16),
                    (s * 0.2, cy + 0.14),
                ]);
                canvas.rim(&[&ear]);
                canvas.shape(&ear, color);
                canvas.fill(
                    &blob(&[
                        (s * 0.24, cy - 0.13),
                        (s * 0.38, cy - 0.16),
                        (s * 0.43, cy - 0.03),
                        (s * 0.37, cy + 0.09),
                        (s * 0.25, cy + 0.08),
                    ]),
                    Fill::Flat(inner),
                );
            }
            Ears::Side => {
                let ear = rotated_ellipse(s * (rx + 0.06), cy - 0.08, 0.12, 0.062, s * -14.0);
                canvas.rim(&[&ear]);
                canvas.shape(&ear, color);
                canvas.fill(
                    &rotated_ellipse(s * (rx + 0.065), cy - 0.075, 0.075, 0.034, s * -14.0),
                    Fill::Flat(inner),
                );
            }
            _ => {}
        }
    }
    if rig.muzzle == Muzzle::Cow {
        for s in [-1.0, 1.0] {
            let horn = blob(&[
                (s * 0.12, cy - 0.2),
                (s * 0.2, cy - 0.225),
                (s * 0.24, cy - 0.3),
                (s * 0.19, cy - 0.27),
                (s * 0.13, cy - 0.25),
            ]);
            canvas.shape(&horn, Fill::Soft(hex(0xF0_DE_B4)));
        }
    }
}

fn ears_in_front(rig: &Rig, canvas: &mut Canvas<'_>, color: Rgb, look: &Look) {
    let (cy, _, _) = rig.head;
    let shade = if color.luma() < 0.3 {
        color.lighter(0.16)
    } else {
        color.darker(0.32)
    };
    for s in [-1.0, 1.0] {
        match rig.ears {
            Ears::Floppy => {
                let perk = look.rng.clone().range(-6.0, 6.0);
                canvas.shape(
                    &rotated_ellipse(s * 0.275, cy - 0.03, 0.085, 0.19, s * (-14.0 + perk)),
                    shade,
                );
            }
            Ears::Fold => {
                let ear = rounded_poly(
                    &[
                        (s * 0.08, cy - 0.22),
                        (s * 0.25, cy - 0.3),
                        (s * 0.29, cy - 0.1),
                    ],
                    0.05,
                );
                canvas.shape(&ear, color.darker(0.12));
            }
            _ => {}
        }
    }
}

fn markings(rig: &Rig, canvas: &mut Canvas<'_>, look: &mut Look, color: Rgb) {
    let (cy, rx, ry) = rig.head;
    match rig.coat {
        Coat::Panda => {
            for s in [-1.0, 1.0] {
                canvas.fill(
                    &rotated_ellipse(s * rx * 0.47, cy + 0.005, 0.078, 0.1, s * 24.0),
                    Fill::Flat(hex(0x3A_36_42)),
                );
            }
        }
        Coat::Patches => {
            let patch = blob(&[
                (0.05, cy - ry * 0.93),
                (0.2, cy - ry * 0.74),
                (0.25, cy - 0.02),
                (0.17, cy + 0.06),
                (0.08, cy - 0.04),
            ]);
            let side = if look.rng.chance(0.5) { 1.0 } else { -1.0 };
            canvas.at((0.0, 0.0), 1.0, 0.0, side < 0.0, |canvas| {
                canvas.fill(&patch, Fill::Flat(patch_color(color).mix(color, 0.25)));
            });
        }
        Coat::Bib => {
            for s in [-1.0, 1.0] {
                let cheek = blob(&[
                    (s * 0.03, cy + 0.05),
                    (s * 0.12, cy - 0.005),
                    (s * rx * 0.94, cy + 0.05),
                    (s * rx * 0.66, cy + ry * 0.8),
                    (0.0, cy + ry * 0.96),
                ]);
                canvas.fill(&cheek, Fill::Flat(WHITE));
            }
        }
        Coat::Tabby | Coat::Stripes => {
            let always = rig.coat == Coat::Stripes;
            if always || (look.rng.chance(0.5) && look.natural) {
                let dark = if always {
                    color.darker(0.85)
                } else {
                    color.darker(0.4)
                };
                for (x, len) in [(-0.06, 0.06), (0.0, 0.085), (0.06, 0.06)] {
                    let stripe = curve(&[(x, cy - ry * 0.93), (x * 0.85, cy - ry * 0.93 + len)]);
                    canvas.line(&stripe, dark, 0.024);
                }
                for s in [-1.0, 1.0] {
                    for y in [0.03, 0.09] {
                        canvas.line(
                            &curve(&[(s * rx * 0.96, cy + y), (s * rx * 0.76, cy + y + 0.008)]),
                            dark,
                            0.022,
                        );
                    }
                }
            } else if look.natural && look.rng.chance(0.3) {
                canvas.fill(
                    &ellipse(0.0, cy + ry * 0.5, rx * 0.42, ry * 0.44),
                    Fill::Flat(color.lighter(0.6)),
                );
            }
        }
        _ => {}
    }
}

#[expect(clippy::too_many_lines, reason = "one arm for each muzzle")]
fn muzzle(rig: &Rig, canvas: &mut Canvas<'_>, look: &mut Look, color: Rgb, line: Rgb) {
    let (cy, rx, ry) = rig.head;
    let pale = if color.luma() < 0.3 {
        color.lighter(0.3)
    } else {
        color.lighter(0.62)
    };
    let mood = look.mood;
    let y = cy + ry * 0.36;
    match rig.muzzle {
        Muzzle::Cat => {
            nose(canvas, 0.0, y - 0.005, 0.026, hex(0xEC_7C_86));
            smile(canvas, y + 0.02, 0.045, line, mood);
            whiskers(canvas, y + 0.02, 0.15, 0.34, line);
        }
        Muzzle::Fox => {
            nose(canvas, 0.0, y + 0.015, 0.034, hex(0x2E_22_33));
            smile(canvas, y + 0.045, 0.04, INK, mood);
        }
        Muzzle::Rabbit => {
            nose(canvas, 0.0, y - 0.005, 0.024, hex(0xEC_7C_86));
            if mood == Mood::Happy {
                canvas.shape(
                    &crate::vector::shape::rounded_rect(-0.026, y + 0.03, 0.052, 0.045, 0.012),
                    Fill::Flat(WHITE),
                );
            }
            smile(canvas, y + 0.02, 0.04, line, mood);
            whiskers(canvas, y + 0.015, 0.13, 0.29, line);
        }
        Muzzle::Dog | Muzzle::Bear => {
            let w = if rig.muzzle == Muzzle::Dog {
                0.135
            } else {
                0.12
            };
            canvas.fill(&ellipse(0.0, y + 0.045, w, 0.095), Fill::Soft(pale));
            nose(canvas, 0.0, y - 0.01, 0.042, hex(0x2E_22_33));
            if rig.muzzle == Muzzle::Dog && mood == Mood::Happy && look.rng.chance(0.6) {
                canvas.shape(
                    &crate::vector::shape::rounded_rect(-0.03, y + 0.06, 0.06, 0.075, 0.03),
                    Fill::Flat(hex(0xF0_7A_84)),
                );
            }
            smile(canvas, y + 0.03, 0.05, INK, mood);
        }
        Muzzle::Snout => {
            let pink = color.mix(hex(0xF0_7C_94), 0.35);
            canvas.shape(&ellipse(0.0, y + 0.01, 0.105, 0.075), Fill::Soft(pink));
            for s in [-1.0, 1.0] {
                canvas.fill(
                    &ellipse(s * 0.04, y + 0.01, 0.018, 0.028),
                    Fill::Flat(pink.darker(0.55)),
                );
            }
            mouth(canvas, 0.0, y + 0.115, 0.05, line, mood);
        }
        Muzzle::Cow => {
            let pink = hex(0xF4_B8_A8).mix(color, 0.12);
            canvas.shape(&ellipse(0.0, y + 0.055, 0.2, 0.1), Fill::Soft(pink));
            for s in [-1.0, 1.0] {
                canvas.fill(
                    &ellipse(s * 0.08, y + 0.035, 0.02, 0.028),
                    Fill::Flat(pink.darker(0.5)),
                );
            }
            mouth(canvas, 0.0, y + 0.105, 0.06, INK, mood);
        }
        Muzzle::Trunk => {
            let s = if look.rng.chance(0.5) { 1.0 } else { -1.0 };
            let trunk = curve(&[
                (0.0, y - 0.02),
                (s * 0.005, y + 0.14),
                (s * 0.05, y + 0.24),
                (s * 0.14, y + 0.25),
                (s * 0.17, y + 0.19),
            ]);
            let outline = canvas.outline_width();
            canvas.line(&trunk, color.outline(), 0.11 + 2.0 * outline);
            canvas.line(&trunk, color.lighter(0.06), 0.11);
            for i in 0..3u8 {
                let ty = y + 0.04 + 0.055 * f32::from(i);
                canvas.stroke(
                    &arc(s * 0.006, ty - 0.02, 0.048, 0.022, 20.0, 160.0),
                    color.outline(),
                    0.011,
                    0.45,
                );
            }
            for side in [-1.0, 1.0] {
                let tusk = blob(&[
                    (side * 0.085, y + 0.06),
                    (side * 0.13, y + 0.065),
                    (side * 0.135, y + 0.13),
                    (side * 0.105, y + 0.125),
                ]);
                canvas.shape(&tusk, Fill::Flat(WHITE));
            }
        }
        Muzzle::Wide => {
            for s in [-1.0, 1.0] {
                canvas.fill(&circle(s * 0.03, cy - 0.01, 0.011), Fill::Flat(line));
            }
            canvas.fill(
                &ellipse(0.0, cy + ry * 0.66, rx * 0.56, ry * 0.26),
                Fill::Flat(pale),
            );
            mouth(canvas, 0.0, cy + ry * 0.36, rx * 0.62, line, mood);
        }
        Muzzle::Ape => {
            canvas.fill(
                &ellipse(0.0, y + 0.05, rx * 0.62, ry * 0.48),
                Fill::Soft(hex(0xF6_D2_AC).mix(color, 0.12)),
            );
            for s in [-1.0, 1.0] {
                canvas.fill(&ellipse(s * 0.028, y - 0.01, 0.013, 0.017), Fill::Flat(INK));
            }
            mouth(canvas, 0.0, y + 0.07, 0.09, INK, mood);
        }
        Muzzle::Beak | Muzzle::Bill | Muzzle::Hook => {}
    }
}

/// Draws the mouth: a double curve under the nose for happy and sleepy animals, else the usual mouth
/// of the mood.
fn smile(canvas: &mut Canvas<'_>, y: f32, w: f32, color: Rgb, mood: Mood) {
    if mood == Mood::Happy || mood == Mood::Sleepy {
        for s in [-1.0, 1.0] {
            let half = arc(s * w, y, w, w * 0.85, 15.0, 165.0);
            canvas.line(&half, color, 0.015);
        }
    } else {
        mouth(canvas, 0.0, y + w * 0.6, w * 1.1, color, mood);
    }
}

fn mane(canvas: &mut Canvas<'_>, cy: f32, color: Rgb) {
    let brown = color.darker(0.42).mix(hex(0xB0_5A_20), 0.35);
    let points: Vec<(f32, f32)> = (0..28u8)
        .map(|i| {
            let (sin, cos) = sin_cos(360.0 * f32::from(i) / 28.0);
            let r = if i % 2 == 0 { 1.0 } else { 0.87 };
            (cos * 0.43 * r, cy - 0.01 + sin * 0.365 * r)
        })
        .collect();
    let mane = blob(&points);
    canvas.rim(&[&mane]);
    canvas.shape(&mane, Fill::Soft(brown));
    for s in [-1.0, 1.0] {
        canvas.shape(&circle(s * 0.21, cy - 0.22, 0.08), Fill::Soft(color));
    }
}

fn wool(canvas: &mut Canvas<'_>, cy: f32, color: Rgb) {
    let mut parts = Vec::new();
    for i in 0..11u8 {
        let (sin, cos) = sin_cos(150.0 + 240.0 * f32::from(i) / 10.0);
        parts.push((circle(cos * 0.27, cy + sin * 0.235, 0.1), Fill::Soft(color)));
    }
    canvas.body(&parts);
}

/// The colour of the patches on a coat of this colour.
pub(crate) fn patch_color(color: Rgb) -> Rgb {
    if color.luma() > 0.55 {
        color.darker(0.82)
    } else {
        color.lighter(0.6)
    }
}
