//! Events as JSON, one object a line: the form that `--json` promises.
//!
//! Every object has `event`; in a batch also `line`, the line of the file. Fields are added in later
//! versions, never renamed or taken away; those that are not known are left out. Times are seconds,
//! sizes pixels, `position` counts the requests before this one. Pictures themselves are never in
//! it: a preview is told by its size.

use std::path::Path;
use std::time::Duration;

use fluxhop::{Error, ErrorKind, Event, GeneratedImage, Picture};
use serde::Serialize;

use super::{Kept, Saved};
use crate::failure::{Failure, kind_name};

/// One line of `--json`.
#[derive(Debug, Serialize)]
pub(crate) struct Record<'a> {
    #[serde(flatten)]
    event: Told<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Told<'a> {
    Attempt {
        provider: &'a str,
        number: u32,
    },
    Queued {
        #[serde(skip_serializing_if = "Option::is_none")]
        position: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        of: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        eta_s: Option<f64>,
    },
    Started,
    Progress {
        #[serde(skip_serializing_if = "Option::is_none")]
        step: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        of: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        stage: Option<&'a str>,
    },
    Preview(Shape),
    Notice {
        message: &'a str,
    },
    Skipped {
        provider: &'a str,
        reason: String,
    },
    Image(Box<Image<'a>>),
    Error {
        error: Fault<'a>,
    },
    Done {
        images: usize,
        failed: usize,
        skipped: usize,
    },
}

/// The size and the type of a picture.
#[derive(Debug, Serialize)]
struct Shape {
    width: u32,
    height: u32,
    media_type: &'static str,
    bytes: usize,
}

#[derive(Debug, Serialize)]
struct Image<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(flatten)]
    shape: Option<Shape>,
    provider: &'a str,
    model: &'a str,
    alt: &'a str,
    timings: Timings,
}

#[derive(Debug, Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the names are those of the JSON, with their unit"
)]
struct Timings {
    #[serde(skip_serializing_if = "Option::is_none")]
    queued_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drawing_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_s: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Fault<'a> {
    kind: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    retryable: bool,
    exit_code: u8,
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    context: serde_json::Map<String, serde_json::Value>,
    causes: Vec<Cause<'a>>,
}

#[derive(Debug, Serialize)]
struct Cause<'a> {
    kind: &'static str,
    message: &'a str,
}

impl<'a> Record<'a> {
    fn new(line: Option<usize>, event: Told<'a>) -> Self {
        Self { event, line }
    }

    /// The record of an event; none for one of a kind that has no form here, or for a picture,
    /// which is told once it is kept.
    pub(crate) fn of_event(line: Option<usize>, event: &'a Event) -> Option<Self> {
        let told = match event {
            Event::Attempt { provider, number } => Told::Attempt {
                provider,
                number: *number,
            },
            Event::Queued { position, of, eta } => Told::Queued {
                position: *position,
                of: *of,
                eta_s: seconds(*eta),
            },
            Event::Started => Told::Started,
            Event::Progress { step, of, stage } => Told::Progress {
                step: *step,
                of: *of,
                stage: stage.as_deref(),
            },
            Event::Preview(picture) => Told::Preview(shape(picture)),
            Event::Notice(message) => Told::Notice { message },
            Event::Skipped { provider, error } => Told::Skipped {
                provider,
                reason: error.to_string(),
            },
            _ => return None,
        };
        Some(Self::new(line, told))
    }

    /// The record of a note that is no event of the library's.
    pub(crate) fn of_note(line: Option<usize>, message: &'a str) -> Self {
        Self::new(line, Told::Notice { message })
    }

    /// The record of a picture that is kept.
    pub(crate) fn of_saved(line: Option<usize>, saved: &'a Saved) -> Self {
        let image: &GeneratedImage = &saved.image;
        let path = match &saved.kept {
            Kept::File(path) => Some(path.as_path()),
            Kept::Stdout | Kept::Url(_) => None,
        };
        let image = Image {
            path,
            url: image.url.as_deref(),
            seed: image.seed,
            shape: image.picture.as_ref().map(shape),
            provider: &image.provider,
            model: &image.model,
            alt: &image.alt,
            timings: Timings {
                queued_s: seconds(image.timings.queued),
                drawing_s: seconds(image.timings.drawing),
                total_s: seconds(image.timings.total),
            },
        };
        Self::new(line, Told::Image(Box::new(image)))
    }

