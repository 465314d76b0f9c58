//! Event streams that end, break or stall before the result.

use std::time::Duration;

use fluxhop::{ErrorKind, Phase};
use fluxhop_tests::fault::{FaultServer, MockResponse, Script, chunk, messages};
use serde_json::json;

use crate::support::{
    CALL, CALL_EVENTS, CANCEL, CANCELLED_REQUESTS, CONFIG, EVENTS, IMAGE_FILE, IMAGE_REQUESTS,
    SHORT_TIMEOUTS, assert_error, draw, draw_err, draw_err_with, draw_ok, registry,
};

const ENDED: &str = "the event stream ended before the result";

fn timed_out(phase: Phase) -> ErrorKind {
    ErrorKind::Timeout { phase }
}

fn event_stream(response: MockResponse) -> Script {
    Script::gradio().on(EVENTS, response)
}

/// A stream of two events, without a result.
fn started_stream() -> MockResponse {
    MockResponse::events([messages::queued(0), messages::started()])
}

/// A Space without `/queue/data`.
fn without_queue_stream(response: MockResponse) -> Script {
    Script::gradio().without(EVENTS).on(CALL_EVENTS, response)
}

#[tokio::test]
async fn queue_stream_without_a_terminal_event_is_read_once() {
    let (error, server) = draw_err(event_stream(started_stream())).await;
    assert_error(&error, &ErrorKind::Unavailable, ENDED);
    assert!(error.is_retryable());
    assert_eq!(server.lines(), CANCELLED_REQUESTS);
}

#[tokio::test]
async fn call_stream_without_a_terminal_event_is_read_once() {
    let generating = messages::call_event("generating", &json!([null, 0]));
    let (error, server) = draw_err(without_queue_stream(MockResponse::events([generating]))).await;
    assert_error(&error, &ErrorKind::Unavailable, ENDED);
    assert_eq!(server.lines(), [CALL, EVENTS, CALL_EVENTS, CONFIG, CANCEL]);
}

#[tokio::test]
async fn empty_stream_is_unavailable() {
    let (error, server) = draw_err(event_stream(MockResponse::events::<&str>([]))).await;
    assert_error(&error, &ErrorKind::Unavailable, ENDED);
    assert_eq!(server.lines(), CANCELLED_REQUESTS);
}

#[tokio::test]
async fn close_stream_message_before_the_result_is_unavailable() {
    let close = messages::message(&json!({"msg": "close_stream"}));
    let (error, server) = draw_err(event_stream(MockResponse::events([
        messages::started(),
        close,
    ])))
    .await;
    assert_error(&error, &ErrorKind::Unavailable, ENDED);
    assert_eq!(server.count(EVENTS), 1);
}

#[tokio::test]
async fn stream_truncated_within_a_chunk_is_unavailable() {
    let (error, server) = draw_err(event_stream(started_stream().truncate_by(7))).await;
    assert_error(&error, &ErrorKind::Unavailable, "the connection closed");
    assert_eq!(server.lines(), CANCELLED_REQUESTS);
}

#[tokio::test]
async fn reset_stream_is_unavailable() {
    let (error, server) = draw_err(event_stream(started_stream().then_reset())).await;
    assert_error(&error, &ErrorKind::Unavailable, "the connection closed");
    assert_eq!(server.lines(), CANCELLED_REQUESTS);
}

#[tokio::test]
async fn lost_result_is_not_requested_again() {
    let heartbeat = chunk(messages::heartbeat());
    let heartbeats =
        MockResponse::events::<&str>([]).then_repeat(heartbeat, Duration::from_millis(20));
    let (error, server) = draw_err_with(event_stream(heartbeats), SHORT_TIMEOUTS).await;
    assert_error(&error, &timed_out(Phase::FirstEvent), "300ms");
    assert_eq!(server.lines(), CANCELLED_REQUESTS);
    server.wait_for_closed(1).await;
}

#[tokio::test]
async fn heartbeats_after_the_start_do_not_reset_the_idle_timeout() {
    let heartbeat = chunk(messages::heartbeat());
    let heartbeats = started_stream().then_repeat(heartbeat, Duration::from_millis(20));
    let (error, server) = draw_err_with(event_stream(heartbeats), SHORT_TIMEOUTS).await;
    assert_error(&error, &timed_out(Phase::Idle), "300ms");
    assert_eq!(server.lines(), CANCELLED_REQUESTS);
    server.wait_for_closed(1).await;
}

