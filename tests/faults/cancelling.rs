//! Cancellation: dropping a stream sends one cancel request and closes the connection.

use std::time::{Duration, Instant};

use fluxhop::{ErrorKind, Event, EventStream, Phase, Registry};
use fluxhop_tests::fault::{EVENT_ID, FaultServer, MockResponse, Script, messages};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::{
    CALL, CANCEL, CANCELLED_REQUESTS, CONFIG, EVENTS, IMAGE_FILE, IMAGE_REQUESTS, LONG_TIMEOUTS,
    SHORT_TIMEOUTS, assert_error, draw, registry, request,
};

const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

async fn serve(route: &str, response: MockResponse) -> (FaultServer, Registry) {
    let server = FaultServer::start(Script::gradio().on(route, response)).await;
    let registry = registry(&server, LONG_TIMEOUTS);
    (server, registry)
}

fn generate(registry: &Registry) -> EventStream {
    registry
        .provider("voodoohop")
        .expect("unknown provider")
        .generate(request())
}

/// Polls the stream until the server has received a request.
async fn poll_until(server: &FaultServer, line: &str, events: &mut EventStream) {
    let drained = async { while events.next().await.is_some() {} };
    tokio::select! {
        _ = server.wait_for(line) => {}
        () = drained => panic!("the stream ended"),
    }
}

fn assert_cancelled(body: &str) {
    let body: Value = serde_json::from_str(body).expect("JSON");
    // The endpoint's `fn_index` is its dependency's id, not its position in the list.
    let expected = json!({"session_hash": EVENT_ID, "fn_index": 3, "event_id": EVENT_ID});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn dropping_a_queued_stream_cancels_once_and_closes_the_connection() {
    let queued = MockResponse::events([messages::queued(3)]).then_stall();
    let (server, registry) = serve(EVENTS, queued).await;
    let mut events = generate(&registry);
    while let Some(event) = events.next().await {
        if let Event::Queued { position, .. } = event.expect("no error") {
            assert_eq!(position, Some(3));
            break;
        }
    }
    drop(events);
    server.wait_for_closed(1).await;
    registry.close(CLOSE_TIMEOUT).await;
    assert_eq!(server.lines(), CANCELLED_REQUESTS);
    assert_cancelled(&server.wait_for(CANCEL).await.body);
}

#[tokio::test]
async fn dropping_before_the_call_response_cancels_the_call() {
    let response = MockResponse::json(200, &json!({ "event_id": EVENT_ID })).held();
    let (server, registry) = serve(CALL, response).await;
    let mut events = generate(&registry);
    poll_until(&server, CALL, &mut events).await;
    drop(events);
    server.release();
    assert_cancelled(&server.wait_for(CANCEL).await.body);
    registry.close(CLOSE_TIMEOUT).await;
    assert_eq!(server.lines(), [CALL, CONFIG, CANCEL]);
}

#[tokio::test]
async fn unpolled_stream_sends_nothing() {
    let (server, registry) = serve(EVENTS, MockResponse::html_page(200)).await;
    drop(generate(&registry));
    registry.close(CLOSE_TIMEOUT).await;
    assert_eq!(server.lines().len(), 0);
}

#[tokio::test]
async fn dropping_during_the_download_does_not_cancel() {
    let stalled = MockResponse::raw("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n").then_stall();
    let (server, registry) = serve(IMAGE_FILE, stalled).await;
    let mut events = generate(&registry);
    poll_until(&server, IMAGE_FILE, &mut events).await;
    drop(events);
    server.wait_for_closed(1).await;
    registry.close(CLOSE_TIMEOUT).await;
    assert_eq!(server.lines(), IMAGE_REQUESTS);
}

#[tokio::test]
async fn finished_stream_does_not_cancel() {
    let (server, registry) = serve("GET /nothing", MockResponse::html_page(404)).await;
    draw(&registry).await.expect("an image");
    assert_eq!(server.lines(), IMAGE_REQUESTS);
}

#[tokio::test]
async fn unanswered_cancel_does_not_block_close() {
    let script = Script::gradio()
        .on(
            EVENTS,
            MockResponse::events([messages::queued(3)]).then_stall(),
        )
        .on(CANCEL, MockResponse::raw("").then_stall());
    let server = FaultServer::start(script).await;
    let registry = registry(&server, LONG_TIMEOUTS);
    let mut events = generate(&registry);
    poll_until(&server, EVENTS, &mut events).await;
    drop(events);
    server.wait_for(CANCEL).await;
    let start = Instant::now();
    registry.close(Duration::from_millis(100)).await;
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!(server.lines(), CANCELLED_REQUESTS);
}

#[tokio::test]
async fn failed_cancel_does_not_replace_the_first_error() {
    let script = Script::gradio()
        .on(
            EVENTS,
            MockResponse::events([messages::started()]).then_stall(),
        )
        .on(CANCEL, MockResponse::html_page(500));
    let server = FaultServer::start(script).await;
    let error = draw(&registry(&server, SHORT_TIMEOUTS))
        .await
        .expect_err("timed out");
    let phase = Phase::Idle;
    assert_error(&error, &ErrorKind::Timeout { phase }, "300ms");
    assert_eq!(server.lines(), CANCELLED_REQUESTS);
}