    /// The record of a failure.
    pub(crate) fn of_failure(line: Option<usize>, failure: &'a Failure) -> Self {
        let mut fault = Fault {
            kind: failure.kind_name(),
            message: failure.to_string(),
            field: None,
            hint: failure.hint(),
            retryable: false,
            exit_code: failure.exit_code(),
            context: serde_json::Map::new(),
            causes: Vec::new(),
        };
        if let Failure::Draw(error) = failure {
            error.message().clone_into(&mut fault.message);
            fault.retryable = error.is_retryable();
            if let ErrorKind::InvalidRequest { field } = error.kind() {
                fault.field = Some(field);
            }
            let pair = |(name, value): &(&'static str, String)| {
                ((*name).to_owned(), value.as_str().into())
            };
            fault.context = error.context().iter().map(pair).collect();
            let cause = |cause: &'a Error| Cause {
                kind: kind_name(cause.kind()),
                message: cause.message(),
            };
            fault.causes = error.causes().iter().map(cause).collect();
        }
        Self::new(line, Told::Error { error: fault })
    }

    /// The last record of a run: how many pictures there are, how many there are not, and how many
    /// an earlier run had drawn.
    pub(crate) fn of_end(images: usize, failed: usize, skipped: usize) -> Self {
        let done = Told::Done {
            images,
            failed,
            skipped,
        };
        Self::new(None, done)
    }

    /// The line, without its break.
    pub(crate) fn to_line(&self) -> String {
        // Texts, numbers and lists; a path that is no UTF-8 is the one thing that cannot be written.
        serde_json::to_string(self).unwrap_or_else(|error| {
            serde_json::json!({ "event": "notice", "message": error.to_string() }).to_string()
        })
    }
}

fn shape(picture: &Picture) -> Shape {
    Shape {
        width: picture.width,
        height: picture.height,
        media_type: picture.format.media_type(),
        bytes: picture.bytes.len(),
    }
}

/// Seconds, to the millisecond.
fn seconds(duration: Option<Duration>) -> Option<f64> {
    duration.map(|duration| (duration.as_secs_f64() * 1000.0).round() / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(event: &Event) -> String {
        Record::of_event(Some(3), event)
            .expect("a record")
            .to_line()
    }

    #[test]
    fn every_event_has_its_fields_and_the_line_of_the_batch() {
        let eta = Some(Duration::from_millis(4250));
        for (event, told) in [
            (
                Event::Attempt {
                    provider: "one".into(),
                    number: 1,
                },
                r#"{"event":"attempt","provider":"one","number":1,"line":3}"#,
            ),
            (
                Event::Queued {
                    position: Some(2),
                    of: Some(8),
                    eta,
                },
                r#"{"event":"queued","position":2,"of":8,"eta_s":4.25,"line":3}"#,
            ),
            (Event::Started, r#"{"event":"started","line":3}"#),
            (
                Event::Progress {
                    step: Some(1),
                    of: Some(4),
                    stage: None,
                },
                r#"{"event":"progress","step":1,"of":4,"line":3}"#,
            ),
            (
                Event::Notice("a \"word\"\n".into()),
                r#"{"event":"notice","message":"a \"word\"\n","line":3}"#,
            ),
        ] {
            assert_eq!(line(&event), told);
        }
    }

    #[test]
    fn an_error_has_its_kind_its_field_its_hint_and_its_causes() {
        let cause = Error::new(ErrorKind::QueueFull, "8 wait");
        let error = Error::new(ErrorKind::ModelNotFound, "`flx`")
            .with_context("provider", "one")
            .with_causes(vec![cause]);
        assert_eq!(
            Record::of_failure(None, &error.into()).to_line(),
            r#"{"event":"error","error":{"kind":"model_not_found","message":"`flx`","hint":"`fluxhop models` lists them","retryable":false,"exit_code":3,"context":{"provider":"one"},"causes":[{"kind":"queue_full","message":"8 wait"}]}}"#
        );
        let error = Error::invalid("width", "too high");
        let told = Record::of_failure(None, &error.into()).to_line();
        assert!(told.contains(r#""field":"width""#), "{told}");
    }

    #[test]
    fn an_image_has_where_it_is_and_what_it_is() {
        let mut image = GeneratedImage::new("one", "flux", "a cat");
        image.seed = Some(u64::MAX);
        image.timings.total = Some(Duration::from_micros(1_234_567));
        let kept = Kept::File("cat.png".into());
        let saved = Saved {
            image,
            kept,
            notes: Vec::new(),
        };
        assert_eq!(
            Record::of_saved(None, &saved).to_line(),
            r#"{"event":"image","path":"cat.png","seed":18446744073709551615,"provider":"one","model":"flux","alt":"a cat","timings":{"total_s":1.235}}"#
        );
    }
}
