//! RGB pixels.

/// An RGB image.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Red, green and blue of each pixel, row by row.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// Creates an image of `width` × `height` pixels, three bytes each, row by row.
    pub fn new(width: u32, height: u32, rgb: Vec<u8>) -> Self {
        Self { width, height, rgb }
    }
}

/// Converts a colour value in -1..=1 to a byte, rounding halves to even as numpy does.
pub(crate) fn to_byte(value: f32) -> u8 {
    ((value * 0.5 + 0.5).clamp(0.0, 1.0) * 255.0).round_ties_even() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_outside_the_range_are_clamped() {
        assert_eq!(
            [-7.0, -1.0, 0.0, 1.0, 1.5].map(to_byte),
            [0, 0, 128, 255, 255]
        );
    }
}
