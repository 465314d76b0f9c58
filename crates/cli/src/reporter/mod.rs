//! Reports what a command is doing: progress and notes on stderr, results on stdout.
//!
//! Stdout is either text (paths, URLs) or, with `--json`, one [`event`] per line. Progress and
//! notes go to stderr in both cases.

mod event;
mod preview_area;
mod progress;
mod pull;

use std::time::Duration;

use fluxhop::hub::PullEvent;
use fluxhop::{Error, Event, Picture};
use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::{self, Failure};
use crate::preview::{self, Protocol};
use crate::printer::Printer;
use crate::save::{Location, Saved};
use event::Record;
use preview_area::PreviewArea;
use progress::Progress;
use pull::Throttle;

/// The format of the output on stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputFormat {
    /// The path or URL of each image, one per line.
    Human,
    /// One JSON object per line for every event.
    Json,
}

impl OutputFormat {
    /// The format that the `--json` flag selects.
    pub(crate) fn new(json: bool) -> Self {
        if json { Self::Json } else { Self::Human }
    }
}

/// Reports one request, one line of a batch, or one download.
pub(crate) struct Reporter<'a> {
    printer: &'a Printer,
    format: OutputFormat,
    protocol: Protocol,
    preview_area: PreviewArea,
    batch_line: Option<BatchLine>,
    /// Whether to print the name of the provider even if none failed.
    show_provider: bool,
    /// Providers that failed before the current one, with their errors.
    skipped: Vec<(String, Error)>,
    bar: Option<ProgressBar>,
    progress: Progress,
    throttle: Throttle,
}

struct BatchLine {
    number: usize,
    /// The file and the line number, such as `prompts.txt:3`.
    location: String,
}

impl<'a> Reporter<'a> {
    /// A reporter that does not show images.
    pub(crate) fn new(printer: &'a Printer, format: OutputFormat) -> Self {
        Self {
            printer,
            format,
            protocol: Protocol::Off,
            preview_area: PreviewArea::new(Protocol::Off),
            batch_line: None,
            show_provider: false,
            skipped: Vec::new(),
            bar: None,
            progress: Progress::default(),
            throttle: Throttle::default(),
        }
    }

    /// Shows previews and images in the terminal.
    #[must_use]
    pub(crate) fn with_images(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self.preview_area = PreviewArea::new(protocol);
        self
    }

    /// Reports a line of the batch `file`. Previews are off: several lines are generated at once.
    #[must_use]
    pub(crate) fn for_line(mut self, file: &str, number: usize) -> Self {
        self.preview_area = PreviewArea::new(Protocol::Off);
        self.batch_line = Some(BatchLine {
            number,
            location: format!("{file}:{number}"),
        });
        self
    }

    /// Prints the name of the provider even if no other provider failed.
    #[must_use]
    pub(crate) fn show_provider(mut self, show_provider: bool) -> Self {
        self.show_provider = show_provider;
        self
    }

    /// Whether previews would be shown.
    pub(crate) fn shows_previews(&self) -> bool {
        self.preview_area.is_enabled(self.printer)
    }

    /// Reports any event except [`Event::Image`], which [`saved`](Self::saved) reports.
    pub(crate) fn event(&mut self, event: &Event) -> Result<(), Failure> {
        if let Some(record) = Record::event(self.line_number(), event) {
            self.emit(&record)?;
        }
        match event {
            Event::Notice(notice) => self.note(notice),
            Event::Skipped { provider, error } => {
                self.skipped.push((provider.clone(), error.clone()));
            }
            Event::Preview(picture) => self.preview_area.show(picture, self.printer),
            Event::Attempt { .. } => self.preview_area.clear(self.printer),
            _ => {}
        }
        let text = self.progress.update(event).to_owned();
        let prefix = self.progress_prefix();
        if let Some(bar) = self.request_bar() {
            bar.set_prefix(prefix);
            bar.set_message(text);
        }
        Ok(())
    }

    /// Reports an image that was saved.
    pub(crate) fn saved(&mut self, saved: &Saved) -> Result<(), Failure> {
        self.preview_area.clear(self.printer);
        for note in &saved.notes {
            self.emit(&Record::notice(self.line_number(), note))?;
            self.note(note);
        }
        self.report_provider(&saved.image.provider);
        if self.format == OutputFormat::Json {
            return self.emit(&Record::saved(self.line_number(), saved));
        }
        let printed = match &saved.location {
            Location::File(path) => self.printer.line(&path.display().to_string()),
            Location::Url(url) => self.printer.line(url),
            Location::Stdout => {
                let picture = saved.image.picture.as_ref();
                let bytes = picture.map(|picture| &picture.bytes[..]);
                return self.printer.data(bytes.unwrap_or_default());
            }
        };
        if let Some(picture) = &saved.image.picture {
            self.show(picture);
        }
        match printed {
            // The image is saved even if its path could not be printed.
            Err(Failure::ClosedPipe { .. }) => Ok(()),
            printed => printed,
        }
    }

