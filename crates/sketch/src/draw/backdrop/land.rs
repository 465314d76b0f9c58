//! The plain room, meadow, snow, forest and desert backdrops, and the clouds of the sky backdrop.

use super::frame::Frame;
use super::parts::{land, ridge, small_cloud, tone, wall};
use crate::scene::{Setting, Time, Weather};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{blob, circle, curve, rect, rounded_poly};

pub(super) fn plain(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let mut rng = frame.rng.fork(31);
    let floor = match frame.setting.time {
        Time::Day => wall(frame).1,
        Time::Sunset => hex(0xC8_7E_7A),
        Time::Night => hex(0x34_3E_7C),
    };
    if frame.setting.time == Time::Day {
        let (wall, _) = wall(frame);
        let x = frame.w * rng.range(0.42, 0.58);
        canvas.glow(
            x,
            frame.horizon * 0.8,
            frame.w * 0.62,
            frame.h * 0.52,
            WHITE,
            0.75,
        );
        if frame.setting.weather == Weather::Clear && canvas.shows_detail(0.02) {
            let dotted_wallpaper = rng.chance(0.5);
            let step = rng.range(0.09, 0.13);
            let (columns, rows) = (
                (frame.w / step) as usize + 1,
                (frame.horizon / step) as usize,
            );
            for (row, column) in (0..if dotted_wallpaper { rows } else { 0 })
                .flat_map(|row| (0..columns).map(move |c| (row, c)))
            {
                let x = (column as f32 + if row % 2 == 0 { 0.25 } else { 0.75 }) * step;
                canvas.dot(
                    x,
                    (row as f32 + 0.5) * step,
                    step * 0.085,
                    wall.darker(0.22),
                    0.4,
                );
            }
        }
    }
    let bend = rng.range(-0.02, 0.02);
    let points = [
        (-0.1, frame.horizon + 0.05 + bend),
        (frame.w * 0.5, frame.horizon + 0.02),
        (frame.w + 0.1, frame.horizon + 0.05 - bend),
    ];
    let floor = tone(
        Setting {
            time: Time::Day,
            ..frame.setting
        },
        floor,
        0.0,
    );
    land(
        canvas,
        frame,
        &points,
        floor.lighter(0.16),
        floor.darker(0.06),
    );
}

pub(super) fn low_clouds(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let mut rng = frame.rng.fork(32);
    let color = match frame.setting.time {
        Time::Day => WHITE,
        Time::Sunset => hex(0xFF_D2_C4),
        Time::Night => hex(0x6A_78_BC),
    };
    for i in 0..6u8 {
        let x = frame.w * (f32::from(i) + rng.range(0.0, 1.0)) / 6.0;
        small_cloud(
            canvas,
            x,
            frame.h + rng.range(-0.02, 0.05),
            rng.range(0.22, 0.32),
            color,
            0.75,
            &mut rng,
        );
    }
}

pub(super) fn meadow(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let mut rng = frame.rng.fork(33);
    let green = rng.pick(&[hex(0x8E_CC_5E), hex(0x96_CE_68), hex(0x84_C8_6A)]);
    let setting = frame.setting;
    let far = ridge(frame, &mut rng, frame.horizon - 0.02, 0.05, 4);
    land(
        canvas,
        frame,
        &far,
        tone(setting, green.mix(hex(0x6A_B8_A0), 0.5), 0.75),
        tone(setting, green, 0.5),
    );
    let mid = ridge(frame, &mut rng, frame.horizon + 0.06, 0.035, 3);
    for _ in 0..4 {
        let x = rng.range(0.0, frame.w);
        let y = frame.horizon + 0.04;
        let bush = tone(setting, hex(0x5C_A4_56), 0.55);
        for (dx, r) in [(-0.025, 0.026), (0.0, 0.036), (0.028, 0.028)] {
            canvas.fill(&circle(x + dx, y, r), Fill::Flat(bush));
        }
    }
    land(
        canvas,
        frame,
        &mid,
        tone(setting, green.lighter(0.08), 0.25),
        tone(setting, green, 0.1),
    );
    let near = ridge(frame, &mut rng, frame.horizon + 0.17, 0.025, 3);
    land(
        canvas,
        frame,
        &near,
        tone(setting, green, 0.05),
        tone(setting, green.darker(0.2), 0.0),
    );
    let floor = frame.h - frame.horizon;
    let small = !canvas.shows_detail(0.03);
    for i in 0..if small { 10 } else { 34u8 } {
        let depth = rng.range(0.28, 1.0);
        let (x, y) = (rng.range(0.0, frame.w), frame.horizon + floor * depth);
        let size = 0.02 * (0.4 + depth);
        if i % 3 == 0 && !frame.mentioned.flower {
            let petal = tone(
                setting,
                rng.pick(&[WHITE, hex(0xFF_E0_6A), hex(0xF8_A0_B8), hex(0xC8_A8_F0)]),
                0.0,
            );
            if small {
                canvas.dot(x, y, 0.01, petal, 0.9);
            } else {
                for (dx, dy) in [(-0.3, 0.0), (0.3, 0.0), (0.0, -0.3), (0.0, 0.3)] {
                    canvas.dot(x + dx * size, y + dy * size, size * 0.26, petal, 1.0);
                }
                canvas.dot(x, y, size * 0.2, hex(0xF8_B8_3A), 1.0);
            }
        } else if !small {
            let blade = tone(setting, green.darker(0.34), 0.0);
            for lean in [-0.4, 0.1, 0.5] {
                canvas.stroke(
                    &curve(&[(x + lean * size * 0.4, y), (x + lean * size, y - size)]),
                    blade,
                    size * 0.16,
                    0.75,
                );
            }
        }
    }
}

