//! `fluxhop models`: pulling from a local hub, resuming, listing and removing.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use fluxhop_tests::fault::{MockResponse, RefusingServer};
use fluxhop_tests::hub::Model;
use serde_json::Value;

use crate::hub::Hub;
use crate::support::{CommandOutput, Sandbox};

const WEIGHTS: &str = "model.safetensors";

fn model() -> Model {
    Model::new("a/b")
        .with_text("config.json", "{}")
        .with_weights(WEIGHTS, 3 << 20)
}

/// The model's folder in the cache of this sandbox.
fn cache_folder(sandbox: &Sandbox) -> PathBuf {
    let home = sandbox.dir().parent().expect("no parent folder").to_owned();
    home.join(".cache/huggingface/hub/models--a--b")
}

fn json(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("not valid JSON"))
        .collect()
}

#[test]
fn a_model_is_pulled_listed_and_removed() {
    let (sandbox, model) = (Sandbox::new(), model());
    let hub = Hub::new(&model);
    let pulled = hub.run(&sandbox, &["models", "pull", "a/b"]);
    assert_eq!(pulled.code, 0, "{}", pulled.stderr);
    let path = PathBuf::from(pulled.stdout.trim());
    assert!(
        fs::read(path.join(WEIGHTS)).expect("failed to read the file") == model.file(WEIGHTS).bytes
    );
    assert_eq!(
        pulled.stderr,
        "a/b: 2 files, 3.1 MB to download\nconfig.json (2 B)\nmodel.safetensors (3.1 MB)\n"
    );

    let listed = hub.run(&sandbox, &["models", "list"]);
    let (heading, row) = listed.stdout.trim().split_once('\n').expect("no rows");
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
            path.to_str().expect("not valid UTF-8")
        ]
    );
    let listed = json(&hub.run(&sandbox, &["models", "list", "--json"]).stdout);
    assert_eq!(listed[0][0]["name"], "a/b");
    assert_eq!(listed[0][0]["complete"], true);

    let unconfirmed = hub.run(&sandbox, &["models", "rm", "a/b"]);
    assert_eq!(unconfirmed.code, 2, "removed without confirmation");
    assert!(
        unconfirmed
            .stderr
            .contains("cannot ask for confirmation to remove a/b (3.1 MB)"),
        "{}",
        unconfirmed.stderr
    );
    let removed = hub.run(&sandbox, &["models", "rm", "a/b", "--yes"]);
    assert_eq!(
        (removed.code, removed.stderr.as_str()),
        (0, "removed a/b, freed 3.1 MB\n")
    );
    assert!(!cache_folder(&sandbox).exists());
    let again = hub.run(&sandbox, &["models", "rm", "a/b", "--yes"]);
    assert_eq!(again.code, 3);
    assert!(
        again
            .stderr
            .starts_with("error: invalid name: a/b is not in the cache"),
        "{}",
        again.stderr
    );
    let listed = hub.run(&sandbox, &["models", "list"]);
    assert_eq!((listed.code, listed.stdout.as_str()), (0, ""));
}

#[test]
fn pull_emits_json_events() {
    let (sandbox, model) = (Sandbox::new(), model());
    let hub = Hub::new(&model);
    let output = hub.run(&sandbox, &["models", "pull", "a/b", "--json"]);
    let lines = json(&output.stdout);
    assert_eq!(lines[0]["event"], "found");
    assert_eq!(lines[0]["bytes"], (3 << 20) + 2);
    let progress = lines
        .iter()
        .rfind(|line| line["event"] == "progress")
        .expect("no progress event");
    assert_eq!(progress["done"], progress["of"]);
    assert_eq!(progress["total_done"], progress["total"]);
    let last = lines.last().expect("no output");
    assert_eq!(last["event"], "done");
    assert!(
        PathBuf::from(last["path"].as_str().expect("event has no path"))
            .join(WEIGHTS)
            .exists()
    );
    // A failure is also an event.
    let output = hub.run(&sandbox, &["models", "pull", "no/such", "--json"]);
    let lines = json(&output.stdout);
    assert_eq!(output.code, 3);
    assert_eq!(lines[0]["error"]["kind"], "model_not_found");
}

