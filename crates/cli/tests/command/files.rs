//! Pictures and their files, drawn by the built-in renderer without a network.

use std::fs;
use std::process::{Command, Stdio};

use fluxhop::{ImageFormat, Picture, metadata};
use serde_json::Value;

use crate::support::{BINARY, Place, names};

/// What makes a drawing small, fast and always the same.
const SMALL: [&str; 6] = ["-m", "sketch", "--seed", "3", "--size", "64x64"];

fn draw(place: &Place, more: &[&str]) -> crate::support::Ran {
    let ran = place.run(&[&SMALL[..], more].concat());
    assert_eq!(ran.code, 0, "{more:?}: {}", ran.stderr);
    ran
}

fn picture(place: &Place, name: &str) -> Picture {
    let bytes = fs::read(place.here().join(name)).expect("the file");
    Picture::read(bytes.into()).expect("a picture")
}

#[test]
fn a_picture_is_named_after_its_prompt_and_seed_and_contains_them() {
    let place = Place::new();
    let ran = draw(&place, &["A red house,", "by the sea!"]);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str()),
        ("a-red-house-by-the-sea-3.png\n", "")
    );
    assert_eq!(place.files(), ["a-red-house-by-the-sea-3.png"]);
    let picture = picture(&place, "a-red-house-by-the-sea-3.png");
    assert_eq!((picture.width, picture.height), (64, 64));
    let parameters = metadata::read(&picture).expect("parameters");
    assert_eq!(parameters.prompt, "A red house, by the sea!");
    assert_eq!(
        (parameters.seed, parameters.model.as_str()),
        (Some(3), "sketch")
    );
}

#[test]
fn a_repeated_command_writes_a_new_file_and_force_overwrites() {
    let place = Place::new();
    assert_eq!(draw(&place, &["cat"]).stdout, "cat-3.png\n");
    fs::write(place.here().join("cat-3.png"), "mine").expect("written");
    assert_eq!(draw(&place, &["cat"]).stdout, "cat-3-2.png\n");
    assert_eq!(
        fs::read(place.here().join("cat-3.png")).expect("the file"),
        b"mine"
    );
    assert_eq!(
        draw(&place, &["cat", "--force", "-o", "cat-3.png"]).stdout,
        "cat-3.png\n"
    );
    assert_eq!(picture(&place, "cat-3.png"), picture(&place, "cat-3-2.png"));
}

#[test]
fn the_extension_or_format_flag_selects_the_encoding() {
    let place = Place::new();
    for (more, name, format) in [
        (&["-o", "cat.webp"][..], "cat.webp", ImageFormat::WebP),
        (&["-o", "{slug}.JPEG"], "cat.JPEG", ImageFormat::Jpeg),
        (&["--format", "jpeg"], "cat-3.jpg", ImageFormat::Jpeg),
        (
            &["-o", "no-extension", "--format", "webp"],
            "no-extension",
            ImageFormat::WebP,
        ),
    ] {
        let ran = draw(&place, &[&["cat"], more].concat());
        assert_eq!(ran.stdout, format!("{name}\n"));
        let picture = picture(&place, name);
        assert_eq!(picture.format, format);
        assert_eq!(metadata::read(&picture).expect("parameters").seed, Some(3));
    }
}

#[test]
fn templates_name_pictures_with_consecutive_seeds() {
    let place = Place::new();
    let ran = draw(
        &place,
        &["a cat", "-n", "3", "-o", "{n}-{seed}-{slug}-{model}.png"],
    );
    let expected = [
        "1-3-a-cat-sketch.png",
        "2-4-a-cat-sketch.png",
        "3-5-a-cat-sketch.png",
    ];
    assert_eq!(ran.stdout.lines().collect::<Vec<_>>(), expected);
    assert_eq!(place.files(), expected);
}

#[test]
fn stdout_has_only_the_bytes_of_the_picture() {
    let place = Place::new();
    let arguments = [&SMALL[..], &["cat", "-o", "-", "--format", "jpeg"]].concat();
    let output = place.command(&arguments).output().expect("it ran");
    let picture = Picture::read(output.stdout.into()).expect("a picture");
    assert_eq!(picture.format, ImageFormat::Jpeg);
    assert!(picture.bytes.ends_with(&[0xff, 0xd9]), "a JPEG ends so");
    assert!(place.files().is_empty());
}

#[test]
fn the_prompt_can_be_read_from_stdin() {
    let place = Place::new();
    fs::write(place.here().join("prompt.txt"), "a blue boat\n").expect("written");
    let file = fs::File::open(place.here().join("prompt.txt")).expect("the file");
    let arguments = [&SMALL[..], &["-"]].concat();
    let output = place
        .command(&arguments)
        .stdin(file)
        .output()
        .expect("it ran");
    assert_eq!(output.stdout, b"a-blue-boat-3.png\n");
}

