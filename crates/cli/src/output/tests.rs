use super::*;

fn fields(prompt: &str) -> NameFields<'_> {
    NameFields {
        prompt,
        seed: Some(7),
        model: "FLUX.1 [schnell]",
        number: 3,
        format: ImageFormat::WebP,
    }
}

fn parse(text: &str) -> Result<Output, Failure> {
    Output::parse(Some(Path::new(text)))
}

fn message(result: Result<impl Sized, Failure>) -> String {
    match result {
        Ok(_) => panic!("no error"),
        Err(failure) => format!("{} ({})", failure, failure.exit_code()),
    }
}

#[test]
fn the_default_name_is_the_prompt_and_the_seed() {
    let output = Output::parse(None).expect("failed to parse the output");
    let path = output.path(fields("A red fox"), 1);
    assert_eq!(path, Path::new("a-red-fox-7.webp"));
    let unknown = NameFields {
        seed: None,
        ..fields("A red fox")
    };
    assert_eq!(output.path(unknown, 1), Path::new("a-red-fox.webp"));
}

#[test]
fn a_template_fills_its_fields_and_keeps_its_extension() {
    let output =
        parse("pictures/{n}_{model}_{slug}_{seed}.jpg").expect("failed to parse the template");
    assert_eq!(
        output.format().expect("failed to get the format"),
        Some(ImageFormat::Jpeg)
    );
    let path = output.path(fields("a/b"), 1);
    assert_eq!(path, Path::new("pictures/3_flux-1-schnell_a-b_7.jpg"));
    let output = parse("{slug}").expect("failed to parse the template");
    assert_eq!(output.path(fields("x"), 1), Path::new("x.webp"));
}

#[test]
fn a_long_name_is_truncated() {
    let output =
        parse(&format!("{}.png", "{slug}".repeat(40))).expect("failed to parse the template");
    let path = output.path(fields(&"ä ".repeat(100)), 1);
    assert!(path.as_os_str().len() <= 210, "{}", path.display());
}

#[test]
fn an_invalid_template_is_rejected() {
    for bad in [
        "{nope}.png",
        "{slug.png",
        "slug}.png",
        "{}.png",
        "{seed}/x.png",
    ] {
        let message = message(parse(bad));
        assert!(message.ends_with("(2)"), "{bad}: {message}");
        assert!(message.contains("template"), "{bad}: {message}");
    }
}

#[test]
fn several_images_are_numbered() {
    let output = parse("cat.png").expect("failed to read the file");
    assert_eq!(output.path(fields("x"), 4), Path::new("cat-3.png"));
    assert_eq!(output.path(fields("x"), 1), Path::new("cat.png"));
}

#[test]
fn unsupported_extensions_are_rejected() {
    for bad in ["cat.gif", "cat.TIFF", "{slug}.bmp"] {
        let output = parse(bad).expect("failed to parse the output");
        assert!(message(output.format()).contains(".webp"), "{bad}");
    }
    let unknown = parse("/nowhere/cat.v2").expect("failed to parse the output");
    assert_eq!(unknown.format().expect("failed to get the format"), None);
}

#[test]
fn unwritable_outputs_are_rejected() {
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let existing = folder.path().join("cat-2.png");
    fs::write(&existing, "x").expect("failed to write the file");

    let output = Output::File(existing.clone());
    assert!(message(output.check(1, false)).contains("cat-2.png already exists"));
    output.check(1, true).expect("rejected with --force");
    let several = Output::File(folder.path().join("cat.png"));
    several.check(1, false).expect("rejected an unused name");
    assert!(message(several.check(2, false)).contains("cat-2.png already exists"));

    let missing = parse(&format!("{}/no/such/", folder.path().display()))
        .expect("failed to parse the output");
    missing.check(1, false).expect("rejected a missing folder");
    let file = Output::File(existing.join("cat.png"));
    let error = message(file.check(1, false));
    assert!(
        error.contains("cannot write to the output folder"),
        "{error}"
    );
    let entries: Vec<_> = fs::read_dir(folder.path())
        .expect("failed to read the folder")
        .collect();
    assert_eq!(entries.len(), 1, "the check left a file");
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_written_to_and_not_replaced() {
    let output = parse("/dev/null").expect("failed to parse the output");
    assert_eq!(output, Output::Special("/dev/null".into()));
    output.check(1, false).expect("rejected a device");
    assert!(message(output.check(2, false)).contains("one image"));
}

#[cfg(target_os = "linux")]
#[test]
fn read_only_folders_are_rejected() {
    for (output, expected) in [
        ("/sys/cat.png", "write to the output folder /sys (1)"),
        (
            "/sys/cats/",
            "create the output folder /sys/cats in /sys (1)",
        ),
    ] {
        let message = message(
            parse(output)
                .expect("failed to parse the output")
                .check(1, false),
        );
        assert!(message.contains(expected), "{message}");
    }
}
