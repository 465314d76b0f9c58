//! Draws faces: eyes, eyebrows, cheeks, mouths, noses and whiskers.

use super::look::Look;
use crate::scene::Mood;
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{BLUSH, INK, Rgb, WHITE, hex};
use crate::vector::shape::{arc, circle, curve, ellipse};

/// The eye colour of most dark animals.
pub(crate) const AMBER: Rgb = hex(0xF2_EC_9C);

/// The proportions of a face. Positions are relative to the point between the eyes, (x, y).
pub(crate) struct Face {
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// The horizontal distance from the middle to an eye.
    pub(crate) spread: f32,
    /// The radius of an eye.
    pub(crate) eye: f32,
    /// The colour of the skin.
    pub(crate) skin: Rgb,
    /// The colour around the pupils on dark skin.
    pub(crate) white: Rgb,
    /// How far the mouth is below the eyes; `None` for no mouth.
    pub(crate) mouth: Option<f32>,
    /// The position of the cheeks: how far from the middle, and how far below the eyes.
    pub(crate) cheeks: Option<(f32, f32)>,
}

impl Face {
    /// The default face of things that are not animals; `size` is its `spread`.
    pub(crate) fn small(x: f32, y: f32, size: f32, skin: Rgb) -> Self {
        Self {
            x,
            y,
            spread: size,
            eye: size * 0.3,
            skin,
            white: AMBER,
            mouth: Some(size * 0.42),
            cheeks: Some((size * 1.55, size * 0.55)),
        }
    }

    /// Draws the face.
    pub(crate) fn draw(&self, canvas: &mut Canvas<'_>, look: &mut Look) {
        let style = look.rng.unit();
        if let Some((dx, dy)) = self.cheeks {
            for side in [-1.0, 1.0] {
                let cheek = ellipse(
                    self.x + dx * side,
                    self.y + dy,
                    self.eye * 1.15,
                    self.eye * 0.8,
                );
                canvas.fill(&cheek, Fill::Translucent(BLUSH, 0.5));
            }
        }
        for side in [-1.0, 1.0] {
            let x = self.x + self.spread * side;
            let closed = match look.mood {
                Mood::Sleepy => Some(false),
                Mood::Happy if style < 0.1 => Some(true),
                Mood::Happy if style < 0.17 && side > 0.0 => Some(true),
                _ => None,
            };
            match closed {
                Some(smiling) => self.closed_eye(canvas, x, smiling),
                None => self.open_eye(canvas, x, look.mood),
            }
            self.brow(canvas, x, side, look.mood);
        }
        if let Some(dy) = self.mouth {
            mouth(
                canvas,
                self.x,
                self.y + dy,
                self.eye * 1.5,
                self.line_color(),
                look.mood,
            );
        }
        if look.mood == Mood::Sad && canvas.shows(self.eye) {
            let x = self.x + self.spread + self.eye * 0.5;
            let tear = ellipse(x, self.y + self.eye * 1.9, self.eye * 0.38, self.eye * 0.6);
            canvas.fill(&tear, Fill::Flat(hex(0x7C_C8_F4)));
        }
    }

    /// The colour of lines on the skin.
    pub(crate) fn line_color(&self) -> Rgb {
        if self.skin.luma() < 0.34 {
            self.skin.lighter(0.62)
        } else {
            INK.mix(self.skin, 0.12)
        }
    }

    fn open_eye(&self, canvas: &mut Canvas<'_>, x: f32, mood: Mood) {
        let r = self.eye;
        let dark = self.skin.luma() < 0.34;
        let (mut rx, mut ry) = (r * 0.92, r * 1.12);
        if mood == Mood::Surprised {
            (rx, ry) = (r * 1.15, r * 1.35);
        }
        if dark || mood == Mood::Surprised {
            let white = if dark { self.white } else { WHITE };
            canvas.fill(&ellipse(x, self.y, rx * 1.32, ry * 1.24), Fill::Flat(white));
            rx *= 0.8;
            ry *= 0.86;
        }
        canvas.fill(
            &ellipse(x, self.y, rx, ry),
            Fill::Gradient(hex(0x1E_14_28), hex(0x4A_34_52)),
        );
        canvas.fill(
            &circle(x - rx * 0.32, self.y - ry * 0.36, r * 0.36),
            Fill::Flat(WHITE),
        );
        if canvas.shows_detail(r) {
            canvas.fill(
                &circle(x + rx * 0.36, self.y + ry * 0.4, r * 0.18),
                Fill::Translucent(WHITE, 0.85),
            );
        }
    }

    fn closed_eye(&self, canvas: &mut Canvas<'_>, x: f32, smiling: bool) {
        let r = self.eye;
        let (from, to, y) = if smiling {
            (200.0, 340.0, self.y + r * 0.5)
        } else {
            (20.0, 160.0, self.y - r * 0.3)
        };
        canvas.line(&arc(x, y, r * 1.1, r, from, to), self.line_color(), r * 0.5);
    }

    fn brow(&self, canvas: &mut Canvas<'_>, x: f32, side: f32, mood: Mood) {
        let r = self.eye;
        let (inner, outer) = match mood {
            Mood::Sad => (-2.3, -1.6),
            Mood::Angry => (-1.1, -2.1),
            Mood::Surprised => (-2.4, -2.4),
            Mood::Happy | Mood::Sleepy => return,
        };
        let points = [
            (x - side * r * 0.9, self.y + inner * r),
            (x + side * r * 0.9, self.y + outer * r),
        ];
        canvas.line(&curve(&points), self.line_color(), r * 0.45);
    }
}

/// Draws a mouth; `w` is about half its width.
pub(crate) fn mouth(canvas: &mut Canvas<'_>, x: f32, y: f32, w: f32, color: Rgb, mood: Mood) {
    match mood {
        Mood::Happy => canvas.line(
            &arc(x, y - w * 0.25, w * 0.8, w * 0.62, 15.0, 165.0),
            color,
            w * 0.26,
        ),
        Mood::Sleepy => canvas.line(&arc(x, y, w * 0.5, w * 0.25, 20.0, 160.0), color, w * 0.26),
        Mood::Sad | Mood::Angry => {
            canvas.line(
                &arc(x, y + w * 0.7, w * 0.75, w * 0.6, 205.0, 335.0),
                color,
                w * 0.26,
            );
        }
        Mood::Surprised => {
            canvas.fill(
                &ellipse(x, y + w * 0.35, w * 0.42, w * 0.55),
                Fill::Flat(hex(0x7A_2A_3A)),
            );
        }
    }
}

/// Draws whiskers on both sides of a muzzle.
pub(crate) fn whiskers(canvas: &mut Canvas<'_>, y: f32, from: f32, to: f32, color: Rgb) {
    for side in [-1.0, 1.0] {
        for lift in [-0.025, 0.015] {
            let line = curve(&[(side * from, y + lift * 0.4), (side * to, y + lift * 1.7)]);
            canvas.stroke(&line, color, 0.009, 0.75);
        }
    }
}

/// Draws a small nose.
pub(crate) fn nose(canvas: &mut Canvas<'_>, x: f32, y: f32, r: f32, color: Rgb) {
    canvas.fill(&ellipse(x, y, r * 1.15, r * 0.8), Fill::Flat(color));
    if canvas.shows_detail(r) {
        canvas.fill(
            &ellipse(x - r * 0.3, y - r * 0.3, r * 0.35, r * 0.2),
            Fill::Translucent(WHITE, 0.75),
        );
    }
}