#[test]
fn json_has_one_object_per_line_and_ends_with_done() {
    let place = Place::new();
    let ran = draw(&place, &["cat", "--json"]);
    let lines: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines[0]["event"], "attempt");
    let image = &lines[lines.len() - 2];
    assert_eq!(
        (&image["event"], &image["path"]),
        (&"image".into(), &"cat-3.png".into())
    );
    assert_eq!((&image["seed"], &image["width"]), (&3.into(), &64.into()));
    let done = lines.last().expect("a last line");
    assert_eq!(
        (&done["event"], &done["images"]),
        (&"done".into(), &1.into())
    );
}

#[test]
fn the_settings_set_the_output_and_format() {
    let place = Place::new();
    fs::create_dir(place.here().join("pictures")).expect("a folder");
    let text = "[defaults]\nmodel = \"sketch\"\noutput = \"pictures/{slug}\"\nformat = \"webp\"\n\
                width = 64\nheight = 64\nmetadata = false\n";
    fs::write(place.here().join("fluxhop.toml"), text).expect("written");
    let ran = place.run(&["cat"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "pictures/cat.webp\n"),
        "{}",
        ran.stderr
    );
    assert_eq!(metadata::read(&picture(&place, "pictures/cat.webp")), None);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_leaves_no_partial_file() {
    let place = Place::new();
    // The limit on a file's size is half a KiB: the write fails in the middle, as on a full disk.
    let script = format!("trap '' XFSZ; ulimit -f 1; exec '{BINARY}' -m sketch cat -o cat.png");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &script])
        .env_clear()
        .envs(place.variables());
    let output = shell.current_dir(place.here()).output().expect("it ran");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.starts_with("error: cannot write the image to cat.png\n"),
        "{stderr}"
    );
    assert!(stderr.contains("hint: free some disk space"), "{stderr}");
    assert!(names(&place.here()).is_empty());

    let ran = place.run(&[&SMALL[..], &["cat", "-o", "/dev/full"]].concat());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("hint: free some disk space"),
        "{}",
        ran.stderr
    );
}

#[test]
fn changed_batches_draw_only_new_lines() {
    let place = Place::new();
    let batch = place.here().join("things.txt");
    fs::write(
        &batch,
        "a cat\n# not this\n\n{\"prompt\": \"a boat\", \"seed\": 9}\n",
    )
    .expect("written");
    fs::create_dir(place.here().join("things")).expect("a folder");
    let arguments = ["--batch", "things.txt", "-o", "things/"];
    let mut drawn: Vec<_> = draw(&place, &arguments)
        .stdout
        .lines()
        .map(str::to_owned)
        .collect();
    drawn.sort();
    assert_eq!(drawn, ["things/a-boat-9.png", "things/a-cat-3.png"]);

    fs::write(
        &batch,
        "{\"prompt\": \"a boat\", \"seed\": 9}\na tree\na cat\n",
    )
    .expect("written");
    let ran = draw(&place, &[&arguments[..], &["--json"]].concat());
    assert!(
        ran.stdout
            .ends_with("{\"event\":\"done\",\"images\":1,\"failed\":0,\"skipped\":2}\n")
    );
    assert!(ran.stdout.contains("\"line\":2"), "{}", ran.stdout);
    assert_eq!(ran.stderr, "skipping 2 of 3 images that are already done\n");
    let files = names(&place.here().join("things"));
    assert_eq!(files, ["a-boat-9.png", "a-cat-3.png", "a-tree-3.png"]);
}

#[test]
fn a_killed_batch_resumes() {
    let place = Place::new();
    let prompts: Vec<String> = (0..40).map(|number| format!("house {number}")).collect();
    fs::write(place.here().join("p.txt"), prompts.join("\n")).expect("written");
    let arguments = [&SMALL[..], &["--batch", "p.txt"]].concat();
    let mut child = place
        .command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    // One path is printed: at least one picture is drawn, and in the journal.
    let mut first = [0];
    let mut stdout = child.stdout.take().expect("a pipe");
    std::io::Read::read_exact(&mut stdout, &mut first).expect("a path");
    child.kill().expect("killed");
    child.wait().expect("ended");
    let ran = draw(&place, &["--batch", "p.txt"]);
    assert!(ran.stdout.lines().count() < 40, "some were drawn before");
    let pictures = place.files().into_iter().filter(|name| {
        std::path::Path::new(name)
            .extension()
            .is_some_and(|extension| extension == "png")
    });
    let pictures: std::collections::BTreeSet<String> = pictures.collect();
    for number in 0..40 {
        let name = format!("house-{number}-3.png");
        assert!(pictures.contains(&name), "{name}");
        assert_eq!(picture(&place, &name).width, 64);
    }
}
