//! Weights on this machine by the command: a tiny pipeline, pulled, drawn with, and what goes wrong.

use std::fs;
use std::path::PathBuf;
#[cfg(unix)]
use std::process::{Command, Stdio};

use fluxhop::Picture;
use fluxhop_tests::hub::Model;
use fluxhop_tests::peer::root;

use crate::hub::Hub;
use crate::support::{Place, Ran};

/// A FLUX pipeline of random weights, so small that it draws noise.
fn tiny() -> PathBuf {
    root().join("tests/parity/golden/models/plain")
}

/// A place with these settings of `local`.
fn place(settings: &str) -> Place {
    let place = Place::new();
    let settings = format!("[providers.local]\n{settings}\n");
    fs::write(place.here().join("fluxhop.toml"), settings).expect("written");
    place
}

fn with_tiny() -> Place {
    place(&format!("weights = \"{}\"", tiny().display()))
}

fn draw(place: &Place, more: &[&str]) -> Ran {
    let arguments = [
        "a cat",
        "--provider",
        "local",
        "--size",
        "64x64",
        "--steps",
        "2",
    ];
    place.run(&[&arguments[..], more].concat())
}

#[test]
fn a_folder_of_weights_draws_the_same_picture_for_the_same_seed() {
    let place = with_tiny();
    let pictures = ["one.png", "two.png"].map(|name| {
        let ran = draw(&place, &["--seed", "7", "-o", name, "--no-metadata"]);
        assert_eq!((ran.code, ran.stdout.trim()), (0, name), "{}", ran.stderr);
        fs::read(place.here().join(name)).expect("the picture")
    });
    assert!(pictures[0] == pictures[1]);
    let picture = Picture::read(pictures[0].clone().into()).expect("a picture");
    assert_eq!((picture.width, picture.height), (64, 64));
}

#[test]
fn a_model_that_was_pulled_is_drawn_with_by_its_name() {
    let place = place("weights = \"a/b\"");
    let hub = Hub::new(&Model::new("a/b").with_folder(&tiny()));
    let before = draw(&place, &[]);
    assert_eq!(before.code, 4);
    assert!(
        before
            .stderr
            .contains("run `fluxhop models pull a/b` to download them"),
        "{}",
        before.stderr
    );
    let pulled = hub.run(&place, &["models", "pull", "a/b"]);
    assert_eq!(pulled.code, 0, "{}", pulled.stderr);
    let drawn = draw(&place, &["--json", "--seed", "1"]);
    assert_eq!(drawn.code, 0, "{}", drawn.stderr);
    assert!(
        drawn.stdout.contains("\"model\":\"a/b\""),
        "{}",
        drawn.stdout
    );
    // By the name of the model too, which no Space has.
    let named = place.run(&["a cat", "-m", "a/b", "--size", "64x64", "--steps", "1"]);
    assert_eq!(named.code, 0, "{}", named.stderr);
}

#[test]
fn auto_goes_on_where_no_weights_are_here() {
    let place = Place::new();
    let settings = "[models.auto]\nproviders = [\"local\", \"sketch\"]\n";
    fs::write(place.here().join("fluxhop.toml"), settings).expect("written");
    let ran = place.run(&["a cat", "--size", "64x64", "-o", "cat.png"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with(
            "drawn by sketch; other providers failed:\n  local: the weights of flux-schnell are not"
        ),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_is_wrong_has_the_code_of_its_kind_and_says_what_would_be_right() {
    let tiny = tiny().display().to_string();
    for (settings, more, code, part) in [
        (
            "threads = 0",
            &[][..],
            2,
            "`providers.local.threads`: 0 is not between 1 and 4096",
        ),
        (
            "device = \"gpu\"",
            &[],
            2,
            "expected cpu, cuda, cuda:1 or metal",
        ),
        ("dtype = \"int8\"", &[], 2, "is not one of f32, bf16"),
        (
            "weights = \"/no/such/folder\"",
            &[],
            4,
            "no such file or folder: /no/such/folder",
        ),
        ("weights = \".\"", &[], 4, "unavailable: "),
        (
            &format!("weights = \"{tiny}/vae\""),
            &[],
            4,
            "unavailable: ",
        ),
        (
            &format!("weights = \"{tiny}\""),
            &["--steps", "0"],
            3,
            "invalid steps",
        ),
        (
            &format!("weights = \"{tiny}\""),
            &["--steps", "1000000"],
            3,
            "invalid steps",
        ),
        (
            &format!("weights = \"{tiny}\""),
            &["--width", "4096"],
            3,
            "invalid width",
        ),
    ] {
        let place = place(settings);
        let arguments = ["a cat", "--provider", "local"];
        let ran = place.run(&[&arguments[..], more].concat());
        assert_eq!(ran.code, code, "{settings}: {}", ran.stderr);
        assert!(ran.stderr.contains(part), "{settings}: {}", ran.stderr);
        assert_eq!(place.files(), ["fluxhop.toml"]);
    }
}

#[cfg(not(feature = "cuda"))]
#[test]
fn a_gpu_that_this_build_does_not_know_is_said_before_anything_is_drawn() {
    let ran = draw(&place("device = \"cuda\""), &[]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .contains("built without cuda; build it with `--features cuda`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn providers_tell_whether_weights_are_here() {
    let listed = |place: &Place| {
        let ran = place.run(&["providers"]);
        let line = ran
            .stdout
            .lines()
            .find(|line| line.starts_with("local "))
            .map(str::to_owned);
        line.expect("a line")
    };
    assert!(listed(&with_tiny()).contains("plain on this machine (cpu)"));
    assert!(listed(&Place::new()).contains("(not downloaded)"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_drawing_at_once_and_leaves_no_file() {
    let place = with_tiny();
    let arguments = [
        "a cat",
        "--provider",
        "local",
        "--size",
        "2048x2048",
        "--steps",
        "100",
        "--json",
    ];
    let mut command = place.command(&arguments);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    let mut stdout = std::io::BufReader::new(child.stdout.take().expect("stdout"));
    let mut line = String::new();
    while !line.contains("\"started\"") {
        line.clear();
        let read = std::io::BufRead::read_line(&mut stdout, &mut line).expect("a line");
        assert_ne!(read, 0, "it ended before it began");
    }
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .expect("kill")
            .success()
    );
    let asked = std::time::Instant::now();
    assert_eq!(child.wait().expect("it ended").code(), Some(130));
    assert!(asked.elapsed().as_secs() < 10, "{:?}", asked.elapsed());
    assert_eq!(place.files(), ["fluxhop.toml"]);
}
