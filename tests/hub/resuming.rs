//! Downloads that are cut: what is kept, what is asked for next, and what is not trusted.

use fluxhop::ErrorKind;
use fluxhop::hub::{ModelSource, PullEvent};
use fluxhop_tests::fault::Answer;
use fluxhop_tests::hub::{File, Model};
use futures_util::StreamExt;

use crate::support::{Place, WEIGHTS, model};

/// The route by which the storage has the weights.
fn stored(file: &File) -> String {
    format!("GET /{}", file.etag())
}

/// The `Range` of every request that reached the storage.
fn ranges(place: &Place) -> Vec<Option<String>> {
    let seen = place.storage.requests().into_iter();
    seen.map(|seen| seen.headers.get("range").cloned())
        .collect()
}

/// A place whose storage gives these answers, one after the other, for the weights.
async fn answering(model: &Model, answers: Vec<Answer>) -> Place {
    let route = stored(model.file(WEIGHTS));
    Place::with(model, |hub| hub, |storage| storage.on_each(&route, answers)).await
}

#[tokio::test]
async fn interrupted_download_resumes_within_the_same_pull() {
    let model = model();
    let file = model.file(WEIGHTS);
    let half = file.bytes.len() / 2;
    let cut = file.whole().cut_by(file.bytes.len() - half);
    let place = answering(&model, vec![cut, file.rest(half)]).await;
    let events = place.pull().await.expect("pulled");
    place.assert_here(&model, &["config.json", WEIGHTS]);
    assert_eq!(ranges(&place), [None, Some(format!("bytes={half}-"))]);
    let retried = events.iter().filter_map(|event| match event {
        PullEvent::Retrying { file, error, .. } => {
            let error = fluxhop::Error::from(error.clone());
            Some((file.as_str(), error.kind().clone()))
        }
        _ => None,
    });
    assert_eq!(
        retried.collect::<Vec<_>>(),
        [(WEIGHTS, ErrorKind::Unavailable)]
    );
}

#[tokio::test]
async fn next_pull_resumes_a_dropped_one() {
    let model = model();
    let file = model.file(WEIGHTS);
    let half = 2 << 20;
    let stalled = file.whole().cut_by(file.bytes.len() - half).then_stall();
    let place = answering(&model, vec![stalled, file.rest(half)]).await;
    let source = ModelSource::parse("a/b").expect("a name");
    let mut events = place.hub(None).pull(&place.cache, source);
    loop {
        let event = events.next().await.expect("an event").expect("no error");
        if matches!(event, PullEvent::Progress { done, .. } if done == half as u64) {
            break;
        }
    }
    drop(events);
    place.storage.wait_for_closed(1).await;
    assert!(place.partial(&file.etag()) == file.bytes[..half]);
    let models = place.cache.models().expect("read");
    assert!(!models[0].complete, "{models:?}");
    assert_eq!(models[0].partial_bytes, half as u64);
    let source = ModelSource::parse("a/b").expect("a name");
    assert_eq!(
        place.cache.find(&source),
        None,
        "the branch is noted when all is here"
    );

    let events = place.pull().await.expect("pulled");
    place.assert_here(&model, &["config.json", WEIGHTS]);
    assert_eq!(ranges(&place), [None, Some(format!("bytes={half}-"))]);
    assert!(
        matches!(events[0], PullEvent::Found { bytes, here, .. } if here == half as u64 && bytes == 3 << 20)
    );
    let checked = events
        .iter()
        .any(|event| matches!(event, PullEvent::Checking { bytes, .. } if *bytes == half as u64));
    assert!(checked, "{events:?}");
}

#[tokio::test]
async fn failed_download_keeps_the_partial_file() {
    let model = model();
    let file = model.file(WEIGHTS);
    let cut = file.whole().cut_by(file.bytes.len() - 1000);
    let nothing = Answer::raw("").then_reset();
    let place = answering(&model, vec![cut, nothing]).await;
    let error = place.fails().await;
    assert_eq!(error.kind(), &ErrorKind::Unavailable, "{error}");
    assert!(
        error.context().contains(&("file", WEIGHTS.to_owned())),
        "{error:?}"
    );
    // The first, and two retries since the last byte.
    assert_eq!(place.storage.lines().len(), 3);
    assert!(place.partial(&file.etag()) == file.bytes[..1000]);
}

