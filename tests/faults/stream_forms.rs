//! Streams that are written otherwise than Gradio writes them, by proxies or by other servers.

use fluxhop::ErrorKind;
use fluxhop_tests::fault::{Answer, Script, messages};
use serde_json::json;

use crate::support::{
    CALL_EVENTS, DRAWN, EVENTS, GIVEN_UP, assert_error, drawn, draws, fails, space,
};

/// A picture comes out of both streams when each is written in another form.
async fn is_read(form: impl Fn(&str) -> Vec<u8>) {
    let text = [
        messages::queued(0),
        messages::started(),
        messages::completed(&messages::result()),
    ];
    let queue = Script::gradio().queue([form(&text.concat())]);
    assert_eq!(draws(queue).await.lines(), DRAWN);
    let text = messages::call_event("heartbeat", &json!(null))
        + &messages::call_event("complete", &messages::result());
    let call = Script::gradio()
        .without(EVENTS)
        .on(CALL_EVENTS, Answer::events([form(&text)]));
    let server = draws(call).await;
    assert_eq!((server.count(CALL_EVENTS), server.lines().len()), (1, 4));
}

#[tokio::test]
async fn carriage_return_and_line_feed_end_a_line() {
    is_read(|text| text.replace('\n', "\r\n").into_bytes()).await;
}

#[tokio::test]
async fn a_carriage_return_alone_ends_a_line() {
    is_read(|text| text.replace('\n', "\r").into_bytes()).await;
}

#[tokio::test]
async fn a_colon_needs_no_space_after_it() {
    is_read(|text| {
        text.replace("data: ", "data:")
            .replace("event: ", "event:")
            .into_bytes()
    })
    .await;
}

#[tokio::test]
async fn an_id_may_come_first() {
    let numbered = |text: &str| {
        let events = text
            .split_inclusive("\n\n")
            .map(|event| format!("id: 1\nretry: 3000\n{event}"));
        events.collect::<String>().into_bytes()
    };
    is_read(numbered).await;
}

#[tokio::test]
async fn a_byte_order_mark_is_passed_over() {
    is_read(|text| format!("\u{feff}{text}").into_bytes()).await;
}

#[tokio::test]
async fn data_may_come_before_its_event() {
    let turned = |text: &str| {
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
    is_read(turned).await;
}

#[tokio::test]
async fn comments_of_proxies_are_passed_over() {
    let commented = |text: &str| {
        let text = text.replace("\n\n", "\n: within\n\n");
        format!(": ping\n\n:\n{text}: ping - 2026-11-03\r\n\r\n").into_bytes()
    };
    is_read(commented).await;
}

#[tokio::test]
async fn data_over_several_lines_is_put_together() {
    // JSON may have a line break wherever it may have a space.
    is_read(|text| text.replace(",\"", ",\ndata: \"").into_bytes()).await;
}

#[tokio::test]
async fn an_event_split_between_its_two_line_ends_is_kept() {
    let event = messages::completed(&messages::result());
    let (head, tail) = event.split_at(event.len() - 1);
    let server = draws(Script::gradio().queue([head, tail])).await;
    assert_eq!(server.lines(), DRAWN);
}

#[tokio::test]
async fn a_stream_that_comes_byte_by_byte_is_read() {
    let events = [
        messages::message(&json!({"msg": "log", "log": "füchse 🦊", "level": "info"})),
        messages::completed(&messages::result()).replace('\n', "\r\n"),
    ];
    let script = Script::gradio().on(EVENTS, Answer::events(events).byte_by_byte());
    assert_eq!(draws(script).await.lines(), DRAWN);
}

/// An event whose data is one line of this many bytes and more.
fn large(bytes: usize) -> String {
    let mut result = messages::result();
    let more = "x".repeat(bytes);
    result.as_array_mut().expect("values").push(json!(more));
    messages::completed(&result)
}

#[tokio::test]
async fn an_event_of_130_kilobytes_is_read() {
    assert_eq!(
        draws(Script::gradio().queue([large(130 << 10)]))
            .await
            .lines(),
        DRAWN
    );
}

#[tokio::test]
async fn an_event_of_one_and_a_half_megabytes_is_read() {
    assert_eq!(
        draws(Script::gradio().queue([large(1_500_000)]))
            .await
            .lines(),
        DRAWN
    );
}

#[tokio::test]
async fn an_event_of_six_megabytes_is_read() {
    assert_eq!(
        draws(Script::gradio().queue([large(6_000_000)]))
            .await
            .lines(),
        DRAWN
    );
}

#[tokio::test]
async fn an_event_above_the_cap_is_an_error_and_ends_the_connection() {
    let endless = Answer::events(["data: "]).then_dribble(
        fluxhop_tests::fault::chunk([b'x'; 1024]),
        std::time::Duration::ZERO,
    );
    let script = Script::gradio().on(EVENTS, endless);
    let server = fluxhop_tests::fault::FaultServer::start(script).await;
    let space = space(&server, |options| options.limits.event_bytes = 64 << 10);
    let error = drawn(&space).await.expect_err("too large");
    assert_error(&error, &ErrorKind::Protocol, "larger than 65536 bytes");
    server.closed(1).await;
    assert_eq!(server.count(EVENTS), 1);
}

#[tokio::test]
async fn an_event_that_is_no_json_is_an_error_that_shows_it() {
    let (error, server) = fails(Script::gradio().queue(["data: <b>oops</b>\n\n"])).await;
    assert_error(&error, &ErrorKind::Protocol, "<b>oops</b>");
    assert_eq!(server.lines(), GIVEN_UP);
}

#[tokio::test]
async fn a_message_of_an_unknown_kind_is_passed_over() {
    let events = [
        messages::message(&json!({"msg": "brand_new", "value": [1]})),
        messages::completed(&messages::result()),
    ];
    assert_eq!(draws(Script::gradio().queue(events)).await.lines(), DRAWN);
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_end_nothing_but_their_own_event() {
    let done = messages::completed(&messages::result());
    let events = [b": \xff\xfe\n\n".to_vec(), done.into_bytes()];
    assert_eq!(draws(Script::gradio().queue(events)).await.lines(), DRAWN);
}
