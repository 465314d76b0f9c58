//! Event streams over a socket: how they end, and what they cost.

use std::time::Duration;

use crate::support::{Answer, Server, client};
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
async fn the_stream_ends_with_the_body_and_drops_an_event_that_is_not_whole() {
    let server = Server::start(|_| {
        Answer::new(
            [
                HEAD,
                &chunk("data: a\n\nda"),
                &chunk("ta: b\r\n"),
                &chunk("\r\ndata: cut\n"),
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
async fn a_cut_connection_is_an_error_after_the_events_before_it() {
    let server = Server::start(|_| {
        Answer::new([HEAD, &chunk("data: a\n\n"), "ff\r\ndata: b"].concat()).then_close()
    })
    .await;
    let mut events = events(&server, EventLimits::default()).await;
    assert_eq!(events.next().await.unwrap().unwrap().data, "a");
    let error = events.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Broken);
    assert!(error.to_string().contains("http://127.0.0.1:"), "{error}");
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn an_event_beyond_the_cap_is_an_error() {
    let server =
        Server::start(|_| Answer::new([HEAD, &chunk("data: 123456789\n")].concat()).then_hang())
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
async fn silence_is_a_timeout_and_closes_the_connection() {
    let server =
        Server::start(|_| Answer::new([HEAD, &chunk("data: a\n\n")].concat()).then_hang()).await;
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
async fn dropping_the_stream_closes_its_connection() {
    let server =
        Server::start(|_| Answer::new([HEAD, &chunk("data: a\n\n")].concat()).then_hang()).await;
    let mut events = events(&server, EventLimits::default().with_idle(Duration::MAX)).await;
    events.next().await.unwrap().unwrap();
    drop(events);
    server.closed().await;
}
