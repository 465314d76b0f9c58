//! Results of every shape: the picture is found, or its absence is an error and never a success.

use std::time::Duration;

use fluxhop::ProviderExt;
use fluxhop::{ErrorKind, Event, Provider};
use fluxhop_tests::fault::{Answer, FILE, FaultServer, Script, messages, png};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::{
    CALL, CALL_EVENTS, DRAWN, EVENTS, PATIENT, PICTURE, assert_error, draw, draws, fails, registry,
    request,
};

fn gives(data: &Value) -> Script {
    Script::gradio().queue([messages::completed(data)])
}

#[tokio::test]
async fn a_url_of_null_with_a_path_is_the_picture_at_the_path() {
    assert_eq!(draws(gives(&messages::result())).await.lines(), DRAWN);
}

#[tokio::test]
async fn a_relative_url_is_resolved() {
    for url in [
        "/gradio_api/file=/tmp/gradio/ab/image.png",
        "gradio_api/file=/tmp/gradio/ab/image.png",
    ] {
        let server = draws(gives(&json!([{"path": null, "url": url}, 7]))).await;
        assert_eq!(server.lines(), DRAWN);
    }
}

#[tokio::test]
async fn a_gallery_is_read_to_its_first_picture_when_one_was_asked_for() {
    let item = |path: &str| json!({"image": {"path": path, "url": null}, "caption": null});
    let gallery = json!([[item(FILE), item("/tmp/second.png")], 7]);
    assert_eq!(draws(gives(&gallery)).await.lines(), DRAWN);
}

#[tokio::test]
async fn a_data_url_is_the_picture_itself() {
    let server = draws(gives(&json!([data_url(&png()), 7]))).await;
    assert_eq!(server.lines(), [CALL, EVENTS]);
}

#[tokio::test]
async fn a_broken_data_url_is_an_error() {
    let (error, server) = fails(gives(&json!(["data:image/png;base64,a?", 7]))).await;
    assert_error(&error, &ErrorKind::Protocol, "data: URL");
    assert_eq!(server.lines(), [CALL, EVENTS]);
}

#[tokio::test]
async fn a_picture_in_another_place_of_the_result_is_found() {
    let data = json!([null, 7, {"path": FILE}]);
    let server = FaultServer::start(gives(&data)).await;
    draw(&registry(&server, PATIENT)).await.expect("a picture");
    assert_eq!(server.lines(), DRAWN);
}

#[tokio::test]
async fn a_result_without_a_picture_is_an_error_that_shows_it() {
    for data in [
        json!([]),
        json!([null, 0]),
        json!(["the model is loading", 0]),
        json!([{"path": null, "url": null}, 0]),
        json!([{"path": "", "url": ""}, 0]),
        json!([[], 0]),
        json!([42, 0]),
    ] {
        let (error, server) = fails(gives(&data)).await;
        assert_error(&error, &ErrorKind::Protocol, "expected a picture");
        assert!(error.message().contains(&data.to_string()), "{error}");
        assert_eq!(server.lines(), [CALL, EVENTS], "{data}");
    }
}

#[tokio::test]
async fn a_result_that_is_a_string_and_no_list_is_an_error_that_shows_it() {
    let (error, server) = fails(gives(&json!("sorry"))).await;
    assert_error(&error, &ErrorKind::Protocol, "sorry");
    assert_eq!(server.lines(), [CALL, EVENTS]);
}

#[tokio::test]
async fn a_completion_of_null_after_a_cancel_is_no_success() {
    let (error, server) = fails(gives(&Value::Null)).await;
    assert_error(&error, &ErrorKind::Unavailable, "without a result");
    assert_eq!(server.count(CALL), 1);
    let null = messages::call_event("complete", &Value::Null);
    let script = Script::gradio()
        .without(EVENTS)
        .on(CALL_EVENTS, Answer::events([null]));
    let (error, server) = fails(script).await;
    assert_error(&error, &ErrorKind::Unavailable, "without a result");
    assert_eq!(server.count(CALL_EVENTS), 1);
}

#[tokio::test]
async fn previews_of_a_generator_are_shown_before_the_picture() {
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
    let registry = registry(&server, PATIENT);
    let events = registry
        .provider("voodoohop")
        .expect("known")
        .generate(request().with_previews());
    let events: Vec<Event> = events.map(|event| event.expect("no error")).collect().await;
    let shown = events
        .iter()
        .filter(|event| matches!(event, Event::Preview(_)));
    assert_eq!(shown.count(), 1);
    assert!(matches!(events.last(), Some(Event::Image(_))));
    let preview = "GET /gradio_api/file=/tmp/preview.png";
    assert_eq!(server.lines(), [CALL, EVENTS, preview, PICTURE]);
    registry.close(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_preview_that_cannot_be_had_does_not_stop_the_picture() {
    let output = json!({"data": [{"path": "/tmp/preview.png"}, 7]});
    let preview =
        messages::message(&json!({"msg": "process_generating", "output": output, "success": true}));
    let script = Script::gradio()
        .queue([preview, messages::completed(&messages::result())])
        .on("GET /gradio_api/file=/tmp/preview.png*", Answer::page(500));
    let server = FaultServer::start(script).await;
    let registry = registry(&server, PATIENT);
    let provider = registry.provider("voodoohop").expect("known");
    provider
        .draw(request().with_previews())
        .await
        .expect("a picture");
    assert_eq!(server.count(PICTURE), 1);
    registry.close(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn previews_that_were_not_requested_are_not_downloaded_but_count_as_progress() {
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
    let registry = registry(&server, PATIENT);
    let provider = registry.provider("voodoohop").expect("known");
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
    assert_eq!(server.lines(), DRAWN);
    registry.close(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_file_that_is_no_picture_is_an_error_whatever_its_name_and_type() {
    let lie = Answer::new(200, "image/png", "<html>gone</html>");
    let (error, server) = fails(Script::gradio().on(PICTURE, lie)).await;
    assert_eq!(error.kind(), &ErrorKind::Protocol, "{error}");
    assert_eq!(server.lines(), DRAWN);
}

#[tokio::test]
async fn a_picture_named_otherwise_than_it_is_is_known_by_its_bytes() {
    let data = json!([{"path": "/tmp/image.webp", "mime_type": "image/webp"}, 7]);
    let script = gives(&data).on(
        "GET /gradio_api/file=*",
        Answer::new(200, "image/webp", png()),
    );
    let server = FaultServer::start(script).await;
    let image = draw(&registry(&server, PATIENT)).await.expect("a picture");
    assert_eq!(
        image.picture.expect("downloaded").format,
        fluxhop::ImageFormat::Png
    );
}

/// Percent-encoded: it needs no crate.
fn data_url(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut url = "data:image/png,".to_owned();
    for byte in bytes {
        write!(url, "%{byte:02X}").expect("written");
    }
    url
}