pub(super) fn snow(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let mut rng = frame.rng.fork(34);
    let setting = frame.setting;
    let white = hex(0xF8_FB_FF);
    let blue = hex(0xC4_DC_F2);
    let far = ridge(frame, &mut rng, frame.horizon - 0.03, 0.06, 4);
    land(
        canvas,
        frame,
        &far,
        tone(setting, blue.mix(white, 0.4), 0.4),
        tone(setting, blue, 0.4),
    );
    for _ in 0..6 {
        let x = rng.range(0.0, frame.w);
        let s = rng.range(0.07, 0.12);
        pine(
            canvas,
            x,
            frame.horizon + 0.06,
            s,
            tone(setting, hex(0x6E_A0_A0), 0.45),
            Some(tone(setting, white, 0.2)),
        );
    }
    let mid = ridge(frame, &mut rng, frame.horizon + 0.06, 0.03, 3);
    land(
        canvas,
        frame,
        &mid,
        tone(setting, white, 0.1),
        tone(setting, blue.mix(white, 0.4), 0.1),
    );
    let near = ridge(frame, &mut rng, frame.horizon + 0.18, 0.025, 3);
    land(
        canvas,
        frame,
        &near,
        tone(setting, white, 0.0),
        tone(setting, blue.mix(white, 0.25), 0.0),
    );
}

/// Draws a small fir.
fn pine(canvas: &mut Canvas<'_>, x: f32, y: f32, h: f32, color: Rgb, snow: Option<Rgb>) {
    for (base, top, w) in [(0.0, 0.55, 0.32), (0.28, 0.8, 0.25), (0.52, 1.0, 0.18)] {
        canvas.fill(
            &rounded_poly(
                &[
                    (x - w * h, y - base * h),
                    (x, y - top * h),
                    (x + w * h, y - base * h),
                ],
                0.03 * h,
            ),
            Fill::Flat(color),
        );
        if let (Some(white), true) = (snow, canvas.shows_detail(h * 0.15)) {
            let (w, base) = (w * 0.5, base + (top - base) * 0.5);
            canvas.fill(
                &rounded_poly(
                    &[
                        (x - w * h, y - base * h),
                        (x, y - top * h),
                        (x + w * h, y - base * h),
                    ],
                    0.03 * h,
                ),
                Fill::Flat(white),
            );
        }
    }
}

