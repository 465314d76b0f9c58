//! Draws accessories: hat, crown, scarf, glasses, balloon and umbrella.

use super::anchor::{Anchor, Anchors};
use crate::scene::{Accessory, Subject};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{Pt, arc, blob, circle, curve, ellipse, polyline, rounded_poly};

/// Whether the subject wears something on its head.
pub(crate) fn has_headwear(subject: &Subject) -> bool {
    let on_head = |item| matches!(item, Accessory::Hat | Accessory::Crown);
    subject.worn.iter().any(|worn| on_head(worn.item))
}

/// The centre of the rim of a held umbrella, which clears the head and any headwear.
fn umbrella_rim(anchors: &Anchors, hand: Anchor, has_headwear: bool) -> Pt {
    let clear = anchors.head.map_or(hand.y - 0.42, |head| {
        // No thing is higher than 1, so this clears ears and antennae as well.
        (head.y - if has_headwear { 0.62 * head.w } else { 0.14 }).min(-0.97)
    });
    (hand.x * 0.8, clear.min(hand.y - 0.4))
}

/// The bounds of an accessory (left, top, right, bottom) for a wearer of height 1, or `None` if the
/// wearer has no anchor for it.
pub(crate) fn bounds(item: Accessory, anchors: &Anchors, has_headwear: bool) -> Option<[f32; 4]> {
    let around = |s: Anchor, left: f32, top: f32, right: f32, bottom: f32| {
        [
            s.x - left * s.w,
            s.y - top * s.w,
            s.x + right * s.w,
            s.y + bottom * s.w,
        ]
    };
    Some(match item {
        Accessory::Hat => around(anchors.head?, 0.68, 0.62, 0.68, 0.12),
        Accessory::Crown => around(anchors.head?, 0.5, 0.62, 0.5, 0.1),
        Accessory::Scarf => around(anchors.neck?, 0.62, 0.2, 0.62, 0.2),
        Accessory::Glasses => around(anchors.eyes?, 0.6, 0.34, 0.6, 0.34),
        Accessory::Balloon => {
            let s = anchors.hand?;
            [s.x - 0.05, s.y - 0.9, s.x + 0.4, s.y + 0.04]
        }
        Accessory::Umbrella => {
            let s = anchors.hand?;
            let rim = umbrella_rim(anchors, s, has_headwear);
            [rim.0 - 0.54, rim.1 - 0.45, rim.0 + 0.54, s.y + 0.16]
        }
    })
}

/// Draws an accessory on its wearer.
pub(crate) fn draw(
    canvas: &mut Canvas<'_>,
    item: Accessory,
    anchors: &Anchors,
    has_headwear: bool,
    color: Rgb,
) {
    match item {
        Accessory::Hat => {
            if let Some(s) = anchors.head {
                hat(canvas, s.x, s.y, s.w, color);
            }
        }
        Accessory::Crown => {
            if let Some(s) = anchors.head {
                crown(canvas, s.x, s.y, s.w * 0.88, color);
            }
        }
        Accessory::Scarf => {
            if let Some(s) = anchors.neck {
                scarf(canvas, s, color);
            }
        }
        Accessory::Glasses => {
            if let Some(s) = anchors.eyes {
                glasses(canvas, s, color);
            }
        }
        Accessory::Balloon => {
            if let Some(s) = anchors.hand {
                let knot = (s.x + 0.2, s.y - 0.46);
                canvas.line(
                    &curve(&[
                        (s.x, s.y),
                        (s.x + 0.035, s.y - 0.15),
                        (s.x + 0.15, s.y - 0.3),
                        knot,
                    ]),
                    hex(0x6A_5A_66),
                    0.012,
                );
                balloon(canvas, knot.0, knot.1, 0.4, color);
            }
        }
        Accessory::Umbrella => {
            if let Some(s) = anchors.hand {
                let rim = umbrella_rim(anchors, s, has_headwear);
                umbrella(canvas, rim, 1.04, (s.x, s.y + 0.1), color);
            }
        }
    }
}

