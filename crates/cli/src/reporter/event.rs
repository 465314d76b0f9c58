//! The events of `--json`, one object per line; `docs/events.schema.json` is their schema.
//!
//! Every object has `event`; in a batch also `line`, the line number in the batch file. Unknown values
//! are omitted. Later versions may add fields, but do not rename or remove any. Times are in seconds,
//! sizes in pixels, and `position` is the number of requests ahead. Events contain no image data: a
//! preview is reported by its size.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use fluxhop::hub::PullEvent;
use fluxhop::{Error, ErrorKind, Event, GeneratedImage, Picture};
use serde::Serialize;

use crate::failure::{Failure, kind_name};
use crate::save::{Location, Saved};

/// One line of `--json`.
#[derive(Debug, Serialize)]
pub(super) struct Record<'a> {
    #[serde(flatten)]
    event: Body<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Body<'a> {
    Generate(Generate<'a>),
    Pull(Pull<'a>),
}

/// Events of `generate`; `models pull` shares `error`.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Generate<'a> {
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
    Preview(ImageInfo),
    Notice {
        message: &'a str,
    },
    Skipped {
        provider: &'a str,
        reason: String,
    },
    Image(Box<Image<'a>>),
    Error {
        error: ErrorBody<'a>,
    },
    Done {
        images: usize,
        failed: usize,
        skipped: usize,
    },
}

/// Events of `models pull`.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Pull<'a> {
    Found {
        repo: &'a str,
        commit: &'a str,
        files: usize,
        bytes: u64,
        downloaded: u64,
    },
    Waiting {
        file: &'a str,
    },
    Checking {
        file: &'a str,
        bytes: u64,
    },
    Progress {
        file: &'a str,
        done: u64,
        of: u64,
        total_done: u64,
        total: u64,
    },
    Retrying {
        file: &'a str,
        message: String,
        wait_s: f64,
    },
    Fetched {
        file: &'a str,
        bytes: u64,
    },
    Done {
        path: &'a Path,
    },
}

/// The size and media type of an image.
#[derive(Debug, Serialize)]
struct ImageInfo {
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
    info: Option<ImageInfo>,
    provider: &'a str,
    model: &'a str,
    alt: &'a str,
    timings: Timings,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "JSON names include the unit")]
struct Timings {
    #[serde(skip_serializing_if = "Option::is_none")]
    queued_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drawing_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_s: Option<f64>,
}

#[derive(Debug, Serialize)]
struct ErrorBody<'a> {
    kind: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    retryable: bool,
    exit_code: u8,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    context: BTreeMap<&'static str, &'a str>,
    causes: Vec<Cause<'a>>,
}

#[derive(Debug, Serialize)]
struct Cause<'a> {
    kind: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
}

impl<'a> Record<'a> {
    fn new(line: Option<usize>, event: Generate<'a>) -> Self {
        Self {
            event: Body::Generate(event),
            line,
        }
    }

    /// The record of an event; `None` for an event without a JSON form, and for an image, which is
    /// reported once it is saved.
    pub(super) fn event(line: Option<usize>, event: &'a Event) -> Option<Self> {
        let event = match event {
            Event::Attempt { provider, number } => Generate::Attempt {
                provider,
                number: *number,
            },
            Event::Queued { position, of, eta } => Generate::Queued {
                position: *position,
                of: *of,
                eta_s: seconds(*eta),
            },
            Event::Started => Generate::Started,
            Event::Progress { step, of, stage } => Generate::Progress {
                step: *step,
                of: *of,
                stage: stage.as_deref(),
            },
            Event::Preview(picture) => Generate::Preview(image_info(picture)),
            Event::Notice(message) => Generate::Notice { message },
            Event::Skipped { provider, error } => Generate::Skipped {
                provider,
                reason: error.to_string(),
            },
            _ => return None,
        };
        Some(Self::new(line, event))
    }

