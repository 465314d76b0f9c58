//! Images in the terminal: protocol detection and encoding.

mod blocks;
mod graphics;
mod sixel;

use fluxhop::{ImageFormat, Picture, Result, encode};
use image::RgbImage;
use image::imageops::FilterType;

use crate::args::PreviewWhen;
use crate::printer::Printer;
use crate::settings::Environment;

/// How to show an image in a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Images are not shown.
    Off,
    /// Kitty's graphics protocol; also Ghostty, Konsole and others.
    Kitty,
    /// iTerm2's inline images; also `WezTerm` and others.
    ITerm,
    /// Sixels, as in the VT340; foot, xterm and others.
    Sixel,
    /// Half blocks in 24-bit colour, two pixels per cell.
    Blocks {
        /// The terminal's width in columns.
        columns: u16,
    },
}

/// The maximum width of a half-block image, in columns.
const MAX_COLUMNS: u16 = 64;
/// The maximum side of a sixel image, in pixels.
const MAX_PIXELS: u32 = 512;

/// Selects the protocol from `--preview` and the environment variables.
///
/// The terminal itself is not queried: that takes a round trip, and a late answer can end up in the
/// shell's prompt.
pub(crate) fn detect(when: PreviewWhen, environment: &Environment, printer: &Printer) -> Protocol {
    let blocks = match when {
        PreviewWhen::Off => return Protocol::Off,
        PreviewWhen::Auto if !printer.stderr_is_terminal() => return Protocol::Off,
        // Half blocks are unreadable without 24-bit colour.
        PreviewWhen::Auto => {
            let colour = environment.variable("COLORTERM");
            printer.has_colour() && matches!(colour, Some("truecolor" | "24bit"))
        }
        PreviewWhen::On => true,
    };
    let protocol = graphics_protocol(environment);
    if protocol == Protocol::Off && blocks {
        let size = terminal_size::terminal_size_of(std::io::stderr());
        let columns = size.map_or(80, |(width, _)| width.0);
        return Protocol::Blocks { columns };
    }
    protocol
}

/// The graphics protocol that the environment variables indicate.
fn graphics_protocol(environment: &Environment) -> Protocol {
    let variable = |name| environment.variable(name).unwrap_or_default();
    let is_set = |name| !variable(name).is_empty();
    let (term, program) = (variable("TERM"), variable("TERM_PROGRAM"));
    if is_set("TMUX") || term.starts_with("screen") || term.starts_with("tmux") {
        // Multiplexers do not pass graphics through, and may have another terminal's variables.
        return Protocol::Off;
    }
    if matches!(term, "xterm-kitty" | "xterm-ghostty")
        || program == "ghostty"
        || is_set("KITTY_WINDOW_ID")
        || is_set("KONSOLE_VERSION")
    {
        return Protocol::Kitty;
    }
    if matches!(program, "iTerm.app" | "WezTerm" | "mintty" | "rio")
        || variable("LC_TERMINAL") == "iTerm2"
    {
        return Protocol::ITerm;
    }
    let sixel = ["foot", "mlterm", "contour", "yaft"];
    if sixel.iter().any(|name| term.starts_with(name)) || term.contains("sixel") {
        return Protocol::Sixel;
    }
    Protocol::Off
}

/// The bytes that show `picture` in the terminal; `None` for [`Protocol::Off`].
pub(crate) fn encode(picture: &Picture, protocol: Protocol) -> Result<Option<Vec<u8>>> {
    let bytes = match protocol {
        Protocol::Off => return Ok(None),
        Protocol::Kitty => graphics::kitty(&encode::convert(picture, ImageFormat::Png)?.bytes),
        Protocol::ITerm => graphics::iterm(&picture.bytes),
        Protocol::Sixel => sixel::encode(&resize_to_fit(picture, MAX_PIXELS, MAX_PIXELS)?),
        Protocol::Blocks { columns } => {
            let columns = u32::from(columns.saturating_sub(1).clamp(1, MAX_COLUMNS));
            blocks::encode(&resize_to_fit(picture, columns, columns)?)
        }
    };
    Ok(Some(bytes))
}

/// The bytes that show a preview, and its height in lines, which is needed to replace it with
/// the next one.
///
/// `None` if it is taller than `max_lines`, or if the height is unknown, as for sixels.
pub(crate) fn encode_frame(
    picture: &Picture,
    protocol: Protocol,
    max_lines: u16,
) -> Result<Option<(Vec<u8>, u16)>> {
    let fixed = match protocol {
        Protocol::Off | Protocol::Sixel => return Ok(None),
        Protocol::Kitty | Protocol::ITerm => Some(graphics::ROWS),
        Protocol::Blocks { .. } => None,
    };
    if fixed.is_some_and(|lines| lines > max_lines) {
        return Ok(None);
    }
    let Some(shown) = encode(picture, protocol)? else {
        return Ok(None);
    };
    let Some(lines) = fixed else {
        let lines = shown.split(|byte| *byte == b'\n').skip(1).count();
        let lines = u16::try_from(lines)
            .ok()
            .filter(|lines| *lines <= max_lines);
        return Ok(lines.map(|lines| (shown, lines)));
    };
    // Terminals differ in where they leave the cursor, so save and restore its position.
    let mut output = "\n".repeat(lines.into()).into_bytes();
    output.extend_from_slice(format!("\x1b[{lines}A\x1b7").as_bytes());
    output.extend_from_slice(shown.trim_ascii_end());
    output.extend_from_slice(format!("\x1b8\x1b[{lines}B\r").as_bytes());
    Ok(Some((output, lines)))
}

