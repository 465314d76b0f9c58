//! The binary against real Gradio servers: files, exit codes, signals and proxies.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use fluxhop::{Picture, metadata};
use fluxhop_tests::{peer, picture};

use crate::support::{CommandOutput, Sandbox};

fn spaces() -> impl Iterator<Item = (&'static str, String)> {
    peer::GRADIOS
        .into_iter()
        .map(|gradio| (gradio, peer::shared(gradio)))
}

fn read(path: &Path) -> Picture {
    let bytes = fs::read(path).expect("failed to read the file");
    Picture::read(bytes.into()).expect("not a valid image")
}

/// The number of calls with `prompt` that the Space at `base` counted as `state`, such as `started`.
fn count(base: &str, prompt: &str, state: &str) -> u64 {
    block_on(peer::stats(base, prompt))[state]
        .as_u64()
        .unwrap_or_default()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("failed to build a runtime").block_on(future)
}

#[test]
fn an_image_is_saved_with_metadata_and_its_path_is_printed() {
    for (gradio, base) in spaces() {
        let sandbox = Sandbox::new();
        let output = sandbox.run(&[
            "--space",
            &base,
            "--size",
            "96x64",
            "--seed",
            "7",
            "a red fox",
        ]);
        assert_eq!(
            (output.code, output.stdout.as_str()),
            (0, "a-red-fox-7.webp\n"),
            "{gradio}: {}",
            output.stderr
        );
        assert_eq!(sandbox.files(), ["a-red-fox-7.webp"]);
        let image = read(&sandbox.dir().join("a-red-fox-7.webp"));
        picture::assert_drawn(&image, "a red fox", 7);
        let parameters = metadata::read(&image).expect("no metadata");
        assert_eq!(
            (parameters.prompt.as_str(), parameters.seed),
            ("a red fox", Some(7))
        );
        // No colours and no progress line on a pipe.
        assert!(
            !output.stderr.contains('\u{1b}') && !output.stderr.contains('\r'),
            "{:?}",
            output.stderr
        );
    }
}

#[test]
fn several_images_have_consecutive_seeds() {
    let (_, base) = spaces().last().expect("no Space");
    let sandbox = Sandbox::new();
    let arguments = [
        "--space",
        &base,
        "-s",
        "64x64",
        "--seed",
        "3",
        "-n",
        "3",
        "-o",
        "{seed}-{n}.png",
        "fox",
    ];
    let output = sandbox.run(&arguments);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(sandbox.files(), ["3-1.png", "4-2.png", "5-3.png"]);
    for (name, seed) in [("3-1.png", 3), ("5-3.png", 5)] {
        picture::assert_drawn(&read(&sandbox.dir().join(name)), "fox", seed);
    }
}

#[test]
fn stdout_output_is_only_the_image() {
    let (_, base) = spaces().last().expect("no Space");
    let sandbox = Sandbox::new();
    let output = sandbox
        .command(&[
            "--space", &base, "-s", "64x64", "--seed", "7", "-o", "-", "fox",
        ])
        .output();
    let picture = Picture::read(output.expect("failed to run fluxhop").stdout.into())
        .expect("not a valid image");
    picture::assert_drawn(&picture, "fox", 7);
    assert!(sandbox.files().is_empty());
}

#[test]
fn a_full_disk_is_an_error() {
    let (_, base) = spaces().last().expect("no Space");
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("failed to open /dev/full");
    let sandbox = Sandbox::new();
    let arguments = ["--space", &base, "-s", "64x64", "-o", "-", "fox"];
    let output = sandbox
        .command(&arguments)
        .stdout(full)
        .output()
        .expect("failed to run fluxhop");
    let stderr = String::from_utf8_lossy(&output.stderr).to_lowercase();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("no space left"), "{stderr}");
}

#[test]
fn failures_have_the_message_from_the_space_and_an_exit_code() {
    for (gradio, base) in spaces() {
        for (endpoint, code, message) in [
            ("/infer_error", 5, "The model is out of paint"),
            ("/infer_exception", 5, "does not show why"),
            ("/infer_quota", 4, "exceeded your GPU quota"),
            ("/infer_null", 5, "contains no image"),
            ("/nothing", 3, "/infer_gallery"),
        ] {
            let sandbox = Sandbox::new();
            let arguments = [
                "--space",
                &base,
                "--api-name",
                endpoint,
                "--retries",
                "0",
                "fox",
            ];
            let output = sandbox.run(&arguments);
            assert_eq!(output.code, code, "{gradio} {endpoint}: {}", output.stderr);
            assert!(
                output.stderr.contains(message),
                "{gradio} {endpoint}: {}",
                output.stderr
            );
            assert!(sandbox.files().is_empty() && output.stdout.is_empty());
        }
    }
}

