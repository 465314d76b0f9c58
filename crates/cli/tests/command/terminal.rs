//! The binary in a terminal: colours, progress and images.

use std::io::{Read, Write};
use std::process::Child;

#[cfg(feature = "peers")]
use fluxhop_tests::peer;
use pty_process::blocking::{Command, Pty};

use crate::support::{BINARY, Sandbox, SilentServer};

/// Starts the binary with a pseudo-terminal as stdin, stdout and stderr.
fn start(sandbox: &Sandbox, arguments: &[&str], variables: &[(&str, &str)]) -> (Pty, Child) {
    let (pty, terminal) = pty_process::blocking::open().expect("failed to open a terminal");
    pty.resize(pty_process::Size::new(24, 100))
        .expect("failed to resize the terminal");
    let child = Command::new(BINARY)
        .args(arguments)
        .env_clear()
        .envs(sandbox.env())
        .env("TERM", "xterm-256color")
        .envs(variables.iter().copied())
        .current_dir(sandbox.dir())
        .spawn(terminal)
        .expect("failed to start fluxhop");
    (pty, child)
}

/// Reads until `until` appears or the program exits; returns everything read.
fn read(pty: &mut Pty, until: &str) -> String {
    let mut output = Vec::new();
    let mut bytes = [0; 1024];
    while !String::from_utf8_lossy(&output).contains(until) {
        // Linux reports EIO once the program has exited.
        match pty.read(&mut bytes) {
            Ok(0) | Err(_) => break,
            Ok(count) => output.extend_from_slice(&bytes[..count]),
        }
    }
    String::from_utf8_lossy(&output).into_owned()
}

/// Runs the binary until it exits; returns its output and exit code.
fn run(sandbox: &Sandbox, arguments: &[&str], variables: &[(&str, &str)]) -> (String, Option<i32>) {
    let (mut pty, mut child) = start(sandbox, arguments, variables);
    let output = read(&mut pty, "\0");
    (
        output,
        child.wait().expect("failed to wait for fluxhop").code(),
    )
}

#[test]
fn errors_are_coloured_unless_disabled() {
    let sandbox = Sandbox::new();
    let arguments = ["x", "-m", "flux-schnel"];
    assert!(run(&sandbox, &arguments, &[]).0.contains("\x1b["));
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")] {
        let (output, code) = run(&sandbox, &arguments, &[variable]);
        assert!(
            output.starts_with("error: unknown model"),
            "{variable:?}: {output:?}"
        );
        assert!(!output.contains('\x1b'), "{variable:?}: {output:?}");
        assert_eq!(code, Some(3));
    }
}

#[test]
fn image_bytes_are_not_written_to_a_terminal() {
    let server = SilentServer::new();
    let (output, code) = run(
        &Sandbox::new(),
        &["x", "-o", "-", "--space", &server.url()],
        &[],
    );
    assert_eq!(code, Some(2));
    assert!(
        output.contains("refusing to write an image to a terminal"),
        "{output}"
    );
    assert!(server.had_no_clients());
}

#[test]
fn the_progress_line_is_cleared_after_ctrl_c() {
    let (sandbox, server) = (Sandbox::new(), SilentServer::new());
    let (mut pty, mut child) = start(&sandbox, &["x", "--space", &server.url()], &[]);
    let _connection = server.accept();
    let output = read(&mut pty, "connecting");
    assert!(output.contains("connecting"), "{output:?}");
    pty.write_all(b"\x03").expect("failed to send Ctrl-C");
    let output = read(&mut pty, "\0");
    assert_eq!(
        child.wait().expect("failed to wait for fluxhop").code(),
        Some(130)
    );
    let end = output.rsplit("\x1b[2K").next().expect("no output");
    assert!(
        end.contains("interrupted") && !end.contains("connecting"),
        "{output:?}"
    );
    assert!(sandbox.files().is_empty());
}

#[test]
fn dumb_terminals_and_quiet_runs_have_no_progress_line() {
    for (more, variable) in [(&[][..], ("TERM", "dumb")), (&["-q"], ("TERM", "xterm"))] {
        let (sandbox, server) = (Sandbox::new(), SilentServer::new());
        let url = server.url();
        let arguments = [&["x", "--timeout", "0.3", "--space", &url], more].concat();
        let (output, code) = run(&sandbox, &arguments, &[variable]);
        assert_eq!(code, Some(124), "{output:?}");
        assert!(
            !output.contains("connecting") && !output.contains("\x1b[2K"),
            "{output:?}"
        );
    }
}

#[cfg(feature = "peers")]
#[test]
fn previews_and_the_image_replace_the_previous_preview() {
    let space = peer::shared("gradio6");
    let arguments = [
        &["cat", "--space", &space, "--api-name", "/infer_previews"][..],
        // Nine previews, 0.1 s apart, of 16x16 pixels: 8 lines.
        &["--steps", "10", "--size", "64x64", "--seed", "7"],
    ]
    .concat();
    let (output, code) = run(&Sandbox::new(), &arguments, &[("COLORTERM", "truecolor")]);
    assert_eq!(code, Some(0), "{output}");
    let parts: Vec<&str> = output.split("\x1b[8A\r\x1b[J").collect();
    assert!(parts.len() >= 3, "{output:?}");
    let (image, previews) = parts.split_last().expect("no output");
    let lines = |part: &str| part.lines().filter(|line| line.contains('▀')).count();
    assert!(previews.iter().all(|part| lines(part) == 8), "{previews:?}");
    assert_eq!(lines(image), 32);
}

#[test]
fn an_image_is_shown_with_the_terminals_protocol() {
    let arguments = ["cat", "-m", "sketch", "--size", "64x64"];
    for (variable, shown) in [
        (("TERM", "xterm-kitty"), "\x1b_Gf=100,a=T,"),
        (("TERM_PROGRAM", "iTerm.app"), "\x1b]1337;File=inline=1;"),
        (("TERM", "foot"), "\x1bPq"),
        (("COLORTERM", "truecolor"), "m▀"),
    ] {
        let (output, code) = run(&Sandbox::new(), &arguments, &[variable]);
        assert_eq!(code, Some(0), "{output}");
        assert!(output.contains(shown), "{variable:?}: {output:?}");
        let off = [&arguments[..], &["--preview", "off"]].concat();
        let (output, _) = run(&Sandbox::new(), &off, &[variable]);
        assert!(!output.contains(shown), "{variable:?}: {output:?}");
    }
    let (output, _) = run(&Sandbox::new(), &arguments, &[("TERM", "xterm-256color")]);
    assert!(
        !output.contains('▀'),
        "half blocks without COLORTERM: {output:?}"
    );
}
