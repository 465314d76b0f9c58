//! Draws an animal from its [`Rig`]: sitting animals here, birds and fish in their own modules.

use super::anchor::{Anchor, Anchors};
use super::animal_head::{self as head, patch_color};
use super::bird;
use super::fish;
use super::look::Look;
use super::rig::{Build, Coat, Ears, Rig, Tail};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{blob, circle, curve, ellipse, rotated_ellipse};

impl Rig {
    /// The anchors of accessories.
    pub(crate) fn anchors(&self) -> Anchors {
        let (cy, rx, ry) = self.head;
        match self.build {
            Build::Sitting => Anchors {
                head: Some(Anchor {
                    x: 0.0,
                    // A frog's hat sits on its eyes.
                    y: cy - ry * if self.ears == Ears::Bumps { 1.14 } else { 0.8 },
                    w: rx * 1.5,
                }),
                eyes: Some(Anchor {
                    x: 0.0,
                    y: self.eye_line(),
                    w: rx * 1.32,
                }),
                neck: Some(Anchor {
                    x: 0.0,
                    y: cy + ry * 0.98,
                    w: 0.4 * self.plump,
                }),
                hand: Some(Anchor {
                    x: 0.3 * self.plump,
                    y: (cy + ry + 0.06).min(-0.3),
                    w: 0.1,
                }),
            },
            Build::Bird => bird::anchors(),
            Build::Fish => fish::anchors(self),
        }
    }

    /// Draws the animal.
    pub(crate) fn draw(&self, canvas: &mut Canvas<'_>, look: &mut Look) {
        match self.build {
            Build::Sitting => self.draw_sitting(canvas, look),
            Build::Bird => bird::draw(self, canvas, look),
            Build::Fish => fish::draw(self, canvas, look),
        }
    }

    fn draw_sitting(&self, canvas: &mut Canvas<'_>, look: &mut Look) {
        let color = look.color;
        let limb = if self.coat == Coat::Panda {
            hex(0x3A_36_42)
        } else {
            color
        };
        let p = self.plump;
        if canvas.shows(0.02) {
            self.tail(canvas, look);
        }
        let body = blob(&[
            (0.0, -0.5),
            (0.17 * p, -0.42),
            (0.245 * p, -0.2),
            (0.2 * p, -0.03),
            (0.0, -0.005),
            (-0.2 * p, -0.03),
            (-0.245 * p, -0.2),
            (-0.17 * p, -0.42),
        ]);
        if self.coat == Coat::Spikes {
            spikes(canvas, color, p);
        }
        let feet = [-1.0, 1.0].map(|side: f32| ellipse(side * 0.145 * p, -0.05, 0.1, 0.055));
        canvas.rim(&[&body, &feet[0], &feet[1]]);
        canvas.body(&[(body, color.into())]);
        self.chest(canvas, color, look);
        for foot in feet {
            canvas.shape(&foot, Fill::Soft(limb.lighter(0.06)));
        }
        if canvas.shows_detail(0.04) {
            for side in [-1.0, 1.0] {
                for toe in [-0.03, 0.03] {
                    let x = side * 0.145 * p + toe;
                    canvas.pen(
                        &curve(&[(x, -0.055), (x, -0.02)]),
                        limb.outline().mix(limb, 0.3),
                    );
                }
            }
        }
        self.arms(canvas, look, limb);
        // The discarded random number and the rounding of the two opposite translations are part of
        // the pictures' exact bytes.
        look.rng.next_u64();
        let neck = self.head.0 + self.head.2;
        canvas.at((0.0, neck), 1.0, 0.0, false, |canvas| {
            canvas.at((0.0, -neck), 1.0, 0.0, false, |canvas| {
                head::draw(self, canvas, look);
            });
        });
    }

    fn chest(&self, canvas: &mut Canvas<'_>, color: Rgb, look: &mut Look) {
        let p = self.plump;
        let pale = match self.coat {
            Coat::Bib | Coat::Panda => WHITE,
            _ if color.luma() > 0.9 => color.mix(hex(0xF6_DC_D2), 0.55),
            _ if color.luma() < 0.3 => color.lighter(0.14),
            _ => color.lighter(0.5),
        };
        canvas.fill(&ellipse(0.0, -0.2, 0.145 * p, 0.17), Fill::Soft(pale));
        match self.coat {
            Coat::Patches => {
                let dark = patch_color(color);
                canvas.fill(
                    &rotated_ellipse(-0.17 * p, -0.3, 0.05, 0.08, 20.0),
                    Fill::Flat(dark),
                );
                canvas.fill(
                    &rotated_ellipse(0.18 * p, -0.15, 0.045, 0.06, -10.0),
                    Fill::Flat(dark),
                );
            }
            Coat::Wool => {
                for (x, y) in [
                    (-0.15, -0.32),
                    (0.15, -0.34),
                    (-0.19, -0.14),
                    (0.19, -0.15),
                    (0.0, -0.1),
                    (0.05, -0.28),
                ] {
                    canvas.stroke(
                        &crate::vector::shape::arc(x * p, y, 0.045, 0.045, 20.0, 250.0),
                        color.outline(),
                        0.012,
                        0.35,
                    );
                }
            }
            Coat::Tabby if look.rng.clone().chance(0.5) && look.natural => {
                self.flank_stripes(canvas, color);
            }
            Coat::Stripes => self.flank_stripes(canvas, color),
            _ => {}
        }
    }

