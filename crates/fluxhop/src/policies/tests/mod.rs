//! The policies around a mock provider, under paused time.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;

use crate::testing::{MockProvider, Step};
use crate::{Error, ErrorKind, Event, Picture, Provider, Request, Result};

mod events;
mod failover;
mod limit;
mod retry;
mod timeout;

pub(super) const SECOND: Duration = Duration::from_secs(1);

pub(super) fn request() -> Request {
    Request::new("a cat").with_size(32, 32).with_previews()
}

pub(super) fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "mock failure")
}

pub(super) fn fail(kind: ErrorKind) -> Step {
    Step::Fail(error(kind))
}

pub(super) fn queued(position: u32) -> Step {
    Step::Emit(Event::Queued {
        position: Some(position),
        of: None,
        eta: None,
    })
}

pub(super) fn progress(step: u64) -> Step {
    Step::Emit(Event::Progress {
        step: Some(step),
        of: Some(9),
        stage: None,
    })
}

pub(super) fn preview() -> Step {
    Step::Emit(Event::Preview(preview_picture()))
}

pub(super) fn preview_picture() -> Picture {
    crate::testing::picture("a preview", 0, 8, 8).expect("a picture")
}

pub(super) async fn all(provider: &dyn Provider, request: Request) -> Vec<Result<Event>> {
    // Time is paused, so a stream that never ends fails immediately.
    let events = provider.generate(request).collect();
    tokio::time::timeout(1_000_000 * SECOND, events)
        .await
        .expect("the stream did not end")
}

/// The events as short strings: `attempt fake 1`, `image by fake`, `error …`.
pub(super) async fn summaries(provider: &dyn Provider, request: Request) -> Vec<String> {
    let events = all(provider, request).await;
    events.iter().map(summary).collect()
}

fn summary(event: &Result<Event>) -> String {
    match event {
        Ok(Event::Attempt { provider, number }) => format!("attempt {provider} {number}"),
        Ok(Event::Queued { position, of, .. }) => {
            let number = |n: &Option<u32>| n.map_or("?".to_owned(), |n| n.to_string());
            format!("queued {} of {}", number(position), number(of))
        }
        Ok(Event::Started) => "started".to_owned(),
        Ok(Event::Progress { step, .. }) => format!("progress {}", step.unwrap_or_default()),
        Ok(Event::Preview(_)) => "preview".to_owned(),
        Ok(Event::Notice(text)) => format!("notice {text}"),
        Ok(Event::Skipped { provider, error }) => format!("skipped {provider}: {error}"),
        Ok(Event::Image(image)) => format!("image by {}", image.provider),
        Err(error) => format!("error {error}"),
    }
}

pub(super) fn arc(mock: &MockProvider) -> Arc<dyn Provider> {
    Arc::new(mock.clone())
}

pub(super) fn last_error(events: Vec<Result<Event>>) -> Error {
    let last = events.into_iter().last().expect("an event");
    last.expect_err("an error")
}
