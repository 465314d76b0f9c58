//! The text and the progress bar of a download.

use std::time::{Duration, Instant};

use fluxhop::hub::{PullEvent, format_bytes};
use indicatif::{ProgressBar, ProgressStyle};

use crate::text::{format_duration, sanitized};

/// The minimum time between JSON progress events of one file.
const JSON_INTERVAL: Duration = Duration::from_secs(1);

/// Limits the rate of progress events.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    /// When progress was last reported, and for which file.
    last: Option<(Instant, String)>,
}

impl Throttle {
    /// Whether to report this event now.
    pub(super) fn is_due(&mut self, event: &PullEvent) -> bool {
        let PullEvent::Progress { file, done, of, .. } = event else {
            return true;
        };
        if *done == 0 && *of > 0 {
            // Reporting 0 bytes would delay the report of the first bytes.
            return false;
        }
        let is_new = self
            .last
            .as_ref()
            .is_none_or(|(at, last)| last != file || at.elapsed() >= JSON_INTERVAL);
        let is_due = is_new || done == of;
        if is_due {
            self.last = Some((Instant::now(), file.clone()));
        }
        is_due
    }
}

/// Updates the bar for an event.
pub(super) fn update_bar(bar: &ProgressBar, event: &PullEvent) {
    match event {
        PullEvent::Found {
            bytes, downloaded, ..
        } => {
            bar.set_length(*bytes);
            bar.set_position(*downloaded);
            // Bytes of an earlier run must not count towards the speed.
            bar.reset_eta();
        }
        PullEvent::Waiting { file } => {
            bar.set_message(format!(
                "{}: waiting for another process to download it",
                sanitized(file)
            ));
        }
        PullEvent::Checking { file, .. } => {
            bar.set_message(format!("checking {}", sanitized(file)));
        }
        PullEvent::Progress {
            file, total_done, ..
        } => {
            bar.set_message(sanitized(file));
            bar.set_position(*total_done);
        }
        _ => {}
    }
}

/// The permanent line for an event, if any; a bar already shows some of them.
pub(super) fn note(event: &PullEvent, has_bar: bool) -> Option<String> {
    match event {
        PullEvent::Found {
            repo,
            files,
            bytes,
            downloaded,
            ..
        } => Some(match (*bytes, *downloaded) {
            (0, _) => format!("{}: {files} files, already downloaded", sanitized(repo)),
            (bytes, 0) => {
                format!(
                    "{}: {files} files, {} to download",
                    sanitized(repo),
                    format_bytes(bytes)
                )
            }
            (bytes, downloaded) => format!(
                "{}: {files} files, {} to download, {} already downloaded",
                sanitized(repo),
                format_bytes(bytes - downloaded),
                format_bytes(downloaded)
            ),
        }),
        PullEvent::Waiting { file } if !has_bar => Some(format!(
            "waiting for another process to download {}",
            sanitized(file)
        )),
        PullEvent::Retrying { file, error, wait } => Some(format!(
            "{}: {error}; retrying in {}",
            sanitized(file),
            format_duration(*wait)
        )),
        PullEvent::Fetched { file, bytes } if !has_bar => {
            Some(format!("{} ({})", sanitized(file), format_bytes(*bytes)))
        }
        _ => None,
    }
}

pub(super) fn style(colour: bool) -> ProgressStyle {
    let template = if colour {
        "{bar:24.cyan} {bytes}/{total_bytes} {bytes_per_sec} {eta:.dim} {wide_msg}"
    } else {
        "{bar:24} {bytes}/{total_bytes} {bytes_per_sec} {eta} {wide_msg}"
    };
    let style = ProgressStyle::with_template(template);
    style
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━━─")
}
