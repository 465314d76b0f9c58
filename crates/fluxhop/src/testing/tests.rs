//! The scripted provider conforms, and the suite catches one that does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::StreamExt;

use super::conformance::{Options, check, failures};
use super::{MockProvider, Step};
use crate::{Capabilities, Event, EventStream, Provider, ProviderInfo, Request, Result, Seed};

/// A mock whose requests or events are spoiled.
struct Spoiled {
    mock: MockProvider,
    request: fn(&mut Request),
    event: fn(Result<Event>) -> Vec<Result<Event>>,
}

impl Spoiled {
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

impl Provider for Spoiled {
    fn info(&self) -> &ProviderInfo {
        self.mock.info()
    }

    fn generate(&self, mut request: Request) -> EventStream {
        (self.request)(&mut request);
        let spoil = self.event;
        let events = self.mock.generate(request);
        events
            .flat_map(move |event| futures_util::stream::iter(spoil(event)))
            .boxed()
    }
}

async fn caught_by(check: &str, spoiled: fn() -> Spoiled) {
    let failures = failures(spoiled, Options::new()).await;
    assert!(
        failures.iter().any(|failure| failure.contains(check)),
        "{check}: {failures:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_script_conforms() {
    check(|| MockProvider::new("fake"), Options::new()).await;
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_can_do_nothing_but_a_prompt_conforms() {
    let mock =
        MockProvider::new("fake").with_info(|info| info.capabilities = Capabilities::default());
    check(move || mock.clone(), Options::new()).await;
}

#[tokio::test(start_paused = true)]
async fn dropping_is_asked_about() {
    let mock = MockProvider::new("fake").then([Step::Emit(Event::Started), Step::Draw]);
    let seen = mock.clone();
    let stopped = move || std::future::ready(seen.dropped() > 0);
    check(|| mock.clone(), Options::new().with_cancelled(stopped)).await;
    let failures = failures(
        || mock.clone(),
        Options::new().with_cancelled(|| std::future::ready(false)),
    )
    .await;
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].contains("dropping_cancels"), "{failures:?}");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_conform_is_caught() {
    caught_by("a_fixed_seed_draws", || {
        Spoiled::request(|request| request.seed = Seed::Fixed(3))
    })
    .await;
    caught_by("a_random_seed_is_told", || {
        Spoiled::event(|event| {
            let Ok(Event::Image(mut image)) = event else {
                return vec![event];
            };
            image.seed = None;
            vec![Ok(Event::Image(image))]
        })
    })
    .await;
    caught_by("sizes_follow_the_rule", || {
        Spoiled::request(|request| request.width = request.width.map(|width| width.min(1024)))
    })
    .await;
    caught_by("sizes_follow_the_rule", || {
        Spoiled::event(|event| match event {
            Ok(Event::Notice(_) | Event::Skipped { .. }) => Vec::new(),
            event => vec![event],
        })
    })
    .await;
    caught_by("formats_are_as_asked_for", || {
        Spoiled::request(|request| request.format = None)
    })
    .await;
    caught_by("previews_come_only_if_requested", || {
        let picture = || super::picture("a preview", 0, 8, 8).expect("a picture");
        let mut spoiled = Spoiled::request(|request| request.previews = true);
        spoiled.mock = spoiled
            .mock
            .then([Step::Emit(Event::Preview(picture())), Step::Draw]);
        spoiled
    })
    .await;
    caught_by("numbers_out_of_range", || {
        Spoiled::request(|request| request.count = request.count.clamp(1, 4))
    })
    .await;
    caught_by("prompts_that_say_nothing", || {
        Spoiled::request(|request| request.prompt = format!("a picture of {}", request.prompt))
    })
    .await;
    caught_by("an_unknown_model", || {
        Spoiled::request(|request| request.model.clear())
    })
    .await;
    caught_by("events_come_in_order", || {
        Spoiled::event(|event| match event {
            Ok(Event::Attempt { .. }) => Vec::new(),
            event => vec![event],
        })
    })
    .await;
    caught_by("several_pictures", || {
        Spoiled::request(|request| request.count = request.count.min(1))
    })
    .await;
    caught_by("events_come_in_order", || {
        Spoiled::event(|event| match event {
            Ok(Event::Image(_)) => vec![event, Ok(Event::Started)],
            event => vec![event],
        })
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn requests_that_mix_are_caught() {
    // The seed of the latest request, for all that are drawn at once.
    struct Mixing(MockProvider, Arc<AtomicU64>);
    impl Provider for Mixing {
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
    let mixing = || Mixing(MockProvider::new("fake"), Arc::clone(&latest));
    let failures = failures(mixing, Options::new()).await;
    assert!(
        failures
            .iter()
            .any(|failure| failure.contains("do_not_mix")),
        "{failures:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_fails_and_the_suite_ends() {
    let mock = MockProvider::new("fake").then([Step::Hang]);
    let failures = failures(move || mock.clone(), Options::new()).await;
    assert!(
        failures
            .iter()
            .all(|failure| failure.contains("did not end in time")),
        "{failures:?}"
    );
    assert!(failures.len() > 8, "{failures:?}");
}