#[cfg(unix)]
#[test]
fn an_interrupted_pull_is_resumed() {
    let (sandbox, model) = (Sandbox::new(), model());
    let file = model.file(WEIGHTS).clone();
    // Small enough to arrive in one read and be reported as one progress event.
    let sent = 1000;
    let responses = vec![
        file.full_response()
            .truncate_by(file.bytes.len() - sent)
            .then_stall(),
        file.partial_response(sent),
    ];
    let route = format!("GET /{}", file.etag());
    let hub = Hub::with(
        &model,
        |hub| hub,
        move |storage| storage.on_each(&route, responses),
    );
    let mut command = hub.command(&sandbox, &["models", "pull", "a/b", "--json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("failed to start fluxhop");
    // Kept open: closing stdout would end the pull.
    let mut stdout = std::io::BufReader::new(child.stdout.take().expect("stdout is not piped"));
    let mut lines = std::io::BufRead::lines(&mut stdout);
    let has_started = |line: std::io::Result<String>| {
        let line: Value =
            serde_json::from_str(&line.expect("failed to read a line")).expect("not valid JSON");
        line["event"] == "progress" && line["file"] == WEIGHTS && line["done"] != 0
    };
    assert!(
        lines.any(has_started),
        "stdout closed before the download started"
    );
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .expect("failed to run kill")
            .success()
    );
    let output = child
        .wait_with_output()
        .expect("failed to wait for fluxhop");
    assert_eq!(output.status.code(), Some(130));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        stderr.contains("interrupted; run `fluxhop models pull a/b` again to resume"),
        "{stderr}"
    );
    let listed = hub.run(&sandbox, &["models", "list"]);
    assert!(listed.stdout.contains("incomplete, "), "{}", listed.stdout);

    let pulled = hub.run(&sandbox, &["models", "pull", "a/b"]);
    assert_eq!(pulled.code, 0, "{}", pulled.stderr);
    assert!(
        pulled.stderr.contains("already downloaded"),
        "{}",
        pulled.stderr
    );
    let last = hub.storage.requests().pop().expect("no request");
    assert!(last.headers["range"].starts_with("bytes="), "{last:?}");
    let path = PathBuf::from(pulled.stdout.trim());
    assert!(fs::read(path.join(WEIGHTS)).expect("failed to read the file") == file.bytes);
}

#[test]
fn errors_from_the_hub_are_explained() {
    let error_response = |status, code| {
        MockResponse::raw(format!(
            "HTTP/1.1 {status} No\r\nx-error-code: {code}\r\nx-error-message: try later\r\n\
             content-length: 0\r\n\r\n"
        ))
    };
    let model = model();
    for (status, error, code, messages) in [
        (
            401,
            "GatedRepo",
            4,
            &[
                "is gated: accept the licence",
                "the hub says: try later",
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
        (429, "", 4, &["the hub returned 429"]),
        (503, "", 4, &["the hub returned 503"]),
    ] {
        let route = model.info_route("main");
        let hub = Hub::with(
            &model,
            move |hub| hub.on(&route, error_response(status, error)),
            |s| s,
        );
        let output = hub.run(
            &Sandbox::new(),
            &["models", "pull", "a/b", "--retries", "0"],
        );
        assert_eq!(output.code, code, "{}", output.stderr);
        for message in messages {
            assert!(
                output.stderr.contains(message),
                "{message}: {}",
                output.stderr
            );
        }
    }
}

#[test]
fn invalid_pulls_are_rejected() {
    let (sandbox, server) = (Sandbox::new(), RefusingServer::new());
    let unreachable = server.url();
    for (arguments, variable, code, message) in [
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
            ("HF_ENDPOINT", &unreachable),
            4,
            "run the same command again to resume",
        ),
    ] {
        let mut command = sandbox.command(arguments);
        command.env(variable.0, variable.1).stdin(Stdio::null());
        let output = CommandOutput::new(&command.output().expect("failed to run fluxhop"));
        assert_eq!(output.code, code, "{}", output.stderr);
        assert!(output.stderr.contains(message), "{}", output.stderr);
    }
}

#[cfg(unix)]
#[test]
fn an_unwritable_cache_is_an_internal_error() {
    let (sandbox, model) = (Sandbox::new(), model());
    let hub = Hub::new(&model);
    let mut command = hub.command(&sandbox, &["models", "pull", "a/b"]);
    command.env("HF_HOME", "/dev/null/home");
    let output = CommandOutput::new(&command.output().expect("failed to run fluxhop"));
    assert_eq!(output.code, 1, "{}", output.stderr);
    assert!(
        output
            .stderr
            .contains("/dev/null/home/hub/models--a--b/blobs cannot be created"),
        "{}",
        output.stderr
    );
}
