//! The file format of the dataset binary.

use std::path::Path;
use std::process::Command;

use fluxhop_sketch::{Scene, draw, layout, parse};

fn write_dataset(file: &Path, threads: &str) -> Vec<u8> {
    let status = Command::new(env!("CARGO_BIN_EXE_sketch-dataset"))
        .args([
            "--count",
            "130",
            "--size",
            "80x64",
            "--seed",
            "9",
            "--threads",
            threads,
            "--out",
        ])
        .arg(file)
        .status()
        .expect("failed to run sketch-dataset");
    assert!(status.success());
    std::fs::read(file).expect("failed to read the dataset")
}

#[test]
fn the_file_has_the_documented_format_for_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let one = write_dataset(&folder.path().join("one"), "1");
    let three = write_dataset(&folder.path().join("three"), "3");
    assert_eq!(one, three);

    assert_eq!(&one[..8], b"FLUXSKT1");
    let u32_at = |at: usize| u32::from_le_bytes(one[at..at + 4].try_into().expect("four bytes"));
    let u64_at = |at: usize| u64::from_le_bytes(one[at..at + 8].try_into().expect("eight bytes"));
    assert_eq!((u32_at(8), u32_at(12), u64_at(16)), (80, 64, 130));
    let picture = 80 * 64 * 3;
    let labels_at = 64 + 130 * picture;
    assert_eq!(u64_at(24), labels_at as u64);

    let labels = std::str::from_utf8(&one[labels_at..]).expect("labels should be UTF-8");
    assert_eq!(labels.lines().count(), 130);
    for (i, line) in labels.lines().enumerate() {
        let label: serde_json::Value = serde_json::from_str(line).expect("label should be JSON");
        let scene: Scene = serde_json::from_value(label["scene"].clone()).expect("invalid scene");
        for language in ["en", "ru"] {
            let text = label[language]
                .as_str()
                .expect("caption should be a string");
            assert_eq!(
                parse(text).expect("failed to parse the caption").scene,
                scene,
                "{text}"
            );
        }
        let layout = layout(
            &scene,
            label["seed"].as_u64().expect("seed should be a u64"),
            80,
            64,
        );
        let placed: Vec<(usize, f32, f32, f32, f32)> =
            serde_json::from_value(label["placed"].clone())
                .expect("each row should have five numbers");
        assert_eq!(placed.len(), layout.placed.len(), "picture {i}");
        for (label_row, thing) in placed.iter().zip(&layout.placed) {
            let bounds = thing.bounds;
            assert_eq!(label_row.0, thing.subject, "picture {i}");
            for (side, exact) in [
                (label_row.1, bounds.left),
                (label_row.2, bounds.top),
                (label_row.3, bounds.right),
                (label_row.4, bounds.bottom),
            ] {
                assert!(
                    (side - exact).abs() < 0.051,
                    "picture {i}: {label_row:?} != {bounds:?}"
                );
            }
        }
        let drawn = draw(&layout);
        let start = 64 + i * picture;
        assert!(drawn.rgb == one[start..start + picture], "picture {i}");
    }
}

#[test]
fn invalid_options_are_named_in_the_error() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_sketch-dataset"))
            .args(arguments)
            .output()
            .expect("failed to run sketch-dataset");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    for (arguments, word) in [
        (&["--count", "many", "--out", "x"][..], "--count"),
        (&["--size", "7", "--out", "x"], "--size"),
        (&["--colour", "red"], "--colour"),
        (&["--count", "3"], "--out"),
    ] {
        let (code, message) = run(arguments);
        assert_eq!(code, Some(2), "{message}");
        assert!(message.contains(word), "{message}");
    }
}
