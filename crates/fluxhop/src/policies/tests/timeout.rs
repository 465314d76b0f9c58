//! [`Timeout`] around slow, silent and active providers.

use futures_util::StreamExt;
use tokio::time::{Instant, sleep};

use super::*;
use crate::Phase;
use crate::policies::Timeout;

fn timed(mock: &MockProvider) -> Timeout {
    Timeout::new(arc(mock))
        .with_first_event(10 * SECOND)
        .with_idle(30 * SECOND)
        .with_total(100 * SECOND)
}

async fn phase_and_seconds(mock: &MockProvider) -> (Phase, u64) {
    let start = Instant::now();
    let error = last_error(all(&timed(mock), request()).await);
    let ErrorKind::Timeout { phase } = error.kind() else {
        panic!("{error}");
    };
    (*phase, start.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_provider_without_events_exceeds_the_first_event_limit() {
    let mock = MockProvider::new("fake").then([Step::Hang]);
    assert_eq!(phase_and_seconds(&mock).await, (Phase::FirstEvent, 10));
    assert_eq!(mock.dropped(), 1);
}

#[tokio::test(start_paused = true)]
async fn notices_do_not_count_as_the_first_event() {
    let notice = Step::Emit(Event::Notice("still here".into()));
    let steps: Vec<Step> = (0..99)
        .flat_map(|_| [notice.clone(), Step::Wait(SECOND)])
        .collect();
    let mock = MockProvider::new("fake").then(steps);
    assert_eq!(phase_and_seconds(&mock).await, (Phase::FirstEvent, 10));
}

#[tokio::test(start_paused = true)]
async fn a_repeated_queue_position_does_not_extend_the_limit() {
    let steps: Vec<Step> = (0..99)
        .flat_map(|_| [queued(4), Step::Wait(SECOND)])
        .collect();
    let mock = MockProvider::new("fake").then(steps);
    assert_eq!(phase_and_seconds(&mock).await, (Phase::Idle, 30));
}

#[tokio::test(start_paused = true)]
async fn heartbeats_without_a_pause_do_not_evade_the_limit() {
    // The heartbeats are ready immediately after a single wait above the limit.
    let mut steps = vec![queued(4), Step::Wait(31 * SECOND)];
    steps.extend((0..1000).map(|_| queued(4)));
    let mock = MockProvider::new("fake").then(steps);
    assert_eq!(phase_and_seconds(&mock).await, (Phase::Idle, 30));
}

#[tokio::test(start_paused = true)]
async fn new_information_restarts_the_idle_limit() {
    let mut steps: Vec<Step> = (0..3)
        .flat_map(|n| [queued(n), Step::Wait(29 * SECOND)])
        .collect();
    steps.push(Step::Draw);
    let mock = MockProvider::new("fake").then(steps);
    let events = summaries(&timed(&mock), request()).await;
    assert_eq!(events.last().map(String::as_str), Some("image by fake"));
}

#[tokio::test(start_paused = true)]
async fn exceeding_the_total_limit_is_not_retryable() {
    let steps: Vec<Step> = (0..9999)
        .flat_map(|n| [progress(n), Step::Wait(SECOND)])
        .collect();
    let mock = MockProvider::new("fake").then(steps);
    assert_eq!(phase_and_seconds(&mock).await, (Phase::Total, 100));
    let error = last_error(all(&timed(&mock), request()).await);
    assert!(!error.is_retryable());
    assert!(error.message().contains("1m 40s"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_new_attempt_restarts_the_first_phase() {
    let attempt = Step::Emit(Event::Attempt {
        provider: "fake".into(),
        number: 2,
    });
    let mock = MockProvider::new("fake").then([Step::Wait(9 * SECOND), attempt, Step::Hang]);
    assert_eq!(phase_and_seconds(&mock).await, (Phase::FirstEvent, 19));
}

#[tokio::test(start_paused = true)]
async fn a_slow_consumer_does_not_cause_a_timeout() {
    let mock = MockProvider::new("fake").then([queued(1), Step::Wait(20 * SECOND), Step::Draw]);
    let timed = Timeout::new(arc(&mock)).with_idle(30 * SECOND);
    let mut events = timed.generate(request());
    while let Some(event) = events.next().await {
        event.expect("no timeout");
        sleep(60 * SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_ready_when_the_limit_expires_is_delivered() {
    let mock = MockProvider::new("fake").then([Step::Wait(10 * SECOND), Step::Draw]);
    let events = summaries(&timed(&mock), request()).await;
    assert_eq!(events, ["attempt fake 1", "image by fake"]);
}

#[tokio::test(start_paused = true)]
async fn the_work_is_cancelled_before_the_error_is_returned() {
    let mock = MockProvider::new("fake").then([Step::Hang]);
    let mut events = timed(&mock).generate(request());
    while let Some(Ok(_)) = events.next().await {}
    assert_eq!(mock.dropped(), 1, "stream still held by the caller");
    assert!(events.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn unrepresentable_deadlines_mean_no_limit() {
    let mock = MockProvider::new("fake").then([Step::Wait(SECOND), Step::Draw]);
    let timed = Timeout::new(arc(&mock))
        .with_total(Duration::MAX)
        .with_first_event(Duration::MAX)
        .with_idle(Duration::MAX);
    assert_eq!(summaries(&timed, request()).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn errors_of_the_provider_are_returned_unchanged() {
    let mock = MockProvider::new("fake").then([fail(ErrorKind::Upstream)]);
    let error = last_error(all(&timed(&mock), request()).await);
    assert_eq!(error.kind(), &ErrorKind::Upstream);
    assert_eq!(mock.dropped(), 0);
}
