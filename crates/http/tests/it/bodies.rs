//! Response bodies: size limits, timeouts, dropped connections, decoding.

use std::time::Duration;

use crate::support::{RawResponse, Server, client, response};
use fluxhop_http::{BodyLimits, ErrorKind, Phase, Url};
use futures_util::StreamExt as _;

/// Short enough for a test, long enough for a loopback socket under load.
const SHORT: Duration = Duration::from_millis(200);

async fn read(response: fn() -> RawResponse, limits: BodyLimits) -> Result<Vec<u8>, ErrorKind> {
    let server = Server::start(move |_| response()).await;
    let response = client()
        .get(&server.url("/"))
        .send()
        .await
        .map_err(|error| error.kind())?;
    response
        .bytes(limits)
        .await
        .map(Into::into)
        .map_err(|error| error.kind())
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_limit() {
    let chunked = || {
        RawResponse::new(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        )
    };
    let sized = || response("200 OK", "", "abcde");
    for response in [chunked as fn() -> RawResponse, sized] {
        let limits = BodyLimits::default().with_bytes(5);
        assert_eq!(read(response, limits).await, Ok(b"abcde".to_vec()));
        let limits = limits.with_bytes(4);
        assert_eq!(
            read(response, limits).await,
            Err(ErrorKind::TooLarge { limit: 4 })
        );
    }
}

#[tokio::test]
async fn a_content_length_over_the_limit_fails_without_reading_the_body() {
    let huge =
        || RawResponse::new("HTTP/1.1 200 OK\r\ncontent-length: 9999999999999\r\n\r\n").then_hang();
    assert_eq!(
        read(huge, BodyLimits::default()).await,
        Err(ErrorKind::TooLarge {
            limit: 64 * 1024 * 1024
        })
    );
}

#[tokio::test]
async fn a_body_without_a_length_ends_when_the_connection_closes() {
    let open = || RawResponse::new("HTTP/1.1 200 OK\r\n\r\nabc").then_close();
    assert_eq!(read(open, BodyLimits::default()).await, Ok(b"abc".to_vec()));
}

#[tokio::test]
async fn a_truncated_body_is_an_error() {
    let sized = || RawResponse::new("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc").then_close();
    let chunked = || {
        RawResponse::new("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
            .then_close()
    };
    let inside_chunk = || {
        RawResponse::new("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nabc")
            .then_close()
    };
    let invalid_chunk_size = || {
        RawResponse::new("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc")
            .then_close()
    };
    for response in [
        sized as fn() -> RawResponse,
        chunked,
        inside_chunk,
        invalid_chunk_size,
    ] {
        assert_eq!(
            read(response, BodyLimits::default()).await,
            Err(ErrorKind::Interrupted)
        );
    }
}

#[tokio::test]
async fn a_missing_or_invalid_response_is_an_error() {
    for response in [
        || RawResponse::new("").then_close(),
        || RawResponse::new("SSH-2.0-x\r\n\r\n").then_close(),
    ] {
        assert_eq!(
            read(response, BodyLimits::default()).await,
            Err(ErrorKind::Interrupted)
        );
    }
}

#[tokio::test]
async fn a_stalled_body_times_out() {
    let stalled =
        || RawResponse::new("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc").then_hang();
    let limits = BodyLimits::default().with_idle(SHORT);
    assert_eq!(
        read(stalled, limits).await,
        Err(ErrorKind::Timeout(Phase::Idle))
    );
    let limits = BodyLimits::default().with_total(SHORT);
    assert_eq!(
        read(stalled, limits).await,
        Err(ErrorKind::Timeout(Phase::Total))
    );
    // An unlimited total must not overflow the clock.
    let limits = BodyLimits::default()
        .with_idle(SHORT)
        .with_total(Duration::MAX);
    assert_eq!(
        read(stalled, limits).await,
        Err(ErrorKind::Timeout(Phase::Idle))
    );
}

#[tokio::test]
async fn a_stalled_response_head_times_out() {
    let server = Server::start(|_| RawResponse::new("HTTP/1.1 200 OK\r\n").then_hang()).await;
    let error = client()
        .get(&server.url("/"))
        .timeout(SHORT)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Head));
    assert!(
        error
            .to_string()
            .contains("no response within 200ms (http://127.0.0.1:"),
        "{error}"
    );
}

#[tokio::test]
async fn malformed_and_unexpected_json_are_reported_differently() {
    let server = Server::start(|request| {
        if request.contains(" /html ") {
            response("503 Service Unavailable", "", "<!doctype html>")
        } else {
            response("200 OK", "", "{\"a\": 1}")
        }
    })
    .await;
    let get = async |path| client().get(&server.url(path)).send().await.unwrap();
    let limits = BodyLimits::default();
    let error = get("/html")
        .await
        .json::<serde_json::Value>(limits)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.to_string().starts_with("the response is not JSON"),
        "{error}"
    );
    let error = get("/json")
        .await
        .json::<Vec<u8>>(limits)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the JSON of the response has an unexpected structure"),
        "{error}"
    );
    let value: serde_json::Value = get("/json").await.json(limits).await.unwrap();
    assert_eq!(value["a"], 1);
}

