//! Sharing the cache with Python's `huggingface_hub`: each finds the models that the other pulled.

use std::process::Command;

use fluxhop::hub::ModelSource;
use fluxhop_tests::fault::MockResponse;
use fluxhop_tests::hub::COMMIT;
use fluxhop_tests::peer::root;

use crate::support::{Fixture, WEIGHTS, model};

/// Runs a script with `huggingface_hub` on the fixture's hub and cache, and returns its stdout.
async fn python(fixture: &Fixture, script: &str) -> String {
    let python = root().join(".venvs/hub/bin/python");
    assert!(
        python.exists(),
        "{} is missing: install it with `tests/peers/setup hub`",
        python.display()
    );
    let mut command = Command::new(python);
    command
        .args(["-c", script])
        .env("HF_HUB_CACHE", fixture.cache.folder())
        .env("HF_HOME", fixture.cache.folder().join("home"))
        .env("HF_ENDPOINT", fixture.hub.url())
        .env("HF_HUB_DISABLE_XET", "1")
        .env("HF_HUB_DISABLE_TELEMETRY", "1");
    let result = tokio::task::spawn_blocking(move || command.output()).await;
    let output = result
        .expect("the task panicked")
        .expect("failed to run python");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[tokio::test]
async fn python_finds_a_model_pulled_by_fluxhop() {
    let model = model();
    let fixture = Fixture::new(&model).await;
    fixture.pull().await.expect("pull failed");
    let requests = fixture.hub.lines().len();
    let script = format!(
        "import os
from huggingface_hub import scan_cache_dir, snapshot_download, try_to_load_from_cache
path = try_to_load_from_cache('a/b', '{WEIGHTS}')
print(os.path.getsize(path), os.path.realpath(path).rsplit('/', 1)[1])
folder = snapshot_download('a/b', local_files_only=True)
print(folder.rsplit('/', 1)[1], open(folder + '/config.json').read())
info = scan_cache_dir()
(repo,) = info.repos
(version,) = repo.revisions
print(repo.repo_id, repo.size_on_disk, version.commit_hash, sorted(version.refs), len(info.warnings))"
    );
    let etag = model.file(WEIGHTS).etag();
    assert_eq!(
        python(&fixture, &script).await,
        format!("3145728 {etag}\n{COMMIT} {{}}\na/b 3145730 {COMMIT} ['main'] 0\n")
    );
    assert_eq!(
        fixture.hub.lines().len(),
        requests,
        "python sent requests to the hub"
    );
}

#[tokio::test]
async fn fluxhop_finds_a_model_pulled_by_python() {
    let model = model();
    let fixture = Fixture::new(&model).await;
    let script = "from huggingface_hub import snapshot_download; print(snapshot_download('a/b'))";
    let folder = python(&fixture, script).await;
    fixture.assert_cached(&model, &["config.json", WEIGHTS]);
    let source = ModelSource::parse("a/b").expect("a valid name");
    let found = fixture.cache.find(&source).expect("not in the cache");
    assert_eq!(found.display().to_string(), folder.trim());
    let downloads = fixture.storage.lines().len();
    fixture.pull().await.expect("pull failed");
    assert_eq!(fixture.storage.lines().len(), downloads, "downloaded again");
}

#[tokio::test]
async fn python_completes_an_interrupted_pull() {
    let model = model();
    let file = model.file(WEIGHTS);
    let route = format!("GET /{}", file.etag());
    let responses = vec![
        file.full_response().truncate_by(1000),
        MockResponse::new(403, "text/plain", "no"),
        MockResponse::new(403, "text/plain", "no"),
        file.full_response(),
    ];
    let fixture = Fixture::with(
        &model,
        |hub| hub,
        |storage| storage.on_each(&route, responses),
    )
    .await;
    fixture.pull_error().await;
    let script = "from huggingface_hub import scan_cache_dir, snapshot_download
print(len(scan_cache_dir().warnings))
snapshot_download('a/b')";
    assert_eq!(python(&fixture, script).await, "0\n");
    fixture.assert_cached(&model, &["config.json", WEIGHTS]);
}
