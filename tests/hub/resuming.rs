//! Interrupted downloads: how they resume, and which partial files are discarded.

use fluxhop::ErrorKind;
use fluxhop::hub::{ModelSource, PullEvent};
use fluxhop_tests::fault::MockResponse;
use fluxhop_tests::hub::{File, Model};
use futures_util::StreamExt;

use crate::support::{Fixture, WEIGHTS, model};

/// The storage's route of a file.
fn storage_route(file: &File) -> String {
    format!("GET /{}", file.etag())
}

/// The `Range` header of each request to the storage.
fn ranges(fixture: &Fixture) -> Vec<Option<String>> {
    let requests = fixture.storage.requests().into_iter();
    requests
        .map(|request| request.headers.get("range").cloned())
        .collect()
}

/// A fixture whose storage sends these responses for the weights, in order.
async fn with_storage_responses(model: &Model, responses: Vec<MockResponse>) -> Fixture {
    let route = storage_route(model.file(WEIGHTS));
    Fixture::with(
        model,
        |hub| hub,
        |storage| storage.on_each(&route, responses),
    )
    .await
}

#[tokio::test]
async fn interrupted_download_resumes_within_the_same_pull() {
    let model = model();
    let file = model.file(WEIGHTS);
    let half = file.bytes.len() / 2;
    let truncated = file.full_response().truncate_by(file.bytes.len() - half);
    let fixture =
        with_storage_responses(&model, vec![truncated, file.partial_response(half)]).await;
    let events = fixture.pull().await.expect("pull failed");
    fixture.assert_cached(&model, &["config.json", WEIGHTS]);
    assert_eq!(ranges(&fixture), [None, Some(format!("bytes={half}-"))]);
    let retries = events.iter().filter_map(|event| match event {
        PullEvent::Retrying { file, error, .. } => {
            let error = fluxhop::Error::from(error.clone());
            Some((file.as_str(), error.kind().clone()))
        }
        _ => None,
    });
    assert_eq!(
        retries.collect::<Vec<_>>(),
        [(WEIGHTS, ErrorKind::Unavailable)]
    );
}

#[tokio::test]
async fn next_pull_resumes_a_dropped_one() {
    let model = model();
    let file = model.file(WEIGHTS);
    let half = 2 << 20;
    let stalled = file
        .full_response()
        .truncate_by(file.bytes.len() - half)
        .then_stall();
    let fixture = with_storage_responses(&model, vec![stalled, file.partial_response(half)]).await;
    let source = ModelSource::parse("a/b").expect("a valid name");
    let mut events = fixture.hub(None).pull(&fixture.cache, source);
    loop {
        let event = events.next().await.expect("an event").expect("no error");
        if matches!(event, PullEvent::Progress { done, .. } if done == half as u64) {
            break;
        }
    }
    drop(events);
    fixture.storage.wait_for_closed(1).await;
    assert!(fixture.partial(&file.etag()) == file.bytes[..half]);
    let models = fixture.cache.models().expect("failed to read the cache");
    assert!(!models[0].complete, "{models:?}");
    assert_eq!(models[0].partial_bytes, half as u64);
    let source = ModelSource::parse("a/b").expect("a valid name");
    assert_eq!(
        fixture.cache.find(&source),
        None,
        "the ref was written before the pull completed"
    );

    let events = fixture.pull().await.expect("pull failed");
    fixture.assert_cached(&model, &["config.json", WEIGHTS]);
    assert_eq!(ranges(&fixture), [None, Some(format!("bytes={half}-"))]);
    assert!(
        matches!(events[0], PullEvent::Found { bytes, downloaded, .. } if downloaded == half as u64 && bytes == 3 << 20)
    );
    let is_checked = events
        .iter()
        .any(|event| matches!(event, PullEvent::Checking { bytes, .. } if *bytes == half as u64));
    assert!(is_checked, "{events:?}");
}

#[tokio::test]
async fn failed_download_keeps_the_partial_file() {
    let model = model();
    let file = model.file(WEIGHTS);
    let truncated = file.full_response().truncate_by(file.bytes.len() - 1000);
    let reset = MockResponse::raw("").then_reset();
    let fixture = with_storage_responses(&model, vec![truncated, reset]).await;
    let error = fixture.pull_error().await;
    assert_eq!(error.kind(), &ErrorKind::Unavailable, "{error}");
    assert!(
        error.context().contains(&("file", WEIGHTS.to_owned())),
        "{error:?}"
    );
    // The first request, and two retries without progress.
    assert_eq!(fixture.storage.lines().len(), 3);
    assert!(fixture.partial(&file.etag()) == file.bytes[..1000]);
}

#[tokio::test]
async fn received_bytes_reset_the_retry_count() {
    let model = model();
    let file = model.file(WEIGHTS);
    let length = file.bytes.len();
    let offsets: Vec<usize> = (0..=6).map(|sixth| length * sixth / 6).collect();
    let mut responses = vec![file.full_response().truncate_by(length - offsets[1])];
    responses.extend(
        offsets[1..6]
            .windows(2)
            .map(|pair| file.partial_response(pair[0]).truncate_by(length - pair[1])),
    );
    responses.push(file.partial_response(offsets[5]));
    let fixture = with_storage_responses(&model, responses).await;
    // Five interruptions, each after some bytes.
    fixture.pull().await.expect("pull failed");
    fixture.assert_cached(&model, &[WEIGHTS]);
}

