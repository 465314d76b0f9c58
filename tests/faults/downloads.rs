//! Faults while the image is downloaded: only the download is retried, not the call.

use std::time::Duration;

use fluxhop::{ErrorKind, Phase};
use fluxhop_tests::fault::{FaultServer, MockResponse, Script, png};

use crate::support::{
    CALL, IMAGE_FILE, IMAGE_REQUESTS, assert_error, draw, draw_err, draw_err_with, draw_ok,
    draw_with, registry, space,
};

/// Allows retries, so that a retry of the call would show.
const RETRYING: &str = "first_event_timeout = 30\nidle_timeout = 30\ntimeout = 60\nretries = 2";

#[tokio::test]
async fn failed_download_is_retried_without_a_second_call() {
    let picture = MockResponse::png(&png());
    for failure in [
        MockResponse::html_page(503),
        MockResponse::html_page(502),
        MockResponse::new(500, "text/plain", "Internal Server Error"),
        MockResponse::json(503, &serde_json::json!({"detail": "busy"})),
        picture.clone().truncate_by(9),
        MockResponse::raw("").then_reset(),
    ] {
        let responses = vec![failure.clone(), failure, picture.clone()];
        let server = FaultServer::start(Script::gradio().on_each(IMAGE_FILE, responses)).await;
        draw(&registry(&server, RETRYING)).await.expect("an image");
        assert_eq!((server.count(CALL), server.count(IMAGE_FILE)), (1, 3));
    }
}

#[tokio::test]
async fn exhausted_download_retries_report_the_image_url() {
    for failure in [
        MockResponse::html_page(503),
        MockResponse::raw("").then_reset(),
    ] {
        let (error, server) =
            draw_err_with(Script::gradio().on(IMAGE_FILE, failure), RETRYING).await;
        assert_eq!(error.kind(), &ErrorKind::Unavailable, "{error}");
        assert_eq!((server.count(CALL), server.count(IMAGE_FILE)), (1, 3));
        let url = format!("{}/gradio_api/file=", server.url());
        let is_image_url =
            |(name, value): &(&str, String)| *name == "picture" && value.starts_with(&url);
        assert!(error.context().iter().any(is_image_url), "{error:?}");
    }
}

#[tokio::test]
async fn missing_file_is_unavailable() {
    for status in [403, 404] {
        let missing = MockResponse::json(status, &serde_json::json!({"detail": "File not found"}));
        let (error, server) = draw_err(Script::gradio().on(IMAGE_FILE, missing)).await;
        assert_error(&error, &ErrorKind::Unavailable, "the image file");
        assert_eq!((server.count(CALL), server.count(IMAGE_FILE)), (1, 3));
    }
}

#[tokio::test]
async fn oversized_download_is_not_retried() {
    let endless = MockResponse::raw("HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\n")
        .then_repeat(vec![0; 16 << 10], Duration::ZERO);
    let large = MockResponse::png(&vec![0; 200 << 10]);
    for response in [endless, large] {
        let server = FaultServer::start(Script::gradio().on(IMAGE_FILE, response)).await;
        let space = space(&server, |options| options.limits.download_bytes = 100 << 10);
        let error = draw_with(&space).await.expect_err("too large");
        assert_error(&error, &ErrorKind::Protocol, "102400 bytes");
        assert_eq!(server.lines(), IMAGE_REQUESTS);
    }
}

#[tokio::test]
async fn stalled_download_times_out_after_bounded_retries() {
    let stalled =
        MockResponse::raw("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nPNG").then_stall();
    let server = FaultServer::start(Script::gradio().on(IMAGE_FILE, stalled)).await;
    let space = space(&server, |options| {
        options.limits.idle = Duration::from_millis(200);
    });
    let error = draw_with(&space).await.expect_err("timed out");
    let phase = Phase::Idle;
    assert_eq!(error.kind(), &ErrorKind::Timeout { phase }, "{error}");
    assert_eq!((server.count(CALL), server.count(IMAGE_FILE)), (1, 3));
    server.wait_for_closed(3).await;
}

#[tokio::test]
async fn endless_download_hits_the_total_timeout() {
    let endless = MockResponse::raw("HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\n")
        .then_repeat("x", Duration::from_millis(10));
    let server = FaultServer::start(Script::gradio().on(IMAGE_FILE, endless)).await;
    let network = "first_event_timeout = 30\nidle_timeout = 30\ntimeout = \"300ms\"\nretries = 2";
    let error = draw(&registry(&server, network))
        .await
        .expect_err("timed out");
    let phase = Phase::Total;
    assert_error(&error, &ErrorKind::Timeout { phase }, "300ms");
    server.wait_for_closed(1).await;
    assert_eq!(server.lines(), IMAGE_REQUESTS);
}

#[tokio::test]
async fn download_ends_at_content_length_on_an_open_connection() {
    let script = Script::gradio().on(IMAGE_FILE, MockResponse::png(&png()).then_stall());
    assert_eq!(draw_ok(script).await.lines(), IMAGE_REQUESTS);
}
