//! What is asked for, in which order, with which credentials, and what comes of it.

use std::fs;

use fluxhop::ErrorKind;
use fluxhop::hub::{ModelSource, PullEvent};
use fluxhop_tests::hub::{COMMIT, Model};

use crate::support::{Place, WEIGHTS, model, progress};

#[tokio::test]
async fn complete_pull_emits_every_event() {
    let model = model();
    let place = Place::new(&model).await;
    let events = place.pull().await.expect("pulled");
    place.assert_here(&model, &["config.json", WEIGHTS]);
    let size = (3 << 20) + 2;
    let Some(PullEvent::Found {
        repo,
        commit,
        files,
        bytes,
        here,
    }) = events.first()
    else {
        panic!("{events:?}")
    };
    assert_eq!(
        (repo.as_str(), commit.as_str(), *files, *bytes, *here),
        ("a/b", COMMIT, 2, size, 0)
    );
    let fetched: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            PullEvent::Fetched { file, bytes } => Some((file.as_str(), *bytes)),
            _ => None,
        })
        .collect();
    assert_eq!(
        fetched,
        [("config.json", 2), (WEIGHTS, 3 << 20)],
        "the smallest first"
    );
    let progress = progress(&events);
    assert!(progress.is_sorted_by_key(|told| told.2), "{progress:?}");
    assert_eq!(
        progress.last().map(|told| (told.2, told.3)),
        Some((size, size))
    );
    let Some(PullEvent::Done { path }) = events.last() else {
        panic!("{events:?}")
    };
    assert_eq!(fs::read(path.join("config.json")).expect("there"), b"{}");
}

#[tokio::test]
async fn token_is_sent_to_the_hub_but_not_to_the_storage() {
    let model = model();
    let place = Place::new(&model).await;
    place
        .pull_with("a/b", &[], Some("hf_secret"))
        .await
        .expect("pulled");
    for seen in place.hub.requests() {
        let token = seen.headers.get("authorization").map(String::as_str);
        assert_eq!(token, Some("Bearer hf_secret"), "{}", seen.line);
    }
    assert_eq!(place.storage.requests().len(), 1);
    let told = format!("{:?}", place.storage.requests());
    assert!(
        !told.contains("hf_secret") && !told.contains("authorization"),
        "{told}"
    );
}

#[tokio::test]
async fn cached_files_are_not_downloaded_again() {
    let model = model();
    let place = Place::new(&model).await;
    place.pull().await.expect("pulled");
    let asked = place.hub.lines().len();
    let events = place.pull().await.expect("pulled");
    assert_eq!(
        place.hub.lines()[asked..],
        [model.list("main")],
        "the list alone"
    );
    assert!(
        matches!(
            events.as_slice(),
            [
                PullEvent::Found {
                    files: 2,
                    bytes: 0,
                    ..
                },
                PullEvent::Done { .. }
            ]
        ),
        "{events:?}"
    );
    // A link that is lost is laid again, without the bytes.
    let source = ModelSource::parse("a/b").expect("a name");
    let folder = place.cache.find(&source).expect("there");
    fs::remove_file(folder.join(WEIGHTS)).expect("removed");
    place.pull().await.expect("pulled");
    place.assert_here(&model, &[WEIGHTS]);
    assert_eq!(place.storage.lines().len(), 1);
}

#[tokio::test]
async fn files_are_selected_by_pattern() {
    let model = Model::new("a/b")
        .with_weights("q4.gguf", 10)
        .with_weights("q8.gguf", 20);
    let place = Place::new(&model).await;
    let error = place.fails().await;
    assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "file" });
    assert!(
        error.message().contains("q4.gguf (10 B), q8.gguf (20 B)"),
        "{error}"
    );
    place
        .pull_with("a/b", &["*4*"], None)
        .await
        .expect("pulled");
    place.assert_here(&model, &["q4.gguf"]);
    let error = place
        .pull_with("a/b", &["*5*"], None)
        .await
        .expect_err("no such file");
    assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "file" });
}

#[tokio::test]
async fn identical_files_are_downloaded_once() {
    let model = Model::new("a/b")
        .with_text("x.json", "[1]")
        .with_text("y.json", "[1]");
    let model = model.with_weights("m.gguf", 4);
    let place = Place::new(&model).await;
    let events = place.pull().await.expect("pulled");
    place.assert_here(&model, &["x.json", "y.json", "m.gguf"]);
    assert!(
        matches!(events[0], PullEvent::Found { bytes: 7, .. }),
        "{events:?}"
    );
    let fetched = place
        .hub
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("GET /a/b/resolve"));
    assert_eq!(
        fetched.count(),
        2,
        "one text, and the redirect to the weights"
    );
}

#[tokio::test]
async fn revision_is_requested_by_name_and_recorded() {
    let model = model();
    let listing = model.listing();
    let place = Place::with(
        &model,
        |hub| hub.on(&model.list("refs%2Fpr%2F1"), listing),
        |s| s,
    )
    .await;
    place
        .pull_with("a/b@refs/pr/1", &[], None)
        .await
        .expect("pulled");
    for name in ["a/b@refs/pr/1".to_owned(), format!("a/b@{COMMIT}")] {
        let source = ModelSource::parse(&name).expect("a name");
        assert!(place.cache.find(&source).is_some(), "{name}");
    }
    assert!(
        place
            .cache
            .find(&ModelSource::parse("a/b").expect("a name"))
            .is_none()
    );
    let models = place.cache.models().expect("read");
    assert_eq!(models[0].revisions, ["refs/pr/1"]);
}

#[tokio::test]
async fn concurrent_download_by_another_process_is_awaited() {
    let model = model();
    let place = Place::new(&model).await;
    let etag = model.file(WEIGHTS).etag();
    let locks = place.cache.folder().join(".locks/models--a--b");
    fs::create_dir_all(&locks).expect("made");
    let lock = fs::File::create(locks.join(format!("{etag}.lock"))).expect("a lock");
    lock.lock().expect("locked");

    let source = ModelSource::parse("a/b").expect("a name");
    let mut events = place.hub(None).pull(&place.cache, source);
    loop {
        let event = futures_util::StreamExt::next(&mut events)
            .await
            .expect("an event");
        if let PullEvent::Waiting { file } = event.expect("no error") {
            assert_eq!(file, WEIGHTS);
            break;
        }
    }
    // The other is done: its bytes are taken, not fetched again.
    fs::write(place.blobs().join(&etag), &model.file(WEIGHTS).bytes).expect("written");
    drop(lock);
    while let Some(event) = futures_util::StreamExt::next(&mut events).await {
        event.expect("no error");
    }
    place.assert_here(&model, &["config.json", WEIGHTS]);
    assert_eq!(place.storage.lines(), Vec::<String>::new());
    assert!(!place.blobs().join(format!("{etag}.incomplete")).exists());
}
