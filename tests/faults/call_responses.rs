//! Faults in the response to the call itself, before any event: error statuses, HTML pages and
//! responses that are not HTTP.

use std::time::Duration;

use fluxhop::{ErrorKind, Phase};
use fluxhop_tests::fault::{MockResponse, RefusingServer, Script};
use serde_json::json;

use crate::support::{
    CALL, CONFIG, EVENTS, INFO, SHORT_TIMEOUTS, assert_error, draw, draw_err, draw_err_with,
    registry_at,
};

fn call_response(response: MockResponse) -> Script {
    Script::gradio().on(CALL, response)
}

const NO_FIRST_EVENT: ErrorKind = ErrorKind::Timeout {
    phase: Phase::FirstEvent,
};

#[tokio::test]
async fn html_page_with_status_503_is_unavailable() {
    let script = Script::empty()
        .on("POST /*", MockResponse::html_page(503))
        .on("GET /*", MockResponse::html_page(503));
    let (error, server) = draw_err(script).await;
    assert_error(
        &error,
        &ErrorKind::Unavailable,
        "returned 503: Your space is in preparation",
    );
    assert!(error.is_retryable());
    assert_eq!(server.lines(), [CALL, CONFIG]);
}

#[tokio::test]
async fn html_page_with_status_200_is_unavailable() {
    let script = Script::empty()
        .on("POST /*", MockResponse::html_page(200))
        .on("GET /*", MockResponse::html_page(200));
    let (error, server) = draw_err(script).await;
    assert_error(&error, &ErrorKind::Unavailable, "expected Gradio's /config");
    assert_eq!(server.lines(), [CALL, CONFIG]);
}

