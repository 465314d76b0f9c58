//! Provider settings from the catalogue and the configuration.

use super::*;

#[test]
fn the_configuration_overrides_the_catalogue() {
    let config = "[providers.Voodoohop]\nurl = \"http://127.0.0.1:7860\"\napi_name = \"/draw\"";
    let settings = test_registry(config, Secrets::default(), |name| MockProvider::new(name))
        .expect("a registry")
        .space("voodoohop");
    assert_eq!(settings.target, "http://127.0.0.1:7860");
    assert_eq!(settings.info.url, settings.target);
    assert_eq!(settings.api_name.as_deref(), Some("/draw"));
    assert_eq!(settings.info.models, ["flux-schnell", "flux"]);
}

#[test]
fn invalid_settings_are_errors_with_the_key() {
    for (config, part) in [
        (
            "[providers.vodoohop]\nconcurrency = 1",
            "did you mean `voodoohop`?",
        ),
        (
            "[providers.x]\nurl = \"not a space\"",
            "`providers.x.url`: `not a space` is not a Space",
        ),
        (
            "[providers.x]\nurl = \"a/b\"\nconcurrency = 0",
            "`providers.x.concurrency`: must be at least 1",
        ),
        (
            "[providers.x]\nurl = \"a/b\"\nusername = \"me\"",
            "`username` and `password_env`",
        ),
        (
            "[providers.x]\nurl = \"a/b\"\nmodels = []",
            "`providers.x.models`: the list is empty",
        ),
        (
            "[models.m]\nproviders = [\"vodoohop\"]",
            "did you mean `voodoohop`?",
        ),
        (
            "[models.m]\nproviders = []",
            "`[models.m]`: no providers given",
        ),
    ] {
        let message = error_message(config);
        assert!(message.contains(part), "{config}: {message}");
    }
}