    fn flank_stripes(&self, canvas: &mut Canvas<'_>, color: Rgb) {
        let dark = if self.coat == Coat::Stripes {
            color.darker(0.85)
        } else {
            color.darker(0.4)
        };
        for side in [-1.0, 1.0] {
            for (y, w) in [(-0.3, 0.2), (-0.21, 0.235), (-0.12, 0.235)] {
                let p = self.plump;
                let stripe = curve(&[
                    (side * w * p, y),
                    (side * (w - 0.05) * p, y + 0.012),
                    (side * (w - 0.085) * p, y + 0.004),
                ]);
                canvas.line(&stripe, dark, 0.026);
            }
        }
    }

    fn arms(&self, canvas: &mut Canvas<'_>, look: &Look, limb: Rgb) {
        let p = self.plump;
        for side in [-1.0, 1.0] {
            let raised = look.holds && side > 0.0;
            let arm = if raised {
                rotated_ellipse(0.235 * p, -0.335, 0.055, 0.125, 48.0)
            } else {
                rotated_ellipse(side * 0.175 * p, -0.285, 0.06, 0.135, side * -10.0)
            };
            canvas.shape(&arm, Fill::Soft(limb.lighter(0.03)));
        }
    }

    fn tail(&self, canvas: &mut Canvas<'_>, look: &mut Look) {
        let side = if look.rng.chance(0.5) && !look.holds {
            1.0
        } else {
            -1.0
        };
        let color = look.color;
        let line = color.outline();
        let tube = |canvas: &mut Canvas<'_>, points: &[(f32, f32)], width: f32| {
            let path = curve(points);
            let outline = canvas.outline_width();
            canvas.line(&path, line, width + 2.0 * outline);
            canvas.line(&path, color, width);
        };
        match self.tail {
            Tail::Curl => tube(
                canvas,
                &[
                    (side * 0.14, -0.05),
                    (side * 0.26, -0.055),
                    (side * 0.345, -0.12),
                    (side * 0.365, -0.22),
                    (side * 0.325, -0.31),
                ],
                0.062,
            ),
            Tail::Thin => tube(
                canvas,
                &[
                    (side * 0.16, -0.05),
                    (side * 0.31, -0.04),
                    (side * 0.36, -0.12),
                    (side * 0.43, -0.1),
                ],
                0.03,
            ),
            Tail::Tuft => {
                tube(
                    canvas,
                    &[
                        (side * 0.16, -0.06),
                        (side * 0.31, -0.1),
                        (side * 0.36, -0.24),
                    ],
                    0.036,
                );
                canvas.shape(
                    &rotated_ellipse(side * 0.37, -0.29, 0.05, 0.075, side * 12.0),
                    Fill::Soft(color.darker(0.5)),
                );
            }
            Tail::Bushy => {
                let tail = blob(&[
                    (side * 0.14, -0.04),
                    (side * 0.32, -0.03),
                    (side * 0.42, -0.18),
                    (side * 0.39, -0.36),
                    (side * 0.3, -0.45),
                    (side * 0.3, -0.28),
                    (side * 0.22, -0.16),
                ]);
                canvas.shape(&tail, color);
                let tip = blob(&[
                    (side * 0.405, -0.3),
                    (side * 0.385, -0.39),
                    (side * 0.3, -0.45),
                    (side * 0.3, -0.33),
                    (side * 0.35, -0.33),
                ]);
                canvas.fill(
                    &tip,
                    Fill::Flat(if self.coat == Coat::Bib {
                        WHITE
                    } else {
                        color.lighter(0.35)
                    }),
                );
            }
            Tail::Puff => canvas.shape(
                &circle(side * 0.25, -0.1, 0.075),
                Fill::Soft(color.lighter(0.4)),
            ),
            Tail::Spiral => {
                let spiral = [
                    (0.22, -0.12),
                    (0.3, -0.1),
                    (0.33, -0.16),
                    (0.29, -0.19),
                    (0.27, -0.15),
                    (0.33, -0.12),
                    (0.37, -0.15),
                ];
                canvas.line(
                    &curve(&spiral.map(|(x, y)| (x * side, y))),
                    color.darker(0.25),
                    0.024,
                );
            }
            Tail::None => {}
        }
    }
}

/// Draws a hedgehog's spikes, behind its body and head.
fn spikes(canvas: &mut Canvas<'_>, color: Rgb, p: f32) {
    let dark = color.darker(0.42);
    let points: Vec<(f32, f32)> = (0..=52u8)
        .map(|i| {
            let (sin, cos) = crate::vector::shape::sin_cos(140.0 + 260.0 * f32::from(i) / 52.0);
            let r = if i % 2 == 0 { 1.0 } else { 0.84 };
            (cos * 0.43 * r * p, -0.5 + sin * 0.475 * r)
        })
        .collect();
    let coat = crate::vector::shape::rounded_poly(&points, 0.012);
    canvas.rim(&[&coat]);
    canvas.shape(&coat, Fill::Soft(dark));
}
