//! `fluxhop config`, and the effect of settings on `models` and `providers`.

use std::fs;

use crate::support::Sandbox;

#[test]
fn the_catalogue_is_listed() {
    let sandbox = Sandbox::new();
    let models = sandbox.run(&["models"]);
    assert_eq!((models.code, models.stderr.as_str()), (0, ""));
    assert!(models.stdout.starts_with("MODEL "), "{}", models.stdout);
    assert!(
        models.stdout.contains("\nflux-schnell  flux, "),
        "{}",
        models.stdout
    );
    let providers = sandbox.run(&["providers"]);
    assert_eq!(providers.code, 0);
    assert!(
        providers
            .stdout
            .contains("https://voodoohop-flux-1-schnell.hf.space")
    );
    for command in ["models", "providers"] {
        let json = sandbox.run(&[command, "--json"]).stdout;
        assert!(json.starts_with("[{") && json.ends_with("}]\n"), "{json}");
    }
}

#[test]
fn a_user_defined_provider_is_listed() {
    let sandbox = Sandbox::new();
    let text = "[providers.mine]\nurl = \"me/mine\"\nmodels = [\"my-model\"]\n";
    fs::write(sandbox.dir().join("fluxhop.toml"), text).expect("failed to write the file");
    assert!(sandbox.run(&["providers"]).stdout.contains("\nmine "));
    assert!(sandbox.run(&["models"]).stdout.contains("\nmy-model "));
}

#[test]
fn environment_overrides_local_file_overrides_user_file() {
    let sandbox = Sandbox::new();
    let folder = sandbox.config_dir().join("fluxhop");
    fs::create_dir(&folder).expect("failed to create the folder");
    let text = "[network]\nretries = 1\nidle_timeout = 1\ntimeout = 1\n";
    fs::write(folder.join("fluxhop.toml"), text).expect("failed to write the file");
    let text = "[network]\nretries = 2\nidle_timeout = 2\n";
    fs::write(sandbox.dir().join("fluxhop.toml"), text).expect("failed to write the file");
    let mut command = sandbox.command(&["config"]);
    let output = command
        .env("FLUXHOP_RETRIES", "3")
        .output()
        .expect("failed to run fluxhop");
    let stdout = String::from_utf8(output.stdout).expect("not valid UTF-8");
    for line in [
        "retries = 3\n",
        "idle_timeout = \"2s\"\n",
        "timeout = \"1s\"\n",
    ] {
        assert!(stdout.contains(line), "{line}: {stdout}");
    }
    let stderr = String::from_utf8(output.stderr).expect("not valid UTF-8");
    assert_eq!(stderr.matches("from ").count(), 2, "{stderr}");
}

#[test]
fn config_hides_tokens_and_proxy_passwords() {
    let sandbox = Sandbox::new();
    let text = "[network]\nproxy = \"http://me:hunter2@host:1\"\n\
                [providers.mine]\nurl = \"a/b\"\ntoken = \"hunter2\"\n";
    fs::write(sandbox.dir().join("fluxhop.toml"), text).expect("failed to write the file");
    let output = sandbox.run(&["config"]);
    assert_eq!(output.code, 0);
    assert!(
        output.stdout.contains("token = \"***\""),
        "{}",
        output.stdout
    );
    assert!(
        output.stdout.contains("proxy = \"http://host:1\""),
        "{}",
        output.stdout
    );
    assert!(!output.stdout.contains("hunter2"), "{}", output.stdout);
}

#[test]
fn init_writes_a_valid_file_and_does_not_overwrite_it() {
    for arguments in [&["config", "init"][..], &["config", "init", "--here"]] {
        let sandbox = Sandbox::new();
        let output = sandbox.run(arguments);
        assert_eq!(output.code, 0, "{}", output.stderr);
        let path = sandbox.dir().join(output.stdout.trim());
        let text = fs::read_to_string(&path).expect("failed to read the file");
        assert!(text.contains("[network]"));
        assert_eq!(sandbox.run(&["models"]).code, 0, "the template is invalid");
        fs::write(&path, "[network]\nretries = 9\n").expect("failed to write the file");
        let again = sandbox.run(arguments);
        assert_eq!(again.code, 2);
        assert!(again.stderr.contains("already exists"));
        assert_eq!(
            fs::read_to_string(&path).expect("failed to read the file"),
            "[network]\nretries = 9\n"
        );
        assert!(
            sandbox
                .run(&["config", "path"])
                .stdout
                .contains("fluxhop.toml\tfound\n")
        );
    }
}

#[test]
fn a_settings_error_has_file_line_and_key() {
    let sandbox = Sandbox::new();
    fs::write(
        sandbox.dir().join("fluxhop.toml"),
        "[network]\n\nretrys = 2\n",
    )
    .expect("failed to write the file");
    let output = sandbox.run(&["models"]);
    assert_eq!(output.code, 2);
    assert!(
        output
            .stderr
            .starts_with("error: invalid settings: fluxhop.toml:3: "),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains("did you mean `retries`?"),
        "{}",
        output.stderr
    );
}

#[test]
fn an_invalid_environment_variable_is_named() {
    let sandbox = Sandbox::new();
    for (name, value) in [("FLUXHOP_TIMEOUT", "soon"), ("FLUXHOP_TIMOUT", "5")] {
        let output = sandbox
            .command(&["models"])
            .env(name, value)
            .output()
            .expect("failed to run fluxhop");
        let stderr = String::from_utf8(output.stderr).expect("not valid UTF-8");
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(&format!("`{name}`")), "{stderr}");
    }
}
