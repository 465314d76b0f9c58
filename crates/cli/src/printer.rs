//! The one place that prints: data on stdout, all else on stderr.

use std::error::Error as StdError;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use indicatif::{MultiProgress, ProgressDrawTarget};

use crate::failure::Failure;
use crate::text::plain;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();
const NOTE: Style = Style::new().dimmed();

/// Prints.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each tells of a stream or a switch"
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
    /// Looks at the two streams; `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM=dumb` count.
    ///
    /// `quiet` leaves errors alone on stderr; a log there (`logs`) leaves no place for bars.
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

    /// Whether stderr is a terminal that moves its cursor.
    pub(crate) fn stderr_is_terminal(&self) -> bool {
        self.stderr_is_terminal
    }

    /// How many lines the terminal of stderr has; 0 where it is none.
    pub(crate) fn lines_of_terminal(&self) -> u16 {
        let size = self
            .stderr_is_terminal
            .then(|| terminal_size::terminal_size_of(io::stderr()));
        size.flatten().map_or(0, |(_, height)| height.0)
    }

    /// Whether stderr has colours.
    pub(crate) fn has_colour(&self) -> bool {
        self.colour
    }

    /// Where progress lines go, where there are any.
    pub(crate) fn bars(&self) -> Option<&MultiProgress> {
        (!self.bars.is_hidden()).then_some(&self.bars)
    }

    /// Prints data and a line break on stdout.
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
            _ => Failure::file("stdout cannot be written", error),
        })
    }

    /// Says something on stderr, unless it is to be quiet.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.say(&format!("{}\n", self.styled(NOTE, &plain(text))));
        }
    }

    /// Writes on stderr what steers the terminal, such as a picture.
    pub(crate) fn raw(&self, text: &[u8]) {
        self.bars.suspend(|| {
            let mut stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
            // With stderr closed, nobody is there to be told.
            let _ = stderr.write_all(text).and_then(|()| stderr.flush());
        });
    }

    /// Says why the program fails, what led to it, and what could help.
    pub(crate) fn failure(&self, failure: &Failure) {
        let text = self.told(failure, None);
        if !text.is_empty() {
            self.say(&text);
        }
    }

    /// Says why one line of a batch fails.
    pub(crate) fn failure_of(&self, place: &str, failure: &Failure) {
        self.say(&self.told(failure, Some(place)));
    }

    fn told(&self, failure: &Failure, place: Option<&str>) -> String {
        if matches!(failure, Failure::ClosedPipe { .. }) {
            return String::new();
        }
        let mut message = failure.to_string();
        if let Some(place) = place {
            message = format!("{place}: {message}");
        }
        let mut lines = vec![format!(
            "{} {}",
            self.styled(ERROR, "error:"),
            plain(&message)
        )];
        let causes = causes(failure).into_iter();
        lines.extend(causes.map(|cause| format!("  cause: {}", plain(&cause))));
        if let Failure::Draw(error) = failure {
            let context = error.context().iter();
            lines.extend(context.map(|(name, value)| format!("  {name}: {}", plain(value))));
        }
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

    fn say(&self, text: &str) {
        self.raw(text.as_bytes());
    }
}

/// What led to a failure, outermost first, less what its message says already.
pub(crate) fn causes(failure: &Failure) -> Vec<String> {
    let mut said = failure.to_string();
    let mut causes = Vec::new();
    let mut add = |cause: String| {
        if !said.contains(&cause) {
            said.push_str(&cause);
            causes.push(cause);
        }
    };
    if let Failure::Draw(error) = failure {
        error
            .causes()
            .iter()
            .for_each(|cause| add(cause.to_string()));
    }
    let mut source = failure.source();
    while let Some(cause) = source {
        add(cause.to_string());
        source = cause.source();
    }
    causes
}

/// What a printer for tests has printed.
#[cfg(test)]
#[derive(Clone, Default)]
pub(crate) struct Captured {
    stdout: std::sync::Arc<Mutex<Vec<u8>>>,
    stderr: std::sync::Arc<Mutex<Vec<u8>>>,
}

#[cfg(test)]
struct Tape(std::sync::Arc<Mutex<Vec<u8>>>);

#[cfg(test)]
impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("the tape").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
impl Captured {
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.stdout.lock().expect("the tape").clone()).expect("UTF-8")
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.stderr.lock().expect("the tape").clone()).expect("UTF-8")
    }
}

#[cfg(test)]
impl Printer {
    /// A printer that is no terminal, and what it prints.
    pub(crate) fn captured() -> (Self, Captured) {
        let captured = Captured::default();
        let printer = Self {
            quiet: false,
            colour: false,
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            stdout: Mutex::new(Box::new(Tape(captured.stdout.clone()))),
            stderr: Mutex::new(Box::new(Tape(captured.stderr.clone()))),
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
    fn quiet_leaves_errors_alone_on_stderr() {
        let (mut printer, captured) = Printer::captured();
        printer.quiet = true;
        printer.note("a note");
        printer.line("data").expect("printed");
        printer.failure(&Failure::Usage("no".to_owned()));
        assert_eq!(captured.stderr(), "error: no\n");
        assert_eq!(captured.stdout(), "data\n");
    }

    #[test]
    fn a_failure_is_told_with_its_causes_its_context_and_a_hint() {
        let error = Error::new(ErrorKind::Unavailable, "the Space is asleep")
            .with_context("space", "https://x.hf.space")
            .with_source(io::Error::other("connection refused"));
        assert_eq!(
            printer(false).told(&error.into(), None),
            "error: unavailable: the Space is asleep\n  cause: connection refused\n  \
             space: https://x.hf.space\nhint: `fluxhop providers --check` tells who answers; \
             behind a proxy, give --proxy\n"
        );
    }

    #[test]
    fn a_cause_that_the_message_has_is_not_said_again() {
        let cause = Error::new(ErrorKind::Unavailable, "asleep");
        let error = Error::new(
            ErrorKind::Unavailable,
            "all failed: one: unavailable: asleep",
        )
        .with_causes(vec![cause]);
        assert!(causes(&error.into()).is_empty());
    }

    #[test]
    fn the_words_of_a_provider_cannot_steer_the_terminal() {
        let error = Error::new(ErrorKind::Upstream, "\x1b]0;title\x07oops");
        let told = printer(false).told(&error.into(), None);
        assert!(!told.contains('\x1b') && !told.contains('\x07'), "{told:?}");
    }

    #[test]
    fn colour_is_there_only_where_it_was_found_good() {
        let failure = Failure::Usage("no".to_owned());
        assert!(printer(true).told(&failure, None).contains("\x1b["));
        assert!(!printer(false).told(&failure, None).contains('\x1b'));
    }

    #[test]
    fn a_closed_pipe_is_told_to_nobody() {
        assert_eq!(
            printer(false).told(&Failure::ClosedPipe { unfinished: true }, None),
            ""
        );
    }
}
