//! Pulls: their requests, credentials and events, and the files in the cache.

use std::fs;

use fluxhop::ErrorKind;
use fluxhop::hub::{ModelSource, PullEvent};
use fluxhop_tests::hub::{COMMIT, Model};

use crate::support::{Fixture, WEIGHTS, model, progress};

#[tokio::test]
async fn complete_pull_emits_every_event() {
    let model = model();
    let fixture = Fixture::new(&model).await;
    let events = fixture.pull().await.expect("pull failed");
    fixture.assert_cached(&model, &["config.json", WEIGHTS]);
    let size = (3 << 20) + 2;
    let Some(PullEvent::Found {
        repo,
        commit,
        files,
        bytes,
        downloaded,
    }) = events.first()
    else {
        panic!("{events:?}")
    };
    assert_eq!(
        (repo.as_str(), commit.as_str(), *files, *bytes, *downloaded),
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
        "not smallest first"
    );
    let progress = progress(&events);
    assert!(
        progress.is_sorted_by_key(|progress| progress.total_done),
        "{progress:?}"
    );
    assert_eq!(
        progress.last().map(|last| (last.total_done, last.total)),
        Some((size, size))
    );
    let Some(PullEvent::Done { path }) = events.last() else {
        panic!("{events:?}")
    };
    assert_eq!(
        fs::read(path.join("config.json")).expect("failed to read the file"),
        b"{}"
    );
}

#[tokio::test]
async fn token_is_sent_to_the_hub_but_not_to_its_storage() {
    let model = model();
    let fixture = Fixture::new(&model).await;
    fixture
        .pull_with("a/b", &[], Some("hf_secret"))
        .await
        .expect("pull failed");
    for request in fixture.hub.requests() {
        let token = request.headers.get("authorization").map(String::as_str);
        assert_eq!(token, Some("Bearer hf_secret"), "{}", request.line);
    }
    assert_eq!(fixture.storage.requests().len(), 1);
    let requests = format!("{:?}", fixture.storage.requests());
    assert!(
        !requests.contains("hf_secret") && !requests.contains("authorization"),
        "{requests}"
    );
}

#[tokio::test]
async fn cached_files_are_not_downloaded_again() {
    let model = model();
    let fixture = Fixture::new(&model).await;
    fixture.pull().await.expect("pull failed");
    let before = fixture.hub.lines().len();
    let events = fixture.pull().await.expect("pull failed");
    assert_eq!(fixture.hub.lines()[before..], [model.info_route("main")]);
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
    // A missing link is recreated without downloading the blob again.
    let source = ModelSource::parse("a/b").expect("a valid name");
    let folder = fixture.cache.find(&source).expect("not in the cache");
    fs::remove_file(folder.join(WEIGHTS)).expect("failed to remove the link");
    fixture.pull().await.expect("pull failed");
    fixture.assert_cached(&model, &[WEIGHTS]);
    assert_eq!(fixture.storage.lines().len(), 1);
}

#[tokio::test]
async fn files_are_selected_by_pattern() {
    let model = Model::new("a/b")
        .with_weights("q4.gguf", 10)
        .with_weights("q8.gguf", 20);
    let fixture = Fixture::new(&model).await;
    let error = fixture.pull_error().await;
    assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "file" });
    assert!(
        error.message().contains("q4.gguf (10 B), q8.gguf (20 B)"),
        "{error}"
    );
    fixture
        .pull_with("a/b", &["*4*"], None)
        .await
        .expect("pull failed");
    fixture.assert_cached(&model, &["q4.gguf"]);
    let error = fixture
        .pull_with("a/b", &["*5*"], None)
        .await
        .expect_err("pull succeeded");
    assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "file" });
}

#[tokio::test]
async fn identical_files_are_downloaded_once() {
    let model = Model::new("a/b")
        .with_text("x.json", "[1]")
        .with_text("y.json", "[1]");
    let model = model.with_weights("m.gguf", 4);
    let fixture = Fixture::new(&model).await;
    let events = fixture.pull().await.expect("pull failed");
    fixture.assert_cached(&model, &["x.json", "y.json", "m.gguf"]);
    assert!(
        matches!(events[0], PullEvent::Found { bytes: 7, .. }),
        "{events:?}"
    );
    let requests = fixture
        .hub
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("GET /a/b/resolve"));
    // One of the two identical files, and the redirect to the weights.
    assert_eq!(requests.count(), 2);
}

#[tokio::test]
async fn revision_is_requested_by_name_and_recorded() {
    let model = model();
    let info = model.info_response();
    let fixture = Fixture::with(
        &model,
        |hub| hub.on(&model.info_route("refs%2Fpr%2F1"), info),
        |s| s,
    )
    .await;
    fixture
        .pull_with("a/b@refs/pr/1", &[], None)
        .await
        .expect("pull failed");
    for name in ["a/b@refs/pr/1".to_owned(), format!("a/b@{COMMIT}")] {
        let source = ModelSource::parse(&name).expect("a valid name");
        assert!(fixture.cache.find(&source).is_some(), "{name}");
    }
    assert!(
        fixture
            .cache
            .find(&ModelSource::parse("a/b").expect("a valid name"))
            .is_none()
    );
    let models = fixture.cache.models().expect("failed to read the cache");
    assert_eq!(models[0].revisions, ["refs/pr/1"]);
}

#[tokio::test]
async fn pull_waits_for_a_download_by_another_process() {
    let model = model();
    let fixture = Fixture::new(&model).await;
    let etag = model.file(WEIGHTS).etag();
    let locks = fixture.cache.folder().join(".locks/models--a--b");
    fs::create_dir_all(&locks).expect("failed to create the folder");
    let lock =
        fs::File::create(locks.join(format!("{etag}.lock"))).expect("failed to create the lock");
    lock.lock().expect("failed to lock");

    let source = ModelSource::parse("a/b").expect("a valid name");
    let mut events = fixture.hub(None).pull(&fixture.cache, source);
    loop {
        let event = futures_util::StreamExt::next(&mut events)
            .await
            .expect("an event");
        if let PullEvent::Waiting { file } = event.expect("no error") {
            assert_eq!(file, WEIGHTS);
            break;
        }
    }
    // The other process completes the blob, so it is not downloaded again.
    fs::write(fixture.blobs().join(&etag), &model.file(WEIGHTS).bytes)
        .expect("failed to write the file");
    drop(lock);
    while let Some(event) = futures_util::StreamExt::next(&mut events).await {
        event.expect("no error");
    }
    fixture.assert_cached(&model, &["config.json", WEIGHTS]);
    assert_eq!(fixture.storage.lines(), Vec::<String>::new());
    assert!(!fixture.blobs().join(format!("{etag}.incomplete")).exists());
}
