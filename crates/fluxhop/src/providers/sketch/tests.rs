use futures_util::StreamExt;

use super::Sketch;
use crate::testing::conformance;
use crate::{ErrorKind, Event, Provider, ProviderExt, Request, Seed};

async fn events(request: Request) -> Vec<Event> {
    let events = Sketch::new().generate(request);
    events.map(|event| event.expect("no error")).collect().await
}

#[tokio::test]
async fn sketch_conforms() {
    let request = Request::new("a black cat wearing a red hat").with_size(64, 64);
    let options = conformance::Options::new().with_request(request);
    conformance::check(Sketch::new, options).await;
}

#[tokio::test]
async fn the_scene_builds_up_in_previews() {
    let request = Request::new("a fox next to a tree in the rain")
        .with_size(96, 64)
        .with_previews();
    let events = events(request).await;
    let stages: Vec<&str> = events
        .iter()
        .filter_map(|event| match event {
            Event::Progress { stage, .. } => stage.as_deref(),
            _ => None,
        })
        .collect();
    assert_eq!(stages.len(), 4, "{stages:?}");
    assert_eq!((stages[0], stages[3]), ("the setting", "the weather"));
    let previews = events
        .iter()
        .filter(|event| matches!(event, Event::Preview(_)))
        .count();
    assert_eq!(previews, 3);
}

#[tokio::test]
async fn unknown_words_are_reported_and_the_rest_is_drawn() {
    let events = events(Request::new("a cat and an astronaut").with_size(64, 64)).await;
    let is_reported = |event: &Event| matches!(event, Event::Notice(notice) if notice.starts_with("sketch cannot draw: astronaut ("));
    assert!(events.iter().any(is_reported), "{events:?}");
    assert!(matches!(events.last(), Some(Event::Image(_))));
}

#[tokio::test]
async fn an_unknown_prompt_is_an_error_that_lists_the_unknown_words() {
    let error = Sketch::new()
        .draw(Request::new("entropy"))
        .await
        .expect_err("no known words");
    assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "prompt" });
    assert_eq!(error.message(), "unknown words: entropy");
    assert_eq!(error.context(), [("provider", "sketch".to_owned())]);
}

#[tokio::test]
async fn each_picture_of_a_request_has_its_own_seed() {
    let request = Request::new("кошка в красной шляпе")
        .with_size(64, 64)
        .with_count(3);
    let images = Sketch::new()
        .draw(request.with_seed(Seed::Fixed(7)))
        .await
        .expect("drawn");
    let seeds: Vec<_> = images.iter().map(|image| image.seed).collect();
    assert_eq!(seeds, [Some(7), Some(8), Some(9)]);
    assert_ne!(images[0].picture, images[1].picture);
}
