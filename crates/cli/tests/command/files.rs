//! Image files written by the built-in renderer without a network.

use std::fs;
use std::process::{Command, Stdio};

use fluxhop::{ImageFormat, Picture, metadata};
use serde_json::Value;

use crate::support::{BINARY, CommandOutput, Sandbox, names};

/// Arguments for a small and reproducible image.
const SMALL: [&str; 6] = ["-m", "sketch", "--seed", "3", "--size", "64x64"];

fn generate(sandbox: &Sandbox, more: &[&str]) -> CommandOutput {
    let output = sandbox.run(&[&SMALL[..], more].concat());
    assert_eq!(output.code, 0, "{more:?}: {}", output.stderr);
    output
}

fn picture(sandbox: &Sandbox, name: &str) -> Picture {
    let bytes = fs::read(sandbox.dir().join(name)).expect("failed to read the file");
    Picture::read(bytes.into()).expect("not a valid image")
}

#[test]
fn file_name_and_metadata_contain_the_prompt_and_seed() {
    let sandbox = Sandbox::new();
    let output = generate(&sandbox, &["A red house,", "by the sea!"]);
    assert_eq!(
        (output.stdout.as_str(), output.stderr.as_str()),
        ("a-red-house-by-the-sea-3.png\n", "")
    );
    assert_eq!(sandbox.files(), ["a-red-house-by-the-sea-3.png"]);
    let picture = picture(&sandbox, "a-red-house-by-the-sea-3.png");
    assert_eq!((picture.width, picture.height), (64, 64));
    let parameters = metadata::read(&picture).expect("no metadata");
    assert_eq!(parameters.prompt, "A red house, by the sea!");
    assert_eq!(
        (parameters.seed, parameters.model.as_str()),
        (Some(3), "sketch")
    );
}

#[test]
fn a_repeated_command_writes_a_new_file_and_force_overwrites() {
    let sandbox = Sandbox::new();
    assert_eq!(generate(&sandbox, &["cat"]).stdout, "cat-3.png\n");
    fs::write(sandbox.dir().join("cat-3.png"), "mine").expect("failed to write the file");
    assert_eq!(generate(&sandbox, &["cat"]).stdout, "cat-3-2.png\n");
    assert_eq!(
        fs::read(sandbox.dir().join("cat-3.png")).expect("failed to read the file"),
        b"mine"
    );
    assert_eq!(
        generate(&sandbox, &["cat", "--force", "-o", "cat-3.png"]).stdout,
        "cat-3.png\n"
    );
    assert_eq!(
        picture(&sandbox, "cat-3.png"),
        picture(&sandbox, "cat-3-2.png")
    );
}

#[test]
fn the_extension_or_format_flag_selects_the_encoding() {
    let sandbox = Sandbox::new();
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
        let output = generate(&sandbox, &[&["cat"], more].concat());
        assert_eq!(output.stdout, format!("{name}\n"));
        let picture = picture(&sandbox, name);
        assert_eq!(picture.format, format);
        assert_eq!(metadata::read(&picture).expect("no metadata").seed, Some(3));
    }
}

#[test]
fn templates_name_images_with_consecutive_seeds() {
    let sandbox = Sandbox::new();
    let output = generate(
        &sandbox,
        &["a cat", "-n", "3", "-o", "{n}-{seed}-{slug}-{model}.png"],
    );
    let expected = [
        "1-3-a-cat-sketch.png",
        "2-4-a-cat-sketch.png",
        "3-5-a-cat-sketch.png",
    ];
    assert_eq!(output.stdout.lines().collect::<Vec<_>>(), expected);
    assert_eq!(sandbox.files(), expected);
}

#[test]
fn stdout_output_is_only_the_image() {
    let sandbox = Sandbox::new();
    let arguments = [&SMALL[..], &["cat", "-o", "-", "--format", "jpeg"]].concat();
    let output = sandbox
        .command(&arguments)
        .output()
        .expect("failed to run fluxhop");
    let picture = Picture::read(output.stdout.into()).expect("not a valid image");
    assert_eq!(picture.format, ImageFormat::Jpeg);
    assert!(picture.bytes.ends_with(&[0xff, 0xd9]), "no JPEG end marker");
    assert!(sandbox.files().is_empty());
}

#[test]
fn the_prompt_can_be_read_from_stdin() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.dir().join("prompt.txt"), "a blue boat\n").expect("failed to write the file");
    let file = fs::File::open(sandbox.dir().join("prompt.txt")).expect("failed to read the file");
    let arguments = [&SMALL[..], &["-"]].concat();
    let output = sandbox
        .command(&arguments)
        .stdin(file)
        .output()
        .expect("failed to run fluxhop");
    assert_eq!(output.stdout, b"a-blue-boat-3.png\n");
}

