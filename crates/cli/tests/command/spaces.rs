//! The command against real Gradio servers: pictures on disk, exit codes, signals, proxies.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fluxhop::{Picture, metadata};
use fluxhop_tests::{peer, picture};

use crate::support::{Place, Ran};

fn spaces() -> impl Iterator<Item = (&'static str, String)> {
    peer::GRADIOS
        .into_iter()
        .map(|gradio| (gradio, peer::shared(gradio)))
}

fn read(path: &Path) -> Picture {
    let bytes = fs::read(path).expect("the file");
    Picture::read(bytes.into()).expect("a picture")
}

/// What the Space at `base` saw of the calls with `prompt`.
fn count(base: &str, prompt: &str, what: &str) -> u64 {
    block_on(peer::stats(base, prompt))[what]
        .as_u64()
        .unwrap_or_default()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

#[test]
fn a_picture_is_drawn_and_its_path_printed_and_its_parameters_kept() {
    for (gradio, base) in spaces() {
        let place = Place::new();
        let ran = place.run(&[
            "--space",
            &base,
            "--size",
            "96x64",
            "--seed",
            "7",
            "a red fox",
        ]);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (0, "a-red-fox-7.webp\n"),
            "{gradio}: {}",
            ran.stderr
        );
        assert_eq!(place.files(), ["a-red-fox-7.webp"]);
        let drawn = read(&place.here().join("a-red-fox-7.webp"));
        picture::assert_drawn(&drawn, "a red fox", 7);
        let parameters = metadata::read(&drawn).expect("parameters");
        assert_eq!(
            (parameters.prompt.as_str(), parameters.seed),
            ("a red fox", Some(7))
        );
        // A pipe gets no colour and no moving line.
        assert!(
            !ran.stderr.contains('\u{1b}') && !ran.stderr.contains('\r'),
            "{:?}",
            ran.stderr
        );
    }
}

#[test]
fn several_pictures_have_seeds_and_names_of_their_own() {
    let (_, base) = spaces().last().expect("a Space");
    let place = Place::new();
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
    let ran = place.run(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(place.files(), ["3-1.png", "4-2.png", "5-3.png"]);
    for (name, seed) in [("3-1.png", 3), ("5-3.png", 5)] {
        picture::assert_drawn(&read(&place.here().join(name)), "fox", seed);
    }
}

#[test]
fn the_bytes_alone_go_to_stdout() {
    let (_, base) = spaces().last().expect("a Space");
    let place = Place::new();
    let output = place
        .command(&[
            "--space", &base, "-s", "64x64", "--seed", "7", "-o", "-", "fox",
        ])
        .output();
    let picture = Picture::read(output.expect("it ran").stdout.into()).expect("a picture");
    picture::assert_drawn(&picture, "fox", 7);
    assert!(place.files().is_empty());
}

#[test]
fn a_full_disk_is_told_and_no_success() {
    let (_, base) = spaces().last().expect("a Space");
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("/dev/full");
    let place = Place::new();
    let arguments = ["--space", &base, "-s", "64x64", "-o", "-", "fox"];
    let output = place
        .command(&arguments)
        .stdout(full)
        .output()
        .expect("it ran");
    let stderr = String::from_utf8_lossy(&output.stderr).to_lowercase();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("no space left"), "{stderr}");
}

#[test]
fn failures_have_the_space_s_words_and_their_exit_code() {
    for (gradio, base) in spaces() {
        for (endpoint, code, words) in [
            ("/infer_error", 5, "The model is out of paint"),
            ("/infer_exception", 5, "does not show why"),
            ("/infer_quota", 4, "exceeded your GPU quota"),
            ("/infer_null", 5, "expected a picture"),
            ("/nothing", 3, "/infer_gallery"),
        ] {
            let place = Place::new();
            let arguments = [
                "--space",
                &base,
                "--api-name",
                endpoint,
                "--retries",
                "0",
                "fox",
            ];
            let ran = place.run(&arguments);
            assert_eq!(ran.code, code, "{gradio} {endpoint}: {}", ran.stderr);
            assert!(
                ran.stderr.contains(words),
                "{gradio} {endpoint}: {}",
                ran.stderr
            );
            assert!(place.files().is_empty() && ran.stdout.is_empty());
        }
    }
}

