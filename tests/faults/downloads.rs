//! Fetching the picture: it is drawn, so that the download is tried again and the drawing is not.

use std::time::Duration;

use fluxhop::{ErrorKind, Phase};
use fluxhop_tests::fault::{Answer, FaultServer, Script, png};

use crate::support::{
    CALL, DRAWN, PICTURE, assert_error, draw, drawn, draws, fails, fails_with, registry, space,
};

/// Two retries, so that a second drawing would be seen.
const RETRYING: &str = "first_event = 30\nsilence = 30\ntimeout = 60\nretries = 2";

#[tokio::test]
async fn a_download_that_fails_twice_is_tried_again_without_a_second_drawing() {
    let picture = Answer::picture(&png());
    for failure in [
        Answer::page(503),
        Answer::page(502),
        Answer::new(500, "text/plain", "Internal Server Error"),
        Answer::json(503, &serde_json::json!({"detail": "busy"})),
        picture.clone().cut_by(9),
        Answer::raw("").then_reset(),
    ] {
        let answers = vec![failure.clone(), failure, picture.clone()];
        let server = FaultServer::start(Script::gradio().on_each(PICTURE, answers)).await;
        draw(&registry(&server, RETRYING)).await.expect("a picture");
        assert_eq!((server.count(CALL), server.count(PICTURE)), (1, 3));
    }
}

#[tokio::test]
async fn a_download_that_fails_every_time_says_where_the_picture_is_and_is_not_drawn_again() {
    for failure in [Answer::page(503), Answer::raw("").then_reset()] {
        let (error, server) = fails_with(Script::gradio().on(PICTURE, failure), RETRYING).await;
        assert_eq!(error.kind(), &ErrorKind::Unavailable, "{error}");
        assert_eq!((server.count(CALL), server.count(PICTURE)), (1, 3));
        let url = format!("{}/gradio_api/file=", server.url());
        let tells = |(name, value): &(&str, String)| *name == "picture" && value.starts_with(&url);
        assert!(error.context().iter().any(tells), "{error:?}");
    }
}

#[tokio::test]
async fn a_file_that_is_gone_is_not_called_an_invalid_request_or_a_missing_token() {
    for status in [403, 404] {
        let gone = Answer::json(status, &serde_json::json!({"detail": "File not found"}));
        let (error, server) = fails(Script::gradio().on(PICTURE, gone)).await;
        assert_error(&error, &ErrorKind::Unavailable, "the picture's file");
        assert_eq!((server.count(CALL), server.count(PICTURE)), (1, 3));
    }
}

#[tokio::test]
async fn a_download_above_the_cap_is_an_error_and_is_not_tried_again() {
    let endless = Answer::raw("HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\n")
        .then_dribble(vec![0; 16 << 10], Duration::ZERO);
    let large = Answer::picture(&vec![0; 200 << 10]);
    for answer in [endless, large] {
        let server = FaultServer::start(Script::gradio().on(PICTURE, answer)).await;
        let space = space(&server, |options| options.limits.download_bytes = 100 << 10);
        let error = drawn(&space).await.expect_err("too large");
        assert_error(&error, &ErrorKind::Protocol, "102400 bytes");
        assert_eq!(server.lines(), DRAWN);
    }
}

#[tokio::test]
async fn a_download_that_stalls_is_given_up_and_tried_a_bounded_number_of_times() {
    let stalled = Answer::raw("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nPNG").then_stall();
    let server = FaultServer::start(Script::gradio().on(PICTURE, stalled)).await;
    let space = space(&server, |options| {
        options.limits.idle = Duration::from_millis(200);
    });
    let error = drawn(&space).await.expect_err("silent");
    let phase = Phase::Idle;
    assert_eq!(error.kind(), &ErrorKind::Timeout { phase }, "{error}");
    assert_eq!((server.count(CALL), server.count(PICTURE)), (1, 3));
    server.closed(3).await;
}

#[tokio::test]
async fn a_download_that_dribbles_for_ever_ends_with_the_whole_limit() {
    let dribbling = Answer::raw("HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\n")
        .then_dribble("x", Duration::from_millis(10));
    let server = FaultServer::start(Script::gradio().on(PICTURE, dribbling)).await;
    let network = "first_event = 30\nsilence = 30\ntimeout = \"300ms\"\nretries = 2";
    let error = draw(&registry(&server, network))
        .await
        .expect_err("endless");
    let phase = Phase::Total;
    assert_error(&error, &ErrorKind::Timeout { phase }, "300ms");
    server.closed(1).await;
    assert_eq!(server.lines(), DRAWN);
}

#[tokio::test]
async fn a_picture_whose_connection_is_kept_open_is_not_waited_for_beyond_its_length() {
    let script = Script::gradio().on(PICTURE, Answer::picture(&png()).then_stall());
    assert_eq!(draws(script).await.lines(), DRAWN);
}
