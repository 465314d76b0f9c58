//! The guarantees documented in the event module, with all policies around a mock provider.

use futures_util::StreamExt;

use super::*;
use crate::ProviderInfo;
use crate::policies::{Candidate, Failover, Limit, Retry, Timeout};
use crate::testing::conformance;

fn candidate(mock: &MockProvider) -> Candidate {
    let timed = Timeout::new(arc(mock))
        .with_first_event(60 * SECOND)
        .with_idle(180 * SECOND);
    let limited = Limit::new(Arc::new(timed)).with_concurrency(4);
    Candidate::new(Arc::new(Retry::new(Arc::new(limited), 1)))
}

fn stack(mocks: &[&MockProvider], info: ProviderInfo) -> Timeout {
    let failover = Failover::new(info, mocks.iter().map(|mock| candidate(mock)).collect());
    Timeout::new(Arc::new(failover)).with_total(600 * SECOND)
}

#[tokio::test(start_paused = true)]
async fn the_first_event_is_an_attempt_and_attempts_are_numbered_across_policies() {
    let failing = || vec![queued(1), fail(ErrorKind::Unavailable)];
    let (a, b) = (
        MockProvider::new("a").then(failing()),
        MockProvider::new("b").then(failing()).then([Step::Draw]),
    );
    let seen = summaries(&stack(&[&a, &b], a.info().clone()), request()).await;
    let attempts: Vec<&String> = seen
        .iter()
        .filter(|event| event.starts_with("attempt"))
        .collect();
    assert_eq!(
        attempts,
        ["attempt a 1", "attempt a 2", "attempt b 3", "attempt b 4"]
    );
    assert_eq!(&seen[0], attempts[0]);
    assert_eq!(seen.last().map(String::as_str), Some("image by b"));
}

#[tokio::test(start_paused = true)]
async fn no_attempt_follows_an_image_and_an_error_is_the_last_item() {
    let a = MockProvider::new("a").then([Step::Draw, fail(ErrorKind::Unavailable)]);
    let b = MockProvider::new("b");
    let stack = stack(&[&a, &b], a.info().clone());
    let mut events = stack.generate(request());
    let mut seen = Vec::new();
    while let Some(event) = events.next().await {
        seen.push(summary(&event));
    }
    assert_eq!(
        seen,
        [
            "attempt a 1",
            "image by a",
            "error unavailable: mock failure"
        ]
    );
    assert!(events.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn events_pass_through_in_order() {
    let notice = Step::Emit(Event::Notice("rounded".into()));
    let started = Step::Emit(Event::Started);
    let steps = [
        queued(2),
        started,
        progress(1),
        preview(),
        notice,
        progress(2),
        Step::Draw,
    ];
    let mock = MockProvider::new("a").then(steps);
    assert_eq!(
        summaries(&stack(&[&mock], mock.info().clone()), request()).await,
        [
            "attempt a 1",
            "queued 2 of ?",
            "started",
            "progress 1",
            "preview",
            "notice rounded",
            "progress 2",
            "image by a"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_image_is_emitted_per_requested_image() {
    let mock = MockProvider::new("a");
    let seen = summaries(
        &stack(&[&mock], mock.info().clone()),
        request().with_count(3),
    )
    .await;
    assert_eq!(
        seen,
        ["attempt a 1", "image by a", "image by a", "image by a"]
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_happens_before_the_stream_is_polled() {
    let mock = MockProvider::new("a");
    let stack = stack(&[&mock], mock.info().clone());
    drop(stack.generate(request()));
    assert_eq!(mock.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_outermost_stream_cancels_the_work() {
    let mock = MockProvider::new("a").then([queued(1), Step::Hang]);
    let mut events = stack(&[&mock], mock.info().clone()).generate(request());
    events.next().await.expect("an event").expect("an attempt");
    events
        .next()
        .await
        .expect("an event")
        .expect("a queue position");
    drop(events);
    assert_eq!(mock.dropped(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_provider_wrapped_in_all_policies_conforms() {
    let mock = MockProvider::new("a");
    let stack = || stack(&[&mock], mock.info().clone());
    conformance::check(stack, conformance::Options::new()).await;
}
