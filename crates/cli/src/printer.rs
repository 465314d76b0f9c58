//! The only module that prints: data to stdout, everything else to stderr.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use indicatif::{MultiProgress, ProgressDrawTarget};

use crate::failure::{self, Failure};
use crate::text::sanitized;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();
const NOTE: Style = Style::new().dimmed();

/// Prints to stdout and stderr.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a property of a stream or a flag"
)]
pub(crate) struct Printer {
    quiet: bool,
    colour: bool,
    stdout_is_terminal: bool,
    stderr_is_terminal: bool,
    stdout: Stream,
    stderr: Stream,
    bars: MultiProgress,
}

type Stream = Mutex<Box<dyn Write + Send>>;

impl Printer {
    /// Inspects both streams and honours `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM=dumb`.
    ///
    /// With `quiet`, only errors go to stderr; `logs` disables progress bars.
    pub(crate) fn new(quiet: bool, logs: bool) -> Self {
        let stderr = io::stderr();
        let stderr_is_terminal = stderr.is_terminal();
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let bars = if stderr_is_terminal && !dumb && !quiet && !logs {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            quiet,
            colour: AutoStream::choice(&stderr) != ColorChoice::Never,
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: stderr_is_terminal && !dumb,
            stdout: Mutex::new(Box::new(io::stdout())),
            stderr: Mutex::new(Box::new(stderr)),
            bars: MultiProgress::with_draw_target(bars),
        }
    }

    /// Whether stdout is a terminal.
    pub(crate) fn stdout_is_terminal(&self) -> bool {
        self.stdout_is_terminal
    }

    /// Whether stderr is a terminal with cursor control.
    pub(crate) fn stderr_is_terminal(&self) -> bool {
        self.stderr_is_terminal
    }

    /// The height of the terminal on stderr, in lines; 0 if stderr is not a terminal.
    pub(crate) fn terminal_lines(&self) -> u16 {
        let size = self
            .stderr_is_terminal
            .then(|| terminal_size::terminal_size_of(io::stderr()));
        size.flatten().map_or(0, |(_, height)| height.0)
    }

    /// Whether to use colour on stderr.
    pub(crate) fn has_colour(&self) -> bool {
        self.colour
    }

    /// The progress bars, unless they are disabled.
    pub(crate) fn bars(&self) -> Option<&MultiProgress> {
        (!self.bars.is_hidden()).then_some(&self.bars)
    }

    /// Writes a line to stdout.
    pub(crate) fn line(&self, text: &str) -> Result<(), Failure> {
        self.data(format!("{text}\n").as_bytes())
    }

    /// Writes data to stdout.
    pub(crate) fn data(&self, bytes: &[u8]) -> Result<(), Failure> {
        let write = || {
            let mut stdout = self.stdout.lock().unwrap_or_else(PoisonError::into_inner);
            stdout.write_all(bytes)?;
            stdout.flush()
        };
        let written = if self.stdout_is_terminal {
            self.bars.suspend(write)
        } else {
            write()
        };
        written.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::ClosedPipe { unfinished: false },
            _ => Failure::file("cannot write to stdout", error),
        })
    }

    /// Prints a note on stderr, unless quiet.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.print(&format!("{}\n", self.styled(NOTE, &sanitized(text))));
        }
    }

    /// Prints an indented line below a note.
    pub(crate) fn note_indented(&self, text: &str) {
        if !self.quiet {
            self.print(&format!("  {}\n", self.styled(NOTE, &sanitized(text))));
        }
    }

    /// Writes bytes to stderr unchanged, such as the escape sequences of an image.
    pub(crate) fn raw(&self, text: &[u8]) {
        self.bars.suspend(|| {
            let mut stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
            // There is nowhere to report that stderr is closed.
            let _ = stderr.write_all(text).and_then(|()| stderr.flush());
        });
    }

    /// Prints the failure that ends the program.
    pub(crate) fn failure(&self, failure: &Failure) {
        let text = self.render(failure, None);
        if !text.is_empty() {
            self.print(&text);
        }
    }

    /// Prints the failure of one line of a batch.
    pub(crate) fn failure_at(&self, location: &str, failure: &Failure) {
        self.print(&self.render(failure, Some(location)));
    }

    fn render(&self, failure: &Failure, location: Option<&str>) -> String {
        if matches!(failure, Failure::ClosedPipe { .. }) {
            return String::new();
        }
        let mut message = failure::message(failure);
        if let Some(location) = location {
            message = format!("{location}: {message}");
        }
        let mut lines = vec![format!(
            "{} {}",
            self.styled(ERROR, "error:"),
            sanitized(&message)
        )];
        let causes = failure::causes(failure).into_iter();
        lines.extend(causes.map(|cause| format!("  {}", sanitized(&cause))));
        if let Some(hint) = failure.hint() {
            lines.push(format!("{} {hint}", self.styled(HINT, "hint:")));
        }
        lines.push(String::new());
        lines.join("\n")
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn print(&self, text: &str) {
        self.raw(text.as_bytes());
    }
}