    /// The record of a note about a saved image.
    pub(super) fn notice(line: Option<usize>, message: &'a str) -> Self {
        Self::new(line, Generate::Notice { message })
    }

    /// The record of a saved image.
    pub(super) fn saved(line: Option<usize>, saved: &'a Saved) -> Self {
        let image: &GeneratedImage = &saved.image;
        let path = match &saved.location {
            Location::File(path) => Some(path.as_path()),
            Location::Stdout | Location::Url(_) => None,
        };
        let image = Image {
            path,
            url: image.url.as_deref(),
            seed: image.seed,
            info: image.picture.as_ref().map(image_info),
            provider: &image.provider,
            model: &image.model,
            alt: &image.alt,
            timings: Timings {
                queued_s: seconds(image.timings.queued),
                drawing_s: seconds(image.timings.drawing),
                total_s: seconds(image.timings.total),
            },
        };
        Self::new(line, Generate::Image(Box::new(image)))
    }

    /// The record of a download's event; `None` for an event without a JSON form.
    pub(super) fn pull(event: &'a PullEvent) -> Option<Self> {
        let event = match event {
            PullEvent::Found {
                repo,
                commit,
                files,
                bytes,
                downloaded,
            } => Pull::Found {
                repo,
                commit,
                files: *files,
                bytes: *bytes,
                downloaded: *downloaded,
            },
            PullEvent::Waiting { file } => Pull::Waiting { file },
            PullEvent::Checking { file, bytes } => Pull::Checking {
                file,
                bytes: *bytes,
            },
            PullEvent::Progress {
                file,
                done,
                of,
                total_done,
                total,
            } => Pull::Progress {
                file,
                done: *done,
                of: *of,
                total_done: *total_done,
                total: *total,
            },
            PullEvent::Retrying { file, error, wait } => Pull::Retrying {
                file,
                message: error.to_string(),
                wait_s: wait.as_secs_f64(),
            },
            PullEvent::Fetched { file, bytes } => Pull::Fetched {
                file,
                bytes: *bytes,
            },
            PullEvent::Done { path } => Pull::Done { path },
            _ => return None,
        };
        Some(Self {
            event: Body::Pull(event),
            line: None,
        })
    }

    /// The record of a failure.
    pub(super) fn failure(line: Option<usize>, failure: &'a Failure) -> Self {
        let mut body = ErrorBody {
            kind: failure.kind_name(),
            message: failure.to_string(),
            field: None,
            hint: failure.hint(),
            retryable: false,
            exit_code: failure.exit_code(),
            context: BTreeMap::new(),
            causes: Vec::new(),
        };
        if let Failure::Library(error) = failure {
            let has_causes = !error.causes().is_empty();
            // Several failed providers may have failed for one reason, which comes first.
            body.message = if has_causes && *error.kind() == ErrorKind::Unavailable {
                crate::failure::message(failure)
            } else {
                error.message().to_owned()
            };
            body.retryable = error.is_retryable();
            if let ErrorKind::InvalidRequest { field } = error.kind() {
                body.field = Some(field);
            }
            let context = error.context().iter();
            body.context = context.map(|(name, value)| (*name, &value[..])).collect();
            body.causes = error.causes().iter().map(Cause::new).collect();
        }
        Self::new(line, Generate::Error { error: body })
    }

    /// The last record of a run.
    pub(super) fn done(images: usize, failed: usize, skipped: usize) -> Self {
        let done = Generate::Done {
            images,
            failed,
            skipped,
        };
        Self::new(None, done)
    }

    /// The record as JSON, without a line break. Fails only for a path that is not valid UTF-8.
    pub(super) fn to_line(&self) -> Result<String, Failure> {
        serde_json::to_string(self)
            .map_err(|error| Failure::file("cannot write the event as JSON", error.into()))
    }
}

impl<'a> Cause<'a> {
    fn new(error: &'a Error) -> Self {
        let context = error.context().iter();
        Self {
            kind: kind_name(error.kind()),
            message: error.message(),
            provider: context
                .filter(|(name, _)| *name == "provider")
                .map(|(_, value)| &value[..])
                .next(),
        }
    }
}