    /// Reports an event of a download; the last one prints the folder.
    pub(crate) fn pull(&mut self, event: &PullEvent) -> Result<(), Failure> {
        if let Some(bar) = &self.bar {
            pull::update_bar(bar, event);
        }
        if let Some(note) = pull::note(event, self.bar.is_some()) {
            self.printer.note(&note);
        }
        if self.format == OutputFormat::Json {
            return match Record::pull(event).filter(|_| self.throttle.is_due(event)) {
                Some(record) => self.emit(&record),
                None => Ok(()),
            };
        }
        match event {
            PullEvent::Done { path } => {
                self.clear();
                self.printer.line(&path.display().to_string())
            }
            _ => Ok(()),
        }
    }

    /// Shows the bar of a download.
    pub(crate) fn start_pull(&mut self) {
        self.bar = self.printer.bars().map(|bars| {
            let bar = bars.add(ProgressBar::new(0));
            bar.set_style(pull::style(self.printer.has_colour()));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar.set_message("contacting the hub");
            bar
        });
    }

    /// Reports a failure as a JSON event and, for a line of a batch, as text. `main` prints the
    /// failure that ends the program.
    pub(crate) fn failure(&mut self, failure: &Failure) -> Result<(), Failure> {
        self.clear();
        let emitted = self.emit(&Record::failure(self.line_number(), failure));
        if let Some(line) = &self.batch_line {
            self.printer.failure_at(&line.location, failure);
        }
        emitted
    }

    /// Reports the end of a run; prints nothing as text.
    ///
    /// `skipped` counts the images that an earlier run of the batch generated.
    pub(crate) fn finished(
        &self,
        images: usize,
        failed: usize,
        skipped: usize,
    ) -> Result<(), Failure> {
        self.emit(&Record::done(images, failed, skipped))
    }

    fn emit(&self, record: &Record<'_>) -> Result<(), Failure> {
        match self.format {
            OutputFormat::Human => Ok(()),
            OutputFormat::Json => self.printer.line(&record.to_line()?),
        }
    }

    /// Prints, once per request, which provider generated the image and why others failed.
    fn report_provider(&mut self, provider: &str) {
        let skipped = std::mem::take(&mut self.skipped);
        let show_provider = std::mem::replace(&mut self.show_provider, false);
        if skipped.is_empty() {
            if show_provider {
                self.note(&format!("generated by {provider}"));
            }
            return;
        }
        self.note(&format!(
            "generated by {provider}; these providers failed first:"
        ));
        for (provider, error) in skipped {
            let reason = failure::summary(&error);
            self.printer.note_indented(&format!("{provider}: {reason}"));
        }
    }

    fn show(&mut self, picture: &Picture) {
        match preview::encode(picture, self.protocol) {
            Ok(Some(bytes)) => self.printer.raw(&bytes),
            Ok(None) => {}
            Err(error) => self.note(&format!("cannot show the image: {error}")),
        }
    }

    /// Prints a note on stderr, prefixed with the batch line if there is one.
    fn note(&mut self, text: &str) {
        self.preview_area.clear(self.printer);
        match &self.batch_line {
            Some(line) => self.printer.note(&format!("{}: {text}", line.location)),
            None => self.printer.note(text),
        }
    }

    fn line_number(&self) -> Option<usize> {
        self.batch_line.as_ref().map(|line| line.number)
    }

    fn progress_prefix(&self) -> String {
        let provider = self.progress.provider();
        match &self.batch_line {
            Some(line) => format!("line {} · {provider}", line.number),
            None => provider.to_owned(),
        }
    }

    /// The spinner of a request, created with its first event.
    fn request_bar(&mut self) -> Option<&ProgressBar> {
        if self.bar.is_none() {
            self.bar = self.printer.bars().map(|bars| {
                let bar = bars.add(ProgressBar::new_spinner());
                bar.set_style(spinner_style(self.printer.has_colour()));
                bar.enable_steady_tick(Duration::from_millis(120));
                bar
            });
        }
        self.bar.as_ref()
    }

    fn clear(&mut self) {
        self.preview_area.clear(self.printer);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Reporter<'_> {
    fn drop(&mut self) {
        self.clear();
    }
}

fn spinner_style(colour: bool) -> ProgressStyle {
    let template = if colour {
        "{spinner:.cyan} {prefix:.bold} {wide_msg} {elapsed:.dim}"
    } else {
        "{spinner} {prefix} {wide_msg} {elapsed}"
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
