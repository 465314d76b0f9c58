//! RGB colours, and the palette of the twelve named colours.

use crate::scene::{Color, Paint, Shade};

/// A colour in sRGB, each channel from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rgb {
    pub(crate) r: f32,
    pub(crate) g: f32,
    pub(crate) b: f32,
}

/// Converts `0xRRGGBB` to a colour.
pub(crate) const fn hex(code: u32) -> Rgb {
    const fn channel(code: u32, shift: u32) -> f32 {
        ((code >> shift) & 0xFF) as f32 / 255.0
    }
    Rgb {
        r: channel(code, 16),
        g: channel(code, 8),
        b: channel(code, 0),
    }
}

/// The base colour of outlines: a deep plum, softer than black.
pub(crate) const INK: Rgb = hex(0x33_22_3F);
/// A warm white.
pub(crate) const WHITE: Rgb = hex(0xFF_FC_F5);
/// The colour of blushing cheeks.
pub(crate) const BLUSH: Rgb = hex(0xFF_7F_8E);

impl Rgb {
    /// Mixes `other` into this colour; `amount` is from 0 (none) to 1 (only `other`).
    pub(crate) fn mix(self, other: Self, amount: f32) -> Self {
        let lerp = |a: f32, b: f32| a + (b - a) * amount;
        Self {
            r: lerp(self.r, other.r),
            g: lerp(self.g, other.g),
            b: lerp(self.b, other.b),
        }
    }

    /// Mixes in white; `amount` is from 0 to 1.
    pub(crate) fn lighter(self, amount: f32) -> Self {
        self.mix(WHITE, amount)
    }

    /// Mixes in a deep, slightly purple shade of the colour; `amount` is from 0 to 1.
    pub(crate) fn darker(self, amount: f32) -> Self {
        // Warm colours deepen towards red, because yellow would turn muddy.
        let warm = (self.r - self.b).clamp(0.0, 0.8);
        let deep = Self {
            r: self.r * (0.32 + 0.34 * warm),
            g: self.g * (0.24 + 0.12 * warm),
            b: self.b * 0.42,
        };
        self.mix(deep.mix(INK, 0.18 * (1.0 - warm)), amount)
    }

    /// The perceived brightness, from 0 to 1.
    pub(crate) fn luma(self) -> f32 {
        0.299 * self.r + 0.587 * self.g + 0.114 * self.b
    }

    /// The colour of the outline of a shape in this colour.
    pub(crate) fn outline(self) -> Self {
        if self.luma() < 0.27 {
            self.mix(hex(0x0C_08_14), 0.62)
        } else {
            self.darker(0.62)
        }
    }

    /// Multiplies the channels, as for a surface under coloured light.
    pub(crate) fn multiply(self, light: Self) -> Self {
        Self {
            r: self.r * light.r,
            g: self.g * light.g,
            b: self.b * light.b,
        }
    }

    /// Converts to a tiny-skia colour with opacity `alpha`; values are clamped to 0..=1.
    pub(crate) fn skia(self, alpha: f32) -> tiny_skia::Color {
        let unit = |v: f32| v.clamp(0.0, 1.0);
        tiny_skia::Color::from_rgba(unit(self.r), unit(self.g), unit(self.b), unit(alpha))
            .unwrap_or(tiny_skia::Color::BLACK)
    }
}

/// The palette colour of a paint.
pub(crate) fn rgb(paint: Paint) -> Rgb {
    let (plain, light, dark) = match paint.color {
        Color::Red => (0xE0_3E_36, 0xF4_7C_72, 0xA0_1E_2C),
        Color::Orange => (0xF4_84_2C, 0xFC_B0_72, 0xC2_5A_12),
        Color::Yellow => (0xFB_CB_3A, 0xFF_E6_86, 0xD6_9C_12),
        Color::Green => (0x58_AE_4C, 0x9A_D4_7E, 0x2A_70_3C),
        Color::Turquoise => (0x2C_B9_B4, 0x84_DE_D6, 0x12_7C_80),
        Color::Blue => (0x3A_78_D4, 0x86_B8_F2, 0x1F_42_92),
        Color::Purple => (0x8A_56_C4, 0xBC_98_E4, 0x56_2C_88),
        Color::Pink => (0xF6_86_B4, 0xFC_B8_D2, 0xD2_4A_88),
        Color::Brown => (0x94_5E_3A, 0xC8_96_6A, 0x60_38_22),
        Color::Black => (0x35_33_3D, 0x4C_4A_56, 0x1E_1C_24),
        Color::White => (0xFC_F9_F2, 0xFF_FF_FF, 0xE8_E2_D6),
        Color::Grey => (0x98_9C_A6, 0xC4_C8_D0, 0x64_68_74),
    };
    hex(match paint.shade {
        Shade::Plain => plain,
        Shade::Light => light,
        Shade::Dark => dark,
    })
}