/// The pixels, scaled down to fit `width` x `height`; never scaled up.
fn resize_to_fit(picture: &Picture, width: u32, height: u32) -> Result<RgbImage> {
    let picture = encode::convert(picture, ImageFormat::Png)?;
    let pixels = image::load_from_memory_with_format(&picture.bytes, image::ImageFormat::Png)
        .map_err(|error| {
            fluxhop::Error::new(fluxhop::ErrorKind::Protocol, "cannot decode the image")
                .with_source(error)
        })?;
    let resized = if pixels.width() > width || pixels.height() > height {
        pixels.resize(width, height, FilterType::Triangle)
    } else {
        pixels
    };
    Ok(resized.into_rgb8())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(variables: &[(&str, &str)]) -> Protocol {
        graphics_protocol(&Environment::with_variables(variables))
    }

    #[test]
    fn terminals_are_detected_by_their_variables() {
        assert_eq!(detected(&[("TERM", "xterm-kitty")]), Protocol::Kitty);
        assert_eq!(
            detected(&[("TERM", "xterm"), ("KONSOLE_VERSION", "250401")]),
            Protocol::Kitty
        );
        assert_eq!(detected(&[("TERM_PROGRAM", "WezTerm")]), Protocol::ITerm);
        assert_eq!(detected(&[("TERM", "foot-extra")]), Protocol::Sixel);
        assert_eq!(detected(&[("TERM", "xterm-256color")]), Protocol::Off);
    }

    #[test]
    fn graphics_are_off_in_multiplexers() {
        assert_eq!(
            detected(&[("TERM", "screen-256color"), ("KITTY_WINDOW_ID", "1")]),
            Protocol::Off
        );
        assert_eq!(
            detected(&[("TMUX", "/tmp/x"), ("TERM_PROGRAM", "iTerm.app")]),
            Protocol::Off
        );
    }

    #[test]
    fn without_a_terminal_images_are_shown_only_on_request() {
        let (printer, _) = Printer::captured();
        let protocol = |when| {
            let environment = Environment::with_variables(&[("COLORTERM", "truecolor")]);
            detect(when, &environment, &printer)
        };
        assert_eq!(protocol(PreviewWhen::Auto), Protocol::Off);
        assert_eq!(protocol(PreviewWhen::Off), Protocol::Off);
        assert!(matches!(protocol(PreviewWhen::On), Protocol::Blocks { .. }));
    }

    #[test]
    fn a_frame_has_the_reported_height_and_respects_the_limit() {
        let picture = fluxhop::testing::picture("x", 7, 64, 32).expect("not a valid image");
        let blocks = Protocol::Blocks { columns: 80 };
        let (shown, lines) = encode_frame(&picture, blocks, 16)
            .expect("failed to encode the image")
            .expect("does not fit");
        let line_breaks = |shown: &[u8]| shown.split(|byte| *byte == b'\n').skip(1).count();
        assert_eq!((lines, line_breaks(&shown)), (16, 16));
        assert_eq!(
            encode_frame(&picture, blocks, 15).expect("failed to encode the image"),
            None
        );
        for protocol in [Protocol::Kitty, Protocol::ITerm] {
            let (shown, lines) = encode_frame(&picture, protocol, 20)
                .expect("failed to encode the image")
                .expect("does not fit");
            assert_eq!((lines, line_breaks(&shown)), (20, 20));
            assert!(shown.ends_with(b"\x1b8\x1b[20B\r"));
            assert_eq!(
                encode_frame(&picture, protocol, 19).expect("failed to encode the image"),
                None
            );
        }
        assert_eq!(
            encode_frame(&picture, Protocol::Sixel, 99).expect("failed to encode the image"),
            None
        );
    }

    #[test]
    fn every_protocol_encodes_and_blocks_fit_the_terminal() {
        let picture = fluxhop::testing::picture("x", 7, 256, 128).expect("not a valid image");
        for (protocol, head) in [
            (Protocol::Kitty, "\x1b_G"),
            (Protocol::ITerm, "\x1b]1337;"),
            (Protocol::Sixel, "\x1bPq"),
        ] {
            let shown = encode(&picture, protocol)
                .expect("failed to encode the image")
                .expect("no output");
            assert!(shown.starts_with(head.as_bytes()), "{protocol:?}");
        }
        let blocks =
            encode(&picture, Protocol::Blocks { columns: 33 }).expect("failed to encode the image");
        let blocks = String::from_utf8(blocks.expect("no output")).expect("not valid UTF-8");
        assert_eq!(blocks.lines().count(), 8);
        assert!(blocks.lines().all(|line| line.matches('▀').count() == 32));
        assert_eq!(
            encode(&picture, Protocol::Off).expect("failed to encode the image"),
            None
        );
    }
}
