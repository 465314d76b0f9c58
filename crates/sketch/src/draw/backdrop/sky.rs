//! The sky: its gradient, stars, sun or moon, and clouds.

use super::frame::Frame;
use super::parts::{WALLS, small_cloud};
use super::space;
use crate::scene::{Backdrop, Setting, Time, Weather};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{circle, star};

/// The gradient of the sky, from the top to the horizon.
fn sky_stops(frame: &mut Frame) -> Vec<(f32, Rgb)> {
    let horizon = (frame.horizon / frame.h).clamp(0.2, 1.0);
    let Setting {
        backdrop,
        time,
        weather,
    } = frame.setting;
    let gray = match weather {
        Weather::Clear => 0.0,
        Weather::Snow => 0.35,
        Weather::Rain => 0.66,
        Weather::Fog => 0.6,
    };
    let overcast = |c: Rgb| {
        let tone = match time {
            Time::Day => hex(0xC4_CE_DA),
            Time::Sunset => hex(0xD8_B4_B4),
            Time::Night => hex(0x3A_44_6A),
        };
        c.mix(tone, gray)
    };
    let colors: Vec<(f32, Rgb)> = match (backdrop, time) {
        (Backdrop::Space, _) => vec![
            (0.0, hex(0x16_10_38)),
            (0.5, hex(0x2C_1E_5C)),
            (1.0, hex(0x54_34_7E)),
        ],
        (Backdrop::Plain, Time::Day) => {
            let (wall, _) = frame.rng.clone().pick(&WALLS);
            vec![
                (0.0, hex(wall).mix(WHITE, 0.15)),
                (1.0, hex(wall).darker(0.05)),
            ]
        }
        (Backdrop::Desert, Time::Day) => vec![
            (0.0, hex(0x6A_BE_EC)),
            (0.6, hex(0xB4_E0_F2)),
            (1.0, hex(0xFC_EC_C8)),
        ],
        (_, Time::Day) => {
            let top = frame
                .rng
                .clone()
                .pick(&[hex(0x5C_B2_EE), hex(0x66_BC_F2), hex(0x58_A8_E8)]);
            vec![(0.0, top), (0.62, hex(0xAC_DC_F6)), (1.0, hex(0xE2_F4_F8))]
        }
        (_, Time::Sunset) => {
            let sets = [
                [
                    hex(0x5A_4A_8E),
                    hex(0xD8_6E_8A),
                    hex(0xF8_A0_6A),
                    hex(0xFD_DC_96),
                ],
                [
                    hex(0x4A_5A_9E),
                    hex(0xC4_7A_B0),
                    hex(0xF8_96_88),
                    hex(0xFD_D0_9A),
                ],
            ];
            let [a, b, c, d] = frame.rng.clone().pick(&sets);
            vec![(0.0, a), (0.45, b), (0.76, c), (1.0, d)]
        }
        (_, Time::Night) => vec![
            (0.0, hex(0x14_1C_4A)),
            (0.6, hex(0x2A_38_7A)),
            (1.0, hex(0x54_62_A8)),
        ],
    };
    colors
        .into_iter()
        .map(|(at, c)| {
            (
                at * horizon,
                if backdrop == Backdrop::Space {
                    c
                } else {
                    overcast(c)
                },
            )
        })
        .collect()
}

pub(super) fn sky(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let stops = sky_stops(frame);
    canvas.backdrop(&stops);
}

/// Draws stars, the sun or the moon, and clouds.
pub(super) fn heavens(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let Setting {
        backdrop,
        time,
        weather,
    } = frame.setting;
    let clear = weather == Weather::Clear;
    let dark = backdrop == Backdrop::Space || time == Time::Night;
    if dark && (clear || weather == Weather::Snow || backdrop == Backdrop::Space) {
        stars(
            canvas,
            frame,
            if backdrop == Backdrop::Space { 70 } else { 42 },
        );
    }
    if backdrop == Backdrop::Space {
        space::nebula(canvas, frame);
        return;
    }
    if !frame.mentioned.light
        && weather != Weather::Rain
        && weather != Weather::Fog
        && !(backdrop == Backdrop::Plain && time == Time::Day)
    {
        sun_or_moon(canvas, frame);
    }
    if backdrop != Backdrop::Plain && !frame.mentioned.cloud {
        clouds(canvas, frame);
    }
}

