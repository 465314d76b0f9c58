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
async fn attempts_are_numbered_and_a_notice_says_what_failed() {
    let mock = MockProvider::new("fake")
        .then([queued(1), fail(ErrorKind::QueueFull)])
        .then([Step::Draw]);
    let told = told(&retried(&mock), request()).await;
    assert_eq!(told[..2], ["attempt fake 1", "queued 1 of ?"]);
    assert!(
        told[2].starts_with("notice fake: queue full: so it is; trying again in"),
        "{}",
        told[2]
    );
    assert_eq!(told[3..], ["attempt fake 2", "image by fake"]);
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
async fn what_a_retry_cannot_help_is_not_retried() {
    for kind in [
        ErrorKind::InvalidRequest { field: "prompt" },
        ErrorKind::ContentRejected,
        ErrorKind::Unauthorized,
        ErrorKind::QuotaExceeded { resets_at: None },
        ErrorKind::Timeout {
            phase: Phase::Whole,
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
async fn it_gives_up_with_the_last_error_and_the_number_of_attempts() {
    let mock = MockProvider::new("fake").then([fail(ErrorKind::Unavailable)]);
    let error = last_error(all(&retried(&mock), request()).await);
    assert_eq!(error.kind(), &ErrorKind::Unavailable);
    assert_eq!(error.context(), [("attempts", "4".to_owned())]);
    assert_eq!(mock.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_retried_once_a_picture_was_delivered() {
    let mock = MockProvider::new("fake").then([Step::Draw, fail(ErrorKind::Unavailable)]);
    let told = told(&retried(&mock), request()).await;
    assert_eq!(
        told,
        [
            "attempt fake 1",
            "image by fake",
            "error unavailable: so it is"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_preview_does_not_stop_a_retry() {
    let mock = MockProvider::new("fake")
        .then([preview(), fail(ErrorKind::Unavailable)])
        .then([Step::Draw]);
    let told = told(&retried(&mock), request()).await;
    assert_eq!(told.last().map(String::as_str), Some("image by fake"));
    assert_eq!(mock.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_wait_that_a_provider_asks_for_is_waited() {
    let mock = MockProvider::new("fake")
        .then([rate_limited(30)])
        .then([Step::Draw]);
    let begun = Instant::now();
    retried(&mock).draw(request()).await.expect("drawn");
    assert!((30..=31).contains(&begun.elapsed().as_secs()));
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_all_patience_is_told_at_once() {
    let mock = MockProvider::new("fake").then([rate_limited(3600)]);
    let begun = Instant::now();
    last_error(all(&retried(&mock), request()).await);
    assert_eq!((begun.elapsed(), mock.calls()), (Duration::ZERO, 1));
}

#[tokio::test(start_paused = true)]
async fn waits_are_random_below_a_bound_that_doubles_up_to_the_cap() {
    let mock = MockProvider::new("fake").then([fail(ErrorKind::Unavailable)]);
    let retried = Retry::new(arc(&mock), 5).with_backoff(SECOND, 4 * SECOND);
    let mut longest = Duration::ZERO;
    for _ in 0..200 {
        let begun = Instant::now();
        last_error(all(&retried, request()).await);
        longest = longest.max(begun.elapsed());
    }
    // Bounds of 1, 2, 4, 4 and 4 s, in all 15, where doubling on would make 31; a timer may be a
    // millisecond late. Beyond 9 s, which is more than the first three make, is all but certain.
    assert!(
        longest <= 15 * SECOND + Duration::from_millis(9),
        "{longest:?}"
    );
    assert!(longest > 9 * SECOND, "{longest:?}");
}

#[tokio::test(start_paused = true)]
async fn an_end_without_a_picture_counts_as_a_failure() {
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
async fn dropping_it_during_a_wait_sends_nothing_more() {
    let mock = MockProvider::new("fake").then([fail(ErrorKind::Unavailable)]);
    let mut events = retried(&mock).generate(request());
    while !matches!(events.next().await, Some(Ok(Event::Notice(_)))) {}
    drop(events);
    tokio::time::sleep(60 * SECOND).await;
    assert_eq!(mock.calls(), 1);
}
