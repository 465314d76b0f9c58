use std::time::Duration;

use super::*;

fn load(environment: &Environment, flags: &NetworkArgs) -> Result<Settings, Failure> {
    Settings::load(environment, flags, |_| None)
}

fn user_settings(toml: &str) -> (tempfile::TempDir, Environment) {
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    fs::create_dir(folder.path().join("fluxhop")).expect("failed to create the folder");
    fs::write(folder.path().join("fluxhop/fluxhop.toml"), toml).expect("failed to write the file");
    let environment = Environment::default().with_config_folder(folder.path());
    (folder, environment)
}

#[test]
fn flags_override_the_environment_and_the_environment_overrides_files() {
    let (_folder, environment) =
        user_settings("[network]\nretries = 5\ntimeout = 5\nidle_timeout = 5");
    let variables =
        Environment::with_variables(&[("FLUXHOP_RETRIES", "6"), ("FLUXHOP_TIMEOUT", "6")]);
    let environment = variables.with_config_folder(
        environment
            .config_folder()
            .expect("no configuration folder")
            .clone(),
    );
    let flags = NetworkArgs {
        retries: Some(7),
        ..NetworkArgs::default()
    };
    let network = load(&environment, &flags)
        .expect("failed to load the settings")
        .config
        .network;
    assert_eq!(network.retries, Some(7));
    assert_eq!(network.timeout, Some(Duration::from_secs(6)));
    assert_eq!(network.idle_timeout, Some(Duration::from_secs(5)));
}

#[test]
fn an_invalid_file_is_reported_with_its_line() {
    let (_folder, environment) = user_settings("[network]\nretrys = 5");
    let failure = load(&environment, &NetworkArgs::default()).expect_err("accepted an unknown key");
    let message = failure.to_string();
    assert!(message.contains("fluxhop.toml:2"), "{message}");
    assert!(message.contains("retries"), "{message}");
    assert_eq!(failure.exit_code(), 2);
}

#[test]
fn the_token_flag_overrides_the_variable() {
    let environment = Environment::with_variables(&[("HF_TOKEN", "hf_variable")]);
    let settings =
        load(&environment, &NetworkArgs::default()).expect("failed to load the settings");
    assert_eq!(
        settings.secrets.hub_token.expect("no token").expose(),
        "hf_variable"
    );
    let flags = NetworkArgs {
        token: Some(Secret::from("hf_flag")),
        ..NetworkArgs::default()
    };
    let settings = load(&environment, &flags).expect("failed to load the settings");
    assert_eq!(
        settings.secrets.hub_token.expect("no token").expose(),
        "hf_flag"
    );
}

#[test]
fn only_variables_named_in_the_settings_become_secrets() {
    let (_folder, environment) =
        user_settings("[providers.mine]\nurl = \"a/b\"\ntoken_env = \"MINE\"");
    let folder = environment
        .config_folder()
        .expect("no configuration folder")
        .clone();
    let environment = Environment::with_variables(&[("MINE", "secret"), ("OTHER", "secret")])
        .with_config_folder(folder);
    let settings =
        load(&environment, &NetworkArgs::default()).expect("failed to load the settings");
    let names: Vec<_> = settings.secrets.variables.keys().collect();
    assert_eq!(names, ["MINE"]);
}

#[test]
fn proxy_variables_depend_on_the_targets_scheme() {
    let environment = Environment::with_variables(&[
        ("HTTPS_PROXY", "secure:1"),
        ("http_proxy", "http://plain:2"),
        ("ALL_PROXY", "socks5h://all:3"),
        ("NO_PROXY", "localhost,.example.org"),
    ]);
    let proxy = |target: Option<&str>| {
        let proxy = environment
            .proxy(target)
            .expect("failed to parse the proxy");
        proxy.map(|proxy| proxy.to_string())
    };
    assert_eq!(proxy(None).as_deref(), Some("http://secure:1"));
    assert_eq!(
        proxy(Some("https://a.hf.space")).as_deref(),
        Some("http://secure:1")
    );
    assert_eq!(proxy(Some("http://a.b")).as_deref(), Some("http://plain:2"));
    assert_eq!(proxy(Some("http://localhost:7860")), None);
    assert_eq!(proxy(Some("https://x.example.org")), None);
    assert_eq!(
        proxy(Some("https://badexample.org")).as_deref(),
        Some("http://secure:1")
    );
}

#[test]
fn an_invalid_proxy_variable_is_named_without_its_password() {
    let environment = Environment::with_variables(&[("HTTPS_PROXY", "ftp://me:hunter2@host")]);
    let failure =
        load(&environment, &NetworkArgs::default()).expect_err("accepted an invalid proxy");
    let message = failure.to_string();
    assert!(message.starts_with("HTTPS_PROXY: "), "{message}");
    assert!(!message.contains("hunter2"), "{message}");
}

#[test]
fn an_invalid_proxy_or_token_names_its_flag_and_is_not_printed() {
    for (flag, expected, flags) in [
        (
            "--proxy",
            "socks5h://HOST:PORT",
            NetworkArgs {
                proxy: Some(Secret::from("ftp://me:hunter2@host")),
                ..NetworkArgs::default()
            },
        ),
        (
            "--token",
            "hf_abc",
            NetworkArgs {
                token: Some(Secret::from("hunter2 x")),
                ..NetworkArgs::default()
            },
        ),
    ] {
        let failure = load(&Environment::default(), &flags).expect_err(flag);
        assert_eq!(failure.exit_code(), 2);
        let message = failure.to_string();
        assert!(
            message.starts_with(flag) && message.contains(expected),
            "{message}"
        );
        assert!(!message.contains("hunter2"), "{message}");
    }
}
