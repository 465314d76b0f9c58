//! Which part of the library may know which other, checked in the sources themselves.

use std::fs;
use std::path::Path;

use fluxhop_tests::peer::root;

/// The lines of the `.rs` files under `place` (a file or a folder) that hold one of `words`.
fn lines_with(place: &Path, words: &[&str]) -> Vec<String> {
    if place.is_dir() {
        let entries = fs::read_dir(place)
            .expect("a folder")
            .map(|entry| entry.expect("an entry"));
        return entries
            .flat_map(|entry| lines_with(&entry.path(), words))
            .collect();
    }
    if place.extension().is_none_or(|extension| extension != "rs") {
        return Vec::new();
    }
    let text = fs::read_to_string(place).expect("a source file");
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let found = code.filter(|line| words.iter().any(|word| line.contains(word)));
    found
        .map(|line| format!("{}: {line}", place.display()))
        .collect()
}

fn assert_none(place: &str, words: &[&str]) {
    let place = root().join(place);
    assert!(
        place.exists(),
        "{} is gone: mend this test",
        place.display()
    );
    let found = lines_with(&place, words);
    assert!(
        found.is_empty(),
        "these lines know too much:\n{}",
        found.join("\n")
    );
}

#[test]
fn the_domain_knows_no_policy_and_no_provider() {
    let domain = [
        "request",
        "event",
        "image",
        "error",
        "capabilities",
        "plan",
        "provider",
        "seed",
        "chat",
    ];
    for module in domain {
        let file = format!("crates/fluxhop/src/{module}.rs");
        assert_none(
            &file,
            &["policies", "providers::", "fluxhop_gradio", "fluxhop_http"],
        );
    }
}

#[test]
fn providers_know_no_policy_and_policies_no_provider() {
    assert_none("crates/fluxhop/src/providers", &["policies", "registry"]);
    assert_none(
        "crates/fluxhop/src/policies",
        &["providers::", "fluxhop_gradio", "registry"],
    );
}

#[test]
fn the_wire_names_no_prompt_and_no_model() {
    for place in ["crates/http/src", "crates/gradio/src"] {
        assert_none(
            place,
            &[
                "Prompt {",
                "fn prompt",
                "image_model",
                "voodoohop",
                "flux-1",
            ],
        );
    }
}

#[test]
fn what_draws_on_this_machine_knows_no_async_no_http_and_no_provider() {
    for place in ["crates/engine/src", "crates/sketch/src"] {
        assert_none(place, &["async fn", "tokio::", "fluxhop_http", "Provider"]);
    }
}

#[test]
fn the_hub_knows_no_provider_and_no_engine() {
    assert_none(
        "crates/fluxhop/src/hub",
        &[
            "providers::",
            "policies",
            "fluxhop_engine",
            "fluxhop_gradio",
        ],
    );
}

#[test]
fn the_environment_is_read_by_the_command_alone() {
    for place in [
        "crates/http/src",
        "crates/gradio/src",
        "crates/engine/src",
        "crates/fluxhop/src",
    ] {
        assert_none(
            place,
            &["env::var", "process::exit", "println!(", "print!("],
        );
    }
}
