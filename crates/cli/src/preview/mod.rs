//! Pictures in the terminal: which way of showing them it has, and how each is written.

mod blocks;
mod graphics;
mod sixel;

use fluxhop::{ImageFormat, Picture, Result, encode};
use image::RgbImage;
use image::imageops::FilterType;

use crate::args::PreviewWhen;
use crate::printer::Printer;
use crate::settings::Environment;

/// How a picture is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Not at all.
    No,
    /// By the graphics protocol of kitty, which Ghostty, Konsole and others have too.
    Kitty,
    /// By that of iTerm2, which `WezTerm` and others have too.
    ITerm,
    /// As sixels: the VT340's, which foot, xterm and others have.
    Sixel,
    /// As half blocks of 24-bit colour, one for two pixels.
    Blocks {
        /// The terminal's columns.
        columns: u16,
    },
}

/// The most columns of a picture of half blocks.
const MOST_COLUMNS: u16 = 64;
/// The most pixels a side of a picture of sixels.
const MOST_PIXELS: u32 = 512;

/// How a picture is shown on this terminal, by `when` and what the environment says of it.
///
/// The terminal itself is not asked: that takes a round trip, and some answer into the prompt.
pub(crate) fn how(when: PreviewWhen, environment: &Environment, printer: &Printer) -> How {
    let blocks = match when {
        PreviewWhen::Off => return How::No,
        PreviewWhen::Auto if !printer.stderr_is_terminal() => return How::No,
        // Where a terminal does not say that it has 24-bit colour, blocks may be a mess.
        PreviewWhen::Auto => {
            let colour = environment.variable("COLORTERM");
            printer.has_colour() && matches!(colour, Some("truecolor" | "24bit"))
        }
        PreviewWhen::On => true,
    };
    let protocol = graphics_of(environment);
    if protocol == How::No && blocks {
        let size = terminal_size::terminal_size_of(std::io::stderr());
        let columns = size.map_or(80, |(width, _)| width.0);
        return How::Blocks { columns };
    }
    protocol
}

/// The graphics protocol of the terminal that the environment tells of.
fn graphics_of(environment: &Environment) -> How {
    let variable = |name| environment.variable(name).unwrap_or_default();
    let is_set = |name| !variable(name).is_empty();
    let (term, program) = (variable("TERM"), variable("TERM_PROGRAM"));
    if is_set("TMUX") || term.starts_with("screen") || term.starts_with("tmux") {
        // A multiplexer keeps graphics to itself, and the variables may be those of another place.
        return How::No;
    }
    if matches!(term, "xterm-kitty" | "xterm-ghostty")
        || program == "ghostty"
        || is_set("KITTY_WINDOW_ID")
        || is_set("KONSOLE_VERSION")
    {
        return How::Kitty;
    }
    if matches!(program, "iTerm.app" | "WezTerm" | "mintty" | "rio")
        || variable("LC_TERMINAL") == "iTerm2"
    {
        return How::ITerm;
    }
    let sixel = ["foot", "mlterm", "contour", "yaft"];
    if sixel.iter().any(|name| term.starts_with(name)) || term.contains("sixel") {
        return How::Sixel;
    }
    How::No
}

/// What is written to the terminal to show `picture`; nothing for [`How::No`].
pub(crate) fn encoded(picture: &Picture, how: How) -> Result<Option<Vec<u8>>> {
    let written = match how {
        How::No => return Ok(None),
        How::Kitty => graphics::kitty(&encode::convert(picture, ImageFormat::Png)?.bytes),
        How::ITerm => graphics::iterm(&picture.bytes),
        How::Sixel => sixel::encode(&fitted(picture, MOST_PIXELS, MOST_PIXELS)?),
        How::Blocks { columns } => {
            let columns = u32::from(columns.saturating_sub(1).clamp(1, MOST_COLUMNS));
            blocks::encode(&fitted(picture, columns, columns)?)
        }
    };
    Ok(Some(written))
}

/// A picture that others will take the place of, and the lines that it takes: at most `room`.
///
/// Nothing where it has no room, or where nobody knows its lines, as of sixels.
pub(crate) fn still(picture: &Picture, how: How, room: u16) -> Result<Option<(Vec<u8>, u16)>> {
    let fixed = match how {
        How::No | How::Sixel => return Ok(None),
        How::Kitty | How::ITerm => Some(graphics::ROWS),
        How::Blocks { .. } => None,
    };
    if fixed.is_some_and(|lines| lines > room) {
        return Ok(None);
    }
    let Some(shown) = encoded(picture, how)? else {
        return Ok(None);
    };
    let Some(lines) = fixed else {
        let lines = shown.split(|byte| *byte == b'\n').skip(1).count();
        let lines = u16::try_from(lines).ok().filter(|lines| *lines <= room);
        return Ok(lines.map(|lines| (shown, lines)));
    };
    // Terminals differ in where they leave the cursor: its place is made, kept and gone back to.
    let mut written = "\n".repeat(lines.into()).into_bytes();
    written.extend_from_slice(format!("\x1b[{lines}A\x1b7").as_bytes());
    written.extend_from_slice(shown.trim_ascii_end());
    written.extend_from_slice(format!("\x1b8\x1b[{lines}B\r").as_bytes());
    Ok(Some((written, lines)))
}

