//! Results of the call in every format, with and without an image.

use std::time::Duration;

use fluxhop::ProviderExt;
use fluxhop::{ErrorKind, Event, Provider};
use fluxhop_tests::fault::{FILE, FaultServer, MockResponse, Script, messages, png};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::{
    CALL, CALL_EVENTS, EVENTS, IMAGE_FILE, IMAGE_REQUESTS, LONG_TIMEOUTS, assert_error, draw,
    draw_err, draw_ok, registry, request,
};

fn result_of(data: &Value) -> Script {
    Script::gradio().queue([messages::completed(data)])
}

#[tokio::test]
async fn path_is_used_if_the_url_is_null() {
    assert_eq!(
        draw_ok(result_of(&messages::result())).await.lines(),
        IMAGE_REQUESTS
    );
}

#[tokio::test]
async fn relative_url_is_resolved() {
    for url in [
        "/gradio_api/file=/tmp/gradio/ab/image.png",
        "gradio_api/file=/tmp/gradio/ab/image.png",
    ] {
        let server = draw_ok(result_of(&json!([{"path": null, "url": url}, 7]))).await;
        assert_eq!(server.lines(), IMAGE_REQUESTS);
    }
}

#[tokio::test]
async fn single_image_request_uses_the_first_gallery_image() {
    let item = |path: &str| json!({"image": {"path": path, "url": null}, "caption": null});
    let gallery = json!([[item(FILE), item("/tmp/second.png")], 7]);
    assert_eq!(draw_ok(result_of(&gallery)).await.lines(), IMAGE_REQUESTS);
}

#[tokio::test]
async fn data_url_is_decoded_without_a_download() {
    let server = draw_ok(result_of(&json!([data_url(&png()), 7]))).await;
    assert_eq!(server.lines(), [CALL, EVENTS]);
}

#[tokio::test]
async fn invalid_data_url_is_a_protocol_error() {
    let (error, server) = draw_err(result_of(&json!(["data:image/png;base64,a?", 7]))).await;
    assert_error(&error, &ErrorKind::Protocol, "data: URL");
    assert_eq!(server.lines(), [CALL, EVENTS]);
}

#[tokio::test]
async fn image_in_another_output_is_found() {
    let data = json!([null, 7, {"path": FILE}]);
    let server = FaultServer::start(result_of(&data)).await;
    draw(&registry(&server, LONG_TIMEOUTS))
        .await
        .expect("an image");
    assert_eq!(server.lines(), IMAGE_REQUESTS);
}

#[tokio::test]
async fn result_without_an_image_is_shown_in_the_error() {
    for data in [
        json!([]),
        json!([null, 0]),
        json!(["the model is loading", 0]),
        json!([{"path": null, "url": null}, 0]),
        json!([{"path": "", "url": ""}, 0]),
        json!([[], 0]),
        json!([42, 0]),
    ] {
        let (error, server) = draw_err(result_of(&data)).await;
        assert_error(&error, &ErrorKind::Protocol, "contains no image");
        assert!(error.message().contains(&data.to_string()), "{error}");
        assert_eq!(server.lines(), [CALL, EVENTS], "{data}");
    }
}

#[tokio::test]
async fn string_result_is_shown_in_the_error() {
    let (error, server) = draw_err(result_of(&json!("sorry"))).await;
    assert_error(&error, &ErrorKind::Protocol, "sorry");
    assert_eq!(server.lines(), [CALL, EVENTS]);
}

#[tokio::test]
async fn null_result_is_unavailable() {
    let (error, server) = draw_err(result_of(&Value::Null)).await;
    assert_error(&error, &ErrorKind::Unavailable, "without a result");
    assert_eq!(server.count(CALL), 1);
    let null = messages::call_event("complete", &Value::Null);
    let script = Script::gradio()
        .without(EVENTS)
        .on(CALL_EVENTS, MockResponse::events([null]));
    let (error, server) = draw_err(script).await;
    assert_error(&error, &ErrorKind::Unavailable, "without a result");
    assert_eq!(server.count(CALL_EVENTS), 1);
}

