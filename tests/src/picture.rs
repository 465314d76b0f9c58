//! Checks images against the pattern that the reference Space draws.

use fluxhop::Picture;

const GRID: u32 = 4;

/// Asserts that `picture` is what `tests/peers/picture.py` draws for `prompt`, `seed` and its size.
///
/// Compares only the centre of each cell, because lossy codecs blur the edges.
///
/// # Panics
///
/// If the image differs.
pub fn assert_drawn(picture: &Picture, prompt: &str, seed: u64) {
    let image = image::load_from_memory(&picture.bytes)
        .expect("an image")
        .to_rgb8();
    let (width, height) = image.dimensions();
    assert_eq!((width, height), (picture.width, picture.height));
    for cell in 0..GRID * GRID {
        let (row, column) = (cell / GRID, cell % GRID);
        let centre =
            |side: u32, index: u32| u32::midpoint(side * index / GRID, side * (index + 1) / GRID);
        let pixel = image
            .get_pixel(centre(width, column), centre(height, row))
            .0;
        let hash = fnv1a(format!("{prompt}\n{seed}\n{width}x{height}\n{cell}").as_bytes());
        let [_, _, _, red, ..] = hash.to_le_bytes();
        let colour = [red, byte(hash >> 36), byte(hash >> 48)];
        for (actual, expected) in pixel.iter().zip(colour) {
            let difference = actual.abs_diff(expected);
            assert!(
                difference <= 40,
                "cell {cell} is {pixel:?}, expected {colour:?}"
            );
        }
    }
}

fn byte(number: u64) -> u8 {
    number.to_le_bytes()[0]
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    })
}
