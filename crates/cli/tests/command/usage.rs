//! Invalid input is rejected with a message and an exit code, without sending a request.

use std::fs;

use crate::support::{Sandbox, SilentServer};

/// Runs the binary with invalid arguments, checks that it sends no request, and returns its exit code
/// and stderr.
fn rejected(arguments: &[&str]) -> (i32, String) {
    let (sandbox, server) = (Sandbox::new(), SilentServer::new());
    let url = server.url();
    // The time limit keeps the test short if a request is sent after all.
    let all = [arguments, &["--space", &url, "--timeout", "5"]].concat();
    let output = sandbox.run(&all);
    assert!(server.had_no_clients(), "{arguments:?}");
    assert_eq!(output.stdout, "", "{arguments:?}");
    assert!(
        sandbox.files().is_empty(),
        "{arguments:?}: {:?}",
        sandbox.files()
    );
    (output.code, output.stderr)
}

#[test]
fn an_invalid_option_names_the_expected_value() {
    for (arguments, expected) in [
        (
            &["x", "--size", "axb"][..],
            "error: invalid value 'axb' for '--size <WxH>': expected WIDTHxHEIGHT in pixels, such \
             as 1024x768",
        ),
        (
            &["x", "--seed", "18446744073709551616"],
            "error: invalid value '18446744073709551616' for '--seed <N>': expected an \
             integer from 0 to 18446744073709551615; omit --seed for a random seed",
        ),
        (
            &["x", "--proxy", "ftp://u:hunter2@h"],
            "error: --proxy: unknown proxy scheme \"ftp\"",
        ),
        (
            &["x", "--token", "hunter2 hunter2"],
            "error: --token: not a valid token",
        ),
        (
            &["x", "--sed", "7"],
            "error: unexpected argument '--sed' found",
        ),
        (&["x", "-o", "cat.gif"], "error: cannot write .gif files"),
        (
            &["x", "-o", "cat.png", "--format", "webp"],
            "error: format webp conflicts with the output's extension (png)",
        ),
        (
            &["x", "-o", "{nope}.png"],
            "error: unknown field {nope} in the template",
        ),
        (
            &["x", "-o", "cat.png", "--no-download"],
            "error: the argument '--output <PATH>'",
        ),
    ] {
        let (code, stderr) = rejected(arguments);
        assert_eq!(code, 2, "{arguments:?}: {stderr}");
        assert!(stderr.starts_with(expected), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("hunter2"), "{stderr}");
    }
}

#[test]
fn an_invalid_request_names_its_field_and_exits_with_3() {
    for (arguments, expected) in [
        (&[""][..], "error: invalid prompt: it is empty"),
        (&["  ", " "], "error: invalid prompt: it is empty"),
        (&["-"], "error: invalid prompt: it is empty"),
    ] {
        let (code, stderr) = rejected(arguments);
        assert_eq!(code, 3, "{arguments:?}: {stderr}");
        assert!(stderr.starts_with(expected), "{arguments:?}: {stderr}");
    }
}

#[cfg(not(feature = "avif"))]
#[test]
fn an_unsupported_format_is_rejected_before_anything_is_sent() {
    let (code, stderr) = rejected(&["x", "--format", "avif"]);
    assert_eq!(code, 3, "{stderr}");
    let expected = "error: invalid format: this build cannot write avif";
    assert!(stderr.starts_with(expected), "{stderr}");
}

#[test]
fn an_unknown_model_or_provider_suggests_the_closest_match() {
    let output = Sandbox::new().run(&["x", "-m", "flux-schnel"]);
    assert_eq!(output.code, 3);
    assert!(
        output.stderr.contains("did you mean `flux-schnell`?"),
        "{}",
        output.stderr
    );
    assert!(
        output
            .stderr
            .ends_with("hint: run `fluxhop models` to list them\n"),
        "{}",
        output.stderr
    );
    let output = Sandbox::new().run(&["x", "--provider", "voodoo"]);
    assert_eq!(output.code, 3);
    assert!(
        output.stderr.contains("did you mean `voodoohop`?"),
        "{}",
        output.stderr
    );
    assert!(
        output
            .stderr
            .ends_with("hint: run `fluxhop providers` to list them\n"),
        "{}",
        output.stderr
    );
}

#[test]
fn an_invalid_space_exits_with_3() {
    for bad in [
        "foo",
        "http://",
        "ftp://x/y",
        "a/b/c",
        "https://me:hunter2@host",
    ] {
        let output = Sandbox::new().run(&["x", "--space", bad]);
        assert_eq!(output.code, 3, "{bad}: {}", output.stderr);
        assert!(
            output.stderr.starts_with("error: invalid space: "),
            "{}",
            output.stderr
        );
        assert!(!output.stderr.contains("hunter2"), "{}", output.stderr);
    }
}

#[test]
fn an_endless_prompt_is_rejected() {
    let sandbox = Sandbox::new();
    let endless = fs::File::open("/dev/zero").expect("failed to open /dev/zero");
    let output = sandbox
        .command(&["-"])
        .stdin(endless)
        .output()
        .expect("failed to run fluxhop");
    assert_eq!(output.status.code(), Some(3));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("invalid prompt: it exceeds the limit of 1048576 bytes"),
        "{stderr}"
    );
}

#[test]
fn an_existing_file_is_not_overwritten_and_nothing_is_sent() {
    let (sandbox, server) = (Sandbox::new(), SilentServer::new());
    fs::write(sandbox.dir().join("cat.png"), "mine").expect("failed to write the file");
    let output = sandbox.run(&["x", "-o", "cat.png", "--space", &server.url()]);
    assert_eq!(output.code, 2);
    assert_eq!(
        output.stderr,
        "error: cat.png already exists; use --force to overwrite it\n"
    );
    assert!(server.had_no_clients());
    assert_eq!(
        fs::read(sandbox.dir().join("cat.png")).expect("failed to read the file"),
        b"mine"
    );
}

#[test]
fn an_unwritable_folder_is_reported_and_nothing_is_sent() {
    for (output, expected) in [
        (
            "/sys/cats/",
            "error: cannot create the output folder /sys/cats in /sys\n",
        ),
        (
            "/sys/cat.png",
            "error: cannot write to the output folder /sys\n",
        ),
    ] {
        let (code, stderr) = rejected(&["x", "-o", output]);
        assert_eq!(code, 1, "{output}: {stderr}");
        assert!(stderr.starts_with(expected), "{output}: {stderr}");
    }
}

#[test]
fn an_invalid_batch_line_is_reported_and_nothing_is_sent() {
    let (sandbox, server) = (Sandbox::new(), SilentServer::new());
    let batch = "an owl\n{\"prompt\": \"a crow\", \"widht\": 512}\na wren\n";
    fs::write(sandbox.dir().join("birds.txt"), batch).expect("failed to write the file");
    let output = sandbox.run(&["--batch", "birds.txt", "--space", &server.url()]);
    assert_eq!(output.code, 3);
    assert!(
        output
            .stderr
            .starts_with("error: invalid batch: birds.txt:2: unknown field `widht`"),
        "{}",
        output.stderr
    );
    assert!(server.had_no_clients());
    assert_eq!(sandbox.files(), ["birds.txt"]);
}

#[test]
fn errors_are_also_json_events() {
    let output = Sandbox::new().run(&["x", "-m", "flux-schnel", "--json"]);
    assert_eq!(output.code, 3);
    assert!(
        output
            .stdout
            .starts_with(r#"{"event":"error","error":{"kind":"model_not_found""#)
    );
    assert!(
        output.stdout.contains(r#""exit_code":3"#),
        "{}",
        output.stdout
    );
}
