//! What is told of a pull: a bar on a terminal, lines elsewhere, or JSON.

use std::time::{Duration, Instant};

use fluxhop::hub::{PullEvent, format_bytes};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::draw::Record;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::text::{duration, plain};

/// How often a line of JSON tells of more bytes.
const OFTEN: Duration = Duration::from_secs(1);

/// Tells of one pull.
pub(super) struct Told<'a> {
    printer: &'a Printer,
    json: bool,
    bar: Option<ProgressBar>,
    /// When bytes were last told of in JSON, and of which file.
    last: Option<(Instant, String)>,
}

impl<'a> Told<'a> {
    /// Tells on `printer`, with a bar where that has a terminal.
    pub(super) fn new(printer: &'a Printer, json: bool) -> Self {
        let bar = printer.bars().map(|bars| {
            let bar = bars.add(ProgressBar::new(0));
            bar.set_style(style(printer.has_colour()));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar.set_message("asking");
            bar
        });
        let last = None;
        Self {
            printer,
            json,
            bar,
            last,
        }
    }

    /// Tells of an event; of the last one, the folder on stdout.
    pub(super) fn event(&mut self, event: &PullEvent) -> Result<(), Failure> {
        if let Some(bar) = &self.bar {
            show(bar, event);
        }
        if let Some(note) = note(event, self.bar.is_some()) {
            self.printer.note(&note);
        }
        if self.json && self.is_due(event) {
            return self.printer.line(&as_json(event).to_string());
        }
        match event {
            PullEvent::Done { path } if !self.json => {
                self.clear();
                self.printer.line(&path.display().to_string())
            }
            _ => Ok(()),
        }
    }

    /// Tells of the failure, where lines of JSON are read; `main` tells everybody else.
    pub(super) fn failed(&mut self, failure: &Failure) {
        self.clear();
        if self.json {
            // Where stdout is closed, stderr still tells.
            let _ = self
                .printer
                .line(&Record::of_failure(None, failure).to_line());
        }
    }

    fn is_due(&mut self, event: &PullEvent) -> bool {
        let PullEvent::Progress { file, done, of, .. } = event else {
            return true;
        };
        if *done == 0 && *of > 0 {
            // Nothing has come; what comes first is told at once.
            return false;
        }
        let is_new = self
            .last
            .as_ref()
            .is_none_or(|(at, last)| last != file || at.elapsed() >= OFTEN);
        let is_due = is_new || done == of;
        if is_due {
            self.last = Some((Instant::now(), file.clone()));
        }
        is_due
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.clear();
    }
}

fn show(bar: &ProgressBar, event: &PullEvent) {
    match event {
        PullEvent::Found { bytes, here, .. } => {
            bar.set_length(*bytes);
            bar.set_position(*here);
            // The bytes of an earlier pull say nothing of this one's speed.
            bar.reset_eta();
        }
        PullEvent::Waiting { file } => {
            bar.set_message(format!("{}: another program downloads it", plain(file)));
        }
        PullEvent::Checking { file, .. } => bar.set_message(format!("checking {}", plain(file))),
        PullEvent::Progress { file, all_done, .. } => {
            bar.set_message(plain(file));
            bar.set_position(*all_done);
        }
        _ => {}
    }
}

/// What is worth a line that stays; a bar tells some of it by itself.
fn note(event: &PullEvent, has_bar: bool) -> Option<String> {
    match event {
        PullEvent::Found {
            repo,
            files,
            bytes,
            here,
            ..
        } => Some(match (*bytes, *here) {
            (0, _) => format!("{}: {files} files, all here", plain(repo)),
            (bytes, 0) => {
                format!(
                    "{}: {files} files, {} to come",
                    plain(repo),
                    format_bytes(bytes)
                )
            }
            (bytes, here) => format!(
                "{}: {files} files, {} to come and {} here from before",
                plain(repo),
                format_bytes(bytes - here),
                format_bytes(here)
            ),
        }),
        PullEvent::Waiting { file } if !has_bar => Some(format!(
            "waiting for another program that downloads {}",
            plain(file)
        )),
        PullEvent::Retrying { file, error, wait } => Some(format!(
            "{}: {error}; again in {}",
            plain(file),
            duration(*wait)
        )),
        PullEvent::Fetched { file, bytes } if !has_bar => {
            Some(format!("{} ({})", plain(file), format_bytes(*bytes)))
        }
        _ => None,
    }
}

fn as_json(event: &PullEvent) -> Value {
    match event {
        PullEvent::Found {
            repo,
            commit,
            files,
            bytes,
            here,
        } => json!({
            "event": "found", "repo": repo, "commit": commit, "files": files, "bytes": bytes,
            "here": here,
        }),
        PullEvent::Waiting { file } => json!({ "event": "waiting", "file": file }),
        PullEvent::Checking { file, bytes } => {
            json!({ "event": "checking", "file": file, "bytes": bytes })
        }
        PullEvent::Progress {
            file,
            done,
            of,
            all_done,
            all_of,
        } => json!({
            "event": "progress", "file": file, "done": done, "of": of, "all_done": all_done,
            "all_of": all_of,
        }),
        PullEvent::Retrying { file, error, wait } => json!({
            "event": "retrying", "file": file, "message": error.to_string(),
            "wait_s": wait.as_secs_f64(),
        }),
        PullEvent::Fetched { file, bytes } => {
            json!({ "event": "fetched", "file": file, "bytes": bytes })
        }
        PullEvent::Done { path } => json!({ "event": "done", "path": path }),
        _ => Value::Null,
    }
}

fn style(colour: bool) -> ProgressStyle {
    let template = if colour {
        "{bar:24.cyan} {bytes}/{total_bytes} {bytes_per_sec} {eta:.dim} {wide_msg}"
    } else {
        "{bar:24} {bytes}/{total_bytes} {bytes_per_sec} {eta} {wide_msg}"
    };
    // The templates are right; were one not, the default bar would do.
    let style = ProgressStyle::with_template(template);
    style
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━━─")
}