#[tokio::test]
async fn repeated_queue_position_does_not_reset_the_idle_timeout() {
    let position = chunk(messages::queued(3));
    let positions =
        MockResponse::events::<&str>([]).then_repeat(position, Duration::from_millis(20));
    let (error, server) = draw_err_with(event_stream(positions), SHORT_TIMEOUTS).await;
    assert_error(&error, &timed_out(Phase::Idle), "300ms");
    assert_eq!(server.lines(), CANCELLED_REQUESTS);
}

#[tokio::test]
async fn silent_stream_hits_the_first_event_timeout() {
    let silent = MockResponse::events::<&str>([]).then_stall();
    let (error, server) = draw_err_with(event_stream(silent), SHORT_TIMEOUTS).await;
    assert_error(&error, &timed_out(Phase::FirstEvent), "300ms");
    server.wait_for_closed(1).await;
    assert_eq!(server.lines(), CANCELLED_REQUESTS);
}

#[tokio::test]
async fn stalled_stream_hits_the_idle_timeout() {
    let (error, server) =
        draw_err_with(event_stream(started_stream().then_stall()), SHORT_TIMEOUTS).await;
    assert_error(&error, &timed_out(Phase::Idle), "300ms");
    server.wait_for_closed(1).await;
    assert_eq!(server.lines(), CANCELLED_REQUESTS);
}

#[tokio::test]
async fn repeated_shutdown_messages_are_reported_once() {
    let stopped = messages::unexpected("Server stopped unexpectedly.");
    let (error, server) = draw_err(event_stream(MockResponse::events(vec![stopped; 100]))).await;
    assert_error(
        &error,
        &ErrorKind::Unavailable,
        "the server lost the call: Server stopped unexpectedly.",
    );
    assert_eq!(server.lines(), [CALL, EVENTS]);
}

#[tokio::test]
async fn server_stopped_message_is_retryable() {
    let stopped = messages::message(&json!({"msg": "server_stopped"}));
    let (error, server) = draw_err(event_stream(MockResponse::events([stopped]))).await;
    assert_error(&error, &ErrorKind::Unavailable, "stopped");
    assert!(error.is_retryable());
    assert_eq!(server.lines(), [CALL, EVENTS]);
}

#[tokio::test]
async fn session_not_found_message_is_retried() {
    let lost = MockResponse::events([messages::unexpected("Session not found.")]);
    let good = MockResponse::events([messages::completed(&messages::result())]);
    let script = Script::gradio().on_each(EVENTS, vec![lost.clone(), good]);
    let (error, _) = draw_err(event_stream(lost)).await;
    assert_error(&error, &ErrorKind::Unavailable, "Session not found.");
    let server = FaultServer::start(script).await;
    let one_retry = "first_event_timeout = 30\nidle_timeout = 30\ntimeout = 60\nretries = 1";
    draw(&registry(&server, one_retry)).await.expect("an image");
    assert_eq!(server.lines(), [CALL, EVENTS, CALL, EVENTS, IMAGE_FILE]);
}

#[tokio::test]
async fn unknown_event_id_is_unavailable() {
    for message in ["404: Not Found", "404: Session not found."] {
        let event = messages::call_event("error", &json!(message));
        let (error, server) = draw_err(without_queue_stream(
            MockResponse::events([event]).truncate_by(0),
        ))
        .await;
        assert_error(&error, &ErrorKind::Unavailable, message);
        assert_eq!(server.lines(), [CALL, EVENTS, CALL_EVENTS]);
    }
}

#[tokio::test]
async fn rejected_queue_stream_falls_back_to_the_call_stream() {
    let complete = || MockResponse::events([messages::call_event("complete", &messages::result())]);
    for rejection in [
        MockResponse::json(404, &json!({"detail": "Not Found"})),
        MockResponse::json(403, &json!({"detail": "Forbidden"})),
        MockResponse::new(500, "text/plain", "Internal Server Error"),
        MockResponse::html_page(200),
    ] {
        let script = without_queue_stream(complete()).on(EVENTS, rejection);
        let server = draw_ok(script).await;
        assert_eq!(server.lines(), [CALL, EVENTS, CALL_EVENTS, IMAGE_FILE]);
    }
}

#[tokio::test]
async fn call_is_cancelled_if_both_streams_are_rejected() {
    let (error, server) = draw_err(Script::gradio().without(EVENTS)).await;
    assert_error(&error, &ErrorKind::Unavailable, "/call/infer returned 404");
    assert_eq!(server.lines(), [CALL, EVENTS, CALL_EVENTS, CONFIG, CANCEL]);
}

#[tokio::test]
async fn stream_is_closed_after_the_result() {
    let done = [messages::completed(&messages::result())];
    let server = draw_ok(event_stream(MockResponse::events(done).then_stall())).await;
    assert_eq!(server.lines(), IMAGE_REQUESTS);
    server.wait_for_closed(1).await;
}
