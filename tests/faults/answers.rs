//! Answers to the call itself, before any event: statuses, pages, and things that are no answer.

use std::time::Duration;

use fluxhop::{ErrorKind, Phase};
use fluxhop_tests::fault::{Answer, FaultServer, Script};
use serde_json::json;

use crate::support::{
    CALL, CONFIG, EVENTS, IMPATIENT, INFO, assert_error, draw, fails, fails_with, registry,
};

fn answered(answer: Answer) -> Script {
    Script::gradio().on(CALL, answer)
}

const NO_FIRST_EVENT: ErrorKind = ErrorKind::Timeout {
    phase: Phase::FirstEvent,
};

#[tokio::test]
async fn a_page_with_503_from_a_space_that_is_not_up_is_unavailable_and_not_protocol() {
    let script = Script::empty()
        .on("POST /*", Answer::page(503))
        .on("GET /*", Answer::page(503));
    let (error, server) = fails(script).await;
    assert_error(
        &error,
        &ErrorKind::Unavailable,
        "answered 503: Your space is in preparation",
    );
    assert!(error.is_retryable());
    assert_eq!(server.lines(), [CALL, CONFIG]);
}

#[tokio::test]
async fn a_page_with_200_from_a_space_that_is_not_up_is_unavailable_and_not_a_loop() {
    let script = Script::empty()
        .on("POST /*", Answer::page(200))
        .on("GET /*", Answer::page(200));
    let (error, server) = fails(script).await;
    assert_error(&error, &ErrorKind::Unavailable, "expected Gradio's /config");
    assert_eq!(server.lines(), [CALL, CONFIG]);
}

#[tokio::test]
async fn a_gateway_that_fails_is_unavailable_and_may_pass() {
    for status in [502, 503, 504] {
        for body in ["", "{\"detail\":\"upstream gone\"}"] {
            let answer = Answer::new(status, "application/json", body);
            let (error, server) = fails(answered(answer)).await;
            assert_eq!(
                error.kind(),
                &ErrorKind::Unavailable,
                "{status} {body}: {error}"
            );
            assert!(error.is_retryable());
            assert_eq!(server.count(CALL), 1);
        }
    }
}

#[tokio::test]
async fn too_many_requests_is_said_as_such() {
    let limited = |answer: Answer, retry_after| async move {
        let (error, server) = fails(answered(answer)).await;
        let kind = ErrorKind::RateLimited { retry_after };
        assert_error(&error, &kind, "429");
        assert_eq!(server.lines(), [CALL]);
    };
    let plain = || Answer::new(429, "text/plain", "Too many requests");
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    limited(plain(), None).await;
    limited(plain().header("retry-after", "30"), seconds(30)).await;
    limited(plain().header("RateLimit", "\"api\";r=0;t=12"), seconds(12)).await;
    limited(plain().header("retry-after", "soon"), None).await;
}

#[tokio::test]
async fn an_answer_without_an_event_id_is_shown() {
    for answer in [
        json!({}),
        json!({"event_id": null}),
        json!({"event_id": 7}),
        json!([]),
    ] {
        let (error, server) = fails(answered(Answer::json(200, &answer))).await;
        assert_error(&error, &ErrorKind::Protocol, "expected an event_id");
        assert!(error.message().contains(&answer.to_string()), "{error}");
        assert_eq!(server.lines(), [CALL]);
    }
}

