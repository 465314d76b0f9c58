//! `config`, `models`, `providers`: what the settings make of the catalogue.

use std::fs;

use crate::support::Place;

#[test]
fn models_and_providers_of_the_catalogue_are_listed() {
    let place = Place::new();
    let models = place.run(&["models"]);
    assert_eq!((models.code, models.stderr.as_str()), (0, ""));
    assert!(models.stdout.starts_with("MODEL "), "{}", models.stdout);
    assert!(
        models.stdout.contains("\nflux-schnell  flux, "),
        "{}",
        models.stdout
    );
    let providers = place.run(&["providers"]);
    assert_eq!(providers.code, 0);
    assert!(
        providers
            .stdout
            .contains("https://voodoohop-flux-1-schnell.hf.space")
    );
    for command in ["models", "providers"] {
        let json = place.run(&[command, "--json"]).stdout;
        assert!(json.starts_with("[{") && json.ends_with("}]\n"), "{json}");
    }
}

#[test]
fn a_provider_of_the_users_own_is_listed() {
    let place = Place::new();
    let text = "[providers.mine]\nurl = \"me/mine\"\nmodels = [\"my-model\"]\n";
    fs::write(place.here().join("fluxhop.toml"), text).expect("written");
    assert!(place.run(&["providers"]).stdout.contains("\nmine "));
    assert!(place.run(&["models"]).stdout.contains("\nmy-model "));
}

#[test]
fn the_working_folders_file_wins_over_the_users_and_the_environment_over_both() {
    let place = Place::new();
    let folder = place.settings().join("fluxhop");
    fs::create_dir(&folder).expect("a folder");
    let text = "[network]\nretries = 1\nsilence = 1\ntimeout = 1\n";
    fs::write(folder.join("fluxhop.toml"), text).expect("written");
    let text = "[network]\nretries = 2\nsilence = 2\n";
    fs::write(place.here().join("fluxhop.toml"), text).expect("written");
    let mut command = place.command(&["config"]);
    let output = command
        .env("FLUXHOP_RETRIES", "3")
        .output()
        .expect("it ran");
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    for line in ["retries = 3\n", "silence = \"2s\"\n", "timeout = \"1s\"\n"] {
        assert!(stdout.contains(line), "{line}: {stdout}");
    }
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(stderr.matches("from ").count(), 2, "{stderr}");
}

#[test]
fn a_token_is_shown_as_stars_and_a_proxy_without_its_password() {
    let place = Place::new();
    let text = "[network]\nproxy = \"http://me:hunter2@host:1\"\n\
                [providers.mine]\nurl = \"a/b\"\ntoken = \"hunter2\"\n";
    fs::write(place.here().join("fluxhop.toml"), text).expect("written");
    let ran = place.run(&["config"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("token = \"***\""), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("proxy = \"http://host:1\""),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("hunter2"), "{}", ran.stdout);
}

#[test]
fn init_writes_a_file_that_holds_and_never_a_second_time() {
    for arguments in [&["config", "init"][..], &["config", "init", "--here"]] {
        let place = Place::new();
        let ran = place.run(arguments);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let path = place.here().join(ran.stdout.trim());
        let text = fs::read_to_string(&path).expect("the file");
        assert!(text.contains("[network]"));
        assert_eq!(place.run(&["models"]).code, 0, "what was written holds");
        fs::write(&path, "[network]\nretries = 9\n").expect("written");
        let again = place.run(arguments);
        assert_eq!(again.code, 2);
        assert!(again.stderr.contains("already exists"));
        assert_eq!(
            fs::read_to_string(&path).expect("the file"),
            "[network]\nretries = 9\n"
        );
        assert!(
            place
                .run(&["config", "path"])
                .stdout
                .contains("fluxhop.toml\tfound\n")
        );
    }
}

#[test]
fn bad_settings_are_named_with_file_line_and_key_and_exit_with_2() {
    let place = Place::new();
    fs::write(
        place.here().join("fluxhop.toml"),
        "[network]\n\nretrys = 2\n",
    )
    .expect("written");
    let ran = place.run(&["models"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .starts_with("error: invalid settings: fluxhop.toml:3: "),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("did you mean `retries`?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_bad_variable_is_named_and_exits_with_2() {
    let place = Place::new();
    for (name, value) in [("FLUXHOP_TIMEOUT", "soon"), ("FLUXHOP_TIMOUT", "5")] {
        let output = place
            .command(&["models"])
            .env(name, value)
            .output()
            .expect("it ran");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(&format!("`{name}`")), "{stderr}");
    }
}
