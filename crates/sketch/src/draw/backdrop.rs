//! The sky and the land of each setting.

use super::color::{Rgb, WHITE, hex};
use super::ink::{Fill, Ink, Light};
use super::scenery as land;
use super::shape::{blob, circle, star};
use super::{built, shore};
use crate::layout::Layout;
use crate::rng::Rng;
use crate::scene::{Backdrop, Setting, Time, Weather};

/// Where the picture's measures are in units of its shorter side.
pub(crate) struct Stage {
    pub(crate) w: f32,
    pub(crate) h: f32,
    pub(crate) horizon: f32,
    pub(crate) setting: Setting,
    pub(crate) rng: Rng,
    /// A sun or moon that the text names: the sky has no other.
    pub(crate) named: Named,
}

/// What the text names itself, so that the backdrop must not add its own.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that the text may name"
)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    pub(crate) light: bool,
    pub(crate) cloud: bool,
    pub(crate) star: bool,
    pub(crate) flower: bool,
}

/// Draws everything behind the things.
pub(crate) fn draw(ink: &mut Ink<'_>, layout: &Layout) {
    let unit = layout.width.min(layout.height) as f32;
    let names = |ids: &[&str]| {
        layout
            .scene
            .subjects
            .iter()
            .any(|s| ids.contains(&s.kind.id()))
    };
    let mut stage = Stage {
        w: layout.width as f32 / unit,
        h: layout.height as f32 / unit,
        horizon: layout.horizon / unit,
        setting: layout.scene.setting,
        rng: Rng::new(layout.seed).fork(9),
        named: Named {
            light: names(&["sun", "moon"]),
            cloud: names(&["cloud"]),
            star: names(&["star"]),
            flower: names(&["flower"]),
        },
    };
    let own = Light {
        color: WHITE,
        amount: 0.0,
        rim: None,
    };
    ink.lit(own, |ink| {
        sky(ink, &mut stage);
        ink.at((0.0, 0.0), unit, 0.0, false, |ink| {
            heavens(ink, &mut stage);
            match stage.setting.backdrop {
                Backdrop::Plain => land::plain(ink, &mut stage),
                Backdrop::Sky => land::sky_floor(ink, &mut stage),
                Backdrop::Meadow => land::meadow(ink, &mut stage),
                Backdrop::Snow => land::snow(ink, &mut stage),
                Backdrop::Beach => shore::beach(ink, &mut stage),
                Backdrop::Sea => shore::sea(ink, &mut stage),
                Backdrop::Forest => land::forest(ink, &mut stage),
                Backdrop::City => built::city(ink, &mut stage),
                Backdrop::Desert => land::desert(ink, &mut stage),
                Backdrop::Space => built::space(ink, &mut stage),
            }
        });
    });
}

/// The plain backdrop's colours by day: each a wall and a floor.
const WALLS: [(u32, u32); 6] = [
    (0xFD_F0_DE, 0xF6_D8_B8),
    (0xE4_F2_EE, 0xC4_E0_D8),
    (0xEC_EA_FA, 0xD0_CC_EC),
    (0xFC_E8_EA, 0xF2_CA_CE),
    (0xE6_F0_FA, 0xC6_DA_EE),
    (0xFA_F4_D8, 0xEE_DE_AA),
];

