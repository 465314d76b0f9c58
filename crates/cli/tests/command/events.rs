//! Every line that `--json` prints conforms to `docs/events.schema.json`.

use std::fs;
use std::sync::LazyLock;

use fluxhop_tests::fault::RefusingServer;
use fluxhop_tests::hub::Model;
use jsonschema::Validator;
use serde_json::Value;

use crate::hub::Hub;
use crate::support::{CommandOutput, Sandbox};

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let text = include_str!("../../../../docs/events.schema.json");
    let schema: Value = serde_json::from_str(text).expect("not valid JSON");
    jsonschema::draft202012::meta::validate(&schema).expect("not a valid JSON Schema");
    jsonschema::validator_for(&schema).expect("invalid schema")
});

impl CommandOutput {
    /// Parses the events on stdout and validates each against the schema.
    pub(crate) fn events(&self) -> Vec<Value> {
        let event = |line: &str| {
            let event: Value = serde_json::from_str(line).expect("not valid JSON");
            if let Err(error) = SCHEMA.validate(&event) {
                panic!("{line}: {error}");
            }
            event
        };
        self.stdout.lines().map(event).collect()
    }
}

fn kinds(events: &[Value]) -> Vec<&str> {
    let kinds = events.iter().map(|event| event["event"].as_str());
    kinds.map(|kind| kind.expect("event has no kind")).collect()
}

#[test]
fn generate_emits_progress_notices_and_images() {
    let output = Sandbox::new().run(&["a cat", "-m", "sketch", "-s", "64x60", "-n", "2", "--json"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let events = output.events();
    let kinds = kinds(&events);
    for kind in ["attempt", "started", "progress", "notice", "image"] {
        assert!(kinds.contains(&kind), "no {kind} in {kinds:?}");
    }
    assert_eq!(kinds.last(), Some(&"done"), "{kinds:?}");
}

#[test]
fn failover_emits_skipped_providers_and_errors_with_causes() {
    let (sandbox, server) = (Sandbox::new(), RefusingServer::new());
    let settings = format!(
        "[network]\nretries = 0\n[providers.space]\nurl = \"{}\"\n[models.auto]\nproviders = [\"space\", \"sketch\"]\n",
        server.url()
    );
    fs::write(sandbox.dir().join("fluxhop.toml"), settings).expect("failed to write the file");
    let events = sandbox.run(&["a cat", "-s", "64x64", "--json"]).events();
    assert!(kinds(&events).contains(&"skipped"), "{events:?}");

    let output = sandbox.run(&["xyzzy", "-s", "64x64", "--json"]);
    assert_eq!(output.code, 4, "{}", output.stdout);
    let events = output.events();
    let error = events.iter().find(|event| event["event"] == "error");
    let error = &error.expect("no error event")["error"];
    assert_eq!(error["kind"], "unavailable", "{error}");
    assert_eq!(error["causes"][0]["provider"], "space", "{error}");
    assert_eq!(error["causes"][1]["provider"], "sketch", "{error}");
}

#[test]
fn batch_events_have_line_numbers() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.dir().join("p.txt"), "a cat\nxyzzy\n").expect("failed to write the file");
    let output = sandbox.run(&[
        "--batch", "p.txt", "-m", "sketch", "-s", "64x64", "-o", "out/", "--json",
    ]);
    assert_eq!(output.code, 3, "{}", output.stderr);
    let events = output.events();
    let line = |kind: &str| {
        let event = events.iter().find(|event| event["event"] == kind);
        event.unwrap_or_else(|| panic!("no {kind}"))["line"].clone()
    };
    assert_eq!((line("image"), line("error")), (1.into(), 2.into()));
}

#[test]
fn an_unknown_model_is_an_error_event() {
    let output = Sandbox::new().run(&["x", "-m", "flux-schnel", "--json"]);
    assert_eq!(output.events()[0]["error"]["kind"], "model_not_found");
}

#[test]
fn a_download_emits_files_retries_and_done() {
    const WEIGHTS: &str = "model.safetensors";
    let model = Model::new("a/b")
        .with_text("config.json", "{}")
        .with_weights(WEIGHTS, 3 << 20);
    let file = model.file(WEIGHTS).clone();
    let half = file.bytes.len() / 2;
    let responses = vec![
        file.full_response().truncate_by(file.bytes.len() - half),
        file.partial_response(half),
    ];
    let route = format!("GET /{}", file.etag());
    let hub = Hub::with(
        &model,
        |hub| hub,
        move |storage| storage.on_each(&route, responses),
    );
    let sandbox = Sandbox::new();
    let output = hub.run(&sandbox, &["models", "pull", "a/b", "--json"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let events = output.events();
    let kinds = kinds(&events);
    for kind in ["found", "retrying", "progress", "fetched", "done"] {
        assert!(kinds.contains(&kind), "no {kind} in {kinds:?}");
    }

    let failed = hub.run(&sandbox, &["models", "pull", "no/such", "--json"]);
    assert_eq!(failed.events()[0]["error"]["kind"], "model_not_found");
}
