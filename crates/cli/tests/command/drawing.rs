//! Drawing from a server that does not respond: time limits, signals, files left behind.

use std::fs;
use std::process::{Child, Command, Stdio};

use crate::support::{Place, Ran, Refusing, Silent};

#[test]
fn an_unreachable_space_exits_with_4_and_a_hint() {
    let (place, server) = (Place::new(), Refusing::new());
    let ran = place.run(&["x", "--retries", "0", "--space", &server.url()]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with("error: unavailable: cannot connect"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("\nhint: "), "{}", ran.stderr);
    assert!(place.files().is_empty());
}

#[test]
fn a_silent_space_exits_with_124_at_the_time_limit() {
    let (place, server) = (Place::new(), Silent::new());
    let ran = place.run(&["x", "--timeout", "0.3", "--space", &server.url()]);
    assert_eq!(ran.code, 124, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("hint: raise the limit with --timeout"),
        "{}",
        ran.stderr
    );
}

/// Runs until a request is on its way, sends a signal, and waits for the end.
fn signalled(place: &Place, arguments: &[&str], signal: &str) -> Ran {
    let server = Silent::new();
    let url = server.url();
    let child = place
        .command(&[arguments, &["--space", &url]].concat())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let _connection = server.accept();
    send(signal, &child);
    Ran::new(&child.wait_with_output().expect("it ended"))
}

fn send(signal: &str, child: &Child) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-s", signal, &id]).status();
    assert!(sent.expect("kill runs").success());
}

#[test]
fn ctrl_c_exits_with_130_and_leaves_no_files() {
    let place = Place::new();
    let ran = signalled(&place, &["x", "-o", "cat.png"], "INT");
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (130, "error: interrupted\n")
    );
    assert!(place.files().is_empty());
}

#[test]
fn sigterm_exits_with_143() {
    let ran = signalled(&Place::new(), &["x"], "TERM");
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (143, "error: interrupted\n")
    );
}

#[test]
fn an_interrupted_batch_says_how_to_resume_and_keeps_its_journal() {
    let place = Place::new();
    fs::write(place.here().join("birds.txt"), "an owl\na crow\na wren\n").expect("written");
    let ran = signalled(&place, &["--batch", "birds.txt"], "INT");
    assert_eq!(ran.code, 130);
    assert_eq!(
        ran.stderr,
        "error: interrupted: 3 of 3 images remain; run the same command again to generate them\n"
    );
    assert_eq!(place.files(), ["birds.txt", "birds.txt.done.jsonl"]);
    let journal = fs::read(place.here().join("birds.txt.done.jsonl")).expect("the journal");
    assert_eq!(journal, b"");
}

#[test]
fn failed_lines_are_named_and_counted() {
    let (place, server) = (Place::new(), Refusing::new());
    fs::write(place.here().join("birds.txt"), "an owl\na crow\n").expect("written");
    let space = server.url();
    let ran = place.run(&[
        "--batch",
        "birds.txt",
        "--retries",
        "0",
        "--json",
        "--space",
        &space,
    ]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("error: birds.txt:1: unavailable: "),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("error: birds.txt:2: unavailable: "),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("error: 2 of 2 images failed\n"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        ran.stdout.matches(r#""event":"error""#).count(),
        3,
        "{}",
        ran.stdout
    );
}

#[test]
fn concurrent_runs_of_one_batch_are_rejected() {
    let (place, server) = (Place::new(), Silent::new());
    fs::write(place.here().join("birds.txt"), "an owl\n").expect("written");
    let url = server.url();
    let arguments = ["--batch", "birds.txt", "--space", &url];
    let mut first = place
        .command(&arguments)
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let _connection = server.accept();
    let second = place.run(&arguments);
    first.kill().expect("ended");
    first.wait().expect("ended");
    assert_eq!(second.code, 2);
    assert!(
        second
            .stderr
            .starts_with("error: another process is drawing this batch"),
        "{}",
        second.stderr
    );
}
