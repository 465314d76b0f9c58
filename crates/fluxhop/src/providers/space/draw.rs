//! Runs one request against a Space.

use async_stream::try_stream;
use fluxhop_gradio::Update;
use fluxhop_gradio::wire::ProgressUnit;
use futures_util::{Stream, StreamExt};

use super::previews::Previews;
use super::recovery::{Next, Recovery};
use super::timer::CallTimer;
use super::{Space, call_result, fetch, wake};
use crate::{Event, GeneratedImage, Request, Result};

/// Generates the request's images one after the other.
pub(super) fn draw(space: Space, mut request: Request) -> impl Stream<Item = Result<Event>> + Send {
    try_stream! {
        let info = &space.0.options.info;
        yield Event::Attempt { provider: info.name.clone(), number: 1 };
        let model = info.resolve(&request.model)?.to_owned();
        // Reject requests that the catalogue rules out before any network request.
        request.resolve(&info.capabilities)?;

        // Sampled once, so that every call below generates the same image.
        request.seed = request.seed.sampled();
        let mut recovery = Recovery::new(&space);
        let mut delivered = 0;
        let mut emitted = Vec::new();
        'images: while delivered < request.count {
            let failure = 'call: {
                let connected = match recovery.connected().await {
                    Ok(connected) => connected,
                    Err(failure) => break 'call failure,
                };
                let resolved = request.resolve(&connected.mapping.capabilities)?;
                for notice in resolved.notices.iter().filter(|notice| !emitted.contains(*notice)) {
                    yield Event::Notice(notice.clone());
                }
                emitted.clone_from(&resolved.notices);

                let mut timer = CallTimer::new();
                let mut previews = Previews::new(request.previews);
                let values = connected.mapping.values(&request, &resolved, delivered)?;
                let mut call = connected.client.call(&connected.mapping.endpoint, values);
                while let Some(update) = call.next().await {
                    let update = match update {
                        Ok(update) => update,
                        Err(error) => break 'call error.into(),
                    };
                    recovery.succeeded();
                    match update {
                        Update::Queued { position, of, eta } => {
                            let [position, of] = [position, of].map(to_u32);
                            yield Event::Queued { position, of, eta };
                        }
                        Update::Started { .. } => {
                            timer.started();
                            yield Event::Started;
                        }
                        Update::Progress(units) => {
                            if let Some(event) = progress(&units) {
                                previews.progress_reported();
                                yield event;
                            }
                        }
                        Update::Log { message, .. } => yield Event::Notice(message),
                        Update::Generating(values) => {
                            let files = call_result::files(&connected.mapping, &values);
                            if let Some(event) = previews.event(&connected.client, files).await {
                                yield event;
                            }
                        }
                        Update::Completed { data, duration } => {
                            timer.drawn(duration);
                            let result = call_result::read(&connected.mapping, &data)?;
                            let seed = result.seed.or(resolved.seed_of(delivered));
                            for file in result.files {
                                if delivered == request.count {
                                    break;
                                }
                                let mut image = GeneratedImage::new(&info.name, &model, &resolved.prompt);
                                image.seed = seed;
                                fetch::fetch(&mut image, &connected.client, &file, &request).await?;
                                image.timings = timer.timings();
                                delivered += 1;
                                yield Event::Image(image);
                            }
                        }
                        _ => {}
                    }
                }
                continue 'images;
            };
            if delivered > 0 {
                Err(failure.into_error())?;
                return;
            }
            match recovery.after(failure)? {
                Next::Discover => {}
                Next::Wake(failure) => {
                    let mut events = wake::wake(space.clone(), failure).boxed();
                    while let Some(event) = events.next().await {
                        yield event?;
                    }
                }
            }
        }
    }
}

fn to_u32(number: Option<u64>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}

/// The progress of the innermost bar with a count; a bar with only a fraction counts to 100.
fn progress(units: &[ProgressUnit]) -> Option<Event> {
    let unit = units
        .iter()
        .rev()
        .find(|unit| unit.index.is_some() || unit.progress.is_some());
    let unit = unit.or_else(|| units.last())?;
    let (step, of) = match (unit.index, unit.length, unit.progress) {
        (Some(index), length, _) => (to_integer(index), length.and_then(to_integer)),
        (None, _, Some(fraction)) => (
            to_integer((fraction * 100.0).round().clamp(0.0, 100.0)),
            Some(100),
        ),
        _ => (None, None),
    };
    let stage = unit.desc.clone().or_else(|| unit.unit.clone());
    Some(Event::Progress {
        step,
        of,
        stage: stage.filter(|stage| !stage.is_empty()),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked"
)]
fn to_integer(number: f64) -> Option<u64> {
    (0.0..=1e15).contains(&number).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(index: Option<f64>, length: Option<f64>, fraction: Option<f64>) -> ProgressUnit {
        let mut unit = ProgressUnit::default();
        (unit.index, unit.length, unit.progress) = (index, length, fraction);
        unit
    }

    fn steps(units: &[ProgressUnit]) -> Option<(Option<u64>, Option<u64>)> {
        match progress(units)? {
            Event::Progress { step, of, .. } => Some((step, of)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn progress_is_parsed_from_a_count_or_a_fraction() {
        assert_eq!(
            steps(&[unit(Some(2.0), Some(4.0), None)]),
            Some((Some(2), Some(4)))
        );
        assert_eq!(
            steps(&[unit(None, None, Some(0.5))]),
            Some((Some(50), Some(100)))
        );
        assert_eq!(steps(&[unit(None, None, None)]), Some((None, None)));
        assert_eq!(steps(&[]), None);
        let nested = [
            unit(Some(0.0), Some(2.0), None),
            unit(Some(3.0), Some(28.0), None),
        ];
        assert_eq!(steps(&nested), Some((Some(3), Some(28))));
        assert_eq!(
            steps(&[unit(Some(f64::NAN), Some(-1.0), None)]),
            Some((None, None))
        );
    }
}