/// The output of a printer in tests.
#[cfg(test)]
#[derive(Clone, Default)]
pub(crate) struct Captured {
    stdout: std::sync::Arc<Mutex<Vec<u8>>>,
    stderr: std::sync::Arc<Mutex<Vec<u8>>>,
}

#[cfg(test)]
struct Buffer(std::sync::Arc<Mutex<Vec<u8>>>);

#[cfg(test)]
impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
impl Captured {
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.stdout.lock().expect("poisoned").clone()).expect("not valid UTF-8")
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.stderr.lock().expect("poisoned").clone()).expect("not valid UTF-8")
    }
}

#[cfg(test)]
impl Printer {
    /// A printer that is not a terminal, and its output.
    pub(crate) fn captured() -> (Self, Captured) {
        let captured = Captured::default();
        let printer = Self {
            quiet: false,
            colour: false,
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            stdout: Mutex::new(Box::new(Buffer(captured.stdout.clone()))),
            stderr: Mutex::new(Box::new(Buffer(captured.stderr.clone()))),
            bars: MultiProgress::with_draw_target(ProgressDrawTarget::hidden()),
        };
        (printer, captured)
    }
}

#[cfg(test)]
mod tests {
    use fluxhop::{Error, ErrorKind};

    use super::*;

    fn printer(colour: bool) -> Printer {
        let (mut printer, _) = Printer::captured();
        printer.colour = colour;
        printer
    }

    #[test]
    fn quiet_prints_only_errors_on_stderr() {
        let (mut printer, captured) = Printer::captured();
        printer.quiet = true;
        printer.note("a note");
        printer.line("data").expect("failed to print");
        printer.failure(&Failure::Usage("no".to_owned()));
        assert_eq!(captured.stderr(), "error: no\n");
        assert_eq!(captured.stdout(), "data\n");
    }

    #[test]
    fn a_failure_has_its_causes_context_and_hint() {
        let error = Error::new(ErrorKind::Unavailable, "the Space is asleep")
            .with_context("space", "https://x.hf.space")
            .with_source(io::Error::other("connection refused"));
        assert_eq!(
            printer(false).render(&error.into(), None),
            "error: unavailable: the Space is asleep\n  cause: connection refused\n  \
             space: https://x.hf.space\nhint: run `fluxhop providers --check` to see which \
             providers are reachable; use --proxy if you are behind a proxy\n"
        );
    }

    #[test]
    fn control_characters_in_messages_are_removed() {
        let error = Error::new(ErrorKind::Upstream, "\x1b]0;title\x07oops");
        let rendered = printer(false).render(&error.into(), None);
        assert!(
            !rendered.contains('\x1b') && !rendered.contains('\x07'),
            "{rendered:?}"
        );
    }

    #[test]
    fn colour_is_used_only_if_enabled() {
        let failure = Failure::Usage("no".to_owned());
        assert!(printer(true).render(&failure, None).contains("\x1b["));
        assert!(!printer(false).render(&failure, None).contains('\x1b'));
    }

    #[test]
    fn a_closed_pipe_prints_nothing() {
        assert_eq!(
            printer(false).render(&Failure::ClosedPipe { unfinished: true }, None),
            ""
        );
    }
}