pub(super) fn forest(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let mut rng = frame.rng.fork(37);
    let setting = frame.setting;
    for (row, far) in [(0u8, 0.85), (1, 0.55), (2, 0.25)] {
        let y = frame.horizon + 0.05 * f32::from(row) - 0.02;
        let count = (frame.w * (9.0 - 1.5 * f32::from(row))) as usize + 2;
        let color = tone(
            setting,
            *[hex(0x86_BC_8E), hex(0x62_A2_70), hex(0x44_84_58)]
                .get(usize::from(row))
                .unwrap_or(&WHITE),
            far,
        );
        let back = ridge(frame, &mut rng, y - 0.1, 0.02, 6);
        if row == 0 {
            land(canvas, frame, &back, color, color);
        }
        for i in 0..count {
            // The farthest trees are mostly hidden by the nearer rows.
            if row == 0 && canvas.is_coarse() {
                break;
            }
            // The nearest trees stand at the sides and leave the middle free.
            let lane = (i as f32 + rng.range(0.1, 0.9)) / count as f32;
            if row == 2 && (0.22..0.78).contains(&lane) {
                continue;
            }
            let x = lane * frame.w;
            let h = rng.range(0.3, 0.46) + 0.12 * f32::from(row);
            if rng.chance(0.5) {
                pine(canvas, x, y + 0.02, h, color, None);
            } else {
                round_tree(
                    canvas,
                    x,
                    y + 0.02,
                    h,
                    color,
                    tone(setting, hex(0x7E_5A_48), far),
                );
            }
        }
    }
    let moss = hex(0x7C_B0_5C);
    let near = ridge(frame, &mut rng, frame.horizon + 0.09, 0.02, 4);
    land(
        canvas,
        frame,
        &near,
        tone(setting, moss, 0.12),
        tone(setting, moss.darker(0.3), 0.0),
    );
    if canvas.shows_detail(0.03) {
        for _ in 0..20 {
            let (x, y) = (
                rng.range(0.0, frame.w),
                rng.range(frame.horizon + 0.13, frame.h),
            );
            let blade = tone(setting, moss.darker(0.42), 0.0);
            for lean in [-0.9, -0.3, 0.4, 0.9] {
                canvas.stroke(
                    &curve(&[
                        (x, y),
                        (x + lean * 0.012, y - 0.018),
                        (x + lean * 0.022, y - 0.022),
                    ]),
                    blade,
                    0.004,
                    0.7,
                );
            }
        }
    }
}

fn round_tree(canvas: &mut Canvas<'_>, x: f32, y: f32, h: f32, leaves: Rgb, trunk: Rgb) {
    canvas.fill(
        &rect(x - 0.03 * h, y - 0.5 * h, 0.06 * h, 0.52 * h),
        Fill::Flat(trunk),
    );
    canvas.fill(
        &blob(&[
            (x, y - h),
            (x + 0.24 * h, y - 0.86 * h),
            (x + 0.3 * h, y - 0.58 * h),
            (x + 0.14 * h, y - 0.36 * h),
            (x - 0.14 * h, y - 0.36 * h),
            (x - 0.3 * h, y - 0.58 * h),
            (x - 0.24 * h, y - 0.86 * h),
        ]),
        Fill::Flat(leaves),
    );
}

pub(super) fn desert(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let mut rng = frame.rng.fork(39);
    let setting = frame.setting;
    let sand = hex(0xF6_CE_84);
    for _ in 0..2 {
        let (x, s) = (rng.range(0.1, 0.9) * frame.w, rng.range(0.14, 0.22));
        let y = frame.horizon + 0.04;
        let color = tone(setting, hex(0xE0_A8_70), 0.6);
        canvas.fill(
            &rounded_poly(
                &[
                    (x - s, y),
                    (x - s * 0.62, y - s * 0.8),
                    (x + s * 0.5, y - s * 0.8),
                    (x + s * 0.85, y),
                ],
                0.03,
            ),
            Fill::Flat(color),
        );
    }
    let far = ridge(frame, &mut rng, frame.horizon, 0.035, 3);
    land(
        canvas,
        frame,
        &far,
        tone(setting, sand.lighter(0.2), 0.45),
        tone(setting, sand, 0.3),
    );
    let mid = ridge(frame, &mut rng, frame.horizon + 0.09, 0.035, 3);
    land(
        canvas,
        frame,
        &mid,
        tone(setting, sand, 0.12),
        tone(setting, sand.darker(0.14), 0.1),
    );
    let near = ridge(frame, &mut rng, frame.horizon + 0.2, 0.03, 2);
    land(
        canvas,
        frame,
        &near,
        tone(setting, sand.lighter(0.1), 0.0),
        tone(setting, sand.darker(0.2), 0.0),
    );
    for _ in 0..if canvas.shows_detail(0.03) { 9u8 } else { 3 } {
        let (x, y) = (
            rng.range(0.0, frame.w),
            rng.range(frame.horizon + 0.25, frame.h),
        );
        let w = rng.range(0.04, 0.1);
        canvas.stroke(
            &curve(&[(x - w, y), (x, y - 0.008), (x + w, y)]),
            tone(setting, sand.darker(0.3), 0.0),
            0.005,
            0.55,
        );
    }
}
