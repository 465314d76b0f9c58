//! The binary on a terminal: colours, progress and pictures.

use std::io::{Read, Write};
use std::process::Child;

#[cfg(feature = "peers")]
use fluxhop_tests::peer;
use pty_process::blocking::{Command, Pty};

use crate::support::{BINARY, Place, Silent};

/// Starts the binary with a terminal for all its streams.
fn start(place: &Place, arguments: &[&str], variables: &[(&str, &str)]) -> (Pty, Child) {
    let (pty, terminal) = pty_process::blocking::open().expect("a terminal");
    pty.resize(pty_process::Size::new(24, 100)).expect("a size");
    let child = Command::new(BINARY)
        .args(arguments)
        .env_clear()
        .envs(place.variables())
        .env("TERM", "xterm-256color")
        .envs(variables.iter().copied())
        .current_dir(place.here())
        .spawn(terminal)
        .expect("it runs");
    (pty, child)
}

/// Reads until the text has come, or until the other side is closed; all that came.
fn read(pty: &mut Pty, until: &str) -> String {
    let mut seen = Vec::new();
    let mut bytes = [0; 1024];
    while !String::from_utf8_lossy(&seen).contains(until) {
        // Linux answers EIO when the program has ended.
        match pty.read(&mut bytes) {
            Ok(0) | Err(_) => break,
            Ok(count) => seen.extend_from_slice(&bytes[..count]),
        }
    }
    String::from_utf8_lossy(&seen).into_owned()
}

fn all(place: &Place, arguments: &[&str], variables: &[(&str, &str)]) -> (String, Option<i32>) {
    let (mut pty, mut child) = start(place, arguments, variables);
    let seen = read(&mut pty, "\0");
    (seen, child.wait().expect("it ended").code())
}

#[test]
fn errors_are_coloured_unless_disabled() {
    let place = Place::new();
    let arguments = ["x", "-m", "flux-schnel"];
    assert!(all(&place, &arguments, &[]).0.contains("\x1b["));
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")] {
        let (seen, code) = all(&place, &arguments, &[variable]);
        assert!(
            seen.starts_with("error: unknown model"),
            "{variable:?}: {seen:?}"
        );
        assert!(!seen.contains('\x1b'), "{variable:?}: {seen:?}");
        assert_eq!(code, Some(3));
    }
}

#[test]
fn picture_bytes_are_not_written_to_a_terminal() {
    let server = Silent::new();
    let (seen, code) = all(
        &Place::new(),
        &["x", "-o", "-", "--space", &server.url()],
        &[],
    );
    assert_eq!(code, Some(2));
    assert!(
        seen.contains("refusing to write an image to a terminal"),
        "{seen}"
    );
    assert!(server.had_no_clients());
}

#[test]
fn the_progress_line_is_cleared_after_ctrl_c() {
    let (place, server) = (Place::new(), Silent::new());
    let (mut pty, mut child) = start(&place, &["x", "--space", &server.url()], &[]);
    let _connection = server.accept();
    let seen = read(&mut pty, "connecting");
    assert!(seen.contains("connecting"), "{seen:?}");
    pty.write_all(b"\x03").expect("Ctrl-C");
    let seen = read(&mut pty, "\0");
    assert_eq!(child.wait().expect("it ended").code(), Some(130));
    let end = seen.rsplit("\x1b[2K").next().expect("the line is cleared");
    assert!(
        end.contains("interrupted") && !end.contains("connecting"),
        "{seen:?}"
    );
    assert!(place.files().is_empty());
}

#[test]
fn dumb_terminals_and_quiet_runs_have_no_progress_line() {
    for (more, variable) in [(&[][..], ("TERM", "dumb")), (&["-q"], ("TERM", "xterm"))] {
        let (place, server) = (Place::new(), Silent::new());
        let url = server.url();
        let arguments = [&["x", "--timeout", "0.3", "--space", &url], more].concat();
        let (seen, code) = all(&place, &arguments, &[variable]);
        assert_eq!(code, Some(124), "{seen:?}");
        assert!(
            !seen.contains("connecting") && !seen.contains("\x1b[2K"),
            "{seen:?}"
        );
    }
}

#[cfg(feature = "peers")]
#[test]
fn each_preview_replaces_the_last_and_the_picture_replaces_them() {
    let space = peer::shared("gradio6");
    let drawing = [
        &["cat", "--space", &space, "--api-name", "/infer_previews"][..],
        // Nine previews, 0.1 s apart, of 16x16 pixels: 8 lines.
        &["--steps", "10", "--size", "64x64", "--seed", "7"],
    ]
    .concat();
    let (seen, code) = all(&Place::new(), &drawing, &[("COLORTERM", "truecolor")]);
    assert_eq!(code, Some(0), "{seen}");
    let parts: Vec<&str> = seen.split("\x1b[8A\r\x1b[J").collect();
    assert!(parts.len() >= 3, "{seen:?}");
    let (picture, previews) = parts.split_last().expect("parts");
    let lines = |part: &str| part.lines().filter(|line| line.contains('▀')).count();
    assert!(previews.iter().all(|part| lines(part) == 8), "{previews:?}");
    assert_eq!(lines(picture), 32);
}

#[test]
fn a_picture_is_shown_with_the_terminals_protocol() {
    let drawing = ["cat", "-m", "sketch", "--size", "64x64"];
    for (variable, shown) in [
        (("TERM", "xterm-kitty"), "\x1b_Gf=100,a=T,"),
        (("TERM_PROGRAM", "iTerm.app"), "\x1b]1337;File=inline=1;"),
        (("TERM", "foot"), "\x1bPq"),
        (("COLORTERM", "truecolor"), "m▀"),
    ] {
        let (seen, code) = all(&Place::new(), &drawing, &[variable]);
        assert_eq!(code, Some(0), "{seen}");
        assert!(seen.contains(shown), "{variable:?}: {seen:?}");
        let off = [&drawing[..], &["--preview", "off"]].concat();
        let (seen, _) = all(&Place::new(), &off, &[variable]);
        assert!(!seen.contains(shown), "{variable:?}: {seen:?}");
    }
    let (seen, _) = all(&Place::new(), &drawing, &[("TERM", "xterm-256color")]);
    assert!(!seen.contains('▀'), "half blocks need COLORTERM: {seen:?}");
}