#[tokio::test]
async fn an_answer_that_is_empty_or_no_json_is_shown() {
    for body in ["", "null", "event_id=7"] {
        let (error, server) = fails(answered(Answer::new(200, "application/json", body))).await;
        assert_eq!(error.kind(), &ErrorKind::Protocol, "{error}");
        assert_eq!(server.lines(), [CALL]);
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_at_its_cap() {
    let endless = Answer::raw("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[")
        .then_dribble([b' '; 4096], Duration::ZERO);
    let (error, server) = fails(answered(endless)).await;
    assert_error(&error, &ErrorKind::Protocol, "larger than 65536 bytes");
    server.closed(1).await;
    assert_eq!(server.lines(), [CALL]);
}

#[tokio::test]
async fn a_malformed_call_is_told_in_the_server_s_words() {
    let detail =
        json!({"detail": [{"type": "missing", "loc": ["body", "data"], "msg": "Field required"}]});
    let (error, server) = fails(answered(Answer::json(422, &detail))).await;
    let kind = ErrorKind::InvalidRequest { field: "request" };
    assert_error(&error, &kind, "\"body\".\"data\" Field required");
    assert_eq!(server.lines(), [CALL, CONFIG, INFO]);
    for status in [400, 413] {
        let (error, _) = fails(answered(Answer::new(status, "text/plain", "no"))).await;
        assert_eq!(error.kind(), &kind);
    }
}

#[tokio::test]
async fn a_full_queue_is_said_as_such() {
    let detail = json!({"detail": "Queue is full. Max size is 1 and size is 1."});
    let (error, server) = fails(answered(Answer::json(503, &detail))).await;
    assert_error(&error, &ErrorKind::QueueFull, "Max size is 1");
    assert!(error.is_retryable());
    assert_eq!(server.lines(), [CALL]);
}

#[tokio::test]
async fn an_app_that_wants_a_login_is_unauthorized_in_all_forms() {
    for detail in [
        json!({"detail": "Not authenticated"}),
        json!({"detail": {"error": "Not authenticated", "auth_message": null}}),
    ] {
        let (error, server) = fails(answered(Answer::json(401, &detail))).await;
        assert_error(&error, &ErrorKind::Unauthorized, "Not authenticated");
        assert!(!error.is_retryable());
        assert_eq!(server.lines(), [CALL]);
    }
}

#[tokio::test]
async fn a_private_space_that_answers_401_without_json_is_unauthorized() {
    let script = answered(Answer::new(401, "text/plain", "Invalid credentials"));
    let (error, server) = fails(script).await;
    assert_error(&error, &ErrorKind::Unauthorized, "Invalid credentials");
    assert_eq!(server.lines(), [CALL]);
}

#[tokio::test]
async fn a_server_error_is_told_in_its_words_once_the_endpoint_is_known_to_be_there() {
    let trace = "Traceback (most recent call last):\n  File \"app.py\"\nKeyError: 'infer'";
    for body in ["Internal Server Error", trace] {
        let (error, server) = fails(answered(Answer::new(500, "text/plain", body))).await;
        assert_error(
            &error,
            &ErrorKind::Upstream,
            body.lines().next().expect("a line"),
        );
        assert_eq!(server.lines(), [CALL, CONFIG, INFO]);
    }
}

#[tokio::test]
async fn a_server_that_accepts_and_never_answers_is_given_up() {
    let (error, server) = fails_with(answered(Answer::raw("").then_stall()), IMPATIENT).await;
    assert_error(&error, &NO_FIRST_EVENT, "300ms");
    assert_eq!(server.lines(), [CALL]);
}

#[tokio::test]
async fn a_config_that_never_comes_is_given_up() {
    let script = Script::gradio()
        .without(CALL)
        .on(CONFIG, Answer::raw("").then_stall());
    let (error, server) = fails_with(script, IMPATIENT).await;
    assert_error(&error, &NO_FIRST_EVENT, "300ms");
    server.closed(1).await;
    assert_eq!(server.lines(), [CALL, CONFIG]);
}

#[tokio::test]
async fn a_head_that_dribbles_for_ever_is_given_up() {
    let dribbling = Answer::raw("HTTP/1.1 200 OK\r\nx-more: ");
    let dribbling = dribbling.then_dribble("x", Duration::from_millis(10));
    let script = Script::gradio().on(EVENTS, dribbling);
    let (error, server) = fails_with(script, IMPATIENT).await;
    assert_error(&error, &NO_FIRST_EVENT, "300ms");
    server.closed(1).await;
    assert_eq!(server.count(EVENTS), 1);
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_unavailable() {
    for bytes in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "\0\0\0\0",
        "HTTP/9.9 hello\r\n\r\n",
    ] {
        let (error, server) = fails(answered(Answer::raw(bytes).cut_by(0))).await;
        assert_error(&error, &ErrorKind::Unavailable, "the connection broke");
        assert_eq!(server.lines(), [CALL], "{bytes:?}");
    }
}

#[tokio::test]
async fn a_connection_that_closes_without_an_answer_is_unavailable_and_the_call_is_sent_once() {
    for answer in [Answer::raw("").cut_by(0), Answer::raw("").then_reset()] {
        let (error, server) = fails(answered(answer)).await;
        assert_error(&error, &ErrorKind::Unavailable, "the connection broke");
        assert_eq!(server.lines(), [CALL]);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let server = FaultServer::start(Script::empty()).await;
    let registry = registry(&server, IMPATIENT);
    drop(server);
    // The listener goes with the task that accepts, which ends when the runtime turns to it.
    tokio::task::yield_now().await;
    let error = draw(&registry).await.expect_err("nobody there");
    assert_error(&error, &ErrorKind::Unavailable, "cannot connect");
}
