//! [`Retry`] around a provider that fails.

use futures_util::StreamExt;
use tokio::time::Instant;

use super::*;
use crate::policies::Retry;
use crate::{Phase, ProviderExt, Seed};

fn retried(mock: &MockProvider) -> Retry {
    Retry::new(arc(mock), 3).with_backoff(SECOND, 4 * SECOND)
}

fn rate_limited(seconds: u32) -> Step {
    fail(ErrorKind::RateLimited {
        retry_after: Some(seconds * SECOND),
    })
}

#[tokio::test(start_paused = true)]
async fn attempts_are_numbered_and_a_notice_reports_the_error() {
    let mock = MockProvider::new("fake")
        .then([queued(1), fail(ErrorKind::QueueFull)])
        .then([Step::Draw]);
    let events = summaries(&retried(&mock), request()).await;
    assert_eq!(events[..2], ["attempt fake 1", "queued 1 of ?"]);
    assert!(
        events[2].starts_with("notice fake: queue full: mock failure; retrying in"),
        "{}",
        events[2]
    );
    assert_eq!(events[3..], ["attempt fake 2", "image by fake"]);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_has_the_same_seed() {
    let mock = MockProvider::new("fake")
        .then([fail(ErrorKind::Unavailable)])
        .then([fail(ErrorKind::Unavailable)])
        .then([Step::Draw]);
    retried(&mock).draw(request()).await.expect("drawn");
    let seeds: Vec<Seed> = mock.requests().iter().map(|request| request.seed).collect();
    assert_eq!(seeds.len(), 3);
    assert!(matches!(seeds[0], Seed::Sampled(_)));
    assert!(seeds.iter().all(|seed| *seed == seeds[0]));
}

#[tokio::test(start_paused = true)]
async fn final_errors_are_not_retried() {
    for kind in [
        ErrorKind::InvalidRequest { field: "prompt" },
        ErrorKind::ContentRejected,
        ErrorKind::Unauthorized,
        ErrorKind::QuotaExceeded { resets_at: None },
        ErrorKind::Timeout {
            phase: Phase::Total,
        },
        ErrorKind::Upstream,
        ErrorKind::Cancelled,
    ] {
        let mock = MockProvider::new("fake").then([fail(kind.clone())]);
        let error = last_error(all(&retried(&mock), request()).await);
        assert_eq!((error.kind(), mock.calls()), (&kind, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_error_is_returned_with_the_number_of_attempts() {
    let mock = MockProvider::new("fake").then([fail(ErrorKind::Unavailable)]);
    let error = last_error(all(&retried(&mock), request()).await);
    assert_eq!(error.kind(), &ErrorKind::Unavailable);
    assert_eq!(error.context(), [("attempts", "4".to_owned())]);
    assert_eq!(mock.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_request_is_not_retried_after_an_image_was_delivered() {
    let mock = MockProvider::new("fake").then([Step::Draw, fail(ErrorKind::Unavailable)]);
    let events = summaries(&retried(&mock), request()).await;
    assert_eq!(
        events,
        [
            "attempt fake 1",
            "image by fake",
            "error unavailable: mock failure"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_preview_does_not_prevent_a_retry() {
    let mock = MockProvider::new("fake")
        .then([preview(), fail(ErrorKind::Unavailable)])
        .then([Step::Draw]);
    let events = summaries(&retried(&mock), request()).await;
    assert_eq!(events.last().map(String::as_str), Some("image by fake"));
    assert_eq!(mock.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_requested_delay_is_honoured() {
    let mock = MockProvider::new("fake")
        .then([rate_limited(30)])
        .then([Step::Draw]);
    let start = Instant::now();
    retried(&mock).draw(request()).await.expect("drawn");
    assert!((30..=31).contains(&start.elapsed().as_secs()));
}

#[tokio::test(start_paused = true)]
async fn a_requested_delay_above_the_maximum_fails_immediately() {
    let mock = MockProvider::new("fake").then([rate_limited(3600)]);
    let start = Instant::now();
    last_error(all(&retried(&mock), request()).await);
    assert_eq!((start.elapsed(), mock.calls()), (Duration::ZERO, 1));
}

#[tokio::test(start_paused = true)]
async fn delays_are_random_up_to_a_bound_that_doubles_to_the_cap() {
    let mock = MockProvider::new("fake").then([fail(ErrorKind::Unavailable)]);
    let retried = Retry::new(arc(&mock), 5).with_backoff(SECOND, 4 * SECOND);
    let mut longest = Duration::ZERO;
    for _ in 0..200 {
        let start = Instant::now();
        last_error(all(&retried, request()).await);
        longest = longest.max(start.elapsed());
    }
    // The bounds are 1, 2, 4, 4 and 4 s, 15 s together; without the cap they would be 31 s. A timer
    // may be a millisecond late. The longest of 200 runs almost certainly exceeds 9 s.
    assert!(
        longest <= 15 * SECOND + Duration::from_millis(9),
        "{longest:?}"
    );
    assert!(longest > 9 * SECOND, "{longest:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_without_an_image_counts_as_a_failure() {
    let mock = MockProvider::new("fake")
        .then([Step::Emit(Event::Started)])
        .then([Step::Draw]);
    assert_eq!(
        retried(&mock).draw(request()).await.expect("drawn").len(),
        1
    );
    let empty = MockProvider::new("fake").then([]);
    let error = last_error(all(&retried(&empty), request()).await);
    assert_eq!(error.kind(), &ErrorKind::Protocol);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_stream_during_a_delay_sends_no_further_request() {
    let mock = MockProvider::new("fake").then([fail(ErrorKind::Unavailable)]);
    let mut events = retried(&mock).generate(request());
    while !matches!(events.next().await, Some(Ok(Event::Notice(_)))) {}
    drop(events);
    tokio::time::sleep(60 * SECOND).await;
    assert_eq!(mock.calls(), 1);
}
