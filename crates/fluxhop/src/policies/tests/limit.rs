//! [`Limit`] around a provider that takes its time.

use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt};
use tokio::time::Instant;

use super::*;
use crate::policies::Limit;

fn slow() -> MockProvider {
    MockProvider::new("fake").then([Step::Wait(10 * SECOND), Step::Draw])
}

#[tokio::test(start_paused = true)]
async fn so_many_run_at_once_and_the_others_tell_their_place() {
    let limited = Limit::new(arc(&slow())).with_concurrency(2);
    let begun = Instant::now();
    let streams = (0..4).map(|_| told(&limited, request()));
    let told = join_all(streams).await;
    assert_eq!(begun.elapsed().as_secs(), 20);
    assert_eq!(told[0], ["attempt fake 1", "image by fake"]);
    assert_eq!(told[1], told[0]);
    assert_eq!(
        told[2],
        ["attempt fake 1", "queued 0 of 1", "image by fake"]
    );
    assert_eq!(
        told[3],
        ["attempt fake 1", "queued 1 of 2", "image by fake"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_dropped_stream_gives_its_place_to_the_next() {
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
        .expect("a place in the queue");
    assert!(second.next().now_or_never().is_none(), "it waits");
    drop(first);
    assert!(matches!(second.next().await, Some(Ok(Event::Image(_)))));
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_and_is_dropped_leaves_no_gap() {
    let limited = Limit::new(arc(&slow())).with_concurrency(1);
    let mut first = limited.generate(request());
    first.next().await.expect("an event").expect("an attempt");
    let mut waiting = limited.generate(request());
    waiting.next().await.expect("an event").expect("an attempt");
    waiting
        .next()
        .await
        .expect("an event")
        .expect("a place in the queue");
    assert!(waiting.next().now_or_never().is_none(), "it waits");
    drop(waiting);
    let (_, third) = tokio::join!(first.count(), told(&limited, request()));
    assert_eq!(third[1], "queued 0 of 1", "nobody waits before it");
}

#[tokio::test(start_paused = true)]
async fn an_ended_stream_that_is_kept_holds_no_place() {
    let limited = Limit::new(arc(&MockProvider::new("fake"))).with_concurrency(1);
    let mut first = limited.generate(request());
    while first.next().await.is_some() {}
    assert_eq!(
        told(&limited, request()).await,
        ["attempt fake 1", "image by fake"]
    );
    drop(first);
}

#[tokio::test(start_paused = true)]
async fn a_burst_passes_and_the_rest_come_evenly() {
    let limited = Limit::new(arc(&MockProvider::new("fake"))).with_rate(3, 30 * SECOND);
    let begun = Instant::now();
    let at = join_all((0..6).map(|_| async {
        told(&limited, request()).await;
        begun.elapsed().as_secs()
    }));
    assert_eq!(at.await, [0, 0, 0, 10, 20, 30]);
    tokio::time::sleep(3600 * SECOND).await;
    let begun = Instant::now();
    for _ in 0..3 {
        told(&limited, request()).await;
    }
    assert_eq!(begun.elapsed(), Duration::ZERO, "full again, and no fuller");
    told(&limited, request()).await;
    assert_eq!(begun.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_for_a_token_and_is_dropped_takes_none() {
    let limited = Limit::new(arc(&MockProvider::new("fake"))).with_rate(1, 10 * SECOND);
    told(&limited, request()).await;
    let mut waiting = limited.generate(request());
    waiting.next().await.expect("an event").expect("an attempt");
    waiting
        .next()
        .await
        .expect("an event")
        .expect("a place in the queue");
    assert!(waiting.next().now_or_never().is_none(), "it waits");
    drop(waiting);
    let begun = Instant::now();
    told(&limited, request()).await;
    assert_eq!(begun.elapsed().as_secs(), 10);
}
