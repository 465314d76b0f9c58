//! Checks the dependency rules in ARCHITECTURE.md that manifests cannot express, by searching the
//! sources.

use std::fs;
use std::path::Path;

use fluxhop_tests::peer::root;

/// The lines outside comments in the `.rs` files under `path` that contain one of `patterns`.
fn lines_with(path: &Path, patterns: &[&str]) -> Vec<String> {
    if path.is_dir() {
        let entries = fs::read_dir(path)
            .expect("failed to read the folder")
            .map(|entry| entry.expect("failed to read the entry"));
        return entries
            .flat_map(|entry| lines_with(&entry.path(), patterns))
            .collect();
    }
    if path.extension().is_none_or(|extension| extension != "rs") {
        return Vec::new();
    }
    let text = fs::read_to_string(path).expect("failed to read the source file");
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let found = code.filter(|line| patterns.iter().any(|pattern| line.contains(pattern)));
    found
        .map(|line| format!("{}: {line}", path.display()))
        .collect()
}

fn assert_none(path: &str, patterns: &[&str]) {
    let path = root().join(path);
    assert!(path.exists(), "{} does not exist", path.display());
    let found = lines_with(&path, patterns);
    assert!(
        found.is_empty(),
        "these lines break a dependency rule:\n{}",
        found.join("\n")
    );
}

#[test]
fn the_domain_does_not_use_policies_or_providers() {
    let domain = [
        "request",
        "event",
        "image",
        "error",
        "capabilities",
        "resolved",
        "provider",
        "seed",
        "chat",
    ];
    for module in domain {
        let path = format!("crates/fluxhop/src/{module}.rs");
        assert_none(
            &path,
            &["policies", "providers::", "fluxhop_gradio", "fluxhop_http"],
        );
    }
}

#[test]
fn providers_and_policies_do_not_use_each_other() {
    assert_none("crates/fluxhop/src/providers", &["policies", "registry"]);
    assert_none(
        "crates/fluxhop/src/policies",
        &["providers::", "fluxhop_gradio", "registry"],
    );
}

#[test]
fn the_protocol_crates_do_not_name_prompts_or_models() {
    for path in ["crates/http/src", "crates/gradio/src", "crates/hub/src"] {
        assert_none(
            path,
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
fn the_engine_and_the_sketch_renderer_use_no_async_http_or_providers() {
    for path in ["crates/engine/src", "crates/sketch/src"] {
        assert_none(path, &["async fn", "tokio::", "fluxhop_http", "Provider"]);
    }
}

#[test]
fn the_hub_does_not_use_providers_or_the_engine() {
    assert_none(
        "crates/hub/src",
        &[
            "Provider",
            "Policy",
            "FLUX",
            "fluxhop_engine",
            "fluxhop_gradio",
        ],
    );
}

#[test]
fn only_the_command_reads_the_environment_and_prints() {
    for path in [
        "crates/http/src",
        "crates/gradio/src",
        "crates/hub/src",
        "crates/engine/src",
        "crates/fluxhop/src",
    ] {
        assert_none(path, &["env::var", "process::exit", "println!(", "print!("]);
    }
}

/// The dependencies named in a manifest's `[dependencies]` and `[target.….dependencies]` tables.
fn dependencies(manifest: &Path) -> Vec<String> {
    let text = fs::read_to_string(manifest).expect("failed to read the manifest");
    let mut in_table = false;
    let mut names = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            in_table = line == "[dependencies]" || line.ends_with(".dependencies]");
        } else if in_table
            && line.starts_with(|first: char| first.is_ascii_alphanumeric())
            && let Some((name, _)) = line.split_once(['.', ' ', '='])
        {
            names.push(name.to_owned());
        }
    }
    names
}

#[test]
fn the_architecture_page_lists_exactly_the_dependencies() {
    let page =
        fs::read_to_string(root().join("ARCHITECTURE.md")).expect("failed to read ARCHITECTURE.md");
    let (_, table) = page
        .split_once("## Dependencies")
        .expect("no section `Dependencies`");
    let mut documented: Vec<String> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|row| row.split(" | ").next())
        .flat_map(|cell| cell.split(", "))
        .map(|name| name.trim_matches('`').to_owned())
        .collect();
    let crates = fs::read_dir(root().join("crates")).expect("failed to read the folder");
    let mut used: Vec<String> = crates
        .map(|entry| {
            entry
                .expect("failed to read the entry")
                .path()
                .join("Cargo.toml")
        })
        .filter(|manifest| manifest.exists())
        .flat_map(|manifest| dependencies(&manifest))
        .filter(|name| !name.starts_with("fluxhop"))
        .collect();
    documented.sort();
    used.sort();
    used.dedup();
    assert_eq!(documented, used, "the table and the manifests differ");
}