fn stars(canvas: &mut Canvas<'_>, frame: &mut Frame, count: u8) {
    let mut rng = frame.rng.fork(21);
    let area = (frame.w * frame.h).min(3.0);
    let far = (frame.horizon * 0.96).min(frame.h);
    for i in 0..(f32::from(count) * area) as usize {
        let (x, y) = (rng.range(0.0, frame.w), rng.range(0.0, far));
        let size = rng.range(0.0016, 0.0042);
        let alpha = rng.range(0.45, 1.0);
        if i % 9 == 0 && !frame.mentioned.star && canvas.shows_detail(0.02) {
            canvas.fill(
                &star(x, y, size * 4.0, size * 1.0, 4, 0.0),
                Fill::Translucent(WHITE, alpha),
            );
        } else if canvas.shows(size * 3.0) || i % 3 == 0 {
            let r = size.max(0.007 - if canvas.shows_detail(0.02) { 0.01 } else { 0.0 });
            canvas.dot(x, y, r, WHITE, alpha);
        }
    }
}

fn sun_or_moon(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let mut rng = frame.rng.fork(22);
    let x = if rng.chance(0.5) {
        rng.range(0.1, 0.26)
    } else {
        rng.range(0.74, 0.9)
    } * frame.w;
    let sea = matches!(
        frame.setting.backdrop,
        Backdrop::Sea | Backdrop::Beach | Backdrop::Desert
    );
    match frame.setting.time {
        Time::Day => {
            let y = rng.range(0.1, 0.16) * frame.h;
            canvas.glow(x, y, 0.26, 0.26, hex(0xFF_F4_C0), 0.85);
            canvas.fill(&circle(x, y, 0.066), Fill::Flat(hex(0xFF_E8_94)));
            canvas.fill(&circle(x, y, 0.054), Fill::Flat(hex(0xFF_F2_BA)));
        }
        Time::Sunset => {
            let y = if sea || rng.chance(0.5) {
                frame.horizon - 0.03
            } else {
                frame.horizon - 0.12
            };
            let y = y.min(frame.h - 0.25);
            canvas.glow(x, y, 0.5, 0.42, hex(0xFF_E2_A0), 0.8);
            canvas.fill(
                &circle(x, y, 0.095),
                Fill::Gradient(hex(0xFF_F0_B4), hex(0xFF_B4_66)),
            );
        }
        Time::Night => {
            let y = rng.range(0.11, 0.17) * frame.h;
            canvas.glow(x, y, 0.24, 0.24, hex(0xD4_DC_FF), 0.55);
            canvas.fill(&circle(x, y, 0.066), Fill::Flat(hex(0xFB_F2_D0)));
            for (dx, dy, r) in [
                (-0.02, -0.016, 0.014),
                (0.022, 0.012, 0.011),
                (-0.008, 0.03, 0.009),
            ] {
                canvas.fill(&circle(x + dx, y + dy, r), Fill::Flat(hex(0xE8_DA_B0)));
            }
        }
    }
}

fn clouds(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let mut rng = frame.rng.fork(23);
    let (color, alpha) = match (frame.setting.time, frame.setting.weather) {
        (Time::Day, Weather::Rain) => (hex(0xE4_E8_F0), 0.85),
        (Time::Day, _) => (WHITE, 0.9),
        (Time::Sunset, _) => (hex(0xFF_D8_C8), 0.6),
        (Time::Night, _) => (hex(0x7A_86_C4), 0.34),
    };
    let count = 2
        + rng.below(2)
        + usize::from(frame.w > 1.3) * 2
        + usize::from(frame.setting.backdrop == Backdrop::Sky) * 2;
    for i in 0..count {
        let size = rng.range(0.1, 0.18);
        let lane = (i as f32 + rng.range(0.2, 0.8)) / count as f32;
        let x = lane * frame.w;
        let y = rng.range(0.08, 0.5) * frame.horizon.min(frame.h * 0.8);
        small_cloud(canvas, x, y, size, color, alpha, &mut rng);
    }
}
