//! The city, and the surface of a small planet.

use super::backdrop::Stage;
use super::color::{Rgb, WHITE, hex};
use super::ink::{Fill, Ink};
use super::scenery::{land, tone};
use super::shape::{Pt, ellipse, poly, rect, round};
use crate::rng::Rng;
use crate::scene::Time;

pub(crate) fn city(ink: &mut Ink<'_>, stage: &mut Stage) {
    let mut rng = stage.rng.fork(38);
    let set = stage.setting;
    let ground = stage.horizon + 0.06;
    let lit = set.time != Time::Day;
    for (row, far) in [(0u8, 0.8), (1, 0.4)] {
        let mut x = -0.05;
        while x < stage.w + 0.05 {
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
            let color = tone(set, rng.pick(&choice), far);
            ink.fill(
                &round(x, ground - h, w, h + 0.05, 0.008),
                Fill::Down(color.lighter(0.08), color.darker(0.06)),
            );
            if row == 1 && rng.chance(0.4) {
                ink.fill(
                    &poly(&[
                        (x - 0.008, ground - h + 0.004),
                        (x + w / 2.0, ground - h - 0.05),
                        (x + w + 0.008, ground - h + 0.004),
                    ]),
                    Fill::Flat(color.darker(0.3)),
                );
            }
            windows(ink, (x, ground - h), (w, h), color, lit, row, &mut rng);
            x += w + rng.range(0.004, 0.025);
        }
    }
    let pave = tone(set, hex(0xD8_D2_D4), 0.05);
    ink.fill(
        &rect(-0.1, ground, stage.w + 0.2, stage.h),
        Fill::Flat(pave),
    );
    let road = tone(set, hex(0x8E_8C_A0), 0.05);
    let top = ground + (stage.h - ground) * 0.24;
    ink.fill(
        &rect(-0.1, top, stage.w + 0.2, stage.h),
        Fill::Down(road, road.darker(0.2)),
    );
    ink.fill(
        &rect(-0.1, top, stage.w + 0.2, 0.012),
        Fill::Flat(pave.lighter(0.4)),
    );
    let mut x = rng.range(-0.1, 0.0);
    while x < stage.w {
        let y = top + (stage.h - top) * 0.62;
        ink.fill(&round(x, y, 0.1, 0.014, 0.007), Fill::Glass(WHITE, 0.7));
        x += 0.2;
    }
}

fn windows(ink: &mut Ink<'_>, at: Pt, size: Pt, color: Rgb, lit: bool, row: u8, rng: &mut Rng) {
    if !ink.shows(0.016) {
        return;
    }
    let coarse = ink.is_coarse();
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
            ink.fill(
                &rect(x - 0.01, y, 0.02, 0.028),
                Fill::Glass(glass, if row == 0 { 0.6 } else { 0.9 }),
            );
        }
        y += step;
    }
}

/// Faint clouds of light among the stars.
pub(crate) fn nebula(ink: &mut Ink<'_>, stage: &mut Stage) {
    let mut rng = stage.rng.fork(40);
    for color in [hex(0xB8_5A_C0), hex(0x4A_7A_D8), hex(0xE0_6A_9A)] {
        let (x, y) = (rng.range(0.0, stage.w), rng.range(0.05, 0.55) * stage.h);
        ink.glow(x, y, rng.range(0.3, 0.5), rng.range(0.16, 0.28), color, 0.3);
    }
}

pub(crate) fn space(ink: &mut Ink<'_>, stage: &mut Stage) {
    let mut rng = stage.rng.fork(41);
    let soil = rng.pick(&[hex(0x9A_8C_C0), hex(0x8C_96_C4), hex(0xB8_8C_AE)]);
    let rise = stage.horizon;
    let points = [
        (-0.1, rise + 0.08),
        (stage.w * 0.25, rise + 0.02),
        (stage.w * 0.5, rise),
        (stage.w * 0.75, rise + 0.02),
        (stage.w + 0.1, rise + 0.08),
    ];
    land(ink, stage, &points, soil.lighter(0.2), soil.darker(0.36));
    for _ in 0..7 {
        let depth = rng.range(0.18, 0.95);
        let (x, y) = (rng.range(0.0, stage.w), rise + (stage.h - rise) * depth);
        let r = rng.range(0.02, 0.05) * (0.6 + depth);
        ink.fill(&ellipse(x, y, r, r * 0.42), Fill::Flat(soil.darker(0.3)));
        ink.fill(
            &ellipse(x, y + r * 0.07, r * 0.84, r * 0.32),
            Fill::Flat(soil.darker(0.16)),
        );
    }
}
