//! Tests of the mock provider and the conformance suite.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::StreamExt;

use super::conformance::{Options, check, failures};
use super::{MockProvider, Step};
use crate::{Capabilities, Event, EventStream, Provider, ProviderInfo, Request, Result, Seed};

/// A mock whose requests or events are altered.
struct Altered {
    mock: MockProvider,
    request: fn(&mut Request),
    event: fn(Result<Event>) -> Vec<Result<Event>>,
}

impl Altered {
    fn request(request: fn(&mut Request)) -> Self {
        Self {
            mock: MockProvider::new("fake"),
            request,
            event: |event| vec![event],
        }
    }

    fn event(event: fn(Result<Event>) -> Vec<Result<Event>>) -> Self {
        Self {
            mock: MockProvider::new("fake"),
            request: |_| {},
            event,
        }
    }
}

impl Provider for Altered {
    fn info(&self) -> &ProviderInfo {
        self.mock.info()
    }

    fn generate(&self, mut request: Request) -> EventStream {
        (self.request)(&mut request);
        let alter = self.event;
        let events = self.mock.generate(request);
        events
            .flat_map(move |event| futures_util::stream::iter(alter(event)))
            .boxed()
    }
}

async fn assert_reported(check: &str, altered: fn() -> Altered) {
    let failures = failures(altered, Options::new()).await;
    assert!(
        failures.iter().any(|failure| failure.contains(check)),
        "{check}: {failures:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_mock_provider_conforms() {
    check(|| MockProvider::new("fake"), Options::new()).await;
}

#[tokio::test(start_paused = true)]
async fn a_prompt_only_provider_conforms() {
    let mock =
        MockProvider::new("fake").with_info(|info| info.capabilities = Capabilities::default());
    check(move || mock.clone(), Options::new()).await;
}

#[tokio::test(start_paused = true)]
async fn cancellation_is_checked() {
    let mock = MockProvider::new("fake").then([Step::Emit(Event::Started), Step::Draw]);
    let clone = mock.clone();
    let cancelled = move || std::future::ready(clone.dropped() > 0);
    check(|| mock.clone(), Options::new().with_cancelled(cancelled)).await;
    let failures = failures(
        || mock.clone(),
        Options::new().with_cancelled(|| std::future::ready(false)),
    )
    .await;
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].contains("dropping_cancels"), "{failures:?}");
}

#[tokio::test(start_paused = true)]
async fn violations_are_reported() {
    assert_reported("a_fixed_seed_draws", || {
        Altered::request(|request| request.seed = Seed::Fixed(3))
    })
    .await;
    assert_reported("a_random_seed_is_reported", || {
        Altered::event(|event| {
            let Ok(Event::Image(mut image)) = event else {
                return vec![event];
            };
            image.seed = None;
            vec![Ok(Event::Image(image))]
        })
    })
    .await;
    assert_reported("sizes_follow_the_rule", || {
        Altered::request(|request| request.width = request.width.map(|width| width.min(1024)))
    })
    .await;
    assert_reported("sizes_follow_the_rule", || {
        Altered::event(|event| match event {
            Ok(Event::Notice(_) | Event::Skipped { .. }) => Vec::new(),
            event => vec![event],
        })
    })
    .await;
    assert_reported("the_requested_format_is_used", || {
        Altered::request(|request| request.format = None)
    })
    .await;
    assert_reported("previews_are_emitted_only_if_requested", || {
        let picture = || super::picture("a preview", 0, 8, 8).expect("a picture");
        let mut altered = Altered::request(|request| request.previews = true);
        altered.mock = altered
            .mock
            .then([Step::Emit(Event::Preview(picture())), Step::Draw]);
        altered
    })
    .await;
    assert_reported("out_of_range_numbers", || {
        Altered::request(|request| request.count = request.count.clamp(1, 4))
    })
    .await;
    assert_reported("invalid_prompts", || {
        Altered::request(|request| request.prompt = format!("a picture of {}", request.prompt))
    })
    .await;
    assert_reported("an_unknown_model", || {
        Altered::request(|request| request.model.clear())
    })
    .await;
    assert_reported("events_are_in_order", || {
        Altered::event(|event| match event {
            Ok(Event::Attempt { .. }) => Vec::new(),
            event => vec![event],
        })
    })
    .await;
    assert_reported("several_images", || {
        Altered::request(|request| request.count = request.count.min(1))
    })
    .await;
    assert_reported("events_are_in_order", || {
        Altered::event(|event| match event {
            Ok(Event::Image(_)) => vec![event, Ok(Event::Started)],
            event => vec![event],
        })
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn interference_between_requests_is_reported() {
    // Generates every image with the seed of the most recent request.
    struct LatestSeed(MockProvider, Arc<AtomicU64>);
    impl Provider for LatestSeed {
        fn info(&self) -> &ProviderInfo {
            self.0.info()
        }
        fn generate(&self, mut request: Request) -> EventStream {
            if let Seed::Fixed(seed) = request.seed {
                self.1.store(seed, Ordering::SeqCst);
            }
            let (mock, latest) = (self.0.clone(), Arc::clone(&self.1));
            let events = async move {
                tokio::task::yield_now().await;
                request.seed = Seed::Fixed(latest.load(Ordering::SeqCst));
                mock.generate(request)
            };
            futures_util::stream::once(events).flatten().boxed()
        }
    }
    let latest = Arc::new(AtomicU64::default());
    let provider = || LatestSeed(MockProvider::new("fake"), Arc::clone(&latest));
    let failures = failures(provider, Options::new()).await;
    assert!(
        failures
            .iter()
            .any(|failure| failure.contains("do_not_interfere")),
        "{failures:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_hanging_provider_fails_every_check() {
    let mock = MockProvider::new("fake").then([Step::Hang]);
    let failures = failures(move || mock.clone(), Options::new()).await;
    assert!(
        failures
            .iter()
            .all(|failure| failure.contains("did not finish within the limit")),
        "{failures:?}"
    );
    assert!(failures.len() > 8, "{failures:?}");
}
