//! [`Limit`] around a slow provider.

use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt};
use tokio::time::Instant;

use super::*;
use crate::policies::Limit;

fn slow() -> MockProvider {
    MockProvider::new("fake").then([Step::Wait(10 * SECOND), Step::Draw])
}

#[tokio::test(start_paused = true)]
async fn requests_above_the_limit_wait_and_report_their_position() {
    let limited = Limit::new(arc(&slow())).with_concurrency(2);
    let start = Instant::now();
    let streams = (0..4).map(|_| summaries(&limited, request()));
    let events = join_all(streams).await;
    assert_eq!(start.elapsed().as_secs(), 20);
    assert_eq!(events[0], ["attempt fake 1", "image by fake"]);
    assert_eq!(events[1], events[0]);
    assert_eq!(
        events[2],
        ["attempt fake 1", "queued 0 of 1", "image by fake"]
    );
    assert_eq!(
        events[3],
        ["attempt fake 1", "queued 1 of 2", "image by fake"]
    );
}

#[tokio::test(start_paused = true)]
async fn dropping_a_stream_admits_the_next() {
    let mock = MockProvider::new("fake")
        .then([Step::Hang])
        .then([Step::Draw]);
    let limited = Limit::new(arc(&mock)).with_concurrency(1);
    let mut first = limited.generate(request());
    first.next().await.expect("an event").expect("an attempt");
    let mut second = limited.generate(request());
    second.next().await.expect("an event").expect("an attempt");
    second
        .next()
        .await
        .expect("an event")
        .expect("a queue position");
    assert!(second.next().now_or_never().is_none(), "not queued");
    drop(first);
    assert!(matches!(second.next().await, Some(Ok(Event::Image(_)))));
}

#[tokio::test(start_paused = true)]
async fn dropping_a_waiting_stream_frees_its_queue_position() {
    let limited = Limit::new(arc(&slow())).with_concurrency(1);
    let mut first = limited.generate(request());
    first.next().await.expect("an event").expect("an attempt");
    let mut waiting = limited.generate(request());
    waiting.next().await.expect("an event").expect("an attempt");
    waiting
        .next()
        .await
        .expect("an event")
        .expect("a queue position");
    assert!(waiting.next().now_or_never().is_none(), "not queued");
    drop(waiting);
    let (_, third) = tokio::join!(first.count(), summaries(&limited, request()));
    assert_eq!(third[1], "queued 0 of 1", "dropped request is still queued");
}

#[tokio::test(start_paused = true)]
async fn a_finished_stream_releases_its_permit() {
    let limited = Limit::new(arc(&MockProvider::new("fake"))).with_concurrency(1);
    let mut first = limited.generate(request());
    while first.next().await.is_some() {}
    assert_eq!(
        summaries(&limited, request()).await,
        ["attempt fake 1", "image by fake"]
    );
    drop(first);
}

#[tokio::test(start_paused = true)]
async fn requests_after_a_burst_are_spaced_evenly() {
    let limited = Limit::new(arc(&MockProvider::new("fake"))).with_rate(3, 30 * SECOND);
    let start = Instant::now();
    let times = join_all((0..6).map(|_| async {
        summaries(&limited, request()).await;
        start.elapsed().as_secs()
    }));
    assert_eq!(times.await, [0, 0, 0, 10, 20, 30]);
    tokio::time::sleep(3600 * SECOND).await;
    let start = Instant::now();
    for _ in 0..3 {
        summaries(&limited, request()).await;
    }
    assert_eq!(start.elapsed(), Duration::ZERO, "the bucket is full again");
    summaries(&limited, request()).await;
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn dropping_a_stream_that_waits_for_a_token_takes_no_token() {
    let limited = Limit::new(arc(&MockProvider::new("fake"))).with_rate(1, 10 * SECOND);
    summaries(&limited, request()).await;
    let mut waiting = limited.generate(request());
    waiting.next().await.expect("an event").expect("an attempt");
    waiting
        .next()
        .await
        .expect("an event")
        .expect("a queue position");
    assert!(waiting.next().now_or_never().is_none(), "not queued");
    drop(waiting);
    let start = Instant::now();
    summaries(&limited, request()).await;
    assert_eq!(start.elapsed().as_secs(), 10);
}
