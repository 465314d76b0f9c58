//! The sea and beach backdrops.

use super::frame::Frame;
use super::parts::{land, ridge, tone};
use crate::rng::Rng;
use crate::scene::{Setting, Time, Weather};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{Pt, curve, ellipse, hill, rect};

/// The sea's colour near the viewer.
pub(crate) fn sea_color(setting: Setting) -> Rgb {
    tone(setting, hex(0x3A_9C_D0), 0.1)
}

fn water(canvas: &mut Canvas<'_>, frame: &Frame, top: f32, bottom: f32) {
    let setting = frame.setting;
    let far = tone(setting, hex(0x7A_C8_E8), 0.35);
    let near = tone(setting, hex(0x2E_86_C4), 0.0);
    canvas.fill(
        &rect(-0.1, top, frame.w + 0.2, bottom - top + 0.1),
        Fill::Gradient(far, near),
    );
}

fn ripples(
    canvas: &mut Canvas<'_>,
    frame: &Frame,
    top: f32,
    bottom: f32,
    count: u8,
    rng: &mut Rng,
) {
    let light = tone(frame.setting, hex(0xD8_F2_FC), 0.0);
    for _ in 0..count {
        let depth = rng.unit();
        let y = top + (bottom - top) * (0.04 + 0.96 * depth);
        let x = rng.range(0.0, frame.w);
        let w = 0.03 + 0.06 * depth;
        let wave = curve(&[
            (x - w, y),
            (x - w * 0.4, y - w * 0.12),
            (x + w * 0.2, y + w * 0.04),
            (x + w, y - w * 0.06),
        ]);
        canvas.stroke(&wave, light, 0.004 + 0.004 * depth, 0.6);
    }
}

pub(super) fn sea(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let mut rng = frame.rng.fork(35);
    water(canvas, frame, frame.horizon, frame.h);
    glitter(canvas, frame);
    let count = if canvas.shows_detail(0.03) { 26 } else { 12 };
    ripples(canvas, frame, frame.horizon, frame.h, count, &mut rng);
    for (i, depth) in [0.32f32, 0.62, 0.9].into_iter().enumerate() {
        let y = frame.horizon + (frame.h - frame.horizon) * depth;
        let step = 0.09 + 0.04 * i as f32;
        let shift = rng.range(0.0, step);
        let points: Vec<Pt> = (0..=(frame.w / step) as usize * 2 + 4)
            .map(|k| {
                (
                    k as f32 * step / 2.0 - shift - 0.1,
                    y + if k % 2 == 0 { -0.007 } else { 0.007 },
                )
            })
            .collect();
        let color = tone(frame.setting, hex(0x2A_7E_C0), 0.0);
        canvas.fill(
            &hill(&points, frame.h + 0.1),
            Fill::Translucent(color, 0.22),
        );
    }
}

/// Draws the reflection of the moon or the setting sun on the water.
fn glitter(canvas: &mut Canvas<'_>, frame: &Frame) {
    if frame.setting.time == Time::Day
        || frame.setting.weather != Weather::Clear
        || frame.mentioned.light
    {
        return;
    }
    let mut rng = frame.rng.fork(22);
    let x = if rng.chance(0.5) {
        rng.range(0.1, 0.26)
    } else {
        rng.range(0.74, 0.9)
    } * frame.w;
    let color = if frame.setting.time == Time::Sunset {
        hex(0xFF_E0_A0)
    } else {
        hex(0xF4_EE_D8)
    };
    for i in 0..7u8 {
        let y = frame.horizon + 0.02 + 0.035 * f32::from(i);
        let w = rng.range(0.03, 0.085);
        canvas.fill(
            &ellipse(x + rng.range(-0.015, 0.015), y, w, 0.007),
            Fill::Translucent(color, 0.6 - 0.06 * f32::from(i)),
        );
    }
}

pub(super) fn beach(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let mut rng = frame.rng.fork(36);
    let setting = frame.setting;
    let shore = frame.horizon + (frame.h - frame.horizon) * 0.34;
    water(canvas, frame, frame.horizon, shore + 0.05);
    glitter(canvas, frame);
    let count = if canvas.shows_detail(0.03) { 12 } else { 6 };
    ripples(canvas, frame, frame.horizon, shore, count, &mut rng);
    let line = ridge(frame, &mut rng, shore, 0.022, 4);
    let sand = hex(0xF8_E2_AE);
    let wet: Vec<Pt> = line.iter().map(|&(x, y)| (x, y + 0.02)).collect();
    canvas.fill(
        &hill(&line, frame.h + 0.1),
        Fill::Flat(tone(setting, WHITE, 0.0)),
    );
    canvas.fill(
        &hill(&wet, frame.h + 0.1),
        Fill::Flat(tone(setting, sand.darker(0.2), 0.0)),
    );
    let dry: Vec<Pt> = line.iter().map(|&(x, y)| (x, y + 0.05)).collect();
    land(
        canvas,
        frame,
        &dry,
        tone(setting, sand, 0.0),
        tone(setting, sand.darker(0.12), 0.0),
    );
    for _ in 0..if canvas.shows_detail(0.03) { 26 } else { 8u8 } {
        let (x, y) = (rng.range(0.0, frame.w), rng.range(shore + 0.1, frame.h));
        let color = rng.pick(&[hex(0xD8_B0_7A), WHITE, hex(0xE8_90_8A), hex(0xC8_9A_6A)]);
        canvas.dot(
            x,
            y,
            rng.range(0.003, 0.008),
            tone(setting, color, 0.0),
            0.8,
        );
    }
}