#[tokio::test]
async fn a_status_of_400_or_more_is_a_response_with_headers() {
    let headers =
        "content-type: Application/JSON ; charset=utf-8\r\nretry-after: 3\r\nx-bin: \x07\r\n"
            .replace('\x07', "\u{e9}");
    let server = Server::start(move |_| response("429 Slow", &headers, "{}")).await;
    let response = client().get(&server.url("/")).send().await.unwrap();
    assert_eq!((response.status(), response.is_success()), (429, false));
    assert_eq!(response.content_type(), Some("Application/JSON"));
    assert_eq!(
        (
            response.header("Retry-After"),
            response.header("x-bin"),
            response.header("no")
        ),
        (Some("3"), None, None)
    );
}

#[tokio::test]
async fn invalid_utf8_is_replaced() {
    let server =
        Server::start(|_| RawResponse::new(*b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na\xffb"))
            .await;
    let response = client().get(&server.url("/")).send().await.unwrap();
    assert_eq!(
        response.text(BodyLimits::default()).await.unwrap(),
        "a\u{fffd}b"
    );
}

#[tokio::test]
async fn the_connection_is_reused_after_the_body_is_read() {
    let server = Server::start(|_| response("200 OK", "", "abc")).await;
    let client = client();
    for _ in 0..3 {
        client
            .get(&server.url("/"))
            .send()
            .await
            .unwrap()
            .bytes(BodyLimits::default())
            .await
            .unwrap();
    }
    assert_eq!((server.requests().len(), server.connections()), (3, 1));
}

#[tokio::test]
async fn default_headers_disable_compression_and_set_the_user_agent() {
    let server = Server::start(|_| response("200 OK", "", "")).await;
    client().get(&server.url("/")).send().await.unwrap();
    let request = server.requests().pop().unwrap();
    assert!(
        request.contains("accept-encoding: identity")
            && request.contains("accept: */*")
            && request.contains("user-agent: fluxhop/"),
        "{request}"
    );
}

#[tokio::test]
async fn invalid_urls_and_headers_are_rejected() {
    let get = async |url: &str| {
        client()
            .get(&Url::parse(url).unwrap())
            .send()
            .await
            .unwrap_err()
    };
    assert_eq!(
        get("ftp://example.com/").await.kind(),
        ErrorKind::InvalidUrl
    );
    assert_eq!(get("data:text/plain,a").await.kind(), ErrorKind::InvalidUrl);
    let url = Url::parse("http://127.0.0.1/").unwrap();
    let error = client()
        .get(&url)
        .header("a b", "c")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidHeader);
    assert!(error.to_string().contains("\"a b\""), "{error}");
    let error = client()
        .get(&url)
        .header("x-token", "hunter2\r\nx: y")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidHeader);
    assert!(
        error.to_string().contains("x-token")
            && !crate::support::printed(&error).contains("hunter2"),
        "{error}"
    );
}

#[tokio::test]
async fn chunks_are_returned_until_the_connection_closes() {
    let server = Server::start(|_| {
        RawResponse::new("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabcde").then_close()
    })
    .await;
    let response = client().get(&server.url("/")).send().await.unwrap();
    let mut chunks = response.chunks(Duration::from_secs(5));
    let mut read = Vec::new();
    let error = loop {
        match chunks.next().await.unwrap() {
            Ok(chunk) => read.extend_from_slice(&chunk),
            Err(error) => break error,
        }
    };
    assert_eq!(
        (read.as_slice(), error.kind()),
        (&b"abcde"[..], ErrorKind::Interrupted)
    );
}

#[tokio::test]
async fn a_stalled_body_times_out_between_chunks() {
    let server = Server::start(|_| {
        RawResponse::new("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabcde").then_hang()
    })
    .await;
    let response = client().get(&server.url("/")).send().await.unwrap();
    let mut chunks = response.chunks(SHORT);
    assert_eq!(chunks.next().await.unwrap().unwrap(), "abcde");
    let error = chunks.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Idle));
}

#[tokio::test]
async fn retry_after_is_read_from_either_header() {
    for (headers, expected) in [
        ("retry-after: 3\r\n", Some(3)),
        ("ratelimit: \"api\";r=0;t=12\r\n", Some(12)),
        ("retry-after: 3\r\nratelimit: \"api\";r=0;t=12\r\n", Some(3)),
        ("retry-after: Fri, 31 Dec 1999 23:59:59 GMT\r\n", None),
        (
            "retry-after: 18446744073709551615\r\n",
            Some(u32::MAX.into()),
        ),
        ("", None),
    ] {
        let server = Server::start(move |_| response("429 Too Many Requests", headers, "")).await;
        let response = client().get(&server.url("/")).send().await.unwrap();
        assert_eq!(
            response.retry_after(),
            expected.map(Duration::from_secs),
            "{headers}"
        );
    }
}
