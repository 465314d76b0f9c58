//! Event streams over a socket: how they end, and when the connection closes.

use std::time::Duration;

use crate::support::{RawResponse, Server, client};
use fluxhop_http::{ErrorKind, EventLimits, EventStream, Phase};
use futures_util::StreamExt as _;

/// Short enough for a test, long enough for a loopback socket under load.
const SHORT: Duration = Duration::from_millis(200);

const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/// One chunk of a chunked body.
fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

async fn events(server: &Server, limits: EventLimits) -> EventStream {
    client()
        .get(&server.url("/"))
        .send()
        .await
        .unwrap()
        .events(limits)
}

#[tokio::test]
async fn an_incomplete_last_event_is_dropped() {
    let server = Server::start(|_| {
        RawResponse::new(
            [
                HEAD,
                &chunk("data: a\n\nda"),
                &chunk("ta: b\r\n"),
                &chunk("\r\ndata: truncated\n"),
                "0\r\n\r\n",
            ]
            .concat(),
        )
    })
    .await;
    let events: Vec<_> = events(&server, EventLimits::default())
        .await
        .map(|event| event.unwrap().data)
        .collect()
        .await;
    assert_eq!(events, ["a", "b"]);
}

#[tokio::test]
async fn a_dropped_connection_is_an_error_after_complete_events() {
    let server = Server::start(|_| {
        RawResponse::new([HEAD, &chunk("data: a\n\n"), "ff\r\ndata: b"].concat()).then_close()
    })
    .await;
    let mut events = events(&server, EventLimits::default()).await;
    assert_eq!(events.next().await.unwrap().unwrap().data, "a");
    let error = events.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(error.to_string().contains("http://127.0.0.1:"), "{error}");
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn an_event_over_the_size_limit_is_an_error() {
    let server = Server::start(|_| {
        RawResponse::new([HEAD, &chunk("data: 123456789\n")].concat()).then_hang()
    })
    .await;
    let limits = EventLimits::default().with_event_bytes(10);
    let error = events(&server, limits)
        .await
        .next()
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge { limit: 10 });
    server.closed().await;
}

#[tokio::test]
async fn a_stalled_stream_times_out_and_closes_the_connection() {
    let server =
        Server::start(|_| RawResponse::new([HEAD, &chunk("data: a\n\n")].concat()).then_hang())
            .await;
    let mut events = events(&server, EventLimits::default().with_idle(SHORT)).await;
    assert_eq!(events.next().await.unwrap().unwrap().data, "a");
    assert_eq!(
        events.next().await.unwrap().unwrap_err().kind(),
        ErrorKind::Timeout(Phase::Idle)
    );
    assert!(events.next().await.is_none());
    server.closed().await;
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    let server =
        Server::start(|_| RawResponse::new([HEAD, &chunk("data: a\n\n")].concat()).then_hang())
            .await;
    let mut events = events(&server, EventLimits::default().with_idle(Duration::MAX)).await;
    events.next().await.unwrap().unwrap();
    drop(events);
    server.closed().await;
}