#[tokio::test]
async fn received_bytes_reset_the_retry_count() {
    let model = model();
    let file = model.file(WEIGHTS);
    let length = file.bytes.len();
    let steps: Vec<usize> = (0..=6).map(|step| length * step / 6).collect();
    let mut answers = vec![file.whole().cut_by(length - steps[1])];
    answers.extend((1..5).map(|step| file.rest(steps[step]).cut_by(length - steps[step + 1])));
    answers.push(file.rest(steps[5]));
    let place = answering(&model, answers).await;
    place
        .pull()
        .await
        .expect("five cuts, each after some bytes");
    place.assert_here(&model, &[WEIGHTS]);
}

#[tokio::test]
async fn server_without_range_support_sends_the_whole_file() {
    let model = model();
    let file = model.file(WEIGHTS);
    let place = answering(&model, vec![file.whole().cut_by(10), file.whole()]).await;
    place.pull().await.expect("pulled");
    place.assert_here(&model, &[WEIGHTS]);
}

#[tokio::test]
async fn mismatched_content_range_restarts_the_download() {
    let model = model();
    let file = model.file(WEIGHTS);
    let half = file.bytes.len() / 2;
    let cut = file.whole().cut_by(file.bytes.len() - half);
    let place = answering(&model, vec![cut, file.rest(half - 1), file.whole()]).await;
    place.pull().await.expect("begun anew");
    place.assert_here(&model, &[WEIGHTS]);
    assert_eq!(ranges(&place), [None, Some(format!("bytes={half}-")), None]);
}

#[tokio::test]
async fn hash_mismatch_is_rejected_and_the_partial_file_is_cleared() {
    let model = model();
    let file = model.file(WEIGHTS);
    let mut wrong = file.clone();
    wrong.bytes[5] ^= 1;
    let place = answering(&model, vec![wrong.whole()]).await;
    let error = place.fails().await;
    assert_eq!(error.kind(), &ErrorKind::Protocol);
    assert!(
        error.message().ends_with(&format!(", not {}", file.etag())),
        "{error}"
    );
    assert_eq!(place.partial(&file.etag()), b"");
    assert!(!place.blobs().join(file.etag()).exists());
    assert_eq!(
        place.storage.lines().len(),
        1,
        "the same bytes would come again"
    );
}

#[tokio::test]
async fn corrupt_partial_file_is_downloaded_again() {
    let model = model();
    let file = model.file(WEIGHTS);
    let half = 2 << 20;
    let place = answering(&model, vec![file.rest(half), file.whole()]).await;
    std::fs::create_dir_all(place.blobs()).expect("made");
    let part = place.blobs().join(format!("{}.incomplete", file.etag()));
    std::fs::write(part, vec![1; half]).expect("written");
    place.pull().await.expect("pulled");
    place.assert_here(&model, &[WEIGHTS]);
    assert_eq!(ranges(&place), [Some(format!("bytes={half}-")), None]);
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
    let place = Place::new(&new).await;
    std::fs::create_dir_all(place.blobs()).expect("made");
    let part = place.blobs().join(format!("{}.incomplete", file.etag()));
    std::fs::write(&part, &file.bytes[..1000]).expect("written");
    place.pull().await.expect("pulled");
    assert_eq!(ranges(&place), [None]);
    let source = ModelSource::parse("a/b").expect("a name");
    let folder = place.cache.find(&source).expect("a version");
    let here = std::fs::read(folder.join(WEIGHTS)).expect("the file");
    assert!(here == new.file(WEIGHTS).bytes);
}

#[tokio::test]
async fn excess_bytes_are_rejected() {
    let model = model();
    let file = model.file(WEIGHTS);
    let mut long = file.clone();
    long.bytes.extend_from_slice(b"more");
    let place = answering(&model, vec![long.whole()]).await;
    let error = place.fails().await;
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
    let answers = vec![file.whole().cut_by(1000), file.rest(4000)];
    let route = model.route("GET", "vocab.json");
    let place = Place::with(
        &model,
        |hub| hub.on_each(&route, answers),
        |storage| storage,
    )
    .await;
    place.pull().await.expect("pulled");
    place.assert_here(&model, &["vocab.json", "m.gguf"]);
    let seen = place.hub.wait_for(&route).await;
    assert_eq!(seen.headers["range"], "bytes=4000-");
    assert_eq!(seen.headers["if-range"], format!("\"{}\"", file.etag()));
}
