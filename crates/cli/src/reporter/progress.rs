//! The text of a request's progress line.

use std::fmt::Write;

use fluxhop::Event;

use crate::text::{format_duration, sanitized, truncated};

/// The width of a step bar, in cells.
const CELLS: u64 = 24;

/// The text of the progress line.
#[derive(Debug, Default)]
pub(super) struct Progress {
    text: String,
    provider: String,
}

impl Progress {
    /// Updates the text for an event and returns it.
    pub(super) fn update(&mut self, event: &Event) -> &str {
        match event {
            Event::Attempt { provider, number } => {
                self.provider = sanitized(provider);
                self.text = match number {
                    1 => "connecting".to_owned(),
                    _ => format!("connecting, attempt {number}"),
                };
            }
            Event::Queued { position, of, eta } => {
                "queued".clone_into(&mut self.text);
                match (position, of) {
                    (Some(ahead), Some(of)) => self.add(format_args!(", {} of {of}", ahead + 1)),
                    (Some(ahead), None) => self.add(format_args!(", {ahead} ahead")),
                    (None, Some(of)) => self.add(format_args!(" of {of}")),
                    (None, None) => {}
                }
                if let Some(eta) = eta.filter(|eta| eta.as_secs() > 0) {
                    self.add(format_args!(", about {}", format_duration(eta)));
                }
            }
            Event::Started => "generating".clone_into(&mut self.text),
            Event::Progress { step, of, stage } => {
                let stage = stage
                    .as_deref()
                    .map(sanitized)
                    .filter(|stage| !stage.is_empty());
                let stage = stage.map_or("generating".to_owned(), |stage| truncated(&stage, 40));
                self.text = match (step, of) {
                    (Some(step), Some(of)) if *of > 0 => {
                        format!("{} {step}/{of} {stage}", bar(*step, *of))
                    }
                    (Some(step), _) => format!("{stage}, step {step}"),
                    _ => stage,
                };
            }
            _ => {}
        }
        &self.text
    }

    /// The current provider.
    pub(super) fn provider(&self) -> &str {
        &self.provider
    }

    fn add(&mut self, more: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.text.write_fmt(more);
    }
}

fn bar(step: u64, of: u64) -> String {
    let full = u128::from(step.min(of)) * u128::from(CELLS) / u128::from(of);
    (0..CELLS)
        .map(|cell| {
            if u128::from(cell) < full {
                '━'
            } else {
                '─'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn text_after(event: &Event) -> String {
        Progress::default().update(event).to_owned()
    }

    fn queued(position: Option<u32>, of: Option<u32>, seconds: Option<u64>) -> Event {
        let eta = seconds.map(Duration::from_secs);
        Event::Queued { position, of, eta }
    }

    #[test]
    fn queue_text_includes_only_known_values() {
        assert_eq!(
            text_after(&queued(Some(2), Some(8), Some(12))),
            "queued, 3 of 8, about 12 s"
        );
        assert_eq!(text_after(&queued(Some(2), None, None)), "queued, 2 ahead");
        assert_eq!(text_after(&queued(None, None, None)), "queued");
    }

    #[test]
    fn steps_fill_the_bar_without_overflow() {
        let progress = |step, of| {
            let (step, of) = (Some(step), Some(of));
            text_after(&Event::Progress {
                step,
                of,
                stage: None,
            })
        };
        assert_eq!(
            progress(1, 4),
            format!("{}{} 1/4 generating", "━".repeat(6), "─".repeat(18))
        );
        assert_eq!(progress(9, 4), format!("{} 9/4 generating", "━".repeat(24)));
        assert_eq!(
            progress(u64::MAX, u64::MAX)
                .chars()
                .take_while(|c| *c == '━')
                .count(),
            24
        );
        assert_eq!(progress(1, 0), "generating, step 1");
    }

    #[test]
    fn a_stage_is_shortened_to_one_line() {
        let stage = Some(format!("load\x1b[2J\n{}", "x".repeat(100)));
        let text = text_after(&Event::Progress {
            step: None,
            of: None,
            stage,
        });
        assert!(
            text.starts_with("load [2J x") && text.chars().count() == 40,
            "{text}"
        );
    }

    #[test]
    fn a_new_attempt_replaces_the_text() {
        let mut progress = Progress::default();
        progress.update(&Event::Started);
        let again = Event::Attempt {
            provider: "two".into(),
            number: 2,
        };
        assert_eq!(progress.update(&again), "connecting, attempt 2");
        assert_eq!(progress.provider(), "two");
    }
}
