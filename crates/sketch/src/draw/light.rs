//! The light of a setting.

use crate::scene::{Backdrop, Setting, Time, Weather};
use crate::vector::canvas::Light;
use crate::vector::color::hex;

/// The light of a setting.
pub(crate) fn of(setting: Setting) -> Light {
    let night = Light {
        color: hex(0xA8_B2_F0),
        amount: 0.52,
        rim: Some((hex(0xC8_D8_FF), 0.28)),
    };
    match (setting.backdrop, setting.time, setting.weather) {
        (Backdrop::Space, _, _) => Light {
            color: hex(0xB4_BC_F4),
            amount: 0.22,
            ..night
        },
        (_, Time::Night, _) => night,
        (_, Time::Sunset, _) => Light {
            color: hex(0xFF_CC_A4),
            amount: 0.4,
            rim: None,
        },
        (_, Time::Day, Weather::Rain) => Light {
            color: hex(0xB4_C4_D8),
            amount: 0.3,
            rim: None,
        },
        (_, Time::Day, Weather::Fog) => Light {
            color: hex(0xDC_E2_EA),
            amount: 0.4,
            rim: None,
        },
        (_, Time::Day, _) => Light::NEUTRAL,
    }
}
