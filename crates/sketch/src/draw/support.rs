//! Draws what things stand on: shadows, clouds, islands, pools, rocks and waves.

use crate::layout::{Layout, Placed, Support};
use crate::rng::Rng;
use crate::scene::{Backdrop, Time};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{INK, WHITE, hex};
use crate::vector::shape::{arc, blob, circle, curve, ellipse, rounded_rect};

/// Draws the part of the support that the thing covers; called before the thing is drawn.
pub(crate) fn draw_behind(
    canvas: &mut Canvas<'_>,
    layout: &Layout,
    placed: &Placed,
    rng: &mut Rng,
) {
    let width = placed.bounds.right - placed.bounds.left;
    let w = width.min(placed.height * 1.6);
    let (x, y) = (placed.x, placed.y);
    match placed.support {
        Support::Nothing | Support::Waves => {}
        Support::Ground => {
            let strength = if layout.scene.setting.time == Time::Night {
                0.5
            } else {
                0.36
            };
            let lean = if layout.scene.setting.time == Time::Sunset {
                0.12
            } else {
                0.04
            };
            canvas.glow(
                x + width * lean,
                y - width * 0.01,
                width * 0.58,
                width * 0.1,
                INK,
                strength,
            );
        }
        Support::Cloud => canvas.at((x, y), w, 0.0, false, |canvas| cloud(canvas, rng)),
        Support::Island => canvas.at((x, y), w, 0.0, false, |canvas| {
            let sand = hex(0xF4_DC_A0);
            canvas.fill(
                &ellipse(0.0, 0.12, 0.62, 0.1),
                Fill::Translucent(WHITE, 0.5),
            );
            canvas.shape(
                &blob(&[
                    (-0.56, 0.12),
                    (-0.36, -0.03),
                    (0.0, -0.08),
                    (0.36, -0.03),
                    (0.56, 0.12),
                    (0.3, 0.17),
                    (-0.3, 0.17),
                ]),
                Fill::Soft(sand),
            );
            canvas.glow(0.03, 0.01, 0.45, 0.06, INK, 0.3);
        }),
        Support::Pool => canvas.at((x, y), w, 0.0, false, |canvas| {
            let water = hex(0x6A_BE_E8);
            canvas.shape(
                &ellipse(0.0, 0.01, 0.58, 0.13),
                Fill::Gradient(water.lighter(0.3), water),
            );
            canvas.stroke(&arc(0.0, 0.01, 0.42, 0.08, 200.0, 340.0), WHITE, 0.016, 0.7);
        }),
        Support::Rock => canvas.at((x, y), w, 0.0, false, |canvas| {
            let stone = hex(0x8A_80_A4);
            canvas.shape(
                &blob(&[
                    (-0.56, 0.03),
                    (-0.3, -0.04),
                    (0.3, -0.04),
                    (0.56, 0.03),
                    (0.42, 0.2),
                    (0.12, 0.32),
                    (-0.2, 0.28),
                    (-0.46, 0.17),
                ]),
                Fill::Soft(stone),
            );
            for (px, py, r) in [(-0.26, 0.1, 0.06), (0.16, 0.16, 0.075), (0.36, 0.06, 0.04)] {
                canvas.fill(&ellipse(px, py, r, r * 0.7), Fill::Flat(stone.darker(0.3)));
            }
        }),
    }
}

fn cloud(canvas: &mut Canvas<'_>, rng: &mut Rng) {
    let wobble = [(); 5].map(|()| rng.range(-0.02, 0.02));
    let low = hex(0xC8_DA_F2);
    let base = rounded_rect(-0.6, 0.02, 1.2, 0.24, 0.12);
    let puffs = [
        (-0.42, 0.06, 0.17),
        (-0.18, 0.0, 0.18),
        (0.1, 0.0, 0.2),
        (0.38, 0.05, 0.18),
        (0.0, 0.08, 0.18),
    ];
    let mut parts = vec![(base, Fill::Gradient(WHITE, low))];
    for ((px, py, r), d) in puffs.into_iter().zip(wobble) {
        parts.push((circle(px + d, py + 0.04, r), Fill::Flat(WHITE)));
    }
    canvas.body(&parts);
    let shade = blob(&[
        (-0.58, 0.13),
        (-0.3, 0.18),
        (0.0, 0.16),
        (0.3, 0.185),
        (0.58, 0.13),
        (0.5, 0.245),
        (0.0, 0.25),
        (-0.5, 0.245),
    ]);
    canvas.fill(&shade, Fill::Translucent(low, 0.85));
}

/// Draws the part of the support that covers the thing's foot; called after the thing is drawn.
pub(crate) fn draw_in_front(canvas: &mut Canvas<'_>, layout: &Layout, placed: &Placed) {
    let w = (placed.bounds.right - placed.bounds.left).min(placed.height * 1.6);
    match placed.support {
        Support::Waves => {
            let sea = super::backdrop::sea_color(layout.scene.setting);
            canvas.at((placed.x, placed.y), w, 0.0, false, |canvas| {
                let lap = blob(&[
                    (-0.58, 0.02),
                    (-0.4, -0.06),
                    (-0.2, -0.02),
                    (0.0, -0.07),
                    (0.2, -0.02),
                    (0.4, -0.06),
                    (0.58, 0.02),
                    (0.3, 0.08),
                    (-0.3, 0.08),
                ]);
                canvas.unlit(|canvas| {
                    canvas.fill(&lap, Fill::Translucent(sea, 0.8));
                    canvas.stroke(
                        &curve(&[
                            (-0.54, 0.0),
                            (-0.4, -0.06),
                            (-0.2, -0.02),
                            (0.0, -0.07),
                            (0.2, -0.02),
                            (0.4, -0.06),
                            (0.54, 0.0),
                        ]),
                        WHITE,
                        0.022,
                        0.75,
                    );
                });
            });
        }
        Support::Pool => canvas.at((placed.x, placed.y), w, 0.0, false, |canvas| {
            let water = hex(0x6A_BE_E8);
            canvas.fill(
                &blob(&[
                    (-0.4, 0.0),
                    (-0.2, -0.035),
                    (0.0, -0.01),
                    (0.2, -0.035),
                    (0.4, 0.0),
                    (0.3, 0.06),
                    (-0.3, 0.06),
                ]),
                Fill::Translucent(water, 0.85),
            );
            canvas.stroke(
                &curve(&[
                    (-0.4, 0.0),
                    (-0.2, -0.035),
                    (0.0, -0.01),
                    (0.2, -0.035),
                    (0.4, 0.0),
                ]),
                WHITE,
                0.018,
                0.8,
            );
        }),
        Support::Ground
            if canvas.shows_detail(0.05 * w)
                && layout.scene.setting.backdrop == Backdrop::Meadow =>
        {
            let grass = hex(0x4E_96_46);
            let blade = layout.width.min(layout.height) as f32 * 0.3;
            for (dx, h) in [(-0.4, 0.055), (-0.36, 0.08), (0.37, 0.075), (0.41, 0.05)] {
                let x = placed.x + dx * w;
                canvas.line(
                    &curve(&[
                        (x, placed.y + 0.02 * blade),
                        (x + 0.012 * blade, placed.y - h * blade),
                    ]),
                    grass,
                    0.016 * blade,
                );
            }
        }
        _ => {}
    }
}