#[tokio::test]
async fn server_without_range_support_sends_the_complete_file() {
    let model = model();
    let file = model.file(WEIGHTS);
    let fixture = with_storage_responses(
        &model,
        vec![file.full_response().truncate_by(10), file.full_response()],
    )
    .await;
    fixture.pull().await.expect("pull failed");
    fixture.assert_cached(&model, &[WEIGHTS]);
}

#[tokio::test]
async fn mismatched_content_range_restarts_the_download() {
    let model = model();
    let file = model.file(WEIGHTS);
    let half = file.bytes.len() / 2;
    let truncated = file.full_response().truncate_by(file.bytes.len() - half);
    let fixture = with_storage_responses(
        &model,
        vec![
            truncated,
            file.partial_response(half - 1),
            file.full_response(),
        ],
    )
    .await;
    fixture.pull().await.expect("pull failed");
    fixture.assert_cached(&model, &[WEIGHTS]);
    assert_eq!(
        ranges(&fixture),
        [None, Some(format!("bytes={half}-")), None]
    );
}

#[tokio::test]
async fn hash_mismatch_is_rejected_and_the_partial_file_is_cleared() {
    let model = model();
    let file = model.file(WEIGHTS);
    let mut wrong = file.clone();
    wrong.bytes[5] ^= 1;
    let fixture = with_storage_responses(&model, vec![wrong.full_response()]).await;
    let error = fixture.pull_error().await;
    assert_eq!(error.kind(), &ErrorKind::Protocol);
    assert!(
        error.message().ends_with(&format!(", not {}", file.etag())),
        "{error}"
    );
    assert_eq!(fixture.partial(&file.etag()), b"");
    assert!(!fixture.blobs().join(file.etag()).exists());
    assert_eq!(
        fixture.storage.lines().len(),
        1,
        "a hash mismatch was retried"
    );
}

#[tokio::test]
async fn corrupt_partial_file_is_downloaded_again() {
    let model = model();
    let file = model.file(WEIGHTS);
    let half = 2 << 20;
    let fixture = with_storage_responses(
        &model,
        vec![file.partial_response(half), file.full_response()],
    )
    .await;
    std::fs::create_dir_all(fixture.blobs()).expect("failed to create the folder");
    let partial = fixture.blobs().join(format!("{}.incomplete", file.etag()));
    std::fs::write(partial, vec![1; half]).expect("failed to write the file");
    fixture.pull().await.expect("pull failed");
    fixture.assert_cached(&model, &[WEIGHTS]);
    assert_eq!(ranges(&fixture), [Some(format!("bytes={half}-")), None]);
}

#[tokio::test]
async fn new_version_ignores_the_partial_file_of_an_old_one() {
    let (old, new) = (
        model(),
        Model::new("a/b")
            .with_text("config.json", "{}")
            .with_weights(WEIGHTS, 2 << 20),
    );
    let file = old.file(WEIGHTS);
    let fixture = Fixture::new(&new).await;
    std::fs::create_dir_all(fixture.blobs()).expect("failed to create the folder");
    let partial = fixture.blobs().join(format!("{}.incomplete", file.etag()));
    std::fs::write(&partial, &file.bytes[..1000]).expect("failed to write the file");
    fixture.pull().await.expect("pull failed");
    assert_eq!(ranges(&fixture), [None]);
    let source = ModelSource::parse("a/b").expect("a valid name");
    let folder = fixture.cache.find(&source).expect("not in the cache");
    let bytes = std::fs::read(folder.join(WEIGHTS)).expect("failed to read the file");
    assert!(bytes == new.file(WEIGHTS).bytes);
}

#[tokio::test]
async fn excess_bytes_are_rejected() {
    let model = model();
    let file = model.file(WEIGHTS);
    let mut long = file.clone();
    long.bytes.extend_from_slice(b"more");
    let fixture = with_storage_responses(&model, vec![long.full_response()]).await;
    let error = fixture.pull_error().await;
    assert_eq!(error.kind(), &ErrorKind::Protocol);
    assert!(
        error
            .message()
            .starts_with("received more than the 3145728 bytes"),
        "{error}"
    );
}

#[tokio::test]
async fn hub_file_resumes_with_if_range() {
    let model = Model::new("a/b")
        .with_text("vocab.json", &"word ".repeat(1000))
        .with_weights("m.gguf", 4);
    let file = model.file("vocab.json");
    let responses = vec![
        file.full_response().truncate_by(1000),
        file.partial_response(4000),
    ];
    let route = model.route("GET", "vocab.json");
    let fixture = Fixture::with(
        &model,
        |hub| hub.on_each(&route, responses),
        |storage| storage,
    )
    .await;
    fixture.pull().await.expect("pull failed");
    fixture.assert_cached(&model, &["vocab.json", "m.gguf"]);
    let request = fixture.hub.wait_for(&route).await;
    assert_eq!(request.headers["range"], "bytes=4000-");
    assert_eq!(request.headers["if-range"], format!("\"{}\"", file.etag()));
}
