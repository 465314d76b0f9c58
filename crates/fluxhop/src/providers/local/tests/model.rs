//! The provider with the files of a tiny FLUX pipeline with random weights.

use std::path::{Path, PathBuf};

use futures_util::StreamExt;

use crate::providers::local::{Local, LocalOptions};
use crate::testing::conformance;
use crate::{ErrorKind, Event, Provider, ProviderExt, Request, Seed};

/// A pipeline of the parity set with random f32 weights.
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
async fn local_weights_conform() {
    let options = conformance::Options::new().with_request(request());
    conformance::check(local, options).await;
}

#[tokio::test]
async fn progress_previews_and_timings_are_reported() {
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
async fn a_prompt_over_the_token_limit_is_truncated_with_a_notice() {
    let long = "a very long prompt of many words ".repeat(100);
    let events = local().generate(request().with_prompt(long));
    let events: Vec<Event> = events.map(|event| event.expect("no error")).collect().await;
    let is_notice =
        |event: &Event| matches!(event, Event::Notice(notice) if notice.contains("tokens"));
    assert!(events.iter().any(is_notice), "{events:?}");
}

#[tokio::test]
async fn an_image_does_not_depend_on_the_previous_request() {
    let local = local();
    let fixed = |width| request().with_size(width, 64).with_seed(Seed::Fixed(7));
    let first = local.draw(fixed(64)).await.expect("drawn");
    local.draw(fixed(96)).await.expect("drawn");
    let again = local.draw(fixed(64)).await.expect("drawn");
    assert_eq!(first[0].picture, again[0].picture);
}

#[tokio::test]
async fn folders_without_a_model_are_unavailable() {
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

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let from = entry.expect("an entry").path();
        let to = to.join(from.file_name().expect("a name"));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).expect("a copy");
        }
    }
}

#[tokio::test]
async fn weights_downloaded_later_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = LocalOptions::new("local", folder.path().display().to_string());
    options.threads = Some(1);
    let local = Local::new(options);
    let error = local.draw(request()).await.expect_err("no weights yet");
    assert_eq!(error.kind(), &ErrorKind::Unavailable, "{error}");
    assert!(local.describe().is_err());

    copy(&weights(), folder.path());
    let images = local.draw(request()).await.expect("an image");
    assert_eq!(images.len(), 1);
    local.describe().expect("a description");
}
