//! Draws the sky and the landscape behind the things.

mod city;
mod frame;
mod land;
mod parts;
mod shore;
mod sky;
mod space;

use crate::layout::Layout;
use crate::rng::Rng;
use crate::scene::Backdrop;
use crate::vector::canvas::{Canvas, Light};
use frame::{Frame, Mentioned};
pub(super) use shore::sea_color;

/// Draws the backdrop of a layout.
pub(crate) fn draw(canvas: &mut Canvas<'_>, layout: &Layout) {
    let unit = layout.width.min(layout.height) as f32;
    let has = |ids: &[&str]| {
        layout
            .scene
            .subjects
            .iter()
            .any(|s| ids.contains(&s.kind.id()))
    };
    let mut frame = Frame {
        w: layout.width as f32 / unit,
        h: layout.height as f32 / unit,
        horizon: layout.horizon / unit,
        setting: layout.scene.setting,
        rng: Rng::new(layout.seed).fork(9),
        mentioned: Mentioned {
            light: has(&["sun", "moon"]),
            cloud: has(&["cloud"]),
            star: has(&["star"]),
            flower: has(&["flower"]),
        },
    };
    canvas.with_light(Light::NEUTRAL, |canvas| {
        sky::sky(canvas, &mut frame);
        canvas.at((0.0, 0.0), unit, 0.0, false, |canvas| {
            sky::heavens(canvas, &mut frame);
            match frame.setting.backdrop {
                Backdrop::Plain => land::plain(canvas, &mut frame),
                Backdrop::Sky => land::low_clouds(canvas, &mut frame),
                Backdrop::Meadow => land::meadow(canvas, &mut frame),
                Backdrop::Snow => land::snow(canvas, &mut frame),
                Backdrop::Beach => shore::beach(canvas, &mut frame),
                Backdrop::Sea => shore::sea(canvas, &mut frame),
                Backdrop::Forest => land::forest(canvas, &mut frame),
                Backdrop::City => city::city(canvas, &mut frame),
                Backdrop::Desert => land::desert(canvas, &mut frame),
                Backdrop::Space => space::space(canvas, &mut frame),
            }
        });
    });
}
