//! [`Failover`] over candidates that fail.

use std::time::SystemTime;

use futures_util::StreamExt;

use super::*;
use crate::policies::{Candidate, Failover};
use crate::{ProviderExt, ProviderInfo};

fn failover_to(mocks: &[&MockProvider]) -> Failover {
    let info = ProviderInfo::new("chain", "drawing");
    Failover::new(
        info,
        mocks.iter().map(|mock| Candidate::new(arc(mock))).collect(),
    )
}

fn failing(name: &str) -> MockProvider {
    MockProvider::new(name).then([fail(ErrorKind::Unavailable)])
}

#[tokio::test(start_paused = true)]
async fn the_next_candidate_is_tried_and_the_failed_one_reported() {
    let (a, b) = (failing("a"), MockProvider::new("b"));
    assert_eq!(
        summaries(&failover_to(&[&a, &b]), request()).await,
        [
            "attempt a 1",
            "skipped a: unavailable: mock failure",
            "attempt b 2",
            "image by b"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_rejected_request_is_not_sent_to_the_next_candidate() {
    for kind in [
        ErrorKind::InvalidRequest { field: "width" },
        ErrorKind::ContentRejected,
        ErrorKind::Cancelled,
    ] {
        let (a, b) = (
            MockProvider::new("a").then([fail(kind.clone())]),
            MockProvider::new("b"),
        );
        let error = last_error(all(&failover_to(&[&a, &b]), request()).await);
        assert_eq!((error.kind(), b.calls()), (&kind, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn failover_happens_after_a_preview_but_not_after_an_image() {
    let a = MockProvider::new("a").then([preview(), fail(ErrorKind::Upstream)]);
    let b = MockProvider::new("b").then([Step::Draw, fail(ErrorKind::Upstream)]);
    let c = MockProvider::new("c");
    let events = summaries(&failover_to(&[&a, &b, &c]), request()).await;
    assert_eq!(
        events[events.len() - 2..],
        ["image by b", "error provider error: mock failure"]
    );
    assert_eq!(c.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn if_all_fail_the_error_lists_each_cause() {
    let a = MockProvider::new("a").then([fail(ErrorKind::Protocol)]);
    let (b, c) = (
        failing("b"),
        MockProvider::new("c").then([fail(ErrorKind::Unauthorized)]),
    );
    let error = last_error(all(&failover_to(&[&a, &b, &c]), request()).await);
    assert_eq!(
        error.kind(),
        &ErrorKind::Unauthorized,
        "most actionable kind"
    );
    assert!(error.is_retryable());
    let kinds: Vec<&ErrorKind> = error.causes().iter().map(Error::kind).collect();
    assert_eq!(
        kinds,
        [
            &ErrorKind::Protocol,
            &ErrorKind::Unavailable,
            &ErrorKind::Unauthorized
        ]
    );
    assert_eq!(error.message(), "no provider could generate the image");
    let providers: Vec<_> = error.causes().iter().map(Error::context).collect();
    let context = |name: &str| [("provider", name.to_owned())];
    assert_eq!(providers, [context("a"), context("b"), context("c")]);
}

#[tokio::test(start_paused = true)]
async fn an_invalid_request_does_not_hide_that_other_providers_are_unavailable() {
    let invalid = || fail(ErrorKind::InvalidRequest { field: "prompt" });
    let last = MockProvider::new("last").then([invalid()]);
    let error = last_error(
        all(
            &failover_to(&[&failing("a"), &failing("b"), &last]),
            request(),
        )
        .await,
    );
    assert_eq!(error.kind(), &ErrorKind::Unavailable);
    assert_eq!(error.causes().len(), 3);
    let first = MockProvider::new("first").then([invalid()]);
    let error = last_error(all(&failover_to(&[&first, &failing("b")]), request()).await);
    assert_eq!(error.kind(), &ErrorKind::InvalidRequest { field: "prompt" });
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_single_candidate_is_returned_unchanged() {
    let error = last_error(all(&failover_to(&[&failing("a")]), request()).await);
    assert_eq!(error.message(), "mock failure");
    assert_eq!(error.causes().len(), 0);
    let empty = last_error(all(&failover_to(&[]), request()).await);
    assert_eq!(empty.kind(), &ErrorKind::Internal);
}

#[tokio::test(start_paused = true)]
async fn three_failures_in_a_row_skip_a_candidate_until_the_cooldown_ends() {
    let (a, b) = (failing("a"), MockProvider::new("b"));
    let chain = failover_to(&[&a, &b]);
    for _ in 0..3 {
        chain.draw(request()).await.expect("drawn by b");
    }
    assert_eq!(a.calls(), 3);
    let events = summaries(&chain, request()).await;
    assert_eq!(events[0], "attempt b 1");
    assert_eq!(events[1], "skipped a: unavailable: mock failure");
    assert_eq!(a.calls(), 3);
    tokio::time::sleep(31 * SECOND).await;
    chain.draw(request()).await.expect("drawn by b");
    assert_eq!(a.calls(), 4, "tried again after the cooldown");
    chain.draw(request()).await.expect("drawn by b");
    assert_eq!(a.calls(), 4, "skipped again after one failure");
}

#[tokio::test(start_paused = true)]
async fn an_image_resets_the_failure_record() {
    let unavailable = || vec![fail(ErrorKind::Unavailable)];
    let a = MockProvider::new("a")
        .then(unavailable())
        .then(unavailable())
        .then([Step::Draw])
        .then(unavailable());
    let chain = failover_to(&[&a, &MockProvider::new("b")]);
    for _ in 0..6 {
        chain.draw(request()).await.expect("drawn");
    }
    assert_eq!(a.calls(), 6, "never three failures in a row");
    chain.draw(request()).await.expect("drawn by b");
    assert_eq!(a.calls(), 6);
}

#[tokio::test(start_paused = true)]
async fn skipped_candidates_are_tried_if_the_others_fail() {
    let a = failing("a").then([Step::Draw]);
    let b = MockProvider::new("b").then([fail(ErrorKind::Unauthorized)]);
    let chain = failover_to(&[&b, &a]);
    chain
        .draw(request())
        .await
        .expect_err("a is down, b requires a token");
    assert_eq!(
        summaries(&chain, request()).await[0],
        "attempt a 1",
        "b is deferred"
    );
    let single = failover_to(&[&b]);
    for _ in 0..2 {
        single.draw(request()).await.expect_err("no token");
    }
    assert_eq!(b.calls(), 3, "a single candidate is never skipped");
}

#[tokio::test(start_paused = true)]
async fn a_provider_without_quota_is_skipped_until_the_quota_resets() {
    let resets_at = Some(SystemTime::now() + 1000 * SECOND);
    let a = MockProvider::new("a").then([fail(ErrorKind::QuotaExceeded { resets_at })]);
    let chain = failover_to(&[&a, &MockProvider::new("b")]);
    for (seconds, calls) in [(0, 1), (900, 1), (200, 2)] {
        tokio::time::sleep(seconds * SECOND).await;
        chain.draw(request()).await.expect("drawn by b");
        assert_eq!(a.calls(), calls, "after {seconds} s more");
    }
}

#[tokio::test(start_paused = true)]
async fn clones_of_a_candidate_share_the_record() {
    let a = MockProvider::new("a").then([fail(ErrorKind::Unauthorized)]);
    let candidate = Candidate::new(arc(&a));
    let b = Candidate::new(arc(&MockProvider::new("b")));
    let info = ProviderInfo::new("chain", "drawing");
    for _ in 0..2 {
        let chain = Failover::new(info.clone(), vec![candidate.clone(), b.clone()]);
        chain.draw(request()).await.expect("drawn by b");
    }
    assert_eq!(a.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn each_candidate_receives_its_own_model_name() {
    let (a, b) = (failing("a"), MockProvider::new("b"));
    let candidates = vec![
        Candidate::new(arc(&a)).with_model("pencil"),
        Candidate::new(arc(&b)).with_model("drawing"),
    ];
    let chain = Failover::new(ProviderInfo::new("sketches", "sketch"), candidates);
    chain
        .draw(request().with_model("SKETCH"))
        .await
        .expect("drawn by b");
    assert_eq!(a.requests()[0].model, "pencil");
    assert_eq!(b.requests()[0].model, "drawing");
    let error = chain
        .draw(request().with_model("oil"))
        .await
        .expect_err("unknown");
    assert_eq!((error.kind(), a.calls()), (&ErrorKind::ModelNotFound, 1));
}

#[tokio::test(start_paused = true)]
async fn dropping_the_stream_cancels_the_current_candidate() {
    let (a, b) = (
        MockProvider::new("a").then([Step::Hang]),
        MockProvider::new("b"),
    );
    let mut events = failover_to(&[&a, &b]).generate(request());
    events.next().await.expect("an event").expect("an attempt");
    drop(events);
    assert_eq!((a.dropped(), b.calls()), (1, 0));
}
