//! Streams that end, break or fall silent before the picture.

use std::time::Duration;

use fluxhop::{ErrorKind, Phase};
use fluxhop_tests::fault::{Answer, Script, chunk, messages};
use serde_json::json;

use crate::support::{
    CALL, CALL_EVENTS, CANCEL, CONFIG, DRAWN, EVENTS, GIVEN_UP, IMPATIENT, PICTURE, assert_error,
    draw, draws, fails, fails_with, registry,
};

const ENDED: &str = "the stream of events ended before the result";

fn timed_out(phase: Phase) -> ErrorKind {
    ErrorKind::Timeout { phase }
}

fn events(answer: Answer) -> Script {
    Script::gradio().on(EVENTS, answer)
}

/// Two events, after which something goes wrong.
fn begun() -> Answer {
    Answer::events([messages::queued(0), messages::started()])
}

/// Only `/call/{name}/{event_id}` is there.
fn call_only(answer: Answer) -> Script {
    Script::gradio().without(EVENTS).on(CALL_EVENTS, answer)
}

#[tokio::test]
async fn a_stream_that_ends_without_a_terminal_event_is_read_once_and_not_in_a_loop() {
    let (error, server) = fails(events(begun())).await;
    assert_error(&error, &ErrorKind::Unavailable, ENDED);
    assert!(error.is_retryable());
    assert_eq!(server.lines(), GIVEN_UP);
}

#[tokio::test]
async fn a_stream_of_call_that_ends_without_a_terminal_event_is_read_once() {
    let generating = messages::call_event("generating", &json!([null, 0]));
    let (error, server) = fails(call_only(Answer::events([generating]))).await;
    assert_error(&error, &ErrorKind::Unavailable, ENDED);
    assert_eq!(server.lines(), [CALL, EVENTS, CALL_EVENTS, CONFIG, CANCEL]);
}

#[tokio::test]
async fn an_empty_stream_is_an_error() {
    let (error, server) = fails(events(Answer::events::<&str>([]))).await;
    assert_error(&error, &ErrorKind::Unavailable, ENDED);
    assert_eq!(server.lines(), GIVEN_UP);
}

#[tokio::test]
async fn a_stream_closed_by_the_server_before_the_result_is_an_error() {
    let close = messages::message(&json!({"msg": "close_stream"}));
    let (error, server) = fails(events(Answer::events([messages::started(), close]))).await;
    assert_error(&error, &ErrorKind::Unavailable, ENDED);
    assert_eq!(server.count(EVENTS), 1);
}

#[tokio::test]
async fn a_stream_cut_within_a_chunk_is_an_error() {
    let (error, server) = fails(events(begun().cut_by(7))).await;
    assert_error(&error, &ErrorKind::Unavailable, "the connection broke");
    assert_eq!(server.lines(), GIVEN_UP);
}

#[tokio::test]
async fn a_stream_that_is_reset_is_an_error() {
    let (error, server) = fails(events(begun().then_reset())).await;
    assert_error(&error, &ErrorKind::Unavailable, "the connection broke");
    assert_eq!(server.lines(), GIVEN_UP);
}

#[tokio::test]
async fn a_result_lost_by_the_server_is_never_asked_for_twice_though_heartbeats_go_on() {
    let beat = chunk(messages::heartbeat());
    let beating = Answer::events::<&str>([]).then_dribble(beat, Duration::from_millis(20));
    let (error, server) = fails_with(events(beating), IMPATIENT).await;
    assert_error(&error, &timed_out(Phase::FirstEvent), "300ms");
    assert_eq!(server.lines(), GIVEN_UP);
    server.closed(1).await;
}

#[tokio::test]
async fn heartbeats_for_ever_after_the_start_are_silence() {
    let beat = chunk(messages::heartbeat());
    let beating = begun().then_dribble(beat, Duration::from_millis(20));
    let (error, server) = fails_with(events(beating), IMPATIENT).await;
    assert_error(&error, &timed_out(Phase::Idle), "300ms");
    assert_eq!(server.lines(), GIVEN_UP);
    server.closed(1).await;
}

#[tokio::test]
async fn the_same_place_in_the_queue_told_for_ever_is_silence() {
    let place = chunk(messages::queued(3));
    let telling = Answer::events::<&str>([]).then_dribble(place, Duration::from_millis(20));
    let (error, server) = fails_with(events(telling), IMPATIENT).await;
    assert_error(&error, &timed_out(Phase::Idle), "300ms");
    assert_eq!(server.lines(), GIVEN_UP);
}

