//! Draws rain, snow and fog in front of everything.

use crate::layout::Layout;
use crate::rng::Rng;
use crate::scene::{Time, Weather};
use crate::vector::canvas::{Canvas, Fill, Light};
use crate::vector::color::{WHITE, hex};
use crate::vector::shape::{ellipse, polyline};

/// Draws the weather over the entire picture.
pub(crate) fn draw(canvas: &mut Canvas<'_>, layout: &Layout) {
    let unit = layout.width.min(layout.height) as f32;
    let (w, h) = (layout.width as f32 / unit, layout.height as f32 / unit);
    let mut rng = Rng::new(layout.seed).fork(77);
    let area = (w * h).min(4.0);
    canvas.with_light(Light::NEUTRAL, |canvas| {
        canvas.at((0.0, 0.0), unit, 0.0, false, |canvas| {
            match layout.scene.setting.weather {
                Weather::Clear => {}
                Weather::Rain => rain(canvas, w, h, area, &mut rng),
                Weather::Snow => flakes(canvas, w, h, area, &mut rng),
                Weather::Fog => fog(canvas, w, h, layout.scene.setting.time, &mut rng),
            }
        });
    });
}

fn rain(canvas: &mut Canvas<'_>, w: f32, h: f32, area: f32, rng: &mut Rng) {
    let color = hex(0xCC_E4_F8);
    let count = if canvas.shows_detail(0.03) {
        90.0
    } else {
        44.0
    };
    for _ in 0..(count * area) as usize {
        let (x, y) = (rng.range(-0.05, w + 0.05), rng.range(-0.05, h));
        let length = rng.range(0.03, 0.06);
        let drop = polyline(&[(x, y), (x - length * 0.24, y + length)]);
        canvas.stroke(&drop, color, 0.0045, rng.range(0.4, 0.8));
    }
}

fn flakes(canvas: &mut Canvas<'_>, w: f32, h: f32, area: f32, rng: &mut Rng) {
    let count = if canvas.shows_detail(0.03) {
        120.0
    } else {
        60.0
    };
    for _ in 0..(count * area) as usize {
        let near = rng.unit();
        canvas.dot(
            rng.range(0.0, w),
            rng.range(0.0, h),
            0.0035 + 0.0085 * near * near,
            WHITE,
            rng.range(0.6, 0.95),
        );
    }
}

fn fog(canvas: &mut Canvas<'_>, w: f32, h: f32, time: Time, rng: &mut Rng) {
    let color = match time {
        Time::Day => hex(0xF0_F4_F8),
        Time::Sunset => hex(0xFA_DC_CC),
        Time::Night => hex(0x9A_A6_CC),
    };
    canvas.fill(
        &crate::vector::shape::rect(-0.1, -0.1, w + 0.2, h + 0.2),
        Fill::Translucent(color, 0.2),
    );
    for i in 0..5u8 {
        let y = h * (0.3 + 0.16 * f32::from(i)) + rng.range(-0.04, 0.04);
        let x = rng.range(0.0, w);
        canvas.glow(
            x,
            y,
            w * rng.range(0.5, 0.8),
            rng.range(0.08, 0.14),
            color,
            0.52,
        );
    }
    for i in 0..3u8 {
        let y = h * (0.45 + 0.2 * f32::from(i));
        canvas.fill(
            &ellipse(rng.range(0.0, w), y, w * 0.4, 0.018),
            Fill::Translucent(color, 0.28),
        );
    }
}
