//! What the Space's own errors say: on either stream, with HTML in them, or nothing at all.

use std::time::{Duration, SystemTime};

use fluxhop::{Error, ErrorKind};
use fluxhop_tests::fault::{Answer, Script, messages};
use serde_json::{Value, json};

use crate::support::{CALL, CALL_EVENTS, CONFIG, EVENTS, INFO, assert_error, fails};

/// The error of a function that fails with this text; the call is over and not cancelled.
async fn said(text: &str) -> Error {
    let events = [messages::started(), messages::failed(&json!(text))];
    let (error, server) = fails(Script::gradio().queue(events)).await;
    assert_eq!(server.lines(), [CALL, EVENTS]);
    error
}

async fn said_on_call(data: &Value, requests: &[&str]) -> Error {
    let event = messages::call_event("error", data);
    let script = Script::gradio()
        .without(EVENTS)
        .on(CALL_EVENTS, Answer::events([event]));
    let (error, server) = fails(script).await;
    assert_eq!(server.lines(), requests);
    error
}

#[tokio::test]
async fn an_error_of_gradio_6_on_call_is_told_in_its_words() {
    let data = json!({"error": "out of memory", "duration": 10, "visible": true, "title": "Error"});
    let error = said_on_call(&data, &[CALL, EVENTS, CALL_EVENTS]).await;
    assert_error(&error, &ErrorKind::Upstream, "out of memory");
}

#[tokio::test]
async fn an_error_of_null_on_call_says_that_the_app_does_not_show_why() {
    let requests = [CALL, EVENTS, CALL_EVENTS, CONFIG, INFO];
    let error = said_on_call(&Value::Null, &requests).await;
    assert_error(&error, &ErrorKind::Upstream, "does not show why");
    assert!(error.is_retryable());
}

#[tokio::test]
async fn an_exception_that_the_app_hides_says_so() {
    let script = Script::gradio().queue([messages::failed(&Value::Null)]);
    let (error, server) = fails(script).await;
    assert_error(&error, &ErrorKind::Upstream, "does not show why");
    assert_eq!(server.lines(), [CALL, EVENTS, CONFIG, INFO]);
}

#[tokio::test]
async fn an_error_of_gradio_4_loses_its_quotes() {
    let error = said("'the scheduler failed'").await;
    assert_eq!(error.message(), "the scheduler failed");
    assert_eq!(error.kind(), &ErrorKind::Upstream);
}

#[tokio::test]
async fn a_quota_text_tells_when_there_is_some_again_and_loses_its_html() {
    let error = said(
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
async fn a_quota_text_without_a_time_is_a_quota_too() {
    let error = said("You have exceeded your free ZeroGPU quota.").await;
    assert_eq!(error.kind(), &ErrorKind::QuotaExceeded { resets_at: None });
}

#[tokio::test]
async fn a_rate_limit_in_words_is_one() {
    let error = said("Too many requests, try again in 12 seconds").await;
    let retry_after = Some(Duration::from_secs(12));
    assert_eq!(error.kind(), &ErrorKind::RateLimited { retry_after });
}

#[tokio::test]
async fn a_prompt_that_the_space_will_not_draw_is_not_retried() {
    let error = said("NSFW content detected").await;
    assert_eq!(error.kind(), &ErrorKind::ContentRejected);
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn no_free_gpu_is_unavailable() {
    let error = said("No GPU is currently available for you after 60s").await;
    assert_eq!(error.kind(), &ErrorKind::Unavailable);
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_value_out_of_a_slider_s_range_is_the_request_s_fault() {
    let error = said("Value 100000 is greater than maximum value 2048.").await;
    assert_eq!(
        error.kind(),
        &ErrorKind::InvalidRequest { field: "request" }
    );
    assert!(!error.is_retryable());
}