#[tokio::test]
async fn a_stream_that_never_tells_anything_is_given_up() {
    let silent = Answer::events::<&str>([]).then_stall();
    let (error, server) = fails_with(events(silent), IMPATIENT).await;
    assert_error(&error, &timed_out(Phase::FirstEvent), "300ms");
    server.closed(1).await;
    assert_eq!(server.lines(), GIVEN_UP);
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_given_up() {
    let (error, server) = fails_with(events(begun().then_stall()), IMPATIENT).await;
    assert_error(&error, &timed_out(Phase::Idle), "300ms");
    server.closed(1).await;
    assert_eq!(server.lines(), GIVEN_UP);
}

#[tokio::test]
async fn a_server_that_stops_and_says_so_a_hundred_times_is_heard_once() {
    let stopped = messages::unexpected("Server stopped unexpectedly.");
    let (error, server) = fails(events(Answer::events(vec![stopped; 100]))).await;
    assert_error(
        &error,
        &ErrorKind::Unavailable,
        "the server lost the call: Server stopped unexpectedly.",
    );
    assert_eq!(server.lines(), [CALL, EVENTS]);
}

#[tokio::test]
async fn a_server_that_stops_is_an_error_that_may_pass() {
    let stopped = messages::message(&json!({"msg": "server_stopped"}));
    let (error, server) = fails(events(Answer::events([stopped]))).await;
    assert_error(&error, &ErrorKind::Unavailable, "stopped");
    assert!(error.is_retryable());
    assert_eq!(server.lines(), [CALL, EVENTS]);
}

#[tokio::test]
async fn a_session_not_found_by_the_wrong_replica_within_a_200_is_drawn_anew() {
    let lost = Answer::events([messages::unexpected("Session not found.")]);
    let good = Answer::events([messages::completed(&messages::result())]);
    let script = Script::gradio().on_each(EVENTS, vec![lost.clone(), good]);
    let (error, _) = fails(events(lost)).await;
    assert_error(&error, &ErrorKind::Unavailable, "Session not found.");
    let server = fluxhop_tests::fault::FaultServer::start(script).await;
    let patient = "first_event = 30\nsilence = 30\ntimeout = 60\nretries = 1";
    draw(&registry(&server, patient)).await.expect("a picture");
    assert_eq!(server.lines(), [CALL, EVENTS, CALL, EVENTS, PICTURE]);
}

#[tokio::test]
async fn an_event_id_that_call_does_not_know_is_an_error_that_may_pass() {
    for words in ["404: Not Found", "404: Session not found."] {
        let event = messages::call_event("error", &json!(words));
        let (error, server) = fails(call_only(Answer::events([event]).cut_by(0))).await;
        assert_error(&error, &ErrorKind::Unavailable, words);
        assert_eq!(server.lines(), [CALL, EVENTS, CALL_EVENTS]);
    }
}

#[tokio::test]
async fn a_queue_stream_that_is_refused_is_read_from_call_instead() {
    let complete = || Answer::events([messages::call_event("complete", &messages::result())]);
    for refusal in [
        Answer::json(404, &json!({"detail": "Not Found"})),
        Answer::json(403, &json!({"detail": "Forbidden"})),
        Answer::new(500, "text/plain", "Internal Server Error"),
        Answer::page(200),
    ] {
        let script = call_only(complete()).on(EVENTS, refusal);
        let server = draws(script).await;
        assert_eq!(server.lines(), [CALL, EVENTS, CALL_EVENTS, PICTURE]);
    }
}

#[tokio::test]
async fn both_streams_refused_is_an_error_and_the_call_is_cancelled() {
    let (error, server) = fails(Script::gradio().without(EVENTS)).await;
    assert_error(&error, &ErrorKind::Unavailable, "/call/infer answered 404");
    assert_eq!(server.lines(), [CALL, EVENTS, CALL_EVENTS, CONFIG, CANCEL]);
}

#[tokio::test]
async fn events_after_the_result_are_not_waited_for() {
    let done = [messages::completed(&messages::result())];
    let server = draws(events(Answer::events(done).then_stall())).await;
    assert_eq!(server.lines(), DRAWN);
    server.closed(1).await;
}
