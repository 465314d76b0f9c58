//! Half blocks: the upper pixel is the foreground colour, the lower the background colour.

use std::fmt::Write;

use image::{Rgb, RgbImage};

/// Encodes two rows of pixels per line.
pub(super) fn encode(pixels: &RgbImage) -> Vec<u8> {
    let mut output = String::new();
    for y in (0..pixels.height()).step_by(2) {
        for x in 0..pixels.width() {
            let Rgb([r, g, b]) = *pixels.get_pixel(x, y);
            // Writing to a String cannot fail.
            let _ = write!(output, "\x1b[38;2;{r};{g};{b}m");
            if y + 1 < pixels.height() {
                let Rgb([r, g, b]) = *pixels.get_pixel(x, y + 1);
                let _ = write!(output, "\x1b[48;2;{r};{g};{b}m");
            }
            output.push('▀');
        }
        output.push_str("\x1b[0m\n");
    }
    output.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_two_rows_and_the_last_row_may_be_alone() {
        let mut pixels = RgbImage::new(1, 3);
        pixels.put_pixel(0, 0, Rgb([1, 2, 3]));
        pixels.put_pixel(0, 1, Rgb([4, 5, 6]));
        pixels.put_pixel(0, 2, Rgb([7, 8, 9]));
        assert_eq!(
            String::from_utf8(encode(&pixels)).expect("not valid UTF-8"),
            "\x1b[38;2;1;2;3m\x1b[48;2;4;5;6m▀\x1b[0m\n\x1b[38;2;7;8;9m▀\x1b[0m\n"
        );
    }
}
