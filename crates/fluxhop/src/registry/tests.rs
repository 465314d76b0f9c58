//! The registry over scripted providers.

use std::sync::Mutex;

use super::*;
use crate::providers::space::SpaceOptions;
use crate::testing::{MockProvider, Step, conformance};
use crate::{ProviderExt, Request, Seed, catalogue};

/// A registry whose providers are scripts, and the settings that these were made from.
struct Made {
    registry: Registry,
    kinds: Arc<Mutex<Vec<Kind>>>,
}

fn made(
    config: &str,
    secrets: Secrets,
    mock: impl Fn(&str) -> MockProvider + Send + Sync + 'static,
) -> Result<Made> {
    let kinds: Arc<Mutex<Vec<Kind>>> = Arc::default();
    let seen = Arc::clone(&kinds);
    let construct = move |_: &Client, kind: &Kind| {
        seen.lock().expect("no panic").push(kind.clone());
        let info = kind.info();
        let mock = mock(&info.name).with_info(|own| *own = info);
        Ok(Arc::new(mock) as Arc<dyn Provider>)
    };
    let config = Config::parse(config, "fluxhop.toml")?;
    let registry = Registry::with_constructor(config, secrets, Box::new(construct))?;
    Ok(Made { registry, kinds })
}

fn registry(config: &str) -> Registry {
    made(config, Secrets::default(), |name| MockProvider::new(name))
        .expect("a registry")
        .registry
}

fn refused(config: &str) -> String {
    let made = made(config, Secrets::default(), |name| MockProvider::new(name));
    made.err().expect("refused").message().to_owned()
}

impl Made {
    fn kind(&self, name: &str) -> Kind {
        let kinds = self.kinds.lock().expect("no panic");
        let kind = kinds.iter().find(|kind| kind.name() == name);
        kind.expect("constructed").clone()
    }

    fn space(&self, name: &str) -> SpaceOptions {
        match self.kind(name) {
            Kind::Space(options) => *options,
            #[cfg(any(feature = "local", feature = "sketch"))]
            other => panic!("{other:?}"),
        }
    }
}

fn down(name: &str) -> MockProvider {
    MockProvider::new(name).then([Step::Fail(Error::new(ErrorKind::Unauthorized, "no token"))])
}

fn request() -> Request {
    Request::new("a cat").with_size(512, 512)
}

async fn who(registry: &Registry, model: &str) -> String {
    let drawn = registry.model(model).expect(model).draw(request()).await;
    drawn.expect("drawn")[0].provider.clone()
}