#[test]
fn events_are_printed_as_json_lines() {
    for (gradio, base) in spaces() {
        let sandbox = Sandbox::new();
        let endpoint = "/infer_previews";
        let output = sandbox.run(&[
            "--space",
            &base,
            "--api-name",
            endpoint,
            "-s",
            "64x64",
            "--json",
            "fox",
        ]);
        let events = output.events();
        let kinds: Vec<&str> = events
            .iter()
            .filter_map(|event| event["event"].as_str())
            .collect();
        for kind in ["attempt", "queued", "started", "image"] {
            assert!(kinds.contains(&kind), "{gradio}: no {kind} in {kinds:?}");
        }
        // Previews are downloaded only if a terminal shows them.
        assert!(!kinds.contains(&"preview"), "{gradio}: {kinds:?}");
        let image = events
            .iter()
            .find(|event| event["event"] == "image")
            .expect("no image event");
        assert_eq!(image["width"], 64);
        assert!(
            sandbox
                .dir()
                .join(image["path"].as_str().expect("event has no path"))
                .exists()
        );
    }
}

/// Starts the binary with `--json` and waits until it prints `event`.
fn start_until(
    sandbox: &Sandbox,
    arguments: &[&str],
    event: &str,
) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut command = sandbox.command(arguments);
    let command = command
        .arg("--json")
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .expect("failed to start fluxhop");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is not piped"));
    let wanted = format!("\"event\":\"{event}\"");
    let mut line = String::new();
    while !line.contains(&wanted) {
        line.clear();
        assert_ne!(
            lines.read_line(&mut line).expect("failed to read a line"),
            0,
            "stdout closed before {event}"
        );
    }
    (child, lines)
}

fn interrupt(child: Child) -> CommandOutput {
    let pid = child.id().to_string();
    let status = Command::new("kill")
        .args(["-INT", &pid])
        .status()
        .expect("failed to run kill");
    assert!(status.success());
    CommandOutput::new(
        &child
            .wait_with_output()
            .expect("failed to wait for fluxhop"),
    )
}

#[test]
fn ctrl_c_cancels_upstream_and_leaves_no_file() {
    for (gradio, base) in spaces() {
        let sandbox = Sandbox::new();
        let prompt = format!("interrupted on {gradio}");
        let endpoint = "/infer_held_previews";
        let arguments = [
            "--space",
            &base,
            "--api-name",
            endpoint,
            "-s",
            "64x64",
            &prompt,
        ];
        let (child, _lines) = start_until(&sandbox, &arguments, "queued");
        // Without --preview, no event shows that generation has started.
        block_on(peer::wait_for_stat(&base, &prompt, "started"));
        let output = interrupt(child);
        assert_eq!(output.code, 130, "{}", output.stderr);
        assert!(sandbox.files().is_empty());
        // If the call were still running, it would finish within one step after this.
        block_on(peer::release(&base, &prompt));
        let other = [
            "--space",
            &base,
            "--api-name",
            "/infer_previews",
            "-s",
            "64x64",
            "clock",
        ];
        assert_eq!(sandbox.run(&other).code, 0);
        assert_eq!(
            count(&base, &prompt, "finished"),
            0,
            "{gradio} did not stop"
        );
    }
}

