//! Drawing where nobody answers: time limits, signals, what is left behind.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use crate::support::{Place, Ran, Silent};

#[test]
fn a_space_that_is_not_there_exits_with_4_and_a_hint() {
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("a port");
    let place = Place::new();
    let ran = place.run(&["x", "--retries", "0", "--space", &format!("http://{port}")]);
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
fn a_space_that_is_silent_exits_with_124_in_its_time() {
    let (place, server) = (Place::new(), Silent::new());
    let ran = place.run(&["x", "--timeout", "0.3", "--space", &server.url()]);
    assert_eq!(ran.code, 124, "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("hint: give it more time with --timeout"),
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
fn ctrl_c_ends_with_130_and_leaves_nothing() {
    let place = Place::new();
    let ran = signalled(&place, &["x", "-o", "cat.png"], "INT");
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (130, "error: interrupted\n")
    );
    assert!(place.files().is_empty());
}

#[test]
fn sigterm_ends_with_143() {
    let ran = signalled(&Place::new(), &["x"], "TERM");
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (143, "error: interrupted\n")
    );
}

#[test]
fn an_interrupted_batch_says_how_to_go_on_and_keeps_a_good_journal() {
    let place = Place::new();
    fs::write(place.here().join("birds.txt"), "an owl\na crow\na wren\n").expect("written");
    let ran = signalled(&place, &["--batch", "birds.txt"], "INT");
    assert_eq!(ran.code, 130);
    assert_eq!(
        ran.stderr,
        "error: interrupted: 3 of 3 pictures are left; the same command draws them\n"
    );
    assert_eq!(place.files(), ["birds.txt", "birds.txt.done.jsonl"]);
    let journal = fs::read(place.here().join("birds.txt.done.jsonl")).expect("the journal");
    assert_eq!(journal, b"");
}

#[test]
fn a_failing_line_is_named_and_the_end_tells_how_many_failed() {
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("a port");
    let place = Place::new();
    fs::write(place.here().join("birds.txt"), "an owl\na crow\n").expect("written");
    let space = format!("http://{port}");
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
        ran.stderr
            .contains("error: 2 of 2 pictures could not be drawn\n"),
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
fn two_runs_of_one_batch_at_once_are_refused() {
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
            .starts_with("error: another fluxhop draws this batch"),
        "{}",
        second.stderr
    );
}
