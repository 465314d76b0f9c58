//! Policies: failover, retries, time limits and failure records.

use super::*;
use crate::Seed;
use crate::testing::conformance;

#[tokio::test(start_paused = true)]
async fn a_model_fails_over_only_to_its_own_providers() {
    let mock = |name: &str| {
        if name == "bfl-dev" {
            MockProvider::new(name)
        } else {
            failing(name)
        }
    };
    let test = test_registry("", Secrets::default(), mock).expect("a registry");
    assert_eq!(used_provider(&test.registry, "auto").await, "bfl-dev");
    let error = test
        .registry
        .model("flux")
        .expect("known")
        .draw(request())
        .await;
    assert_eq!(error.expect_err("both fail").causes().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn failure_records_are_shared_between_provider_and_model_lookups() {
    let mock = |name: &str| {
        if name == "voodoohop" {
            failing(name)
        } else {
            MockProvider::new(name)
        }
    };
    let test = test_registry("", Secrets::default(), mock).expect("a registry");
    test.registry
        .provider("voodoohop")
        .expect("known")
        .draw(request())
        .await
        .expect_err("no token");
    let events: Vec<_> = futures_util::StreamExt::collect::<Vec<_>>(
        test.registry
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
async fn a_provider_with_its_policies_passes_the_conformance_suite() {
    let registry = registry("[providers.voodoohop]\nconcurrency = 2\nrequests_per_minute = 10000");
    let small = || request().with_size(64, 64);
    let options = || conformance::Options::new().with_request(small());
    conformance::check(|| registry.provider("VoodooHop").expect("known"), options()).await;
}

#[tokio::test(start_paused = true)]
async fn retries_use_the_same_seed_up_to_the_configured_limit() {
    let mock = |name: &str| {
        let unavailable = || vec![Step::Fail(Error::new(ErrorKind::Unavailable, "asleep"))];
        MockProvider::new(name)
            .then(unavailable())
            .then(unavailable())
            .then(unavailable())
            .then([Step::Draw])
    };
    for (retries, succeeds) in [(2, false), (3, true)] {
        let voodoohop = mock("voodoohop");
        let shared = voodoohop.clone();
        let config = format!("[network]\nretries = {retries}");
        let registry = test_registry(&config, Secrets::default(), move |_| shared.clone())
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
    let mock = MockProvider::new("mock")
        .then([Step::Fail(Error::new(ErrorKind::Unauthorized, "no token"))]);
    let shared = mock.clone();
    let registry = test_registry("", Secrets::default(), move |_| shared.clone())
        .expect("a registry")
        .registry;
    let provider = registry.model("flux").expect("known");
    let request = request().with_seed(Seed::Random);
    provider.draw(request).await.expect_err("all fail");
    let seeds = sampled_seeds(&mock);
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
async fn time_limits_are_taken_from_the_configuration() {
    let hanging = |name: &str| MockProvider::new(name).then([Step::Hang]);
    let config = "[network]\nfirst_event_timeout = 5\nretries = 1\ntimeout = 60";
    let test = test_registry(config, Secrets::default(), hanging).expect("a registry");
    let start = tokio::time::Instant::now();
    let provider = test.registry.provider("voodoohop").expect("known");
    let error = provider.draw(request()).await.expect_err("timed out");
    let phase = crate::Phase::FirstEvent;
    assert_eq!(error.kind(), &ErrorKind::Timeout { phase });
    assert!(
        (10..=11).contains(&start.elapsed().as_secs()),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn close_returns_without_pending_requests() {
    registry("").close(Duration::from_secs(5)).await;
}