/// The pixels, made small enough for `width` x `height`, never made greater.
fn fitted(picture: &Picture, width: u32, height: u32) -> Result<RgbImage> {
    let picture = encode::convert(picture, ImageFormat::Png)?;
    let pixels = image::load_from_memory_with_format(&picture.bytes, image::ImageFormat::Png)
        .map_err(|error| {
            fluxhop::Error::new(fluxhop::ErrorKind::Protocol, "the picture is damaged")
                .with_source(error)
        })?;
    let small = if pixels.width() > width || pixels.height() > height {
        pixels.resize(width, height, FilterType::Triangle)
    } else {
        pixels
    };
    Ok(small.into_rgb8())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(variables: &[(&str, &str)]) -> How {
        graphics_of(&Environment::of(variables))
    }

    #[test]
    fn a_terminal_is_known_by_its_variables() {
        assert_eq!(on(&[("TERM", "xterm-kitty")]), How::Kitty);
        assert_eq!(
            on(&[("TERM", "xterm"), ("KONSOLE_VERSION", "250401")]),
            How::Kitty
        );
        assert_eq!(on(&[("TERM_PROGRAM", "WezTerm")]), How::ITerm);
        assert_eq!(on(&[("TERM", "foot-extra")]), How::Sixel);
        assert_eq!(on(&[("TERM", "xterm-256color")]), How::No);
    }

    #[test]
    fn within_a_multiplexer_no_graphics_are_sent() {
        assert_eq!(
            on(&[("TERM", "screen-256color"), ("KITTY_WINDOW_ID", "1")]),
            How::No
        );
        assert_eq!(
            on(&[("TMUX", "/tmp/x"), ("TERM_PROGRAM", "iTerm.app")]),
            How::No
        );
    }

    #[test]
    fn in_a_pipe_a_picture_is_shown_only_where_that_is_asked_for() {
        let (printer, _) = Printer::captured();
        let shown = |when| {
            let environment = Environment::of(&[("COLORTERM", "truecolor")]);
            how(when, &environment, &printer)
        };
        assert_eq!(shown(PreviewWhen::Auto), How::No);
        assert_eq!(shown(PreviewWhen::Off), How::No);
        assert!(matches!(shown(PreviewWhen::On), How::Blocks { .. }));
    }

    #[test]
    fn a_preview_takes_the_lines_that_it_tells_and_none_without_room() {
        let picture = fluxhop::testing::picture("x", 7, 64, 32).expect("a picture");
        let blocks = How::Blocks { columns: 80 };
        let (shown, lines) = still(&picture, blocks, 16).expect("shown").expect("room");
        let breaks = |shown: &[u8]| shown.split(|byte| *byte == b'\n').skip(1).count();
        assert_eq!((lines, breaks(&shown)), (16, 16));
        assert_eq!(still(&picture, blocks, 15).expect("no room"), None);
        for how in [How::Kitty, How::ITerm] {
            let (shown, lines) = still(&picture, how, 20).expect("shown").expect("room");
            assert_eq!((lines, breaks(&shown)), (20, 20));
            assert!(shown.ends_with(b"\x1b8\x1b[20B\r"));
            assert_eq!(still(&picture, how, 19).expect("no room"), None);
        }
        assert_eq!(still(&picture, How::Sixel, 99).expect("nothing"), None);
    }

    #[test]
    fn every_way_shows_a_picture_and_blocks_fit_the_terminal() {
        let picture = fluxhop::testing::picture("x", 7, 256, 128).expect("a picture");
        for (how, head) in [
            (How::Kitty, "\x1b_G"),
            (How::ITerm, "\x1b]1337;"),
            (How::Sixel, "\x1bPq"),
        ] {
            let shown = encoded(&picture, how).expect("shown").expect("something");
            assert!(shown.starts_with(head.as_bytes()), "{how:?}");
        }
        let blocks = encoded(&picture, How::Blocks { columns: 33 }).expect("shown");
        let blocks = String::from_utf8(blocks.expect("something")).expect("UTF-8");
        assert_eq!(blocks.lines().count(), 8);
        assert!(blocks.lines().all(|line| line.matches('▀').count() == 32));
        assert_eq!(encoded(&picture, How::No).expect("nothing"), None);
    }
}