#[test]
fn json_output_is_one_object_per_line_and_ends_with_done() {
    let sandbox = Sandbox::new();
    let output = generate(&sandbox, &["cat", "--json"]);
    let lines: Vec<Value> = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("not valid JSON"))
        .collect();
    assert_eq!(lines[0]["event"], "attempt");
    let image = &lines[lines.len() - 2];
    assert_eq!(
        (&image["event"], &image["path"]),
        (&"image".into(), &"cat-3.png".into())
    );
    assert_eq!((&image["seed"], &image["width"]), (&3.into(), &64.into()));
    let done = lines.last().expect("no output");
    assert_eq!(
        (&done["event"], &done["images"]),
        (&"done".into(), &1.into())
    );
}

#[test]
fn settings_select_the_output_and_format() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.dir().join("pictures")).expect("failed to create the folder");
    let text = "[defaults]\nmodel = \"sketch\"\noutput = \"pictures/{slug}\"\nformat = \"webp\"\n\
                width = 64\nheight = 64\nmetadata = false\n";
    fs::write(sandbox.dir().join("fluxhop.toml"), text).expect("failed to write the file");
    let output = sandbox.run(&["cat"]);
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (0, "pictures/cat.webp\n"),
        "{}",
        output.stderr
    );
    assert_eq!(
        metadata::read(&picture(&sandbox, "pictures/cat.webp")),
        None
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_leaves_no_partial_file() {
    let sandbox = Sandbox::new();
    // Limits the file size to 512 bytes: the write fails halfway, as on a full disk.
    let script = format!("trap '' XFSZ; ulimit -f 1; exec '{BINARY}' -m sketch cat -o cat.png");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).env_clear().envs(sandbox.env());
    let output = shell
        .current_dir(sandbox.dir())
        .output()
        .expect("failed to run fluxhop");
    let stderr = String::from_utf8(output.stderr).expect("not valid UTF-8");
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.starts_with("error: cannot write the image to cat.png\n"),
        "{stderr}"
    );
    assert!(stderr.contains("hint: free some disk space"), "{stderr}");
    assert!(names(&sandbox.dir()).is_empty());

    let output = sandbox.run(&[&SMALL[..], &["cat", "-o", "/dev/full"]].concat());
    assert_eq!(output.code, 1, "{}", output.stderr);
    assert!(
        output.stderr.contains("hint: free some disk space"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_changed_batch_generates_only_new_lines() {
    let sandbox = Sandbox::new();
    let batch = sandbox.dir().join("things.txt");
    fs::write(
        &batch,
        "a cat\n# a comment\n\n{\"prompt\": \"a boat\", \"seed\": 9}\n",
    )
    .expect("failed to write the file");
    fs::create_dir(sandbox.dir().join("things")).expect("failed to create the folder");
    let arguments = ["--batch", "things.txt", "-o", "things/"];
    let mut paths: Vec<_> = generate(&sandbox, &arguments)
        .stdout
        .lines()
        .map(str::to_owned)
        .collect();
    paths.sort();
    assert_eq!(paths, ["things/a-boat-9.png", "things/a-cat-3.png"]);

    fs::write(
        &batch,
        "{\"prompt\": \"a boat\", \"seed\": 9}\na tree\na cat\n",
    )
    .expect("failed to write the file");
    let output = generate(&sandbox, &[&arguments[..], &["--json"]].concat());
    assert!(
        output
            .stdout
            .ends_with("{\"event\":\"done\",\"images\":1,\"failed\":0,\"skipped\":2}\n")
    );
    assert!(output.stdout.contains("\"line\":2"), "{}", output.stdout);
    assert_eq!(
        output.stderr,
        "skipping 2 of 3 images that are already done\n"
    );
    let files = names(&sandbox.dir().join("things"));
    assert_eq!(files, ["a-boat-9.png", "a-cat-3.png", "a-tree-3.png"]);
}

#[test]
fn a_killed_batch_resumes() {
    let sandbox = Sandbox::new();
    let prompts: Vec<String> = (0..40).map(|number| format!("house {number}")).collect();
    fs::write(sandbox.dir().join("p.txt"), prompts.join("\n")).expect("failed to write the file");
    let arguments = [&SMALL[..], &["--batch", "p.txt"]].concat();
    let mut child = sandbox
        .command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("failed to start fluxhop");
    // Once a path is printed, at least one image has been written and recorded in the journal.
    let mut first = [0];
    let mut stdout = child.stdout.take().expect("stdout is not piped");
    std::io::Read::read_exact(&mut stdout, &mut first).expect("no path on stdout");
    child.kill().expect("failed to kill fluxhop");
    child.wait().expect("failed to wait for fluxhop");
    let output = generate(&sandbox, &["--batch", "p.txt"]);
    assert!(output.stdout.lines().count() < 40, "no image was skipped");
    let images = sandbox.files().into_iter().filter(|name| {
        std::path::Path::new(name)
            .extension()
            .is_some_and(|extension| extension == "png")
    });
    let images: std::collections::BTreeSet<String> = images.collect();
    for number in 0..40 {
        let name = format!("house-{number}-3.png");
        assert!(images.contains(&name), "{name}");
        assert_eq!(picture(&sandbox, &name).width, 64);
    }
}
