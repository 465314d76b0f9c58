use std::ffi::OsString;

use fluxhop::ErrorKind;

use super::*;
use crate::args::Cli;

fn arguments(words: &[&str]) -> GenerateArgs {
    let words = ["fluxhop"].iter().chain(words).map(OsString::from);
    Cli::parse_from_arguments(words)
        .expect("failed to parse the arguments")
        .generate
}

fn options(words: &[&str], toml: &str) -> GenerateOptions {
    GenerateOptions::new(
        &arguments(words),
        &Config::parse(toml, "test").expect("failed to load the settings"),
    )
}

#[test]
fn flags_override_the_defaults_in_the_settings() {
    let toml = "[defaults]\nwidth = 512\nheight = 512\nsteps = 4\nmetadata = false";
    let options = options(&["x", "--width", "640"], toml);
    assert_eq!(
        (options.request.width, options.request.height),
        (Some(640), Some(512))
    );
    assert_eq!(options.request.steps, Some(4));
    assert!(!options.metadata);
}

#[test]
fn a_target_flag_overrides_the_model_and_the_provider_in_the_settings() {
    let toml = "[defaults]\nprovider = \"voodoohop\"\nmodel = \"flux\"";
    assert_eq!(
        options(&["x"], toml).target,
        Target::Provider("voodoohop".into())
    );
    assert_eq!(options(&["x"], toml).request.model, "flux");
    assert_eq!(
        options(&["x", "-m", "flux-dev"], toml).target,
        Target::Model("flux-dev".into())
    );
    let space = Target::Space {
        target: "a/b".into(),
        api_name: None,
    };
    assert_eq!(options(&["x", "--space", "a/b"], toml).target, space);
    assert!(options(&["x", "-m", "AUTO"], toml).target.is_auto());
}

#[test]
fn empty_and_endless_prompts_are_rejected() {
    let invalid = |failure: Failure| match failure {
        Failure::Library(error) => {
            assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "prompt" });
        }
        other => panic!("{other}"),
    };
    invalid(prompt(&arguments(&["  "]), std::io::empty()).expect_err("accepted an empty prompt"));
    invalid(prompt(&arguments(&["-"]), std::io::empty()).expect_err("accepted an empty prompt"));
    invalid(
        prompt(&arguments(&["-"]), std::io::repeat(b'x')).expect_err("accepted an endless prompt"),
    );
    invalid(prompt(&arguments(&["-"]), &b"\xff"[..]).expect_err("accepted invalid UTF-8"));
    let read = prompt(&arguments(&["-"]), &b"a cat\n"[..]).expect("failed to read the prompt");
    assert_eq!(read, "a cat");
    let words =
        prompt(&arguments(&["a", "cat"]), std::io::empty()).expect("failed to read the prompt");
    assert_eq!(words, "a cat");
}

#[test]
fn an_aspect_ratio_keeps_the_providers_default_number_of_pixels() {
    let config = Config::default();
    let registry = Registry::new(config.clone(), fluxhop::Secrets::default())
        .expect("failed to build the registry");
    let provider = registry.provider("voodoohop").expect("unknown provider");
    let aspect = "16:9".parse().expect("failed to parse the aspect ratio");
    let mut request = Request::new("x");
    with_aspect(&mut request, aspect, &*provider, &config);
    assert_eq!((request.width, request.height), (Some(1024), Some(576)));
    let mut request = Request::new("x");
    request.height = Some(900);
    with_aspect(&mut request, aspect, &*provider, &config);
    assert_eq!((request.width, request.height), (Some(1600), Some(900)));
}