#[tokio::test]
async fn gateway_errors_are_unavailable_and_retryable() {
    for status in [502, 503, 504] {
        for body in ["", "{\"detail\":\"upstream gone\"}"] {
            let response = MockResponse::new(status, "application/json", body);
            let (error, server) = draw_err(call_response(response)).await;
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
async fn status_429_is_rate_limited() {
    let assert_limited = |response: MockResponse, retry_after| async move {
        let (error, server) = draw_err(call_response(response)).await;
        let kind = ErrorKind::RateLimited { retry_after };
        assert_error(&error, &kind, "429");
        assert_eq!(server.lines(), [CALL]);
    };
    let plain = || MockResponse::new(429, "text/plain", "Too many requests");
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_limited(plain(), None).await;
    assert_limited(plain().header("retry-after", "30"), seconds(30)).await;
    assert_limited(plain().header("RateLimit", "\"api\";r=0;t=12"), seconds(12)).await;
    assert_limited(plain().header("retry-after", "soon"), None).await;
}

#[tokio::test]
async fn response_without_an_event_id_is_shown_in_the_error() {
    for body in [
        json!({}),
        json!({"event_id": null}),
        json!({"event_id": 7}),
        json!([]),
    ] {
        let (error, server) = draw_err(call_response(MockResponse::json(200, &body))).await;
        assert_error(&error, &ErrorKind::Protocol, "expected an event_id");
        assert!(error.message().contains(&body.to_string()), "{error}");
        assert_eq!(server.lines(), [CALL]);
    }
}

#[tokio::test]
async fn unexpected_response_body_is_a_protocol_error() {
    for body in ["", "null", "event_id=7"] {
        let (error, server) = draw_err(call_response(MockResponse::new(
            200,
            "application/json",
            body,
        )))
        .await;
        assert_eq!(error.kind(), &ErrorKind::Protocol, "{error}");
        assert_eq!(server.lines(), [CALL]);
    }
}

#[tokio::test]
async fn endless_response_is_rejected_at_the_size_limit() {
    let endless = MockResponse::raw("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[")
        .then_repeat([b' '; 4096], Duration::ZERO);
    let (error, server) = draw_err(call_response(endless)).await;
    assert_error(&error, &ErrorKind::Protocol, "larger than 65536 bytes");
    server.wait_for_closed(1).await;
    assert_eq!(server.lines(), [CALL]);
}

#[tokio::test]
async fn rejected_call_reports_the_server_message() {
    let detail =
        json!({"detail": [{"type": "missing", "loc": ["body", "data"], "msg": "Field required"}]});
    let (error, server) = draw_err(call_response(MockResponse::json(422, &detail))).await;
    let kind = ErrorKind::InvalidRequest { field: "request" };
    assert_error(&error, &kind, "\"body\".\"data\" Field required");
    assert_eq!(server.lines(), [CALL, CONFIG, INFO]);
    for status in [400, 413] {
        let (error, _) =
            draw_err(call_response(MockResponse::new(status, "text/plain", "no"))).await;
        assert_eq!(error.kind(), &kind);
    }
}

#[tokio::test]
async fn full_queue_is_reported() {
    let detail = json!({"detail": "Queue is full. Max size is 1 and size is 1."});
    let (error, server) = draw_err(call_response(MockResponse::json(503, &detail))).await;
    assert_error(&error, &ErrorKind::QueueFull, "Max size is 1");
    assert!(error.is_retryable());
    assert_eq!(server.lines(), [CALL]);
}

#[tokio::test]
async fn missing_login_is_unauthorized() {
    for detail in [
        json!({"detail": "Not authenticated"}),
        json!({"detail": {"error": "Not authenticated", "auth_message": null}}),
    ] {
        let (error, server) = draw_err(call_response(MockResponse::json(401, &detail))).await;
        assert_error(&error, &ErrorKind::Unauthorized, "Not authenticated");
        assert!(!error.is_retryable());
        assert_eq!(server.lines(), [CALL]);
    }
}

#[tokio::test]
async fn plain_text_401_is_unauthorized() {
    let script = call_response(MockResponse::new(401, "text/plain", "Invalid credentials"));
    let (error, server) = draw_err(script).await;
    assert_error(&error, &ErrorKind::Unauthorized, "Invalid credentials");
    assert_eq!(server.lines(), [CALL]);
}

#[tokio::test]
async fn status_500_reports_the_server_message_if_the_endpoint_exists() {
    let trace = "Traceback (most recent call last):\n  File \"app.py\"\nKeyError: 'infer'";
    for body in ["Internal Server Error", trace] {
        let (error, server) =
            draw_err(call_response(MockResponse::new(500, "text/plain", body))).await;
        assert_error(
            &error,
            &ErrorKind::Upstream,
            body.lines().next().expect("a line"),
        );
        assert_eq!(server.lines(), [CALL, CONFIG, INFO]);
    }
}

#[tokio::test]
async fn unanswered_call_times_out() {
    let (error, server) = draw_err_with(
        call_response(MockResponse::raw("").then_stall()),
        SHORT_TIMEOUTS,
    )
    .await;
    assert_error(&error, &NO_FIRST_EVENT, "300ms");
    assert_eq!(server.lines(), [CALL]);
}

#[tokio::test]
async fn unanswered_config_times_out() {
    let script = Script::gradio()
        .without(CALL)
        .on(CONFIG, MockResponse::raw("").then_stall());
    let (error, server) = draw_err_with(script, SHORT_TIMEOUTS).await;
    assert_error(&error, &NO_FIRST_EVENT, "300ms");
    server.wait_for_closed(1).await;
    assert_eq!(server.lines(), [CALL, CONFIG]);
}

#[tokio::test]
async fn endless_response_head_times_out() {
    let endless = MockResponse::raw("HTTP/1.1 200 OK\r\nx-more: ");
    let endless = endless.then_repeat("x", Duration::from_millis(10));
    let script = Script::gradio().on(EVENTS, endless);
    let (error, server) = draw_err_with(script, SHORT_TIMEOUTS).await;
    assert_error(&error, &NO_FIRST_EVENT, "300ms");
    server.wait_for_closed(1).await;
    assert_eq!(server.count(EVENTS), 1);
}

#[tokio::test]
async fn non_http_response_is_unavailable() {
    for bytes in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "\0\0\0\0",
        "HTTP/9.9 hello\r\n\r\n",
    ] {
        let (error, server) =
            draw_err(call_response(MockResponse::raw(bytes).truncate_by(0))).await;
        assert_error(&error, &ErrorKind::Unavailable, "the connection closed");
        assert_eq!(server.lines(), [CALL], "{bytes:?}");
    }
}

#[tokio::test]
async fn closed_connection_is_unavailable_and_the_call_is_not_resent() {
    for response in [
        MockResponse::raw("").truncate_by(0),
        MockResponse::raw("").then_reset(),
    ] {
        let (error, server) = draw_err(call_response(response)).await;
        assert_error(&error, &ErrorKind::Unavailable, "the connection closed");
        assert_eq!(server.lines(), [CALL]);
    }
}

#[tokio::test]
async fn refused_connection_is_unavailable() {
    let server = RefusingServer::new();
    let registry = registry_at(&server.url(), SHORT_TIMEOUTS);
    let error = draw(&registry).await.expect_err("draw succeeded");
    assert_error(&error, &ErrorKind::Unavailable, "cannot connect");
}
