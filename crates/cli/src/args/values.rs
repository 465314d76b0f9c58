//! Parsers for option values.

use std::str::FromStr;
use std::time::Duration;

use fluxhop::ImageFormat;

/// Width and height in pixels, written `768x512`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: i64,
    pub(crate) height: i64,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const EXPECTED: &str = "expected WIDTHxHEIGHT in pixels, such as 1024x768";
        let (width, height) = text
            .split_once(['x', 'X', '×'])
            .ok_or_else(|| EXPECTED.to_owned())?;
        let side = |text: &str| text.trim().parse().map_err(|_| EXPECTED.to_owned());
        Ok(Self {
            width: side(width)?,
            height: side(height)?,
        })
    }
}

/// An aspect ratio, written `16:9`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Aspect {
    width: f64,
    height: f64,
}

impl FromStr for Aspect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const EXPECTED: &str = "expected WIDTH:HEIGHT, such as 16:9 or 2.39:1, up to 100:1";
        let (width, height) = text.split_once(':').ok_or_else(|| EXPECTED.to_owned())?;
        let part = |text: &str| {
            let part = text.trim().parse().ok();
            part.filter(|part: &f64| part.is_finite() && *part > 0.0)
                .ok_or_else(|| EXPECTED.to_owned())
        };
        let (width, height) = (part(width)?, part(height)?);
        if !(0.01..=100.0).contains(&(width / height)) {
            return Err(EXPECTED.to_owned());
        }
        Ok(Self { width, height })
    }
}

impl Aspect {
    /// The height for a width.
    pub(crate) fn height_for(self, width: i64) -> i64 {
        round(to_float(width) * self.height / self.width)
    }

    /// The width for a height.
    pub(crate) fn width_for(self, height: i64) -> i64 {
        round(to_float(height) * self.width / self.height)
    }

    /// The size with this ratio and as many pixels as `width` x `height`, with no side above `max`.
    pub(crate) fn size_like(self, width: i64, height: i64, max: i64) -> Size {
        let ratio = self.width / self.height;
        let ideal_width = (to_float(width) * to_float(height) * ratio).sqrt();
        let scale = (to_float(max) / ideal_width.max(ideal_width / ratio)).min(1.0);
        Size {
            width: round(ideal_width * scale),
            height: round(ideal_width * scale / ratio),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sides are far below 2^52 pixels; larger ones are rejected later"
)]
fn to_float(side: i64) -> f64 {
    side as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, and larger sides are rejected later"
)]
fn round(side: f64) -> i64 {
    side.round() as i64
}

/// A seed, from 0 to 2^64 - 1.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| {
        format!(
            "expected an integer from 0 to {}; omit --seed for a random seed",
            u64::MAX
        )
    })
}

/// The guidance scale.
pub(crate) fn guidance(text: &str) -> Result<f64, String> {
    let scale = text.trim().parse().ok();
    scale
        .filter(|scale: &f64| scale.is_finite())
        .ok_or_else(|| "expected a number such as 3.5".to_owned())
}

/// An output format.
pub(crate) fn format(text: &str) -> Result<ImageFormat, String> {
    text.parse()
        .map_err(|error: fluxhop::Error| error.message().to_owned())
}

/// A duration above 0.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    fluxhop::config::parse_duration(text).map_err(|error| error.message().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_two_integers() {
        let size = |width, height| Ok(Size { width, height });
        assert_eq!("768x512".parse(), size(768, 512));
        assert_eq!("768X-5".parse(), size(768, -5));
        for bad in [
            "axb",
            "768",
            "x",
            "768x",
            "1.5x2",
            "99999999999999999999x1",
            "",
        ] {
            let error = bad.parse::<Size>().expect_err(bad);
            assert!(error.contains("1024x768"), "{bad}: {error}");
        }
    }

    #[test]
    fn an_aspect_ratio_keeps_the_number_of_pixels() {
        let aspect: Aspect = "16:9".parse().expect("failed to parse the aspect ratio");
        let size = aspect.size_like(768, 768, 2048);
        assert_eq!((size.width, size.height), (1024, 576));
        assert_eq!(aspect.height_for(1600), 900);
        assert_eq!(aspect.width_for(900), 1600);
    }

    #[test]
    fn an_aspect_ratio_respects_the_maximum_side() {
        let aspect: Aspect = "4:1".parse().expect("failed to parse the aspect ratio");
        let size = aspect.size_like(1024, 1024, 1024);
        assert_eq!((size.width, size.height), (1024, 256));
        let aspect: Aspect = "1:4".parse().expect("failed to parse the aspect ratio");
        let size = aspect.size_like(1024, 1024, 1024);
        assert_eq!((size.width, size.height), (256, 1024));
    }

    #[test]
    fn invalid_aspect_ratios_are_rejected() {
        for bad in ["16x9", "16", "0:1", "-1:1", "1:inf", "nan:1", ":", "1000:1"] {
            assert!(bad.parse::<Aspect>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_invalid_seed_names_the_range() {
        assert_eq!(seed("18446744073709551615"), Ok(u64::MAX));
        for bad in ["18446744073709551616", "-1", "x", "1.5"] {
            assert!(seed(bad).expect_err(bad).contains("18446744073709551615"));
        }
    }
}
