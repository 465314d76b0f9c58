//! Requests to servers that refuse connections or do not respond: timeouts, signals and cleanup.

use std::fs;
use std::process::{Child, Command, Stdio};

use fluxhop_tests::fault::RefusingServer;

use crate::support::{CommandOutput, Sandbox, SilentServer};

#[test]
fn an_unreachable_space_exits_with_4_and_prints_a_hint() {
    let (sandbox, server) = (Sandbox::new(), RefusingServer::new());
    let output = sandbox.run(&["x", "--retries", "0", "--space", &server.url()]);
    assert_eq!(output.code, 4, "{}", output.stderr);
    assert!(
        output
            .stderr
            .starts_with("error: unavailable: cannot connect"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("\nhint: "), "{}", output.stderr);
    assert!(sandbox.files().is_empty());
}

#[test]
fn a_silent_space_exits_with_124_at_the_time_limit() {
    let (sandbox, server) = (Sandbox::new(), SilentServer::new());
    let output = sandbox.run(&["x", "--timeout", "0.3", "--space", &server.url()]);
    assert_eq!(output.code, 124, "{}", output.stderr);
    assert!(
        output
            .stderr
            .contains("hint: raise the limit with --timeout"),
        "{}",
        output.stderr
    );
}

/// Runs the binary, sends it a signal once it has connected, and waits for it to exit.
fn run_and_signal(sandbox: &Sandbox, arguments: &[&str], signal: &str) -> CommandOutput {
    let server = SilentServer::new();
    let url = server.url();
    let child = sandbox
        .command(&[arguments, &["--space", &url]].concat())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("failed to start fluxhop");
    let _connection = server.accept();
    send(signal, &child);
    CommandOutput::new(
        &child
            .wait_with_output()
            .expect("failed to wait for fluxhop"),
    )
}

fn send(signal: &str, child: &Child) {
    let pid = child.id().to_string();
    let status = Command::new("kill").args(["-s", signal, &pid]).status();
    assert!(status.expect("failed to run kill").success());
}

#[test]
fn ctrl_c_exits_with_130_and_leaves_no_files() {
    let sandbox = Sandbox::new();
    let output = run_and_signal(&sandbox, &["x", "-o", "cat.png"], "INT");
    assert_eq!(
        (output.code, output.stderr.as_str()),
        (130, "error: interrupted\n")
    );
    assert!(sandbox.files().is_empty());
}

#[test]
fn sigterm_exits_with_143() {
    let output = run_and_signal(&Sandbox::new(), &["x"], "TERM");
    assert_eq!(
        (output.code, output.stderr.as_str()),
        (143, "error: interrupted\n")
    );
}

#[test]
fn an_interrupted_batch_can_be_resumed_and_keeps_its_journal() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.dir().join("birds.txt"), "an owl\na crow\na wren\n")
        .expect("failed to write the file");
    let output = run_and_signal(&sandbox, &["--batch", "birds.txt"], "INT");
    assert_eq!(output.code, 130);
    assert_eq!(
        output.stderr,
        "error: interrupted: 3 of 3 images remain; run the same command again to generate them\n"
    );
    assert_eq!(sandbox.files(), ["birds.txt", "birds.txt.done.jsonl"]);
    let journal =
        fs::read(sandbox.dir().join("birds.txt.done.jsonl")).expect("failed to read the journal");
    assert_eq!(journal, b"");
}

#[test]
fn failed_batch_lines_are_reported_and_counted() {
    let (sandbox, server) = (Sandbox::new(), RefusingServer::new());
    fs::write(sandbox.dir().join("birds.txt"), "an owl\na crow\n")
        .expect("failed to write the file");
    let space = server.url();
    let output = sandbox.run(&[
        "--batch",
        "birds.txt",
        "--retries",
        "0",
        "--json",
        "--space",
        &space,
    ]);
    assert_eq!(output.code, 4, "{}", output.stderr);
    assert!(
        output.stderr.contains("error: birds.txt:1: unavailable: "),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains("error: birds.txt:2: unavailable: "),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains("error: 2 of 2 images failed\n"),
        "{}",
        output.stderr
    );
    assert_eq!(
        output.stdout.matches(r#""event":"error""#).count(),
        3,
        "{}",
        output.stdout
    );
}

#[test]
fn concurrent_runs_of_one_batch_are_rejected() {
    let (sandbox, server) = (Sandbox::new(), SilentServer::new());
    fs::write(sandbox.dir().join("birds.txt"), "an owl\n").expect("failed to write the file");
    let url = server.url();
    let arguments = ["--batch", "birds.txt", "--space", &url];
    let mut first = sandbox
        .command(&arguments)
        .stderr(Stdio::null())
        .spawn()
        .expect("failed to start fluxhop");
    let _connection = server.accept();
    let second = sandbox.run(&arguments);
    first.kill().expect("failed to kill fluxhop");
    first.wait().expect("failed to wait for fluxhop");
    assert_eq!(second.code, 2);
    assert!(
        second
            .stderr
            .starts_with("error: another process is running this batch"),
        "{}",
        second.stderr
    );
}
