//! Parts shared by several backdrops: land and its colours, clouds, the plain wall.

use super::frame::Frame;
use crate::rng::Rng;
use crate::scene::{Setting, Time, Weather};
use crate::vector::canvas::{Canvas, Fill};
use crate::vector::color::{Rgb, WHITE, hex};
use crate::vector::shape::{Pt, blob, hill};

/// Adapts a colour to the time of day and the weather, and fades it into the air with distance:
/// `far` is 0 near the viewer and 1 at the horizon.
pub(super) fn tone(setting: Setting, color: Rgb, far: f32) -> Rgb {
    let (light, air) = match setting.time {
        Time::Day => (WHITE, hex(0xD8_EE_F6)),
        Time::Sunset => (hex(0xF8_C4_AE), hex(0xF8_B4_8A)),
        Time::Night => (hex(0x54_62_A2), hex(0x4A_58_9C)),
    };
    let gray = match setting.weather {
        Weather::Rain => 0.22,
        Weather::Fog => 0.3,
        _ => 0.0,
    };
    color
        .multiply(light)
        .mix(air, far * 0.55)
        .mix(air.mix(hex(0xA8_B0_BC), 0.6), gray)
}

/// A wavy line across the picture at height `y`, with bumps of at most `height`.
pub(super) fn ridge(frame: &Frame, rng: &mut Rng, y: f32, height: f32, bumps: u8) -> Vec<Pt> {
    (0..=bumps)
        .map(|i| {
            let x = -0.1 + (frame.w + 0.2) * f32::from(i) / f32::from(bumps);
            (x, y + rng.range(-height, height))
        })
        .collect()
}

/// Fills the land below the line through `points`.
pub(super) fn land(canvas: &mut Canvas<'_>, frame: &Frame, points: &[Pt], top: Rgb, bottom: Rgb) {
    canvas.fill(&hill(points, frame.h + 0.1), Fill::Gradient(top, bottom));
}

/// The wall and floor colours of the plain backdrop by day.
pub(super) const WALLS: [(u32, u32); 6] = [
    (0xFD_F0_DE, 0xF6_D8_B8),
    (0xE4_F2_EE, 0xC4_E0_D8),
    (0xEC_EA_FA, 0xD0_CC_EC),
    (0xFC_E8_EA, 0xF2_CA_CE),
    (0xE6_F0_FA, 0xC6_DA_EE),
    (0xFA_F4_D8, 0xEE_DE_AA),
];

/// Draws a hazy cloud; `size` is half its width.
pub(super) fn small_cloud(
    canvas: &mut Canvas<'_>,
    x: f32,
    y: f32,
    size: f32,
    color: Rgb,
    alpha: f32,
    rng: &mut Rng,
) {
    canvas.at((x, y), size, 0.0, rng.chance(0.5), |canvas| {
        let outline = blob(&[
            (-0.95, 0.1),
            (-0.9, -0.12),
            (-0.66, -0.2),
            (-0.52, -0.42),
            (-0.22, -0.46),
            (-0.04, -0.3),
            (0.14, -0.6),
            (0.5, -0.56),
            (0.62, -0.26),
            (0.88, -0.22),
            (0.98, 0.06),
            (0.8, 0.18),
            (-0.8, 0.19),
        ]);
        canvas.fill(&outline, Fill::Translucent(color, alpha));
    });
}

/// The wall and floor colours that the seed chooses for the plain backdrop by day.
pub(super) fn wall(frame: &Frame) -> (Rgb, Rgb) {
    let (wall, floor) = frame.rng.clone().pick(&WALLS);
    (hex(wall), hex(floor))
}
