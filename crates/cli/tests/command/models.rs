//! Model files by the command: pulled from a hub on a socket, listed, removed, cut and gone on with.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use fluxhop_tests::fault::Answer;
use fluxhop_tests::hub::Model;
use serde_json::Value;

use crate::hub::Hub;
use crate::support::{Place, Ran};

const WEIGHTS: &str = "model.safetensors";

fn model() -> Model {
    Model::new("a/b")
        .with_text("config.json", "{}")
        .with_weights(WEIGHTS, 3 << 20)
}

/// The folder of a place's model.
fn folder(place: &Place) -> PathBuf {
    let home = place.here().parent().expect("a folder").to_owned();
    home.join(".cache/huggingface/hub/models--a--b")
}

fn json(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn a_model_is_pulled_listed_and_removed() {
    let (place, model) = (Place::new(), model());
    let hub = Hub::new(&model);
    let pulled = hub.run(&place, &["models", "pull", "a/b"]);
    assert_eq!(pulled.code, 0, "{}", pulled.stderr);
    let path = PathBuf::from(pulled.stdout.trim());
    assert!(fs::read(path.join(WEIGHTS)).expect("there") == model.file(WEIGHTS).bytes);
    assert_eq!(
        pulled.stderr,
        "a/b: 2 files, 3.1 MB to download\nconfig.json (2 B)\nmodel.safetensors (3.1 MB)\n"
    );

    let listed = hub.run(&place, &["models", "list"]);
    let (heading, row) = listed.stdout.trim().split_once('\n').expect("a row");
    assert_eq!(
        heading.split_whitespace().collect::<Vec<_>>(),
        ["MODEL", "SIZE", "STATE", "PATH"]
    );
    let row: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(
        row,
        [
            "a/b",
            "3.1",
            "MB",
            "complete",
            path.to_str().expect("UTF-8")
        ]
    );
    let listed = json(&hub.run(&place, &["models", "list", "--json"]).stdout);
    assert_eq!(listed[0][0]["name"], "a/b");
    assert_eq!(listed[0][0]["complete"], true);

    let asked = hub.run(&place, &["models", "rm", "a/b"]);
    assert_eq!(asked.code, 2, "nobody can be asked");
    assert!(
        asked
            .stderr
            .contains("cannot ask for confirmation to remove a/b (3.1 MB)"),
        "{}",
        asked.stderr
    );
    let removed = hub.run(&place, &["models", "rm", "a/b", "--yes"]);
    assert_eq!(
        (removed.code, removed.stderr.as_str()),
        (0, "removed a/b, freed 3.1 MB\n")
    );
    assert!(!folder(&place).exists());
    let again = hub.run(&place, &["models", "rm", "a/b", "--yes"]);
    assert_eq!(again.code, 3);
    assert!(
        again
            .stderr
            .starts_with("error: invalid name: a/b is not in the cache"),
        "{}",
        again.stderr
    );
    let listed = hub.run(&place, &["models", "list"]);
    assert_eq!((listed.code, listed.stdout.as_str()), (0, ""));
}

#[test]
fn lines_of_json_tell_of_a_pull() {
    let (place, model) = (Place::new(), model());
    let hub = Hub::new(&model);
    let ran = hub.run(&place, &["models", "pull", "a/b", "--json"]);
    let lines = json(&ran.stdout);
    assert_eq!(lines[0]["event"], "found");
    assert_eq!(lines[0]["bytes"], (3 << 20) + 2);
    let progress = lines
        .iter()
        .rfind(|line| line["event"] == "progress")
        .expect("progress");
    assert_eq!(progress["done"], progress["of"]);
    assert_eq!(progress["all_done"], progress["all_of"]);
    let last = lines.last().expect("an end");
    assert_eq!(last["event"], "done");
    assert!(
        PathBuf::from(last["path"].as_str().expect("a path"))
            .join(WEIGHTS)
            .exists()
    );
    // A failure is a line too.
    let ran = hub.run(&place, &["models", "pull", "no/such", "--json"]);
    let lines = json(&ran.stdout);
    assert_eq!(ran.code, 3);
    assert_eq!(lines[0]["error"]["kind"], "model_not_found");
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_what_the_same_command_goes_on_from() {
    let (place, model) = (Place::new(), model());
    let file = model.file(WEIGHTS).clone();
    // One piece of the network's, so that it is told of as one.
    let half = 1000;
    let answers = vec![
        file.whole().cut_by(file.bytes.len() - half).then_stall(),
        file.rest(half),
    ];
    let route = format!("GET /{}", file.etag());
    let hub = Hub::with(
        &model,
        |hub| hub,
        move |storage| storage.on_each(&route, answers),
    );
    let mut command = hub.command(&place, &["models", "pull", "a/b", "--json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    // It stays open: who reads no more would end the pull by itself.
    let mut stdout = std::io::BufReader::new(child.stdout.take().expect("stdout"));
    let mut lines = std::io::BufRead::lines(&mut stdout);
    let is_begun = |line: std::io::Result<String>| {
        let line: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        line["event"] == "progress" && line["file"] == WEIGHTS && line["done"] != 0
    };
    assert!(lines.any(is_begun), "it ended before it began");
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .expect("kill")
            .success()
    );
    let output = child.wait_with_output().expect("it ended");
    assert_eq!(output.status.code(), Some(130));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        told.contains("interrupted; run `fluxhop models pull a/b` again to resume"),
        "{told}"
    );
    let listed = hub.run(&place, &["models", "list"]);
    assert!(listed.stdout.contains("incomplete, "), "{}", listed.stdout);

    let pulled = hub.run(&place, &["models", "pull", "a/b"]);
    assert_eq!(pulled.code, 0, "{}", pulled.stderr);
    assert!(
        pulled.stderr.contains("already downloaded"),
        "{}",
        pulled.stderr
    );
    let last = hub.storage.seen().pop().expect("asked");
    assert!(last.headers["range"].starts_with("bytes="), "{last:?}");
    let path = PathBuf::from(pulled.stdout.trim());
    assert!(fs::read(path.join(WEIGHTS)).expect("there") == file.bytes);
}

#[test]
fn a_hub_that_says_no_is_explained_and_ends_with_the_code_of_its_kind() {
    let refusal = |status, code| {
        Answer::raw(format!(
            "HTTP/1.1 {status} No\r\nx-error-code: {code}\r\nx-error-message: the words\r\n\
             content-length: 0\r\n\r\n"
        ))
    };
    let model = model();
    for (status, error, code, parts) in [
        (
            401,
            "GatedRepo",
            4,
            &[
                "is gated: accept the licence",
                "the hub says: the words",
                "hint: set HF_TOKEN or pass --token",
            ][..],
        ),
        (
            404,
            "RepoNotFound",
            3,
            &["the hub has no model a/b", "https://huggingface.co/models"],
        ),
        (
            404,
            "RevisionNotFound",
            3,
            &["has no branch, tag or commit `main`"],
        ),
        (429, "", 4, &["the hub answered 429"]),
        (503, "", 4, &["the hub answered 503"]),
    ] {
        let list = model.list("main");
        let hub = Hub::with(
            &model,
            move |hub| hub.on(&list, refusal(status, error)),
            |s| s,
        );
        let ran = hub.run(&Place::new(), &["models", "pull", "a/b", "--retries", "0"]);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        for part in parts {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        }
    }
}

#[test]
fn what_cannot_be_pulled_is_said_before_anything_is_asked() {
    let place = Place::new();
    for (arguments, variable, code, part) in [
        (
            &["models", "pull", "flux-schnel"][..],
            ("A", ""),
            3,
            "did you mean `flux-schnell`?",
        ),
        (
            &["models", "pull", "a/../b"],
            ("A", ""),
            3,
            "is not OWNER/NAME",
        ),
        (
            &["models", "pull", "a/b"],
            ("HF_HUB_OFFLINE", "1"),
            2,
            "HF_HUB_OFFLINE is set",
        ),
        (
            &["models", "pull", "a/b"],
            ("HF_ENDPOINT", "nowhere"),
            2,
            "HF_ENDPOINT",
        ),
        (
            &["models", "pull", "a/b"],
            ("HF_ENDPOINT", "http://127.0.0.1:1"),
            4,
            "run the same command again to resume",
        ),
    ] {
        let mut command = place.command(arguments);
        command.env(variable.0, variable.1).stdin(Stdio::null());
        let ran = Ran::new(&command.output().expect("it ran"));
        assert_eq!(ran.code, code, "{}", ran.stderr);
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_cache_that_cannot_be_written_is_this_machines_failure() {
    let (place, model) = (Place::new(), model());
    let hub = Hub::new(&model);
    let mut command = hub.command(&place, &["models", "pull", "a/b"]);
    command.env("HF_HOME", "/dev/null/home");
    let ran = Ran::new(&command.output().expect("it ran"));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("/dev/null/home/hub/models--a--b/blobs cannot be created"),
        "{}",
        ran.stderr
    );
}
