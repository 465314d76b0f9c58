//! The city backdrop: a street.

use super::frame::Frame;
use super::parts::tone;
use crate::rng::Rng;
use crate::scene::Time;
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{Pt, poly, rect, rounded_rect};

pub(super) fn city(canvas: &mut Canvas<'_>, frame: &mut Frame) {
    let mut rng = frame.rng.fork(38);
    let setting = frame.setting;
    let ground = frame.horizon + 0.06;
    let lit = setting.time != Time::Day;
    for (row, far) in [(0u8, 0.8), (1, 0.4)] {
        let mut x = -0.05;
        while x < frame.w + 0.05 {
            let w = rng.range(0.1, 0.18);
            let h = if row == 0 {
                rng.range(0.34, 0.56)
            } else {
                rng.range(0.16, 0.36)
            };
            let choice = [
                hex(0xC8_D0_E4),
                hex(0xF0_C8_A8),
                hex(0xE8_B4_B0),
                hex(0xB8_D4_D0),
                hex(0xE8_D8_A8),
                hex(0xC4_B8_DC),
            ];
            let color = tone(setting, rng.pick(&choice), far);
            canvas.fill(
                &rounded_rect(x, ground - h, w, h + 0.05, 0.008),
                Fill::Gradient(color.lighter(0.08), color.darker(0.06)),
            );
            if row == 1 && rng.chance(0.4) {
                canvas.fill(
                    &poly(&[
                        (x - 0.008, ground - h + 0.004),
                        (x + w / 2.0, ground - h - 0.05),
                        (x + w + 0.008, ground - h + 0.004),
                    ]),
                    Fill::Flat(color.darker(0.3)),
                );
            }
            windows(canvas, (x, ground - h), (w, h), color, lit, row, &mut rng);
            x += w + rng.range(0.004, 0.025);
        }
    }
    let pavement = tone(setting, hex(0xD8_D2_D4), 0.05);
    canvas.fill(
        &rect(-0.1, ground, frame.w + 0.2, frame.h),
        Fill::Flat(pavement),
    );
    let road = tone(setting, hex(0x8E_8C_A0), 0.05);
    let top = ground + (frame.h - ground) * 0.24;
    canvas.fill(
        &rect(-0.1, top, frame.w + 0.2, frame.h),
        Fill::Gradient(road, road.darker(0.2)),
    );
    canvas.fill(
        &rect(-0.1, top, frame.w + 0.2, 0.012),
        Fill::Flat(pavement.lighter(0.4)),
    );
    let mut x = rng.range(-0.1, 0.0);
    while x < frame.w {
        let y = top + (frame.h - top) * 0.62;
        canvas.fill(
            &rounded_rect(x, y, 0.1, 0.014, 0.007),
            Fill::Translucent(WHITE, 0.7),
        );
        x += 0.2;
    }
}

fn windows(
    canvas: &mut Canvas<'_>,
    at: Pt,
    size: Pt,
    color: Rgb,
    lit: bool,
    row: u8,
    rng: &mut Rng,
) {
    if !canvas.shows(0.016) {
        return;
    }
    let coarse = canvas.is_coarse();
    if coarse && row == 0 {
        return;
    }
    let (wide, step) = if coarse { (0.08, 0.1) } else { (0.045, 0.058) };
    let cols = (size.0 / wide) as usize;
    let mut y = at.1 + 0.03;
    while y < at.1 + size.1 - 0.02 {
        for c in 0..cols {
            let x = at.0 + (c as f32 + 0.5) * size.0 / cols as f32;
            let glass = if lit && rng.chance(0.55) {
                hex(0xFF_DC_82)
            } else {
                color.darker(0.26)
            };
            canvas.fill(
                &rect(x - 0.01, y, 0.02, 0.028),
                Fill::Translucent(glass, if row == 0 { 0.6 } else { 0.9 }),
            );
        }
        y += step;
    }
}
