//! Retries repeat the same request, are limited in number, and honour `Retry-After`.

use std::time::Duration;

use fluxhop::{ErrorKind, Event, Provider, ProviderExt, Request};
use fluxhop_tests::fault::{EVENT_ID, FaultServer, MockResponse, Script, messages, png};
use futures_util::{StreamExt, poll};
use serde_json::{Value, json};
use tokio::time::advance;

use crate::support::{
    CALL, EVENTS, IMAGE_FILE, PausedClock, assert_error, draw, draw_err_with, registry, request,
};

const TWO_RETRIES: &str = "first_event_timeout = 30\nidle_timeout = 30\ntimeout = 60\nretries = 2";

fn accepted() -> MockResponse {
    MockResponse::json(200, &json!({ "event_id": EVENT_ID }))
}

#[tokio::test]
async fn retries_reuse_the_random_seed() {
    let truncated = MockResponse::events([messages::started()]).truncate_by(1);
    let complete = MockResponse::events([messages::completed(&messages::result())]);
    let server =
        FaultServer::start(Script::gradio().on_each(EVENTS, vec![truncated, complete])).await;
    let registry = registry(&server, TWO_RETRIES);
    let provider = registry.provider("voodoohop").expect("unknown provider");
    let random = Request::new("a cat").with_size(64, 64);
    provider.draw(random).await.expect("an image");
    let bodies: Vec<Value> = server
        .requests()
        .iter()
        .filter(|request| request.line == CALL)
        .map(|request| serde_json::from_str(&request.body).expect("JSON"))
        .collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1]);
    let data = &bodies[0]["data"];
    assert!(data[1].is_u64(), "the client chooses the seed: {data}");
    assert_eq!(data[2], json!(false), "the Space must not randomize it");
}

#[tokio::test]
async fn persistent_failure_stops_after_the_configured_retries() {
    let script = Script::gradio().queue([messages::started()]);
    let (error, server) = draw_err_with(script, TWO_RETRIES).await;
    assert_error(
        &error,
        &ErrorKind::Unavailable,
        "the event stream ended before the result",
    );
    assert_eq!((server.count(CALL), server.count(EVENTS)), (3, 3));
}

#[tokio::test]
async fn permanent_errors_are_not_retried() {
    let quota = messages::failed(&json!("You have exceeded your GPU quota."));
    let rejected = messages::failed(&json!("NSFW content detected"));
    for event in [quota, rejected] {
        let (error, server) = draw_err_with(Script::gradio().queue([event]), TWO_RETRIES).await;
        assert_eq!(server.lines(), [CALL, EVENTS], "{error}");
    }
    let unauthorized = MockResponse::json(401, &json!({"detail": "Not authenticated"}));
    let (_, server) = draw_err_with(Script::gradio().on(CALL, unauthorized), TWO_RETRIES).await;
    assert_eq!(server.lines(), [CALL]);
}

#[tokio::test]
async fn retry_waits_for_retry_after() {
    let _clock = PausedClock::pause();
    let limited = MockResponse::new(429, "text/plain", "slow down").header("retry-after", "20");
    let script = Script::gradio().on_each(CALL, vec![limited, accepted()]);
    let server = FaultServer::start(script).await;
    let registry = registry(&server, TWO_RETRIES);
    let provider = registry.provider("voodoohop").expect("unknown provider");
    let mut events = provider.generate(request());
    loop {
        let event = events.next().await.expect("an event").expect("no error");
        if matches!(event, Event::Notice(notice) if notice.contains("retrying in 20.")) {
            break;
        }
    }
    let mut next = events.next();
    assert!(poll!(&mut next).is_pending());
    advance(Duration::from_millis(19_900)).await;
    assert!(poll!(&mut next).is_pending());
    assert_eq!(server.count(CALL), 1);
    // The retry adds up to half a second of jitter.
    advance(Duration::from_millis(700)).await;
    assert!(matches!(
        next.await,
        Some(Ok(Event::Attempt { number: 2, .. }))
    ));
    let last = events.collect::<Vec<_>>().await.pop();
    assert!(matches!(last, Some(Ok(Event::Image(_)))));
    assert_eq!(server.count(CALL), 2);
}

#[tokio::test]
async fn long_retry_after_is_reported_without_waiting() {
    let limited = MockResponse::new(429, "text/plain", "slow down").header("retry-after", "3600");
    let (error, server) = draw_err_with(Script::gradio().on(CALL, limited), TWO_RETRIES).await;
    let retry_after = Some(Duration::from_hours(1));
    assert_error(&error, &ErrorKind::RateLimited { retry_after }, "429");
    assert_eq!(server.lines(), [CALL]);
}

#[tokio::test]
async fn closed_connections_are_reopened() {
    let closing = |response: MockResponse| response.header("connection", "close").truncate_by(0);
    let script = Script::gradio()
        .on(CALL, closing(accepted()))
        .on(IMAGE_FILE, closing(MockResponse::png(&png())));
    let server = FaultServer::start(script).await;
    let registry = registry(&server, TWO_RETRIES);
    for images in 1..=2 {
        draw(&registry).await.expect("an image");
        assert_eq!(server.lines().len(), 3 * images);
    }
}
