//! Tells of one request, in the way that was asked for: a line that moves, or JSON.

use std::time::Duration;

use fluxhop::Event;
use indicatif::{ProgressBar, ProgressStyle};

use super::live::Live;
use super::progress::Progress;
use super::story::Story;
use super::{Kept, Record, Saved};
use crate::failure::Failure;
use crate::preview;
use crate::printer::Printer;

/// Tells of one request.
pub(crate) struct Teller<'a> {
    printer: &'a Printer,
    json: bool,
    preview: preview::How,
    live: Live,
    /// The line of the batch, and how it is named.
    line: Option<(usize, String)>,
    /// Whether nobody chose the provider, so that the one that drew is told.
    chosen_for_user: bool,
    bar: Option<ProgressBar>,
    progress: Progress,
    story: Story,
}

impl<'a> Teller<'a> {
    /// Tells on `printer`, with a progress line where that has a terminal.
    pub(crate) fn new(printer: &'a Printer, json: bool, preview: preview::How) -> Self {
        let bar = printer.bars().map(|bars| {
            let bar = bars.add(ProgressBar::new_spinner());
            bar.set_style(style(printer.has_colour()));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            printer,
            json,
            preview,
            live: Live::new(preview),
            line: None,
            chosen_for_user: false,
            bar,
            progress: Progress::default(),
            story: Story::default(),
        }
    }

    /// Names the line of the batch in all that is told.
    #[must_use]
    pub(crate) fn with_line(mut self, line: usize, place: String) -> Self {
        self.line = Some((line, place));
        // Several requests at once would write over each other's.
        self.live = Live::new(preview::How::No);
        self
    }

    /// Tells who drew, for nobody chose it.
    #[must_use]
    pub(crate) fn telling_who(mut self, tell: bool) -> Self {
        self.chosen_for_user = tell;
        self
    }

    /// Tells of an event that is no picture.
    pub(crate) fn event(&mut self, event: &Event) -> Result<(), Failure> {
        if let Some(record) = Record::of_event(self.line_number(), event).filter(|_| self.json) {
            self.printer.line(&record.to_line())?;
        }
        match event {
            Event::Notice(notice) => self.note(notice),
            Event::Skipped { provider, error } => self.story.passed_over(provider, error),
            Event::Preview(picture) => self.live.show(picture, self.printer),
            Event::Attempt { .. } => self.live.clear(self.printer),
            _ => {}
        }
        if let Some(bar) = &self.bar {
            let text = self.progress.after(event).to_owned();
            bar.set_prefix(self.prefix());
            bar.set_message(text);
        }
        Ok(())
    }

    /// Tells of a picture that is kept.
    pub(crate) fn saved(&mut self, saved: &Saved) -> Result<(), Failure> {
        self.live.clear(self.printer);
        for note in &saved.notes {
            if self.json {
                self.printer
                    .line(&Record::of_note(self.line_number(), note).to_line())?;
            }
            self.note(note);
        }
        if let Some(line) = self.story.line(&saved.image.provider, self.chosen_for_user) {
            // A second picture of the same request has nothing to add.
            self.chosen_for_user = false;
            self.note(&line);
        }
        if self.json {
            return self
                .printer
                .line(&Record::of_saved(self.line_number(), saved).to_line());
        }
        let told = match &saved.kept {
            Kept::File(path) => self.printer.line(&path.display().to_string()),
            Kept::Url(url) => self.printer.line(url),
            Kept::Stdout => {
                let bytes = saved
                    .image
                    .picture
                    .as_ref()
                    .map(|picture| &picture.bytes[..]);
                return self.printer.data(bytes.unwrap_or_default());
            }
        };
        if let Some(picture) = &saved.image.picture {
            self.show(picture);
        }
        match told {
            // The picture is in its file, whoever reads the path or does not.
            Err(Failure::ClosedPipe { .. }) => Ok(()),
            told => told,
        }
    }

    fn show(&mut self, picture: &fluxhop::Picture) {
        match preview::encoded(picture, self.preview) {
            Ok(Some(shown)) => self.printer.raw(&shown),
            Ok(None) => {}
            Err(error) => self.note(&format!("the picture cannot be shown here: {error}")),
        }
    }

    /// Says something on stderr, with the line of the batch before it.
    fn note(&mut self, text: &str) {
        self.live.clear(self.printer);
        match &self.line {
            Some((_, place)) => self.printer.note(&format!("{place}: {text}")),
            None => self.printer.note(text),
        }
    }

    fn line_number(&self) -> Option<usize> {
        self.line.as_ref().map(|(line, _)| *line)
    }

    fn prefix(&self) -> String {
        let provider = self.progress.provider();
        match &self.line {
            Some((line, _)) => format!("line {line} · {provider}"),
            None => provider.to_owned(),
        }
    }
}

impl Drop for Teller<'_> {
    fn drop(&mut self) {
        self.live.clear(self.printer);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(colour: bool) -> ProgressStyle {
    let template = if colour {
        "{spinner:.cyan} {prefix:.bold} {wide_msg} {elapsed:.dim}"
    } else {
        "{spinner} {prefix} {wide_msg} {elapsed}"
    };
    // The templates are right; were one not, a plain spinner would do.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