#[test]
fn an_interrupted_batch_resumes_with_the_remaining_lines() {
    let (_, base) = spaces().last().expect("no Space");
    let sandbox = Sandbox::new();
    fs::write(
        sandbox.dir().join("prompts.txt"),
        "# three pictures\nbatch one\n\n{\"prompt\": \"batch two\", \"seed\": 2}\nbatch three\n",
    )
    .expect("failed to write the file");
    let arguments = [
        "--space",
        &base,
        "-s",
        "64x64",
        "--batch",
        "prompts.txt",
        "-o",
        "out/",
        "--jobs",
        "1",
    ];
    let held = [&arguments[..], &["--api-name", "/infer_held"]].concat();
    fs::create_dir(sandbox.dir().join("out")).expect("failed to create the folder");

    block_on(peer::release(&base, "batch one"));
    let (child, mut lines) = start_until(&sandbox, &held, "image");
    let mut line = String::new();
    while !line.contains("\"started\"") {
        line.clear();
        assert_ne!(
            lines.read_line(&mut line).expect("failed to read a line"),
            0,
            "stdout closed before the second line started"
        );
    }
    let output = interrupt(child);
    assert_eq!(output.code, 130, "{}", output.stderr);
    assert_eq!(
        fs::read_dir(sandbox.dir().join("out"))
            .expect("failed to read the folder")
            .count(),
        1
    );

    block_on(peer::release(&base, "batch two"));
    block_on(peer::release(&base, "batch three"));
    let output = sandbox.run(&held);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(
        fs::read_dir(sandbox.dir().join("out"))
            .expect("failed to read the folder")
            .count(),
        3
    );
    assert_eq!(count(&base, "batch one", "started"), 1, "generated twice");

    let output = sandbox.run(&held);
    assert_eq!(
        (output.code, count(&base, "batch three", "started")),
        (0, 1),
        "{}",
        output.stderr
    );
}

#[test]
fn thirty_two_concurrent_jobs_generate_every_image() {
    let (_, base) = spaces().last().expect("no Space");
    let sandbox = Sandbox::new();
    let lines: Vec<String> = (0..32).map(|number| format!("many {number}")).collect();
    fs::write(sandbox.dir().join("many.txt"), lines.join("\n")).expect("failed to write the file");
    fs::create_dir(sandbox.dir().join("out")).expect("failed to create the folder");
    let arguments = [
        "--space", &base, "-s", "64x64", "--batch", "many.txt", "-o", "out/", "--jobs", "32",
    ];
    let output = sandbox.run(&arguments);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(
        fs::read_dir(sandbox.dir().join("out"))
            .expect("failed to read the folder")
            .count(),
        32
    );
}

#[test]
fn a_proxy_password_is_used_and_never_printed() {
    let (_, base) = spaces().last().expect("no Space");
    for (proxy, password, code) in [
        (0, "hunter2", 0),
        (1, "hunter2", 0),
        (0, "sesame", 4),
        (1, "sesame", 4),
    ] {
        let proxies = peer::shared("proxies");
        let address = proxies
            .split_whitespace()
            .nth(proxy)
            .expect("fewer than two proxies");
        let address = address.replacen("://", &format!("://me:{password}@"), 1);
        let sandbox = Sandbox::new();
        let output = sandbox.run(&[
            "--space", &base, "-s", "64x64", "--proxy", &address, "-v", "fox",
        ]);
        assert_eq!(output.code, code, "{address}: {}", output.stderr);
        assert!(!output.stderr.contains(password), "{}", output.stderr);
    }
}

#[test]
fn a_space_with_tls_is_reached_through_a_proxy() {
    let sandbox = Sandbox::new();
    let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let generated =
        rcgen::generate_simple_self_signed(names).expect("failed to generate a certificate");
    let (certificate, key) = (
        sandbox.config_dir().join("tls.pem"),
        sandbox.config_dir().join("tls.key"),
    );
    fs::write(&certificate, generated.cert.pem()).expect("failed to write the file");
    fs::write(&key, generated.signing_key.serialize_pem()).expect("failed to write the file");
    let paths = [&certificate, &key].map(|path| path.to_str().expect("not valid UTF-8"));
    let space = peer::Space::start("gradio6", &["--tls", paths[0], paths[1]]);

    let run = |trusted: bool| {
        let proxies = peer::shared("proxies");
        let proxy = proxies.split_whitespace().next().expect("no HTTP proxy");
        let proxy = proxy.replacen("://", "://me:hunter2@", 1);
        let arguments = [
            "--space", &space.url, "-s", "64x64", "--seed", "7", "--proxy", &proxy, "fox",
        ];
        let mut command = sandbox.command(&arguments);
        if trusted {
            command.env("SSL_CERT_FILE", &certificate);
        }
        CommandOutput::new(
            &command
                .stdin(Stdio::null())
                .output()
                .expect("failed to run fluxhop"),
        )
    };
    let output = run(false);
    assert_eq!(
        output.code, 4,
        "an untrusted certificate was accepted: {}",
        output.stderr
    );
    let output = run(true);
    assert_eq!(output.code, 0, "{}", output.stderr);
    picture::assert_drawn(&read(&sandbox.dir().join("fox-7.webp")), "fox", 7);
}
