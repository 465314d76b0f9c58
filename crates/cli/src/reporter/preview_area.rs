//! The area of the terminal that shows a request's latest preview, and is cleared for the next one.

use std::time::{Duration, Instant};

use fluxhop::Picture;

use crate::preview::{self, Protocol};
use crate::printer::Printer;

/// The minimum time between previews, and before the first one.
const INTERVAL: Duration = Duration::from_millis(250);

/// Shows the previews of one request, each in place of the last.
pub(super) struct PreviewArea {
    protocol: Protocol,
    last: Instant,
    /// The height of the current preview, in lines.
    lines: u16,
}

impl PreviewArea {
    pub(super) fn new(protocol: Protocol) -> Self {
        Self {
            protocol,
            last: Instant::now(),
            lines: 0,
        }
    }

    /// Whether this terminal can show previews: it must support a protocol with a known height.
    pub(super) fn is_enabled(&self, printer: &Printer) -> bool {
        !matches!(self.protocol, Protocol::Off | Protocol::Sixel) && max_lines(printer) > 0
    }

    /// Replaces the current preview, unless the new one does not fit or comes too soon.
    pub(super) fn show(&mut self, picture: &Picture, printer: &Printer) {
        if self.protocol == Protocol::Off || self.last.elapsed() < INTERVAL {
            return;
        }
        let max_lines = max_lines(printer);
        // An error is not reported here: the finished image reports it.
        let Ok(Some((bytes, lines))) = preview::encode_frame(picture, self.protocol, max_lines)
        else {
            return;
        };
        let mut output = self.erase();
        output.extend_from_slice(&bytes);
        printer.raw(&output);
        self.lines = lines;
        self.last = Instant::now();
    }

    /// Erases the current preview.
    pub(super) fn clear(&mut self, printer: &Printer) {
        if self.lines > 0 {
            printer.raw(&self.erase());
            self.lines = 0;
        }
    }

    /// The escape sequence that erases the current preview.
    fn erase(&self) -> Vec<u8> {
        match self.lines {
            0 => Vec::new(),
            lines => format!("\x1b[{lines}A\r\x1b[J").into_bytes(),
        }
    }
}

fn max_lines(printer: &Printer) -> u16 {
    printer.terminal_lines().saturating_sub(2)
}