#[test]
fn every_event_is_a_line_of_json() {
    for (gradio, base) in spaces() {
        let place = Place::new();
        let endpoint = "/infer_previews";
        let ran = place.run(&[
            "--space",
            &base,
            "--api-name",
            endpoint,
            "-s",
            "64x64",
            "--json",
            "fox",
        ]);
        let events = ran.events();
        let kinds: Vec<&str> = events
            .iter()
            .filter_map(|event| event["event"].as_str())
            .collect();
        for kind in ["attempt", "queued", "started", "image"] {
            assert!(kinds.contains(&kind), "{gradio}: no {kind} in {kinds:?}");
        }
        // No terminal shows previews here, so none is downloaded.
        assert!(!kinds.contains(&"preview"), "{gradio}: {kinds:?}");
        let image = events
            .iter()
            .find(|event| event["event"] == "image")
            .expect("an image");
        assert_eq!(image["width"], 64);
        assert!(
            place
                .here()
                .join(image["path"].as_str().expect("a path"))
                .exists()
        );
    }
}

/// Starts the command with `--json` and waits until it has told `event`.
fn started(
    place: &Place,
    arguments: &[&str],
    event: &str,
) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut command = place.command(arguments);
    let command = command
        .arg("--json")
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped"));
    let wanted = format!("\"event\":\"{event}\"");
    let mut line = String::new();
    while !line.contains(&wanted) {
        line.clear();
        assert_ne!(
            lines.read_line(&mut line).expect("a line"),
            0,
            "it ended without {event}"
        );
    }
    (child, lines)
}

fn interrupt(child: Child) -> Ran {
    let pid = child.id().to_string();
    let sent = Command::new("kill")
        .args(["-INT", &pid])
        .status()
        .expect("kill runs");
    assert!(sent.success());
    Ran::new(&child.wait_with_output().expect("it ended"))
}

#[test]
fn ctrl_c_cancels_upstream_and_leaves_no_file() {
    for (gradio, base) in spaces() {
        let place = Place::new();
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
        let (child, _lines) = started(&place, &arguments, "queued");
        // Without --preview, a picture being drawn sends no event that says so.
        let deadline = Instant::now() + Duration::from_mins(1);
        while count(&base, &prompt, "started") == 0 {
            assert!(Instant::now() < deadline, "{gradio} never started drawing");
            std::thread::sleep(Duration::from_millis(20));
        }
        let ran = interrupt(child);
        assert_eq!(ran.code, 130, "{}", ran.stderr);
        assert!(place.files().is_empty());
        // Let go, it would come to its end in a step, if anybody still asked it for one.
        block_on(peer::release(&base, &prompt));
        let clock = [
            "--space",
            &base,
            "--api-name",
            "/infer_previews",
            "-s",
            "64x64",
            "clock",
        ];
        assert_eq!(place.run(&clock).code, 0);
        assert_eq!(
            count(&base, &prompt, "finished"),
            0,
            "{gradio} went on drawing"
        );
    }
}

