//! Streams that are dropped: the server is told once, and the connection is closed.

use std::time::{Duration, Instant};

use fluxhop::{ErrorKind, Event, EventStream, Phase, Registry};
use fluxhop_tests::fault::{Answer, EVENT_ID, FaultServer, Script, messages};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::{
    CALL, CANCEL, CONFIG, DRAWN, EVENTS, GIVEN_UP, IMPATIENT, PATIENT, PICTURE, assert_error, draw,
    registry, request,
};

const SOON: Duration = Duration::from_secs(5);

async fn served(route: &str, answer: Answer) -> (FaultServer, Registry) {
    let server = FaultServer::start(Script::gradio().on(route, answer)).await;
    let registry = registry(&server, PATIENT);
    (server, registry)
}

fn drawing(registry: &Registry) -> EventStream {
    registry
        .provider("voodoohop")
        .expect("known")
        .generate(request())
}

/// Polls until the server has seen a request.
async fn until(server: &FaultServer, line: &str, events: &mut EventStream) {
    let all = async { while events.next().await.is_some() {} };
    tokio::select! {
        _ = server.saw(line) => {}
        () = all => panic!("the stream ended"),
    }
}

fn assert_cancelled(body: &str) {
    let body: Value = serde_json::from_str(body).expect("JSON");
    // The endpoint's `fn_index` is the id of its dependency, not its place.
    let expected = json!({"session_hash": EVENT_ID, "fn_index": 3, "event_id": EVENT_ID});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_stream_dropped_in_the_queue_sends_one_cancel_and_closes_its_connection() {
    let waiting = Answer::events([messages::queued(3)]).then_stall();
    let (server, registry) = served(EVENTS, waiting).await;
    let mut events = drawing(&registry);
    while let Some(event) = events.next().await {
        if let Event::Queued { position, .. } = event.expect("no error") {
            assert_eq!(position, Some(3));
            break;
        }
    }
    drop(events);
    server.closed(1).await;
    registry.close(SOON).await;
    assert_eq!(server.lines(), GIVEN_UP);
    assert_cancelled(&server.saw(CANCEL).await.body);
}

#[tokio::test]
async fn a_stream_dropped_before_the_call_is_answered_cancels_what_it_started() {
    let answer = Answer::json(200, &json!({ "event_id": EVENT_ID })).held();
    let (server, registry) = served(CALL, answer).await;
    let mut events = drawing(&registry);
    until(&server, CALL, &mut events).await;
    drop(events);
    server.release();
    assert_cancelled(&server.saw(CANCEL).await.body);
    registry.close(SOON).await;
    assert_eq!(server.lines(), [CALL, CONFIG, CANCEL]);
}

#[tokio::test]
async fn a_stream_that_is_never_polled_sends_nothing() {
    let (server, registry) = served(EVENTS, Answer::page(200)).await;
    drop(drawing(&registry));
    registry.close(SOON).await;
    assert_eq!(server.lines().len(), 0);
}

#[tokio::test]
async fn a_stream_dropped_while_the_picture_is_fetched_cancels_nothing_for_it_is_drawn() {
    let stalled = Answer::raw("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n").then_stall();
    let (server, registry) = served(PICTURE, stalled).await;
    let mut events = drawing(&registry);
    until(&server, PICTURE, &mut events).await;
    drop(events);
    server.closed(1).await;
    registry.close(SOON).await;
    assert_eq!(server.lines(), DRAWN);
}

#[tokio::test]
async fn a_stream_that_ended_cancels_nothing() {
    let (server, registry) = served("GET /nothing", Answer::page(404)).await;
    draw(&registry).await.expect("a picture");
    assert_eq!(server.lines(), DRAWN);
}

#[tokio::test]
async fn a_cancel_that_is_never_answered_holds_nobody_up() {
    let script = Script::gradio()
        .on(EVENTS, Answer::events([messages::queued(3)]).then_stall())
        .on(CANCEL, Answer::raw("").then_stall());
    let server = FaultServer::start(script).await;
    let registry = registry(&server, PATIENT);
    let mut events = drawing(&registry);
    until(&server, EVENTS, &mut events).await;
    drop(events);
    server.saw(CANCEL).await;
    let start = Instant::now();
    registry.close(Duration::from_millis(100)).await;
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!(server.lines(), GIVEN_UP);
}

#[tokio::test]
async fn a_cancel_that_is_refused_does_not_hide_the_first_error() {
    let script = Script::gradio()
        .on(EVENTS, Answer::events([messages::started()]).then_stall())
        .on(CANCEL, Answer::page(500));
    let server = FaultServer::start(script).await;
    let error = draw(&registry(&server, IMPATIENT))
        .await
        .expect_err("silent");
    let phase = Phase::Idle;
    assert_error(&error, &ErrorKind::Timeout { phase }, "300ms");
    assert_eq!(server.lines(), GIVEN_UP);
}
