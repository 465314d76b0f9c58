//! Parsing, merging and serializing settings.

use super::*;
use crate::ErrorKind;

fn error_message(text: &str) -> String {
    let error = Config::parse(text, "fluxhop.toml").expect_err(text);
    assert_eq!(error.kind(), &ErrorKind::Config);
    error.message().to_owned()
}

/// The template with every setting uncommented.
fn filled_template() -> String {
    let lines = Config::template().lines().map(|line| {
        let uncommented = line.strip_prefix("# ").unwrap_or(line);
        let key = uncommented.split(" = ").next().unwrap_or_default();
        let is_key =
            uncommented.contains(" = ") && key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        if is_key || uncommented.starts_with('[') {
            uncommented
        } else {
            line
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_setting_is_parsed() {
    let config = Config::parse(&filled_template(), "template").expect("valid");
    assert_eq!(
        config.network.connect_timeout,
        Some(Duration::from_secs(10))
    );
    assert_eq!(config.network.timeout, Some(Network::TIMEOUT));
    assert_eq!(
        config.network.first_event_timeout,
        Some(Network::FIRST_EVENT_TIMEOUT)
    );
    assert_eq!(config.network.idle_timeout, Some(Network::IDLE_TIMEOUT));
    assert_eq!(config.network.retries, Some(Network::RETRIES));
    assert_eq!(config.defaults.format, Some(ImageFormat::Png));
    assert!(config.hub.cache.is_some() && config.hub.endpoint.is_some());
    let local = &config.providers["local"];
    assert_eq!(local.kind, Some(ProviderKind::Local));
    assert_eq!(local.weights.as_deref(), Some("flux-schnell"));
    assert_eq!(local.unload_after, Some(Duration::from_mins(5)));
    let mine = &config.providers["mine"];
    assert_eq!(mine.kind, Some(ProviderKind::Space));
    assert_eq!(mine.url.as_deref(), Some("owner/name"));
    assert_eq!(mine.token.as_ref().map(Secret::expose), Some("hf_…"));
    assert_eq!(config.models["my-model"].providers, ["mine", "voodoohop"]);
}

#[test]
fn the_template_lists_every_key_commented_out() {
    let template = filled_template();
    for key in parse::fields::<Network>()
        .iter()
        .chain(parse::fields::<Defaults>())
        .chain(parse::fields::<HubConfig>())
        .chain(parse::fields::<ProviderConfig>())
        .chain(parse::fields::<ModelConfig>())
    {
        assert!(template.contains(&format!("\n{key} = ")), "{key}");
    }
    let config = Config::parse(Config::template(), "template").expect("valid");
    assert_eq!(config, Config::default());
}

#[test]
fn an_unknown_key_is_an_error_with_the_line_and_a_suggestion() {
    assert_eq!(
        error_message("[defaults]\nwidth = 64\n[network]\ntmieout = 3\n"),
        "fluxhop.toml:4: unknown key `tmieout` in `[network]`; did you mean `timeout`? Known: \
         proxy, connect_timeout, timeout, first_event_timeout, idle_timeout, retries"
    );
    assert!(
        error_message("[provider.x]\n")
            .starts_with("fluxhop.toml:1: unknown key `provider`; did you mean `providers`?")
    );
    assert!(
        error_message("[providers.x]\nurl = \"a/b\"\nkey = 1")
            .contains("fluxhop.toml:3: unknown key `key` in `[providers.x]`")
    );
    assert!(error_message("[models.x]\nprovider = []").contains("did you mean `providers`?"));
}

#[test]
fn a_value_of_the_wrong_type_is_an_error_with_the_key_and_the_expected_type() {
    for (text, line, parts) in [
        (
            "[defaults]\nwidth = \"wide\"",
            2,
            ["`defaults.width`", "i64"],
        ),
        (
            "[network]\n\ntimeout = \"soon\"",
            3,
            ["`network.timeout`", "\"1m 30s\""],
        ),
        (
            "[network]\ntimeout = 0",
            2,
            ["`network.timeout`", "above 0"],
        ),
        (
            "[network]\ntimeout = -1.5",
            2,
            ["`network.timeout`", "above 0"],
        ),
        ("[network]\nretries = -1", 2, ["`network.retries`", "u32"]),
        (
            "[network]\nproxy = \"host:1\"",
            2,
            ["`network.proxy`", "socks5h://HOST:PORT"],
        ),
        (
            "[defaults]\nformat = \"bmp\"",
            2,
            ["`defaults.format`", "png, jpeg, webp, avif"],
        ),
        (
            "[providers.x]\nkind = \"spoon\"",
            2,
            ["`providers.x.kind`", "`space`"],
        ),
        ("models = 3", 1, ["`models`", "map"]),
        (
            "[providers]\nx = 3",
            2,
            ["`providers.x`", "struct ProviderConfig"],
        ),
        (
            "[models.x]\nproviders = \"a\"",
            2,
            ["`models.x.providers`", "sequence"],
        ),
    ] {
        let message = error_message(text);
        assert!(
            message.starts_with(&format!("fluxhop.toml:{line}: ")),
            "{text}: {message}"
        );
        for part in parts {
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}

#[test]
fn errors_about_invalid_toml_give_the_line_but_no_secrets() {
    let message = error_message("[providers.x]\ntoken = \"hf_secret\nurl = 1");
    assert!(message.starts_with("fluxhop.toml:2: "), "{message}");
    assert!(!message.contains("hf_secret"), "{message}");
    let message = error_message("[providers.x]\ntoken = 12345678");
    assert!(!message.contains("12345678"), "{message}");
    let message = error_message("[network]\nproxy = \"htp://me:hunter2@host\"");
    assert!(!message.contains("hunter2"), "{message}");
    error_message("\u{0}");
    error_message("a = 1\na = 2");
}

#[test]
fn merge_overrides_key_by_key() {
    let base = Config::parse(
        "[network]\nretries = 1\ntimeout = 5\n[defaults]\nwidth = 64\n\
         [providers.a]\nurl = \"a/b\"\nconcurrency = 2\n[models.m]\nproviders = [\"a\"]",
        "base",
    );
    let over = Config::parse(
        "[network]\nretries = 0\n[providers.a]\nconcurrency = 3\n[providers.b]\nurl = \"b/c\"\n\
         [models.m]\nproviders = [\"b\"]",
        "over",
    );
    let merged = base.expect("valid").merge(over.expect("valid"));
    assert_eq!(merged.network.retries, Some(0));
    assert_eq!(merged.network.timeout, Some(Duration::from_secs(5)));
    assert_eq!(merged.defaults.width, Some(64));
    assert_eq!(merged.providers["a"].url.as_deref(), Some("a/b"));
    assert_eq!(merged.providers["a"].concurrency, Some(3));
    assert!(merged.providers.contains_key("b"));
    assert_eq!(merged.models["m"].providers, ["b"]);
}

#[test]
fn merging_with_an_empty_config_changes_nothing() {
    let config = || Config::parse(&filled_template(), "template").expect("valid");
    assert_eq!(config().merge(Config::default()), config());
    assert_eq!(Config::default().merge(config()), config());
}

#[test]
fn to_toml_round_trips_and_hides_secrets() {
    let text = filled_template()
        .replace("hf_…", "hf_secret")
        .replace("password@", "hunter2@");
    let printed = Config::parse(&text, "template").expect("valid").to_toml();
    assert!(printed.contains("token = \"***\""), "{printed}");
    assert!(
        !printed.contains("hf_secret") && !printed.contains("hunter2"),
        "{printed}"
    );
    let parsed = Config::parse(&printed, "printed").expect("valid");
    assert_eq!(parsed.to_toml(), printed);
    assert_eq!(parsed.network.timeout, Some(Network::TIMEOUT));
    assert_eq!(
        Config::default().to_toml().trim(),
        "[network]\n\n[defaults]\n\n[hub]\n\n[providers]\n\n[models]"
    );
}

fn env(pairs: &[(&str, &str)]) -> crate::Result<Config> {
    Config::from_env(
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    )
}

#[test]
fn variables_set_network_and_default_settings() {
    let config = env(&[
        ("FLUXHOP_PROXY", "socks5h://127.0.0.1:9050"),
        ("FLUXHOP_TIMEOUT", "90"),
        ("FLUXHOP_IDLE_TIMEOUT", "2m"),
        ("FLUXHOP_RETRIES", "5"),
        ("FLUXHOP_MODEL", "123"),
        ("FLUXHOP_WIDTH", "512"),
        ("FLUXHOP_GUIDANCE", "3.5"),
        ("FLUXHOP_FORMAT", "webp"),
        ("FLUXHOP_METADATA", "false"),
        ("FLUXHOP_HEIGHT", ""),
        ("HOME", "/somewhere"),
    ]);
    let config = config.expect("valid");
    assert_eq!(config.network.timeout, Some(Duration::from_secs(90)));
    assert_eq!(config.network.idle_timeout, Some(Duration::from_mins(2)));
    assert_eq!(config.network.retries, Some(5));
    assert!(config.network.proxy.is_some());
    assert_eq!(config.defaults.model.as_deref(), Some("123"));
    assert_eq!(config.defaults.width, Some(512));
    assert_eq!(config.defaults.guidance, Some(3.5));
    assert_eq!(config.defaults.format, Some(ImageFormat::WebP));
    assert_eq!(config.defaults.metadata, Some(false));
    assert_eq!(config.defaults.height, None);
}

#[test]
fn errors_in_variables_name_the_variable() {
    let error = env(&[("FLUXHOP_TIMOUT", "3")]).expect_err("unknown");
    assert!(
        error.message().contains("did you mean `FLUXHOP_TIMEOUT`?"),
        "{error}"
    );
    assert!(
        error.message().contains("FLUXHOP_METADATA"),
        "known variables are missing: {error}"
    );
    for (name, value) in [
        ("FLUXHOP_WIDTH", "wide"),
        ("FLUXHOP_TIMEOUT", "-3"),
        ("FLUXHOP_RETRIES", "3.5"),
        ("FLUXHOP_FORMAT", "bmp"),
    ] {
        let error = env(&[(name, value)]).expect_err(name);
        assert!(error.message().contains(name), "{error}");
    }
    let error = env(&[("FLUXHOP_PROXY", "me:hunter2@host")]).expect_err("no scheme");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn durations_are_seconds_or_strings_with_units() {
    for (text, millis) in [
        ("90", 90_000),
        ("1.5", 1500),
        ("250ms", 250),
        ("1m 30s", 90_000),
        (" 2h ", 7_200_000),
    ] {
        assert_eq!(
            parse_duration(text).expect(text),
            Duration::from_millis(millis)
        );
    }
    for text in [
        "",
        "0",
        "0s",
        "-1",
        "nan",
        "inf",
        "1e300",
        "soon",
        "99999999999999999999y",
    ] {
        parse_duration(text).expect_err(text);
    }
}

#[test]
fn secret_variables_lists_the_variable_names() {
    let config = Config::parse(&filled_template(), "template").expect("valid");
    let names: Vec<&str> = config.secret_variables().collect();
    assert_eq!(names, ["MY_SPACE_TOKEN", "MY_SPACE_PASSWORD"]);
}
