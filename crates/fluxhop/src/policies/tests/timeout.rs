//! [`Timeout`] around a provider that is slow, silent or talkative.

use futures_util::StreamExt;
use tokio::time::{Instant, sleep};

use super::*;
use crate::Phase;
use crate::policies::Timeout;

fn timed(mock: &MockProvider) -> Timeout {
    Timeout::new(arc(mock))
        .with_first_event(10 * SECOND)
        .with_silence(30 * SECOND)
        .with_whole(100 * SECOND)
}

async fn phase_and_seconds(mock: &MockProvider) -> (Phase, u64) {
    let begun = Instant::now();
    let error = last_error(all(&timed(mock), request()).await);
    let ErrorKind::Timeout { phase } = error.kind() else {
        panic!("{error}");
    };
    (*phase, begun.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_tells_nothing_runs_out_of_the_first_limit() {
    let mock = MockProvider::new("fake").then([Step::Hang]);
    assert_eq!(phase_and_seconds(&mock).await, (Phase::FirstEvent, 10));
    assert_eq!(mock.dropped(), 1);
}

#[tokio::test(start_paused = true)]
async fn notices_are_no_first_event() {
    let talk = Step::Emit(Event::Notice("still here".into()));
    let steps: Vec<Step> = (0..99)
        .flat_map(|_| [talk.clone(), Step::Wait(SECOND)])
        .collect();
    let mock = MockProvider::new("fake").then(steps);
    assert_eq!(phase_and_seconds(&mock).await, (Phase::FirstEvent, 10));
}

#[tokio::test(start_paused = true)]
async fn the_same_place_told_again_does_not_break_the_silence() {
    let steps: Vec<Step> = (0..99)
        .flat_map(|_| [queued(4), Step::Wait(SECOND)])
        .collect();
    let mock = MockProvider::new("fake").then(steps);
    assert_eq!(phase_and_seconds(&mock).await, (Phase::Silence, 30));
}

#[tokio::test(start_paused = true)]
async fn heartbeats_without_a_pause_do_not_outrun_the_limit() {
    // Each is ready at once, after the time has passed within one step.
    let mut steps = vec![queued(4), Step::Wait(31 * SECOND)];
    steps.extend((0..1000).map(|_| queued(4)));
    let mock = MockProvider::new("fake").then(steps);
    assert_eq!(phase_and_seconds(&mock).await, (Phase::Silence, 30));
}

#[tokio::test(start_paused = true)]
async fn news_begins_the_silence_anew() {
    let mut steps: Vec<Step> = (0..3)
        .flat_map(|n| [queued(n), Step::Wait(29 * SECOND)])
        .collect();
    steps.push(Step::Draw);
    let mock = MockProvider::new("fake").then(steps);
    let told = told(&timed(&mock), request()).await;
    assert_eq!(told.last().map(String::as_str), Some("image by fake"));
}

#[tokio::test(start_paused = true)]
async fn a_lively_provider_runs_out_of_the_whole_limit_which_is_not_retried() {
    let steps: Vec<Step> = (0..9999)
        .flat_map(|n| [progress(n), Step::Wait(SECOND)])
        .collect();
    let mock = MockProvider::new("fake").then(steps);
    assert_eq!(phase_and_seconds(&mock).await, (Phase::Whole, 100));
    let error = last_error(all(&timed(&mock), request()).await);
    assert!(!error.is_retryable());
    assert!(error.message().contains("1m 40s"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_new_attempt_begins_the_first_phase_anew() {
    let attempt = Step::Emit(Event::Attempt {
        provider: "fake".into(),
        number: 2,
    });
    let mock = MockProvider::new("fake").then([Step::Wait(9 * SECOND), attempt, Step::Hang]);
    assert_eq!(phase_and_seconds(&mock).await, (Phase::FirstEvent, 19));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_takes_its_time_is_not_held_against_the_provider() {
    let mock = MockProvider::new("fake").then([queued(1), Step::Wait(20 * SECOND), Step::Draw]);
    let timed = Timeout::new(arc(&mock)).with_silence(30 * SECOND);
    let mut events = timed.generate(request());
    while let Some(event) = events.next().await {
        event.expect("no time limit ran out");
        sleep(60 * SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_picture_that_is_ready_at_the_last_moment_is_delivered() {
    let mock = MockProvider::new("fake").then([Step::Wait(10 * SECOND), Step::Draw]);
    let told = told(&timed(&mock), request()).await;
    assert_eq!(told, ["attempt fake 1", "image by fake"]);
}

#[tokio::test(start_paused = true)]
async fn the_work_is_cancelled_before_the_error_is_told() {
    let mock = MockProvider::new("fake").then([Step::Hang]);
    let mut events = timed(&mock).generate(request());
    while let Some(Ok(_)) = events.next().await {}
    assert_eq!(mock.dropped(), 1, "while the caller still holds the stream");
    assert!(events.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn limits_beyond_all_time_are_no_limits() {
    let mock = MockProvider::new("fake").then([Step::Wait(SECOND), Step::Draw]);
    let timed = Timeout::new(arc(&mock))
        .with_whole(Duration::MAX)
        .with_first_event(Duration::MAX)
        .with_silence(Duration::MAX);
    assert_eq!(told(&timed, request()).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_providers_is_told_as_it_came() {
    let mock = MockProvider::new("fake").then([fail(ErrorKind::Upstream)]);
    let error = last_error(all(&timed(&mock), request()).await);
    assert_eq!(error.kind(), &ErrorKind::Upstream);
    assert_eq!(mock.dropped(), 0);
}
