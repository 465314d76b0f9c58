//! The provider with real weights: a FLUX pipeline so small that it draws noise.

use std::path::PathBuf;

use futures_util::StreamExt;

use crate::providers::local::{Local, LocalOptions};
use crate::testing::conformance;
use crate::{ErrorKind, Event, Provider, ProviderExt, Request, Seed};

/// A pipeline of random weights in f32, which the parity set draws with too.
fn weights() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join("tests/parity/golden/models/plain")
}

fn local() -> Local {
    let mut options = LocalOptions::new("local", weights().display().to_string());
    options.threads = Some(1);
    Local::new(options)
}

fn request() -> Request {
    Request::new("a cat wearing a hat")
        .with_size(64, 64)
        .with_steps(2)
}

#[tokio::test]
async fn weights_on_this_machine_conform() {
    let options = conformance::Options::new().with_request(request());
    conformance::check(local, options).await;
}

#[tokio::test]
async fn the_steps_are_told_with_previews_and_the_timings_with_the_picture() {
    let events: Vec<_> = local()
        .generate(request().with_steps(3).with_previews())
        .collect()
        .await;
    let events: Vec<Event> = events
        .into_iter()
        .map(|event| event.expect("no error"))
        .collect();
    let steps: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Progress {
                step: Some(step),
                of: Some(of),
                ..
            } => Some((*step, *of)),
            _ => None,
        })
        .collect();
    assert_eq!(steps, [(1, 3), (2, 3), (3, 3)]);
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Preview(_)))
    );
    let Some(Event::Image(image)) = events.last() else {
        panic!("{events:?}")
    };
    let timings = image.timings;
    assert!(timings.queued.is_some() && timings.drawing <= timings.total);
}

#[tokio::test]
async fn a_prompt_beyond_the_models_tokens_is_cut_and_said_so() {
    let long = "a very long prompt of many words ".repeat(100);
    let events = local().generate(request().with_prompt(long));
    let events: Vec<Event> = events.map(|event| event.expect("no error")).collect().await;
    let is_told =
        |event: &Event| matches!(event, Event::Notice(notice) if notice.contains("tokens"));
    assert!(events.iter().any(is_told), "{events:?}");
}

#[tokio::test]
async fn the_same_request_draws_the_same_again_after_another_size() {
    let local = local();
    let fixed = |width| request().with_size(width, 64).with_seed(Seed::Fixed(7));
    let first = local.draw(fixed(64)).await.expect("drawn");
    local.draw(fixed(96)).await.expect("drawn");
    let again = local.draw(fixed(64)).await.expect("drawn");
    assert_eq!(first[0].picture, again[0].picture);
}

#[tokio::test]
async fn folders_that_hold_no_model_keep_it_from_drawing_and_say_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("nothing");
    for path in [folder.path().to_owned(), missing, weights().join("vae")] {
        let local = Local::new(LocalOptions::new("local", path.display().to_string()));
        assert!(local.describe().is_err());
        let error = local.draw(request()).await.expect_err("no model");
        assert_eq!(error.kind(), &ErrorKind::Unavailable, "{error}");
        assert!(!error.is_retryable());
    }
}
