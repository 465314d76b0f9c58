use super::*;

fn parse(arguments: &[&str]) -> Result<Cli, clap::Error> {
    let arguments = ["fluxhop"].iter().chain(arguments).map(OsString::from);
    Cli::parse_from_arguments(arguments)
}

fn message(arguments: &[&str]) -> String {
    let error = parse(arguments).expect_err("arguments were accepted");
    assert_eq!(error.exit_code(), 2, "{arguments:?}");
    error.to_string()
}

#[test]
fn the_argument_definitions_are_valid() {
    Cli::command().debug_assert();
}

#[test]
fn words_without_a_command_are_a_prompt() {
    let cli = parse(&["a", "cat", "-n", "2", "wearing", "a", "hat"])
        .expect("failed to parse the arguments");
    assert!(cli.command.is_none());
    assert_eq!(cli.generate.prompt, ["a", "cat", "wearing", "a", "hat"]);
    assert_eq!(cli.generate.count, Some(2));
}

#[test]
fn a_command_name_can_be_a_prompt_after_generate_or_other_words() {
    assert!(matches!(
        parse(&["models"])
            .expect("failed to parse the arguments")
            .command,
        Some(Command::Models(_))
    ));
    let cli = parse(&["generate", "models"]).expect("failed to parse the arguments");
    assert!(
        matches!(cli.command, Some(Command::Generate(arguments)) if arguments.prompt == ["models"])
    );
    assert_eq!(
        parse(&["nice", "models"])
            .expect("failed to parse the arguments")
            .generate
            .prompt,
        ["nice", "models"]
    );
    assert_eq!(
        parse(&["space cat"])
            .expect("failed to parse the arguments")
            .generate
            .prompt,
        ["space cat"]
    );
}

#[test]
fn a_command_after_an_option_is_not_taken_as_a_prompt() {
    let message = message(&["-q", "models"]);
    assert!(message.contains("`fluxhop generate models`"), "{message}");
}

#[test]
fn negative_sizes_are_left_to_the_library() {
    let cli =
        parse(&["x", "--width", "-5", "--height", "0"]).expect("failed to parse the arguments");
    assert_eq!(
        (cli.generate.width, cli.generate.height),
        (Some(-5), Some(0))
    );
}

#[test]
fn an_invalid_value_names_its_option_and_the_expected_form() {
    for (arguments, option, expected) in [
        (["--size", "axb"], "--size", "1024x768"),
        (["--width", "axb"], "--width", "invalid digit"),
        (["--aspect", "16x9"], "--aspect", "16:9"),
        (
            ["--seed", "18446744073709551616"],
            "--seed",
            "18446744073709551615",
        ),
        (["--seed", "-1"], "--seed", "random"),
        (["--steps", "-1"], "--steps", "not in 0..=4294967295"),
        (["--guidance", "nan"], "--guidance", "3.5"),
        (["--count", "0"], "--count", "1..=10000"),
        (["--format", "gif"], "--format", "png, jpeg, webp, avif"),
        (["--timeout", "soon"], "--timeout", "90s"),
        (["--preview", "maybe"], "--preview", "auto"),
    ] {
        let message = message(&["x", arguments[0], arguments[1]]);
        assert!(message.contains(option), "{arguments:?}: {message}");
        assert!(message.contains(expected), "{arguments:?}: {message}");
    }
}

#[test]
fn conflicting_arguments_are_rejected() {
    for arguments in [
        &["x", "--size", "1x1", "--width", "1"][..],
        &["x", "--aspect", "1:1", "--width", "1", "--height", "1"],
        &["x", "--json", "-o", "-"],
        &["x", "-n", "2", "-o", "-"],
        &["x", "--space", "a/b", "--model", "flux"],
        &["x", "--api-name", "/infer"],
        &["x", "--batch", "file"],
        &["--batch", "-"],
        &["x", "--jobs", "2"],
        &["x", "--no-download", "-o", "x.png"],
        &[],
    ] {
        message(arguments);
    }
}
