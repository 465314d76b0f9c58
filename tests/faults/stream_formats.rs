//! Event streams in formats that Gradio does not use, but proxies and other servers may.

use fluxhop::ErrorKind;
use fluxhop_tests::fault::{FaultServer, MockResponse, Script, chunk, messages};
use serde_json::json;

use crate::support::{
    CALL_EVENTS, CANCELLED_REQUESTS, EVENTS, IMAGE_REQUESTS, assert_error, draw_err, draw_ok,
    draw_with, space,
};

/// Asserts that both event streams still yield an image when `format` rewrites them.
async fn assert_parses(format: impl Fn(&str) -> Vec<u8>) {
    let text = [
        messages::queued(0),
        messages::started(),
        messages::completed(&messages::result()),
    ];
    let queue = Script::gradio().queue([format(&text.concat())]);
    assert_eq!(draw_ok(queue).await.lines(), IMAGE_REQUESTS);
    let text = messages::call_event("heartbeat", &json!(null))
        + &messages::call_event("complete", &messages::result());
    let call = Script::gradio()
        .without(EVENTS)
        .on(CALL_EVENTS, MockResponse::events([format(&text)]));
    let server = draw_ok(call).await;
    assert_eq!((server.count(CALL_EVENTS), server.lines().len()), (1, 4));
}

#[tokio::test]
async fn crlf_ends_a_line() {
    assert_parses(|text| text.replace('\n', "\r\n").into_bytes()).await;
}

#[tokio::test]
async fn cr_ends_a_line() {
    assert_parses(|text| text.replace('\n', "\r").into_bytes()).await;
}

#[tokio::test]
async fn space_after_the_colon_is_optional() {
    assert_parses(|text| {
        text.replace("data: ", "data:")
            .replace("event: ", "event:")
            .into_bytes()
    })
    .await;
}

#[tokio::test]
async fn id_and_retry_fields_are_accepted() {
    let numbered = |text: &str| {
        let events = text
            .split_inclusive("\n\n")
            .map(|event| format!("id: 1\nretry: 3000\n{event}"));
        events.collect::<String>().into_bytes()
    };
    assert_parses(numbered).await;
}

#[tokio::test]
async fn byte_order_mark_is_skipped() {
    assert_parses(|text| format!("\u{feff}{text}").into_bytes()).await;
}

#[tokio::test]
async fn data_may_precede_the_event_field() {
    let reordered = |text: &str| {
        let event = |event: &str| {
            let mut lines: Vec<&str> = event.lines().filter(|line| !line.is_empty()).collect();
            lines.reverse();
            lines.join("\n") + "\n\n"
        };
        text.split_inclusive("\n\n")
            .map(event)
            .collect::<String>()
            .into_bytes()
    };
    assert_parses(reordered).await;
}

#[tokio::test]
async fn proxy_comments_are_skipped() {
    let commented = |text: &str| {
        let text = text.replace("\n\n", "\n: within\n\n");
        format!(": ping\n\n:\n{text}: ping - 2026-11-03\r\n\r\n").into_bytes()
    };
    assert_parses(commented).await;
}

#[tokio::test]
async fn multi_line_data_is_joined() {
    // JSON allows a line break between tokens.
    assert_parses(|text| text.replace(",\"", ",\ndata: \"").into_bytes()).await;
}

#[tokio::test]
async fn event_split_between_its_line_ends_is_parsed() {
    let event = messages::completed(&messages::result());
    let (head, tail) = event.split_at(event.len() - 1);
    let server = draw_ok(Script::gradio().queue([head, tail])).await;
    assert_eq!(server.lines(), IMAGE_REQUESTS);
}

#[tokio::test]
async fn stream_sent_byte_by_byte_is_parsed() {
    let events = [
        messages::message(&json!({"msg": "log", "log": "füchse 🦊", "level": "info"})),
        messages::completed(&messages::result()).replace('\n', "\r\n"),
    ];
    let script = Script::gradio().on(EVENTS, MockResponse::events(events).byte_by_byte());
    assert_eq!(draw_ok(script).await.lines(), IMAGE_REQUESTS);
}

/// An event whose data is one line of slightly more than `bytes` bytes.
fn large_event(bytes: usize) -> String {
    let mut result = messages::result();
    let padding = "x".repeat(bytes);
    result.as_array_mut().expect("values").push(json!(padding));
    messages::completed(&result)
}

#[tokio::test]
async fn event_of_130_kib_is_parsed() {
    assert_eq!(
        draw_ok(Script::gradio().queue([large_event(130 << 10)]))
            .await
            .lines(),
        IMAGE_REQUESTS
    );
}

#[tokio::test]
async fn event_of_1_5_mb_is_parsed() {
    assert_eq!(
        draw_ok(Script::gradio().queue([large_event(1_500_000)]))
            .await
            .lines(),
        IMAGE_REQUESTS
    );
}

#[tokio::test]
async fn event_of_6_mb_is_parsed() {
    assert_eq!(
        draw_ok(Script::gradio().queue([large_event(6_000_000)]))
            .await
            .lines(),
        IMAGE_REQUESTS
    );
}

#[tokio::test]
async fn oversized_event_is_an_error_and_closes_the_connection() {
    let endless = MockResponse::events(["data: "])
        .then_repeat(chunk([b'x'; 1024]), std::time::Duration::ZERO);
    let script = Script::gradio().on(EVENTS, endless);
    let server = FaultServer::start(script).await;
    let space = space(&server, |options| options.limits.event_bytes = 64 << 10);
    let error = draw_with(&space).await.expect_err("too large");
    assert_error(&error, &ErrorKind::Protocol, "larger than 65536 bytes");
    server.wait_for_closed(1).await;
    assert_eq!(server.count(EVENTS), 1);
}

#[tokio::test]
async fn non_json_event_is_shown_in_the_error() {
    let (error, server) = draw_err(Script::gradio().queue(["data: <b>oops</b>\n\n"])).await;
    assert_error(&error, &ErrorKind::Protocol, "<b>oops</b>");
    assert_eq!(server.lines(), CANCELLED_REQUESTS);
}

#[tokio::test]
async fn unknown_message_is_skipped() {
    let events = [
        messages::message(&json!({"msg": "brand_new", "value": [1]})),
        messages::completed(&messages::result()),
    ];
    assert_eq!(
        draw_ok(Script::gradio().queue(events)).await.lines(),
        IMAGE_REQUESTS
    );
}

#[tokio::test]
async fn invalid_utf_8_affects_only_its_own_event() {
    let done = messages::completed(&messages::result());
    let events = [b": \xff\xfe\n\n".to_vec(), done.into_bytes()];
    assert_eq!(
        draw_ok(Script::gradio().queue(events)).await.lines(),
        IMAGE_REQUESTS
    );
}
