//! Sixels: columns of six pixels, one colour at a time.
//!
//! <https://vt100.net/docs/vt3xx-gp/chapter14.html>

use std::fmt::Write;

use color_quant::NeuQuant;
use image::RgbImage;

/// The number of colours, the default limit of xterm and foot.
const COLOURS: usize = 256;

/// Reduces the image to 256 colours and encodes it.
pub(super) fn encode(pixels: &RgbImage) -> Vec<u8> {
    let (width, height) = pixels.dimensions();
    let opaque: Vec<u8> = pixels
        .pixels()
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255])
        .collect();
    // Sampling factor 10, as in the GIF encoder of `image`: good quality in tens of milliseconds.
    let palette = NeuQuant::new(10, COLOURS, &opaque);
    let indices: Vec<usize> = opaque
        .chunks_exact(4)
        .map(|pixel| palette.index_of(pixel))
        .collect();

    let mut output = format!("\x1bPq\"1;1;{width};{height}");
    for (index, colour) in palette.color_map_rgb().chunks_exact(3).enumerate() {
        let [r, g, b] = [0, 1, 2].map(|i| u32::from(colour[i]) * 100 / 255);
        // Writing to a String cannot fail.
        let _ = write!(output, "#{index};2;{r};{g};{b}");
    }
    let columns = width as usize;
    for band in indices.chunks(columns.max(1) * 6) {
        let mut used: Vec<usize> = band.to_vec();
        used.sort_unstable();
        used.dedup();
        for colour in used {
            let _ = write!(output, "#{colour}");
            write_runs(
                &mut output,
                (0..columns).map(|x| sixel(band, columns, x, colour)),
            );
            output.push('$');
        }
        output.push('-');
    }
    output.push_str("\x1b\\\n");
    output.into_bytes()
}

/// The pixels of a column that have this colour, with the top pixel in the lowest bit.
fn sixel(band: &[usize], columns: usize, x: usize, colour: usize) -> u8 {
    let rows = band.chunks(columns).enumerate();
    rows.fold(0, |bits, (y, row)| bits | u8::from(row[x] == colour) << y)
}

/// Writes sixels, runs of more than three as `!COUNT`.
fn write_runs(output: &mut String, sixels: impl Iterator<Item = u8>) {
    let mut sixels = sixels.peekable();
    while let Some(bits) = sixels.next() {
        let mut run = 1;
        while sixels.next_if_eq(&bits).is_some() {
            run += 1;
        }
        let character = char::from(b'?' + bits);
        match run {
            1..=3 => output.extend(std::iter::repeat_n(character, run)),
            _ => {
                let _ = write!(output, "!{run}{character}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn a_single_colour_is_one_run_per_band() {
        let pixels = RgbImage::from_pixel(10, 7, Rgb([255, 0, 0]));
        let output = String::from_utf8(encode(&pixels)).expect("not valid UTF-8");
        assert!(output.starts_with("\x1bPq\"1;1;10;7#0;2;"), "{output}");
        assert!(output.contains("!10~$-"), "six rows: {output}");
        assert!(output.ends_with("!10@$-\x1b\\\n"), "one row: {output}");
    }

    #[test]
    fn runs_of_up_to_three_are_not_encoded() {
        let mut output = String::new();
        write_runs(&mut output, [0, 0, 0, 1, 1, 1, 1, 63].into_iter());
        assert_eq!(output, "???!4@~");
    }
}