#[tokio::test(start_paused = true)]
async fn models_are_found_by_name_and_alias_in_either_case() {
    let registry = registry("");
    for (model, provider) in [
        ("", "voodoohop"),
        ("auto", "voodoohop"),
        ("FLUX", "voodoohop"),
        ("flux.1-schnell", "voodoohop"),
        ("voodoohop-flux-1-schnell", "voodoohop"),
        ("flux-dev", "bfl-dev"),
        (" sd-3.5 ", "stability-large"),
    ] {
        assert_eq!(who(&registry, model).await, provider, "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_model_in_the_request_may_repeat_the_name_and_no_other() {
    let provider = registry("").model("flux").expect("known");
    for name in ["", "flux", "Flux-Schnell"] {
        provider
            .draw(request().with_model(name))
            .await
            .expect("the same model");
    }
    let error = provider
        .draw(request().with_model("sd-3.5"))
        .await
        .expect_err("another model");
    assert_eq!(error.kind(), &ErrorKind::ModelNotFound);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_name_is_an_error_with_the_closest_and_a_list() {
    let registry = registry("");
    let error = registry.model("flux-schnel").err().expect("unknown");
    assert_eq!(error.kind(), &ErrorKind::ModelNotFound);
    assert!(
        error
            .message()
            .contains("did you mean `flux-schnell`? Known: auto, "),
        "{error}"
    );
    let error = registry.provider("vodoohop").err().expect("unknown");
    assert_eq!(
        error.kind(),
        &ErrorKind::InvalidRequest { field: "provider" }
    );
    assert!(
        error.message().contains("did you mean `voodoohop`?"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_model_goes_on_to_its_next_provider_and_no_further() {
    let mock = |name: &str| {
        if name == "bfl-dev" {
            MockProvider::new(name)
        } else {
            down(name)
        }
    };
    let made = made("", Secrets::default(), mock).expect("a registry");
    assert_eq!(who(&made.registry, "auto").await, "bfl-dev");
    let error = made
        .registry
        .model("flux")
        .expect("known")
        .draw(request())
        .await;
    assert_eq!(error.expect_err("both are down").causes().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_record_of_a_provider_is_one_by_whatever_name_it_is_asked() {
    let mock = |name: &str| {
        if name == "voodoohop" {
            down(name)
        } else {
            MockProvider::new(name)
        }
    };
    let made = made("", Secrets::default(), mock).expect("a registry");
    made.registry
        .provider("voodoohop")
        .expect("known")
        .draw(request())
        .await
        .expect_err("down");
    let events: Vec<_> = futures_util::StreamExt::collect::<Vec<_>>(
        made.registry
            .model("flux")
            .expect("known")
            .generate(request()),
    )
    .await;
    let first = events
        .into_iter()
        .next()
        .expect("an event")
        .expect("an attempt");
    assert!(matches!(first, crate::Event::Attempt { provider, .. } if provider == "bfl-schnell"));
}

#[tokio::test(start_paused = true)]
async fn a_provider_with_its_policies_conforms() {
    let registry = registry("[providers.voodoohop]\nconcurrency = 2\nrequests_per_minute = 10000");
    let small = || request().with_size(64, 64);
    let options = || conformance::Options::new().with_request(small());
    conformance::check(|| registry.provider("VoodooHop").expect("known"), options()).await;
}

#[tokio::test(start_paused = true)]
async fn failures_that_may_pass_are_retried_with_the_same_seed_as_often_as_configured() {
    let mock = |name: &str| {
        let asleep = || vec![Step::Fail(Error::new(ErrorKind::Unavailable, "asleep"))];
        MockProvider::new(name)
            .then(asleep())
            .then(asleep())
            .then(asleep())
            .then([Step::Draw])
    };
    for (retries, succeeds) in [(2, false), (3, true)] {
        let voodoohop = mock("voodoohop");
        let shared = voodoohop.clone();
        let config = format!("[network]\nretries = {retries}");
        let registry = made(&config, Secrets::default(), move |_| shared.clone())
            .expect("a registry")
            .registry;
        let provider = registry.provider("voodoohop").expect("known");
        let images = provider.draw(request().with_seed(Seed::Random)).await;
        assert_eq!(images.is_ok(), succeeds, "{retries} retries");
        let seeds = sampled_seeds(&voodoohop);
        assert_eq!(seeds.len(), retries + 1);
        assert!(seeds.iter().all(|seed| *seed == seeds[0]), "{seeds:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn failover_passes_the_same_random_seed_to_every_provider() {
    let failing = MockProvider::new("mock")
        .then([Step::Fail(Error::new(ErrorKind::Unauthorized, "no token"))]);
    let shared = failing.clone();
    let registry = made("", Secrets::default(), move |_| shared.clone())
        .expect("a registry")
        .registry;
    let provider = registry.model("flux").expect("known");
    let request = request().with_seed(Seed::Random);
    provider.draw(request).await.expect_err("all fail");
    let seeds = sampled_seeds(&failing);
    assert!(seeds.len() >= 2, "{seeds:?}");
    assert!(seeds.iter().all(|seed| *seed == seeds[0]), "{seeds:?}");
}

/// The seeds of the requests that reached the mock, all of which must be sampled.
fn sampled_seeds(mock: &MockProvider) -> Vec<u64> {
    let requests = mock.requests();
    let seeds = requests.iter().map(|request| match request.seed {
        Seed::Sampled(seed) => seed,
        other => panic!("{other:?} was not sampled before the first attempt"),
    });
    seeds.collect()
}

#[tokio::test(start_paused = true)]
async fn time_limits_are_those_of_the_configuration() {
    let hang = |name: &str| MockProvider::new(name).then([Step::Hang]);
    let config = "[network]\nfirst_event = 5\nretries = 1\ntimeout = 60";
    let made = made(config, Secrets::default(), hang).expect("a registry");
    let begun = tokio::time::Instant::now();
    let provider = made.registry.provider("voodoohop").expect("known");
    let error = provider.draw(request()).await.expect_err("it hangs");
    let phase = crate::Phase::FirstEvent;
    assert_eq!(error.kind(), &ErrorKind::Timeout { phase });
    assert!(
        (10..=11).contains(&begun.elapsed().as_secs()),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn the_configuration_adds_providers_and_models() {
    let registry = registry(
        "[providers.mine]\nurl = \"me/mine\"\nmodels = [\"ink\", \"oil\"]\n\
         [models.watercolour]\nproviders = [\"MINE\", \"voodoohop\"]\n\
         [models.flux]\nproviders = [\"bfl-schnell\"]",
    );
    for (model, provider) in [
        ("ink", "mine"),
        ("oil", "mine"),
        ("watercolour", "mine"),
        ("flux-schnell", "bfl-schnell"),
    ] {
        assert_eq!(who(&registry, model).await, provider, "{model}");
    }
    let names: Vec<String> = registry
        .models()
        .into_iter()
        .map(|model| model.name)
        .collect();
    assert_eq!(names[0], "auto");
    assert!(
        ["ink", "oil", "watercolour"]
            .iter()
            .all(|name| names.contains(&(*name).to_owned()))
    );
    let own = 1 + usize::from(cfg!(feature = "local")) + usize::from(cfg!(feature = "sketch"));
    assert_eq!(registry.providers().len(), catalogue::SPACES.len() + own);
}

#[test]
fn settings_are_those_of_the_catalogue_changed_by_the_configuration() {
    let config = "[providers.Voodoohop]\nurl = \"http://127.0.0.1:7860\"\napi_name = \"/draw\"";
    let settings = made(config, Secrets::default(), |name| MockProvider::new(name))
        .expect("made")
        .space("voodoohop");
    assert_eq!(settings.target, "http://127.0.0.1:7860");
    assert_eq!(settings.info.url, settings.target);
    assert_eq!(settings.api_name.as_deref(), Some("/draw"));
    assert_eq!(settings.info.models, ["flux-schnell", "flux"]);
}

#[test]
fn the_hub_token_goes_to_the_hub_alone() {
    let secrets = Secrets {
        hub_token: Some(Secret::from("hf_token")),
        ..Secrets::default()
    };
    let config = "[providers.other]\nurl = \"https://example.com\"\n\
                  [providers.plain]\nurl = \"http://me-mine.hf.space\"\n\
                  [providers.fake]\nurl = \"https://evilhf.space\"\n\
                  [providers.own]\nurl = \"me/mine\"\ntoken = \"own\"";
    let made = made(config, secrets, |name| MockProvider::new(name)).expect("a registry");
    let token = |name| {
        made.space(name)
            .token
            .map(|token| token.expose().to_owned())
    };
    assert_eq!(token("voodoohop").as_deref(), Some("hf_token"));
    assert_eq!(token("bfl-schnell").as_deref(), Some("hf_token"));
    assert_eq!(token("own").as_deref(), Some("own"));
    for name in ["other", "plain", "fake"] {
        assert_eq!(token(name), None, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_variable_is_the_error_of_its_provider_alone() {
    let config = "[providers.a]\nurl = \"me/a\"\ntoken_env = \"A_TOKEN\"\n\
                  [providers.b]\nurl = \"me/b\"\nusername = \"me\"\npassword_env = \"B_PASSWORD\"\n\
                  [models.m]\nproviders = [\"a\", \"b\"]";
    let mut secrets = Secrets::default();
    secrets
        .variables
        .insert("B_PASSWORD".to_owned(), Secret::from("hunter2"));
    let made = made(config, secrets, |name| MockProvider::new(name)).expect("a registry");
    assert_eq!(
        made.space("b").login.map(|login| login.0).as_deref(),
        Some("me")
    );
    let error = made
        .registry
        .provider("a")
        .expect("known")
        .draw(request())
        .await;
    let error = error.expect_err("no token");
    assert_eq!(error.kind(), &ErrorKind::Unauthorized);
    assert_eq!(
        error.message(),
        "the environment variable `A_TOKEN` is not set"
    );
    assert_eq!(who(&made.registry, "m").await, "b");
}

#[test]
fn a_space_is_taken_by_address_alone() {
    let made = made("", Secrets::default(), |name| MockProvider::new(name)).expect("a registry");
    for target in [
        "me/mine",
        "https://example.com/app/",
        "http://127.0.0.1:7860",
    ] {
        made.registry.space(target, Some("/infer")).expect(target);
        let settings = made.space(target);
        assert_eq!(
            (settings.target.as_str(), settings.api_name.as_deref()),
            (target, Some("/infer"))
        );
    }
    for target in [
        "",
        "mine",
        "a/b/c",
        "me/mi ne",
        "ftp://host",
        "https://",
        "http://me:hunter2@host",
    ] {
        let error = made.registry.space(target, None).err().expect(target);
        assert_eq!(
            error.kind(),
            &ErrorKind::InvalidRequest { field: "space" },
            "{target}"
        );
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn a_configuration_that_names_what_is_not_there_is_refused() {
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
            "`[models.m]` names no providers",
        ),
    ] {
        let message = refused(config);
        assert!(message.contains(part), "{config}: {message}");
    }
}

#[tokio::test(start_paused = true)]
async fn closing_ends() {
    registry("").close(Duration::from_secs(5)).await;
}

#[cfg(all(feature = "local", feature = "sketch"))]
mod local {
    use super::*;
    use crate::providers::local::LocalOptions;

    fn options(config: &str, name: &str) -> LocalOptions {
        let made = made(config, Secrets::default(), |name| MockProvider::new(name)).expect("made");
        match made.kind(name) {
            Kind::Local(options) => *options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn weights_on_this_machine_are_there_without_settings_and_come_after_the_spaces() {
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
    fn other_weights_are_drawn_with_under_their_own_names_alone() {
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
    async fn weights_that_are_not_here_say_how_they_come_here() {
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
    fn settings_of_weights_are_read() {
        let config = "[providers.local]\nweights = \"/models/flux\"\ndevice = \"cpu\"\n\
                      dtype = \"bf16\"\nthreads = 2\nunload_after = \"1h\"";
        let options = options(config, "local");
        assert_eq!(options.weights, "/models/flux");
        assert_eq!(options.noise, Some(fluxhop_engine::NoiseType::Bf16));
        assert_eq!(options.threads, Some(2));
        assert_eq!(options.unload_after, Duration::from_hours(1));
    }

    #[test]
    fn settings_of_weights_that_are_wrong_are_named_by_their_key() {
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
        let voodoohop = refused("[providers.voodoohop]\nkind = \"local\"");
        assert!(
            voodoohop.contains("`providers.voodoohop.kind`: voodoohop is a Space"),
            "{voodoohop}"
        );
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_gpu_that_this_build_does_not_know_says_how_to_build() {
        let message = refused("[providers.local]\ndevice = \"cuda:1\"");
        assert!(
            message.contains("built without cuda; build it with `--features cuda`"),
            "{message}"
        );
    }

    #[tokio::test]
    async fn weights_on_this_machine_are_no_space() {
        let registry = Registry::new(Config::default(), Secrets::default()).expect("a registry");
        let error = registry
            .describe_space("local", None)
            .await
            .expect_err("no Space");
        assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "space" });
    }
}
