//! Help, completions and the manual.

use crate::support::Place;

#[test]
fn the_short_help_names_every_option() {
    let ran = Place::new().run(&["-h"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("short_help", ran.stdout);
}

#[test]
fn the_long_help_teaches_with_examples_and_exit_codes() {
    let ran = Place::new().run(&["--help"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("long_help", ran.stdout);
}

#[test]
fn every_command_has_help() {
    for command in [
        "generate",
        "models",
        "providers",
        "space",
        "config",
        "completions",
        "man",
    ] {
        let ran = Place::new().run(&[command, "--help"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{command}");
        assert!(
            ran.stdout.contains(&format!("Usage: fluxhop {command}")),
            "{}",
            ran.stdout
        );
    }
}

#[test]
fn completions_are_there_for_every_shell_and_know_the_options() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = Place::new().run(&["completions", shell]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{shell}");
        for word in ["providers", "negative", "batch"] {
            assert!(ran.stdout.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn the_manual_has_its_parts_and_the_form_of_json() {
    let ran = Place::new().run(&["man"]);
    assert_eq!(ran.code, 0);
    for part in [
        ".TH",
        ".SH NAME",
        ".SH SYNOPSIS",
        ".SH OPTIONS",
        "EXAMPLES",
        "EXIT STATUS",
        "JSON EVENTS",
        "fluxhop models pull",
        "eta_s",
        "{n}",
    ] {
        assert!(ran.stdout.contains(part), "{part}");
    }
}

#[test]
fn the_version_is_told() {
    let ran = Place::new().run(&["--version"]);
    assert_eq!(
        ran.stdout,
        concat!("fluxhop ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

/// Runs the command with a stdout that nobody reads: its exit code and what it says on stderr.
fn unread(place: &Place, arguments: &[&str]) -> (Option<i32>, Vec<u8>) {
    let mut child = place
        .command(arguments)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ran");
    (output.status.code(), output.stderr)
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let ended = unread(&Place::new(), &["completions", "bash"]);
    assert_eq!(ended, (Some(0), Vec::new()));
}

#[test]
fn a_reader_of_json_that_goes_away_ends_the_drawing_quietly() {
    let server = crate::support::Silent::new();
    let arguments = ["x", "--json", "--space", &server.url(), "--timeout", "0.3"];
    let ended = unread(&Place::new(), &arguments);
    assert_eq!(ended, (Some(141), Vec::new()));
}