/// Draws a hat at (x, y) for a head of width `w`.
pub(crate) fn hat(canvas: &mut Canvas<'_>, x: f32, y: f32, w: f32, color: Rgb) {
    let p = |px: f32, py: f32| (x + px * w, y + py * w);
    let band = if color.luma() > 0.75 {
        color.darker(0.5)
    } else {
        color.lighter(0.6)
    };
    let crown = blob(&[
        p(-0.36, -0.02),
        p(-0.36, -0.3),
        p(-0.27, -0.51),
        p(-0.09, -0.545),
        p(0.0, -0.5),
        p(0.1, -0.555),
        p(0.28, -0.5),
        p(0.36, -0.3),
        p(0.36, -0.02),
        p(0.0, 0.05),
    ]);
    let brim = blob(&[
        p(-0.64, -0.06),
        p(-0.38, -0.09),
        p(0.0, -0.06),
        p(0.38, -0.09),
        p(0.64, -0.06),
        p(0.42, 0.06),
        p(0.0, 0.1),
        p(-0.42, 0.06),
    ]);
    canvas.rim(&[&crown, &brim]);
    canvas.shape(&brim, Fill::Soft(color.darker(0.1)));
    canvas.shape(&crown, color);
    let ribbon = blob(&[
        p(-0.365, -0.18),
        p(0.0, -0.12),
        p(0.365, -0.18),
        p(0.365, -0.05),
        p(0.0, 0.015),
        p(-0.365, -0.05),
    ]);
    canvas.fill(&ribbon, Fill::Flat(band));
    canvas.stroke(
        &curve(&[p(-0.26, -0.42), p(-0.2, -0.47), p(-0.12, -0.48)]),
        WHITE,
        0.035 * w,
        0.5,
    );
}

/// Draws a crown of width `w` at (x, y).
pub(crate) fn crown(canvas: &mut Canvas<'_>, x: f32, y: f32, w: f32, color: Rgb) {
    let p = |px: f32, py: f32| (x + px * w, y + py * w);
    let body = rounded_poly(
        &[
            p(-0.42, 0.02),
            p(-0.5, -0.46),
            p(-0.23, -0.25),
            p(0.0, -0.58),
            p(0.23, -0.25),
            p(0.5, -0.46),
            p(0.42, 0.02),
            p(0.0, 0.08),
        ],
        0.03 * w,
    );
    canvas.rim(&[&body]);
    canvas.shape(&body, color);
    canvas.line(
        &curve(&[p(-0.4, -0.05), p(0.0, 0.0), p(0.4, -0.05)]),
        color.darker(0.28),
        0.055 * w,
    );
    for (px, py) in [(-0.5, -0.47), (0.0, -0.59), (0.5, -0.47)] {
        let at = p(px, py);
        canvas.shape(
            &circle(at.0, at.1, 0.06 * w),
            Fill::Soft(color.lighter(0.3)),
        );
    }
    for (px, py, gem) in [
        (-0.22, -0.14, hex(0x4A_A8_E8)),
        (0.0, -0.18, hex(0xE8_3E_5C)),
        (0.22, -0.14, hex(0x4A_A8_E8)),
    ] {
        let at = p(px, py);
        canvas.fill(&circle(at.0, at.1, 0.055 * w), Fill::Flat(gem));
    }
}

fn scarf(canvas: &mut Canvas<'_>, s: Anchor, color: Rgb) {
    let p = |px: f32, py: f32| (s.x + px * s.w, s.y + py * s.w);
    let stripe = if color.luma() > 0.75 {
        color.darker(0.3)
    } else {
        color.lighter(0.55)
    };
    let half = (0.1 * s.w).max(0.045);
    let wrap: [Pt; 3] = [p(-0.5, -0.05), p(0.0, 0.07), p(0.5, -0.05)];
    let tail = rounded_poly(
        &[
            (s.x + s.w * 0.16, s.y),
            (s.x + s.w * 0.16 + 0.11, s.y - 0.01),
            (s.x + s.w * 0.16 + 0.14, s.y + 0.21),
            (s.x + s.w * 0.16 + 0.025, s.y + 0.22),
        ],
        0.015,
    );
    canvas.rim(&[&tail]);
    canvas.shape(&tail, Fill::Soft(color.darker(0.1)));
    let (tx, ty) = (s.x + s.w * 0.16, s.y);
    canvas.line(
        &polyline(&[(tx + 0.025, ty + 0.165), (tx + 0.125, ty + 0.155)]),
        stripe,
        0.028,
    );
    let path = curve(&wrap);
    let outline = canvas.outline_width();
    canvas.line(&path, color.outline(), 2.0 * half + 2.0 * outline);
    canvas.line(&path, color, 2.0 * half);
    if canvas.shows_detail(0.05) {
        for at in [-0.34, -0.12] {
            let y = s.y + s.w * (0.06 - 0.36 * at * at);
            canvas.line(
                &polyline(&[
                    (s.x + at * s.w, y - half * 0.8),
                    (s.x + at * s.w + 0.012, y + half * 0.8),
                ]),
                stripe,
                0.026,
            );
        }
    }
    canvas.shape(
        &ellipse(tx + 0.055, ty + 0.01, 0.062, half * 1.15),
        Fill::Soft(color),
    );
}

