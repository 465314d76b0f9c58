//! Help, completions and the manual page.

use crate::support::Sandbox;

#[test]
fn short_help_lists_every_option() {
    let output = Sandbox::new().run(&["-h"]);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("short_help", output.stdout);
}

#[test]
fn long_help_has_examples_and_exit_codes() {
    let output = Sandbox::new().run(&["--help"]);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("long_help", output.stdout);
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
        let output = Sandbox::new().run(&[command, "--help"]);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{command}");
        assert!(
            output.stdout.contains(&format!("Usage: fluxhop {command}")),
            "{}",
            output.stdout
        );
    }
}

#[test]
fn completions_for_every_shell_include_the_options() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = Sandbox::new().run(&["completions", shell]);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{shell}");
        for word in ["providers", "negative", "batch"] {
            assert!(output.stdout.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn the_manual_page_has_all_sections() {
    let output = Sandbox::new().run(&["man"]);
    assert_eq!(output.code, 0);
    for text in [
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
        assert!(output.stdout.contains(text), "{text}");
    }
}

#[test]
fn version_is_printed() {
    let output = Sandbox::new().run(&["--version"]);
    assert_eq!(
        output.stdout,
        concat!("fluxhop ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

/// Runs the command with a closed stdout; returns its exit code and stderr.
fn run_with_closed_stdout(sandbox: &Sandbox, arguments: &[&str]) -> (Option<i32>, Vec<u8>) {
    let mut child = sandbox
        .command(arguments)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("failed to start fluxhop");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("failed to run fluxhop");
    (output.status.code(), output.stderr)
}

#[test]
fn closed_stdout_is_not_an_error() {
    let result = run_with_closed_stdout(&Sandbox::new(), &["completions", "bash"]);
    assert_eq!(result, (Some(0), Vec::new()));
}

#[test]
fn closed_stdout_ends_a_json_run_silently() {
    let server = crate::support::SilentServer::new();
    let arguments = ["x", "--json", "--space", &server.url(), "--timeout", "0.3"];
    let result = run_with_closed_stdout(&Sandbox::new(), &arguments);
    assert_eq!(result, (Some(141), Vec::new()));
}