#[test]
fn a_batch_that_was_stopped_draws_only_what_is_missing() {
    let (_, base) = spaces().last().expect("a Space");
    let place = Place::new();
    fs::write(
        place.here().join("prompts.txt"),
        "# three pictures\nbatch one\n\n{\"prompt\": \"batch two\", \"seed\": 2}\nbatch three\n",
    )
    .expect("written");
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
    fs::create_dir(place.here().join("out")).expect("a folder");

    block_on(peer::release(&base, "batch one"));
    let (child, mut lines) = started(&place, &held, "image");
    let mut line = String::new();
    while !line.contains("\"started\"") {
        line.clear();
        assert_ne!(
            lines.read_line(&mut line).expect("a line"),
            0,
            "the second line never started"
        );
    }
    let ran = interrupt(child);
    assert_eq!(ran.code, 130, "{}", ran.stderr);
    assert_eq!(
        fs::read_dir(place.here().join("out"))
            .expect("the folder")
            .count(),
        1
    );

    block_on(peer::release(&base, "batch two"));
    block_on(peer::release(&base, "batch three"));
    let ran = place.run(&held);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        fs::read_dir(place.here().join("out"))
            .expect("the folder")
            .count(),
        3
    );
    assert_eq!(count(&base, "batch one", "started"), 1, "drawn twice");

    let ran = place.run(&held);
    assert_eq!(
        (ran.code, count(&base, "batch three", "started")),
        (0, 1),
        "{}",
        ran.stderr
    );
}

#[test]
fn thirty_two_pictures_at_once_are_all_drawn() {
    let (_, base) = spaces().last().expect("a Space");
    let place = Place::new();
    let lines: Vec<String> = (0..32).map(|number| format!("many {number}")).collect();
    fs::write(place.here().join("many.txt"), lines.join("\n")).expect("written");
    fs::create_dir(place.here().join("out")).expect("a folder");
    let arguments = [
        "--space", &base, "-s", "64x64", "--batch", "many.txt", "-o", "out/", "--jobs", "32",
    ];
    let ran = place.run(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        fs::read_dir(place.here().join("out"))
            .expect("the folder")
            .count(),
        32
    );
}

#[test]
fn a_proxy_with_a_password_is_used_and_its_password_never_shown() {
    let (_, base) = spaces().last().expect("a Space");
    for (proxy, password, code) in [
        (0, "hunter2", 0),
        (1, "hunter2", 0),
        (0, "sesame", 4),
        (1, "sesame", 4),
    ] {
        let shared = peer::shared("proxies");
        let address = shared.split_whitespace().nth(proxy).expect("two proxies");
        let address = address.replacen("://", &format!("://me:{password}@"), 1);
        let place = Place::new();
        let ran = place.run(&[
            "--space", &base, "-s", "64x64", "--proxy", &address, "-v", "fox",
        ]);
        assert_eq!(ran.code, code, "{address}: {}", ran.stderr);
        assert!(!ran.stderr.contains(password), "{}", ran.stderr);
    }
}

#[test]
fn a_space_behind_tls_is_reached_through_a_tunnel() {
    let place = Place::new();
    let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let (certificate, key) = (
        place.settings().join("tls.pem"),
        place.settings().join("tls.key"),
    );
    fs::write(&certificate, made.cert.pem()).expect("written");
    fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    let paths = [&certificate, &key].map(|path| path.to_str().expect("UTF-8"));
    let own = peer::Space::start("gradio6", &["--tls", paths[0], paths[1]]);

    let draw = |trusted: bool| {
        let shared = peer::shared("proxies");
        let proxy = shared.split_whitespace().next().expect("the HTTP proxy");
        let proxy = proxy.replacen("://", "://me:hunter2@", 1);
        let arguments = [
            "--space", &own.url, "-s", "64x64", "--seed", "7", "--proxy", &proxy, "fox",
        ];
        let mut command = place.command(&arguments);
        if trusted {
            command.env("SSL_CERT_FILE", &certificate);
        }
        Ran::new(&command.stdin(Stdio::null()).output().expect("it ran"))
    };
    let ran = draw(false);
    assert_eq!(
        ran.code, 4,
        "a certificate that nobody knows: {}",
        ran.stderr
    );
    let ran = draw(true);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    picture::assert_drawn(&read(&place.here().join("fox-7.webp")), "fox", 7);
}
