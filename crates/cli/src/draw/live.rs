//! The preview on the terminal, whose place the next one takes, and then the picture.

use std::time::{Duration, Instant};

use fluxhop::Picture;

use crate::preview::{self, How};
use crate::printer::Printer;

/// The least time from one preview to the next, and before the first: what is done sooner needs none.
const BETWEEN: Duration = Duration::from_millis(250);

/// Shows the previews of one request.
pub(super) struct Live {
    how: How,
    last: Instant,
    /// The lines that the preview on the terminal takes.
    lines: u16,
}

impl Live {
    pub(super) fn new(how: How) -> Self {
        Self {
            how,
            last: Instant::now(),
            lines: 0,
        }
    }

    /// Shows a preview in place of the last one; none that has no room or comes too soon.
    pub(super) fn show(&mut self, picture: &Picture, printer: &Printer) {
        if self.how == How::No || self.last.elapsed() < BETWEEN {
            return;
        }
        let room = printer.lines_of_terminal().saturating_sub(2);
        // A preview that cannot be shown is none: the picture itself will tell why.
        let Ok(Some((shown, lines))) = preview::still(picture, self.how, room) else {
            return;
        };
        let mut written = self.back();
        written.extend_from_slice(&shown);
        printer.raw(&written);
        self.lines = lines;
        self.last = Instant::now();
    }

    /// Takes the preview off the terminal.
    pub(super) fn clear(&mut self, printer: &Printer) {
        if self.lines > 0 {
            printer.raw(&self.back());
            self.lines = 0;
        }
    }

    /// Goes back to where the preview begins, and erases what is there.
    fn back(&self) -> Vec<u8> {
        match self.lines {
            0 => Vec::new(),
            lines => format!("\x1b[{lines}A\r\x1b[J").into_bytes(),
        }
    }
}
