//! Error messages from the Space: on either stream, with HTML in them, or missing.

use std::time::{Duration, SystemTime};

use fluxhop::{Error, ErrorKind};
use fluxhop_tests::fault::{MockResponse, Script, messages};
use serde_json::{Value, json};

use crate::support::{CALL, CALL_EVENTS, CONFIG, EVENTS, INFO, assert_error, draw_err};

/// Returns the error for a failure with `text` on the queue stream. The call has ended, so it is
/// not cancelled.
async fn queue_error(text: &str) -> Error {
    let events = [messages::started(), messages::failed(&json!(text))];
    let (error, server) = draw_err(Script::gradio().queue(events)).await;
    assert_eq!(server.lines(), [CALL, EVENTS]);
    error
}

/// Returns the error for an `error` event with `data` on the call stream.
async fn call_error(data: &Value, requests: &[&str]) -> Error {
    let event = messages::call_event("error", data);
    let script = Script::gradio()
        .without(EVENTS)
        .on(CALL_EVENTS, MockResponse::events([event]));
    let (error, server) = draw_err(script).await;
    assert_eq!(server.lines(), requests);
    error
}

#[tokio::test]
async fn gradio_6_call_error_message_is_reported() {
    let data = json!({"error": "out of memory", "duration": 10, "visible": true, "title": "Error"});
    let error = call_error(&data, &[CALL, EVENTS, CALL_EVENTS]).await;
    assert_error(&error, &ErrorKind::Upstream, "out of memory");
}

#[tokio::test]
async fn null_call_error_reports_hidden_details() {
    let requests = [CALL, EVENTS, CALL_EVENTS, CONFIG, INFO];
    let error = call_error(&Value::Null, &requests).await;
    assert_error(&error, &ErrorKind::Upstream, "does not show why");
    assert!(error.is_retryable());
}

#[tokio::test]
async fn null_queue_error_reports_hidden_details() {
    let script = Script::gradio().queue([messages::failed(&Value::Null)]);
    let (error, server) = draw_err(script).await;
    assert_error(&error, &ErrorKind::Upstream, "does not show why");
    assert_eq!(server.lines(), [CALL, EVENTS, CONFIG, INFO]);
}

#[tokio::test]
async fn quotes_around_a_gradio_4_error_are_removed() {
    let error = queue_error("'the scheduler failed'").await;
    assert_eq!(error.message(), "the scheduler failed");
    assert_eq!(error.kind(), &ErrorKind::Upstream);
}

#[tokio::test]
async fn quota_message_sets_the_reset_time_and_drops_html() {
    let error = queue_error(
        "You have exceeded your GPU quota (60s requested vs. 56s left). \
         <a style=\"white-space: nowrap\" href=\"https://huggingface.co/join\">Create a free account</a> \
         to get more, or retry in 0:09:48",
    )
    .await;
    let ErrorKind::QuotaExceeded {
        resets_at: Some(at),
    } = error.kind()
    else {
        panic!("{error:?}");
    };
    let wait = at.duration_since(SystemTime::now()).expect("in the future");
    assert!((570..=588).contains(&wait.as_secs()), "{wait:?}");
    assert!(error.message().contains("Create a free account"), "{error}");
    assert!(!error.message().contains('<'), "{error}");
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn quota_message_without_a_time_is_quota_exceeded() {
    let error = queue_error("You have exceeded your free ZeroGPU quota.").await;
    assert_eq!(error.kind(), &ErrorKind::QuotaExceeded { resets_at: None });
}

#[tokio::test]
async fn rate_limit_message_sets_retry_after() {
    let error = queue_error("Too many requests, try again in 12 seconds").await;
    let retry_after = Some(Duration::from_secs(12));
    assert_eq!(error.kind(), &ErrorKind::RateLimited { retry_after });
}

#[tokio::test]
async fn rejected_prompt_is_not_retryable() {
    let error = queue_error("NSFW content detected").await;
    assert_eq!(error.kind(), &ErrorKind::ContentRejected);
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn no_available_gpu_is_retryable() {
    let error = queue_error("No GPU is currently available for you after 60s").await;
    assert_eq!(error.kind(), &ErrorKind::Unavailable);
    assert!(error.is_retryable());
}

#[tokio::test]
async fn value_out_of_range_is_an_invalid_request() {
    let error = queue_error("Value 100000 is greater than maximum value 2048.").await;
    assert_eq!(
        error.kind(),
        &ErrorKind::InvalidRequest { field: "request" }
    );
    assert!(!error.is_retryable());
}