#[tokio::test]
async fn previews_are_emitted_before_the_image() {
    let generating = |data: Value| {
        let output = json!({"data": data});
        messages::message(&json!({"msg": "process_generating", "output": output, "success": true}))
    };
    let events = [
        messages::started(),
        generating(json!([{"path": "/tmp/preview.png"}, 7])),
        generating(json!([{"path": "/tmp/preview.png"}, 7])),
        generating(json!([null, 7])),
        messages::completed(&messages::result()),
    ];
    let server = FaultServer::start(Script::gradio().queue(events)).await;
    let registry = registry(&server, LONG_TIMEOUTS);
    let events = registry
        .provider("voodoohop")
        .expect("unknown provider")
        .generate(request().with_previews());
    let events: Vec<Event> = events.map(|event| event.expect("no error")).collect().await;
    let previews = events
        .iter()
        .filter(|event| matches!(event, Event::Preview(_)));
    assert_eq!(previews.count(), 1);
    assert!(matches!(events.last(), Some(Event::Image(_))));
    let preview = "GET /gradio_api/file=/tmp/preview.png";
    assert_eq!(server.lines(), [CALL, EVENTS, preview, IMAGE_FILE]);
    registry.close(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn failed_preview_download_does_not_fail_the_request() {
    let output = json!({"data": [{"path": "/tmp/preview.png"}, 7]});
    let preview =
        messages::message(&json!({"msg": "process_generating", "output": output, "success": true}));
    let script = Script::gradio()
        .queue([preview, messages::completed(&messages::result())])
        .on(
            "GET /gradio_api/file=/tmp/preview.png*",
            MockResponse::html_page(500),
        );
    let server = FaultServer::start(script).await;
    let registry = registry(&server, LONG_TIMEOUTS);
    let provider = registry.provider("voodoohop").expect("unknown provider");
    provider
        .draw(request().with_previews())
        .await
        .expect("an image");
    assert_eq!(server.count(IMAGE_FILE), 1);
    registry.close(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn unrequested_previews_count_as_progress_without_a_download() {
    let generating = |path: &str| {
        let output = json!({"data": [{"path": path}, 7]});
        messages::message(&json!({"msg": "process_generating", "output": output, "success": true}))
    };
    let events = [
        messages::started(),
        generating("/tmp/1.png"),
        generating("/tmp/1.png"),
        generating("/tmp/2.png"),
        messages::completed(&messages::result()),
    ];
    let server = FaultServer::start(Script::gradio().queue(events)).await;
    let registry = registry(&server, LONG_TIMEOUTS);
    let provider = registry.provider("voodoohop").expect("unknown provider");
    let events: Vec<Event> = provider
        .generate(request())
        .map(|event| event.expect("no error"))
        .collect()
        .await;
    let steps: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Progress { step, .. } => *step,
            Event::Preview(_) => panic!("a preview that was not requested"),
            _ => None,
        })
        .collect();
    assert_eq!(steps, [1, 2]);
    assert_eq!(server.lines(), IMAGE_REQUESTS);
    registry.close(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn file_that_is_not_an_image_is_a_protocol_error() {
    let html = MockResponse::new(200, "image/png", "<html>gone</html>");
    let (error, server) = draw_err(Script::gradio().on(IMAGE_FILE, html)).await;
    assert_eq!(error.kind(), &ErrorKind::Protocol, "{error}");
    assert_eq!(server.lines(), IMAGE_REQUESTS);
}

#[tokio::test]
async fn image_format_is_detected_from_the_bytes() {
    let data = json!([{"path": "/tmp/image.webp", "mime_type": "image/webp"}, 7]);
    let script = result_of(&data).on(
        "GET /gradio_api/file=*",
        MockResponse::new(200, "image/webp", png()),
    );
    let server = FaultServer::start(script).await;
    let image = draw(&registry(&server, LONG_TIMEOUTS))
        .await
        .expect("an image");
    assert_eq!(
        image.picture.expect("not downloaded").format,
        fluxhop::ImageFormat::Png
    );
}

/// A percent-encoded data URL; base64 would need another dependency.
fn data_url(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut url = "data:image/png,".to_owned();
    for byte in bytes {
        write!(url, "%{byte:02X}").expect("writing to a string cannot fail");
    }
    url
}
