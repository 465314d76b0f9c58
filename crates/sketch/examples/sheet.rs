//! Draws a contact sheet: one picture per line of a prompt file, in one PNG.
//!
//! `cargo run --release -p fluxhop-sketch --example sheet -- docs/sketch.txt docs/sketch.png`;
//! optional further arguments are the side of each picture in pixels, the first line, the number of
//! pictures and the number of columns.

use fluxhop_sketch::{draw, layout, parse};
use image::{GenericImage, Rgb, RgbImage};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let text = |i: usize, default: &str| {
        arguments
            .get(i)
            .cloned()
            .unwrap_or_else(|| default.to_owned())
    };
    let number =
        |i: usize, default: u32| arguments.get(i).map_or(Ok(default), |a| a.parse::<u32>());
    let (source, target) = (text(0, "docs/sketch.txt"), text(1, "docs/sketch.png"));
    let (side, from, count, columns) = (
        number(2, 192)?,
        number(3, 0)?,
        number(4, u32::MAX)?,
        number(5, 8)?,
    );
    let prompts = std::fs::read_to_string(source)?;
    let prompts: Vec<&str> = prompts
        .lines()
        .filter(|line| !line.trim().is_empty())
        .skip(from as usize)
        .take(count as usize)
        .collect();
    let rows = u32::try_from(prompts.len())?.div_ceil(columns);
    let gap = side.div_ceil(48);
    let mut sheet = RgbImage::from_pixel(
        columns * (side + gap) + gap,
        rows * (side + gap) + gap,
        Rgb([255, 253, 248]),
    );
    for (i, prompt) in (0u32..).zip(&prompts) {
        let parsed = parse(prompt)?;
        let picture = draw(&layout(&parsed.scene, u64::from(i + from) + 1, side, side));
        let picture =
            RgbImage::from_raw(side, side, picture.rgb).ok_or("picture has the wrong size")?;
        sheet.copy_from(
            &picture,
            gap + i % columns * (side + gap),
            gap + i / columns * (side + gap),
        )?;
    }
    sheet.save(target)?;
    Ok(())
}