fn image_info(picture: &Picture) -> ImageInfo {
    ImageInfo {
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
        Record::event(Some(3), event)
            .expect("no record")
            .to_line()
            .expect("not valid JSON")
    }

    #[test]
    fn every_event_has_its_fields_and_batch_line() {
        let eta = Some(Duration::from_millis(4250));
        for (event, expected) in [
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
            assert_eq!(line(&event), expected);
        }
    }

    #[test]
    fn an_error_has_its_kind_field_hint_and_causes() {
        let cause = Error::new(ErrorKind::QueueFull, "8 waiting");
        let error = Error::new(ErrorKind::ModelNotFound, "`flx`")
            .with_context("provider", "one")
            .with_causes(vec![cause]);
        assert_eq!(
            Record::failure(None, &error.into())
                .to_line()
                .expect("not valid JSON"),
            r#"{"event":"error","error":{"kind":"model_not_found","message":"`flx`","hint":"run `fluxhop models` to list them","retryable":false,"exit_code":3,"context":{"provider":"one"},"causes":[{"kind":"queue_full","message":"8 waiting"}]}}"#
        );
        let error = Error::invalid("width", "too high");
        let record = Record::failure(None, &error.into())
            .to_line()
            .expect("not valid JSON");
        assert!(record.contains(r#""field":"width""#), "{record}");
    }

    #[test]
    fn an_image_has_its_path_and_properties() {
        let mut image = GeneratedImage::new("one", "flux", "a cat");
        image.seed = Some(u64::MAX);
        image.timings.total = Some(Duration::from_micros(1_234_567));
        let location = Location::File("cat.png".into());
        let saved = Saved {
            image,
            location,
            notes: Vec::new(),
        };
        assert_eq!(
            Record::saved(None, &saved)
                .to_line()
                .expect("not valid JSON"),
            r#"{"event":"image","path":"cat.png","seed":18446744073709551615,"provider":"one","model":"flux","alt":"a cat","timings":{"total_s":1.235}}"#
        );
    }

    #[test]
    fn previews_and_failures_match_the_schema() {
        let schema = std::fs::read_to_string("../../docs/events.schema.json")
            .expect("failed to read the file");
        let schema = serde_json::from_str(&schema).expect("not valid JSON");
        let schema = jsonschema::validator_for(&schema).expect("invalid schema");
        let check = |line: &str| {
            let event = serde_json::from_str(line).expect("not valid JSON");
            if let Err(error) = schema.validate(&event) {
                panic!("{line}: {error}");
            }
        };
        let picture = std::fs::read("../../docs/sketch.png").expect("failed to read the file");
        let picture = Picture::read(picture.into()).expect("not a valid image");
        check(&line(&Event::Preview(picture)));
        let phase = fluxhop::Phase::Connect;
        for kind in [
            ErrorKind::InvalidRequest { field: "width" },
            ErrorKind::Unauthorized,
            ErrorKind::QuotaExceeded { resets_at: None },
            ErrorKind::RateLimited { retry_after: None },
            ErrorKind::ContentRejected,
            ErrorKind::QueueFull,
            ErrorKind::Timeout { phase },
            ErrorKind::Upstream,
            ErrorKind::Protocol,
            ErrorKind::Cancelled,
            ErrorKind::Config,
            ErrorKind::Internal,
        ] {
            let failure = Error::new(kind, "a reason").into();
            check(
                &Record::failure(Some(1), &failure)
                    .to_line()
                    .expect("not valid JSON"),
            );
        }
        for failure in [
            Failure::Usage("wrong".to_owned()),
            Failure::file("cannot write", std::io::Error::other("full")),
            Failure::Batch {
                failed: 1,
                total: 2,
                code: 4,
            },
        ] {
            check(
                &Record::failure(None, &failure)
                    .to_line()
                    .expect("not valid JSON"),
            );
        }
    }
}
