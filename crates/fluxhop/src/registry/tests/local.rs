//! Local providers.

use super::*;
use crate::providers::local::LocalOptions;

fn options(config: &str, name: &str) -> LocalOptions {
    let test = test_registry(config, Secrets::default(), |name| MockProvider::new(name))
        .expect("a registry");
    match test.kind(name) {
        Kind::Local(options) => *options,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_local_provider_needs_no_settings_and_comes_after_the_spaces() {
    let registry = Registry::new(Config::default(), Secrets::default()).expect("a registry");
    let chain = |name: &str| {
        let models = registry.models();
        let model = models.into_iter().find(|model| model.name == name);
        model.expect("known").providers
    };
    assert_eq!(
        chain("auto"),
        ["voodoohop", "bfl-schnell", "bfl-dev", "local", "sketch"]
    );
    assert_eq!(chain("flux-schnell"), ["voodoohop", "bfl-schnell", "local"]);
    assert_eq!(chain("flux-dev"), ["bfl-dev"]);
    assert_eq!(options("", "local").weights, "flux-schnell");
}

#[test]
fn weights_join_only_the_chains_of_their_own_models() {
    let config = "[providers.local]\nweights = \"flux-dev\"\n\
                  [providers.mine]\nkind = \"local\"\nmodels = [\"mine\"]";
    let config = Config::parse(config, "fluxhop.toml").expect("a configuration");
    let registry = Registry::new(config, Secrets::default()).expect("a registry");
    let models = registry.models();
    let chain = |name: &str| {
        let model = models.iter().find(|model| model.name == name);
        model.map(|model| model.providers.join(" "))
    };
    assert_eq!(
        chain("flux-schnell").as_deref(),
        Some("voodoohop bfl-schnell")
    );
    assert_eq!(chain("flux-dev").as_deref(), Some("bfl-dev local"));
    assert_eq!(chain("mine").as_deref(), Some("mine"));
    assert_eq!(
        chain("auto").as_deref(),
        Some("voodoohop bfl-schnell bfl-dev local sketch")
    );
}

#[tokio::test]
async fn missing_weights_are_an_error_with_the_download_command() {
    let registry = Registry::new(Config::default(), Secrets::default()).expect("a registry");
    let local = registry.provider("local").expect("known");
    let described = registry.describe_providers();
    let described = described.iter().find(|info| info.name == "local");
    assert!(!described.expect("known").working);
    let error = local.draw(request()).await.expect_err("no weights");
    assert_eq!(error.kind(), &ErrorKind::Unavailable);
    assert!(
        error
            .message()
            .contains("`fluxhop models pull flux-schnell`"),
        "{error}"
    );
    let error = local.draw(Request::new("")).await.expect_err("no prompt");
    assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "prompt" });
}

#[test]
fn settings_of_local_providers_are_parsed() {
    let config = "[providers.local]\nweights = \"/models/flux\"\ndevice = \"cpu\"\n\
                  dtype = \"bf16\"\nthreads = 2\nunload_after = \"1h\"";
    let options = options(config, "local");
    assert_eq!(options.weights, "/models/flux");
    assert_eq!(options.noise, Some(fluxhop_engine::NoiseType::Bf16));
    assert_eq!(options.threads, Some(2));
    assert_eq!(options.unload_after, Duration::from_hours(1));
}

#[test]
fn invalid_settings_of_local_providers_are_errors_with_the_key() {
    for (line, part) in [
        (
            "threads = 0",
            "`providers.local.threads`: 0 is not between 1 and 4096",
        ),
        ("threads = 5000", "`providers.local.threads`: 5000"),
        ("threads = -1", "`providers.local.threads`"),
        (
            "device = \"gpu\"",
            "`providers.local.device`: `gpu` is not a device",
        ),
        (
            "dtype = \"fp8\"",
            "`providers.local.dtype`: `fp8` is not one of f32, bf16",
        ),
        ("weights = \"\"", "`providers.local.weights`: is empty"),
        ("weights = \"flux-schnel\"", "did you mean `flux-schnell`?"),
        (
            "url = \"a/b\"",
            "`providers.local.url`: applies to kind = \"space\"",
        ),
        ("weigths = \"a\"", "unknown key `weigths`"),
        (
            "kind = \"space\"\nurl = \"a/b\"\nthreads = 1",
            "`providers.local.threads`: only applies to",
        ),
        ("models = []", "`providers.local.models`: the list is empty"),
    ] {
        let text = format!("[providers.local]\n{line}");
        let error = Config::parse(&text, "fluxhop.toml")
            .and_then(|config| Registry::new(config, Secrets::default()))
            .expect_err(line);
        assert_eq!(error.kind(), &ErrorKind::Config);
        assert!(error.message().contains(part), "{line}: {error}");
    }
    let voodoohop = error_message("[providers.voodoohop]\nkind = \"local\"");
    assert!(
        voodoohop.contains("`providers.voodoohop.kind`: voodoohop is a Space"),
        "{voodoohop}"
    );
}

#[cfg(not(feature = "cuda"))]
#[test]
fn an_unsupported_device_is_an_error_with_the_feature_to_build_with() {
    let message = error_message("[providers.local]\ndevice = \"cuda:1\"");
    assert!(
        message.contains("built without cuda; build it with `--features cuda`"),
        "{message}"
    );
}

#[tokio::test]
async fn a_local_provider_cannot_be_described_as_a_space() {
    let registry = Registry::new(Config::default(), Secrets::default()).expect("a registry");
    let error = registry
        .describe_space("local", None)
        .await
        .expect_err("no Space");
    assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "space" });
}