fn glasses(canvas: &mut Canvas<'_>, s: Anchor, color: Rgb) {
    let r = 0.27 * s.w;
    let dx = 0.3 * s.w;
    let width = 0.062 * s.w;
    for side in [-1.0, 1.0] {
        canvas.fill(
            &circle(s.x + side * dx, s.y, r),
            Fill::Translucent(WHITE, 0.26),
        );
    }
    let outline = canvas.outline_width() * 0.8;
    let bridge = arc(s.x, s.y, dx - r + 0.01, 0.06 * s.w, 180.0, 360.0);
    for (tone, w) in [(color.outline(), width + 2.0 * outline), (color, width)] {
        for side in [-1.0, 1.0] {
            canvas.line(&circle(s.x + side * dx, s.y, r), tone, w);
            canvas.line(
                &polyline(&[
                    (s.x + side * (dx + r), s.y - 0.03 * s.w),
                    (s.x + side * (dx + r + 0.06 * s.w), s.y - 0.06 * s.w),
                ]),
                tone,
                w,
            );
        }
        canvas.line(&bridge, tone, w);
    }
    for side in [-1.0, 1.0] {
        canvas.stroke(
            &arc(s.x + side * dx, s.y, r * 0.7, r * 0.7, 200.0, 250.0),
            WHITE,
            width * 0.6,
            0.8,
        );
    }
}

/// Draws a balloon of height `h` with its knot at (x, y).
pub(crate) fn balloon(canvas: &mut Canvas<'_>, x: f32, y: f32, h: f32, color: Rgb) {
    let p = |px: f32, py: f32| (x + px * h, y + py * h);
    let body = blob(&[
        p(0.0, -1.05),
        p(0.3, -0.95),
        p(0.44, -0.66),
        p(0.33, -0.3),
        p(0.06, -0.03),
        p(-0.06, -0.03),
        p(-0.33, -0.3),
        p(-0.44, -0.66),
        p(-0.3, -0.95),
    ]);
    canvas.rim(&[&body]);
    canvas.shape(
        &rounded_poly(&[p(0.0, -0.06), p(0.08, 0.06), p(-0.08, 0.06)], 0.01 * h),
        Fill::Flat(color.darker(0.2)),
    );
    canvas.shape(&body, color);
    let shine = p(-0.2, -0.78);
    canvas.fill(
        &crate::vector::shape::rotated_ellipse(shine.0, shine.1, 0.06 * h, 0.13 * h, 28.0),
        Fill::Translucent(WHITE, 0.65),
    );
}

/// Draws an umbrella. The rim of its canopy is centred at (x, y) and `w` wide; the handle ends at
/// `bottom`.
pub(crate) fn umbrella(canvas: &mut Canvas<'_>, (x, y): Pt, w: f32, bottom: Pt, color: Rgb) {
    let p = |px: f32, py: f32| (x + px * w, y + py * w);
    let stick = curve(&[
        p(0.0, -0.3),
        (f32::midpoint(x, bottom.0), f32::midpoint(y, bottom.1)),
        bottom,
        (bottom.0 - 0.045, bottom.1 + 0.055),
        (bottom.0 - 0.09, bottom.1),
    ]);
    let outline = canvas.outline_width();
    canvas.line(&stick, hex(0x4A_34_3A), 0.028 + outline);
    canvas.line(&stick, hex(0x9A_6A_48), 0.028);
    let top = p(0.0, -0.36);
    let tip = p(0.0, -0.41);
    canvas.line(&polyline(&[top, tip]), hex(0x6A_4A_42), 0.03);
    let canopy = blob(&[
        p(0.0, -0.365),
        p(0.26, -0.31),
        p(0.43, -0.17),
        p(0.5, 0.01),
        p(0.34, -0.045),
        p(0.17, 0.01),
        p(0.0, -0.05),
        p(-0.17, 0.01),
        p(-0.34, -0.045),
        p(-0.5, 0.01),
        p(-0.43, -0.17),
        p(-0.26, -0.31),
    ]);
    canvas.rim(&[&canopy]);
    canvas.shape(&canopy, color);
    let panel = blob(&[
        p(0.0, -0.36),
        p(0.1, -0.26),
        p(0.17, 0.0),
        p(0.0, -0.055),
        p(-0.17, 0.0),
        p(-0.1, -0.26),
    ]);
    canvas.fill(&panel, Fill::Soft(color.lighter(0.34)));
    for s in [-1.0, 1.0] {
        canvas.pen(
            &curve(&[p(0.0, -0.36), p(s * 0.24, -0.22), p(s * 0.34, -0.05)]),
            color.darker(0.3),
        );
    }
}
