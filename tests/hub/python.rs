//! The cache, shared with Python's `huggingface_hub`: each finds what the other has pulled.

use std::process::Command;

use fluxhop::hub::ModelSource;
use fluxhop_tests::fault::Answer;
use fluxhop_tests::hub::COMMIT;
use fluxhop_tests::peer::root;

use crate::support::{Place, WEIGHTS, model};

/// Runs a script with `huggingface_hub` over this place; what it prints.
async fn python(place: &Place, script: &str) -> String {
    let python = root().join(".venvs/hub/bin/python");
    assert!(
        python.exists(),
        "{} is missing: install it with `tests/peers/setup hub`",
        python.display()
    );
    let mut command = Command::new(python);
    command
        .args(["-c", script])
        .env("HF_HUB_CACHE", place.cache.folder())
        .env("HF_HOME", place.cache.folder().join("home"))
        .env("HF_ENDPOINT", place.hub.url())
        .env("HF_HUB_DISABLE_XET", "1")
        .env("HF_HUB_DISABLE_TELEMETRY", "1");
    let ran = tokio::task::spawn_blocking(move || command.output()).await;
    let output = ran.expect("no panic").expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[tokio::test]
async fn python_finds_a_model_pulled_by_fluxhop() {
    let model = model();
    let place = Place::new(&model).await;
    place.pull().await.expect("pulled");
    let asked = place.hub.lines().len();
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
        python(&place, &script).await,
        format!("3145728 {etag}\n{COMMIT} {{}}\na/b 3145730 {COMMIT} ['main'] 0\n")
    );
    assert_eq!(
        place.hub.lines().len(),
        asked,
        "it asked the hub for nothing"
    );
}

#[tokio::test]
async fn fluxhop_finds_a_model_pulled_by_python() {
    let model = model();
    let place = Place::new(&model).await;
    let script = "from huggingface_hub import snapshot_download; print(snapshot_download('a/b'))";
    let folder = python(&place, script).await;
    place.assert_here(&model, &["config.json", WEIGHTS]);
    let source = ModelSource::parse("a/b").expect("a name");
    let found = place.cache.find(&source).expect("there");
    assert_eq!(found.display().to_string(), folder.trim());
    let fetched = place.storage.lines().len();
    place.pull().await.expect("pulled");
    assert_eq!(
        place.storage.lines().len(),
        fetched,
        "nothing was fetched again"
    );
}

#[tokio::test]
async fn python_completes_an_interrupted_pull() {
    let model = model();
    let file = model.file(WEIGHTS);
    let route = format!("GET /{}", file.etag());
    let answers = vec![
        file.whole().cut_by(1000),
        Answer::new(403, "text/plain", "no"),
        Answer::new(403, "text/plain", "no"),
        file.whole(),
    ];
    let place = Place::with(
        &model,
        |hub| hub,
        |storage| storage.on_each(&route, answers),
    )
    .await;
    place.fails().await;
    let script = "from huggingface_hub import scan_cache_dir, snapshot_download
print(len(scan_cache_dir().warnings))
snapshot_download('a/b')";
    assert_eq!(python(&place, script).await, "0\n");
    // What was cut here is whole now, whoever has fetched it.
    place.assert_here(&model, &["config.json", WEIGHTS]);
}