/// The colours of the sky, from the top down to the horizon.
fn sky_stops(stage: &mut Stage) -> Vec<(f32, Rgb)> {
    let horizon = (stage.horizon / stage.h).clamp(0.2, 1.0);
    let Setting {
        backdrop,
        time,
        weather,
    } = stage.setting;
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
            let (wall, _) = stage.rng.clone().pick(&WALLS);
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
            let top = stage
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
            let [a, b, c, d] = stage.rng.clone().pick(&sets);
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

fn sky(ink: &mut Ink<'_>, stage: &mut Stage) {
    let stops = sky_stops(stage);
    ink.backdrop(&stops);
}

/// Stars, sun or moon, and clouds.
fn heavens(ink: &mut Ink<'_>, stage: &mut Stage) {
    let Setting {
        backdrop,
        time,
        weather,
    } = stage.setting;
    let clear = weather == Weather::Clear;
    let dark = backdrop == Backdrop::Space || time == Time::Night;
    if dark && (clear || weather == Weather::Snow || backdrop == Backdrop::Space) {
        stars(
            ink,
            stage,
            if backdrop == Backdrop::Space { 70 } else { 42 },
        );
    }
    if backdrop == Backdrop::Space {
        built::nebula(ink, stage);
        return;
    }
    if !stage.named.light
        && weather != Weather::Rain
        && weather != Weather::Fog
        && !(backdrop == Backdrop::Plain && time == Time::Day)
    {
        sun_or_moon(ink, stage);
    }
    if backdrop != Backdrop::Plain && !stage.named.cloud {
        clouds(ink, stage);
    }
}

fn stars(ink: &mut Ink<'_>, stage: &mut Stage, count: u8) {
    let mut rng = stage.rng.fork(21);
    let area = (stage.w * stage.h).min(3.0);
    let far = (stage.horizon * 0.96).min(stage.h);
    for i in 0..(f32::from(count) * area) as usize {
        let (x, y) = (rng.range(0.0, stage.w), rng.range(0.0, far));
        let size = rng.range(0.0016, 0.0042);
        let alpha = rng.range(0.45, 1.0);
        if i % 9 == 0 && !stage.named.star && ink.fine(0.02) {
            ink.fill(
                &star(x, y, size * 4.0, size * 1.0, 4, 0.0),
                Fill::Glass(WHITE, alpha),
            );
        } else if ink.shows(size * 3.0) || i % 3 == 0 {
            let r = size.max(0.007 - if ink.fine(0.02) { 0.01 } else { 0.0 });
            ink.dot(x, y, r, WHITE, alpha);
        }
    }
}

fn sun_or_moon(ink: &mut Ink<'_>, stage: &mut Stage) {
    let mut rng = stage.rng.fork(22);
    let x = if rng.chance(0.5) {
        rng.range(0.1, 0.26)
    } else {
        rng.range(0.74, 0.9)
    } * stage.w;
    let sea = matches!(
        stage.setting.backdrop,
        Backdrop::Sea | Backdrop::Beach | Backdrop::Desert
    );
    match stage.setting.time {
        Time::Day => {
            let y = rng.range(0.1, 0.16) * stage.h;
            ink.glow(x, y, 0.26, 0.26, hex(0xFF_F4_C0), 0.85);
            ink.fill(&circle(x, y, 0.066), Fill::Flat(hex(0xFF_E8_94)));
            ink.fill(&circle(x, y, 0.054), Fill::Flat(hex(0xFF_F2_BA)));
        }
        Time::Sunset => {
            let y = if sea || rng.chance(0.5) {
                stage.horizon - 0.03
            } else {
                stage.horizon - 0.12
            };
            let y = y.min(stage.h - 0.25);
            ink.glow(x, y, 0.5, 0.42, hex(0xFF_E2_A0), 0.8);
            ink.fill(
                &circle(x, y, 0.095),
                Fill::Down(hex(0xFF_F0_B4), hex(0xFF_B4_66)),
            );
        }
        Time::Night => {
            let y = rng.range(0.11, 0.17) * stage.h;
            ink.glow(x, y, 0.24, 0.24, hex(0xD4_DC_FF), 0.55);
            ink.fill(&circle(x, y, 0.066), Fill::Flat(hex(0xFB_F2_D0)));
            for (dx, dy, r) in [
                (-0.02, -0.016, 0.014),
                (0.022, 0.012, 0.011),
                (-0.008, 0.03, 0.009),
            ] {
                ink.fill(&circle(x + dx, y + dy, r), Fill::Flat(hex(0xE8_DA_B0)));
            }
        }
    }
}

fn clouds(ink: &mut Ink<'_>, stage: &mut Stage) {
    let mut rng = stage.rng.fork(23);
    let (color, alpha) = match (stage.setting.time, stage.setting.weather) {
        (Time::Day, Weather::Rain) => (hex(0xE4_E8_F0), 0.85),
        (Time::Day, _) => (WHITE, 0.9),
        (Time::Sunset, _) => (hex(0xFF_D8_C8), 0.6),
        (Time::Night, _) => (hex(0x7A_86_C4), 0.34),
    };
    let count = 2
        + rng.below(2)
        + usize::from(stage.w > 1.3) * 2
        + usize::from(stage.setting.backdrop == Backdrop::Sky) * 2;
    for i in 0..count {
        let size = rng.range(0.1, 0.18);
        let lane = (i as f32 + rng.range(0.2, 0.8)) / count as f32;
        let x = lane * stage.w;
        let y = rng.range(0.08, 0.5) * stage.horizon.min(stage.h * 0.8);
        small_cloud(ink, x, y, size, color, alpha, &mut rng);
    }
}

/// A hazy cloud, `size` half as wide.
pub(crate) fn small_cloud(
    ink: &mut Ink<'_>,
    x: f32,
    y: f32,
    size: f32,
    color: Rgb,
    alpha: f32,
    rng: &mut Rng,
) {
    ink.at((x, y), size, 0.0, rng.chance(0.5), |ink| {
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
        ink.fill(&outline, Fill::Glass(color, alpha));
    });
}

/// The two colours of the plain backdrop by day.
pub(crate) fn wall(stage: &Stage) -> (Rgb, Rgb) {
    let (wall, floor) = stage.rng.clone().pick(&WALLS);
    (hex(wall), hex(floor))
}
