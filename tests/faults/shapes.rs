//! Spaces whose API differs from the catalogue.

use fluxhop::ErrorKind;
use fluxhop_tests::fault::{EVENT_ID, FaultServer, MockResponse, Script, config, info, messages};
use serde_json::{Value, json};

use crate::support::{
    CALL, CONFIG, EVENTS, IMAGE_FILE, IMAGE_REQUESTS, INFO, LONG_TIMEOUTS, assert_error, draw,
    draw_err, draw_with, registry, space,
};

fn accepted() -> MockResponse {
    MockResponse::json(200, &json!({ "event_id": EVENT_ID }))
}

#[tokio::test]
async fn moved_api_prefix_is_discovered_once() {
    let server = FaultServer::start(Script::gradio_at("")).await;
    let registry = registry(&server, LONG_TIMEOUTS);
    draw(&registry).await.expect("an image");
    let moved = [
        "POST /call/infer",
        "GET /queue/data",
        "GET /file=/tmp/gradio/ab/image.png",
    ];
    let first = [&[CALL, CONFIG, "GET /info"], &moved[..]].concat();
    assert_eq!(server.lines(), first);
    draw(&registry).await.expect("an image");
    assert_eq!(server.lines(), [first, moved.to_vec()].concat());
}

#[tokio::test]
async fn endpoint_works_again_after_a_temporary_404() {
    let not_found = MockResponse::json(404, &json!({"detail": "Not Found"}));
    let script = Script::gradio().on_each(CALL, vec![accepted(), not_found, accepted()]);
    let server = FaultServer::start(script).await;
    let registry = registry(&server, LONG_TIMEOUTS);
    draw(&registry).await.expect("an image");
    let error = draw(&registry).await.expect_err("the endpoint is missing");
    assert_eq!(
        error.kind(),
        &ErrorKind::InvalidRequest { field: "api_name" }
    );
    draw(&registry).await.expect("an image");
    assert_eq!(server.count(CONFIG), 1);
}

/// The default Space with its endpoint renamed.
fn with_renamed_endpoint(api_name: &str) -> Script {
    let mut renamed = config("/gradio_api");
    renamed["dependencies"][1]["api_name"] = json!(api_name);
    Script::gradio()
        .on(CONFIG, MockResponse::json(200, &renamed))
        .on(
            INFO,
            MockResponse::json(200, &info(&format!("/{api_name}"))),
        )
        .on(&format!("POST /gradio_api/call/{api_name}"), accepted())
}

#[tokio::test]
async fn renamed_endpoint_is_found_after_404_or_500() {
    for rejection in [
        MockResponse::json(404, &json!({"detail": "Not Found"})),
        MockResponse::new(500, "text/plain", "Internal Server Error"),
        MockResponse::new(
            500,
            "text/plain",
            "Traceback (most recent call last):\nKeyError: 'infer'",
        ),
    ] {
        let server =
            FaultServer::start(with_renamed_endpoint("generate_picture").on(CALL, rejection)).await;
        draw(&registry(&server, LONG_TIMEOUTS))
            .await
            .expect("an image");
        let call = "POST /gradio_api/call/generate_picture";
        assert_eq!(
            server.lines(),
            [CALL, CONFIG, INFO, call, EVENTS, IMAGE_FILE]
        );
    }
}

/// The default Space with a negative prompt in place of `randomize_seed`.
fn with_changed_parameters() -> Script {
    let mut changed = config("/gradio_api");
    changed["components"][2] =
        json!({"id": 3, "type": "textbox", "props": {"label": "Negative prompt"}});
    let mut described = info("/infer");
    let parameter = &mut described["named_endpoints"]["/infer"]["parameters"][2];
    *parameter = json!({
        "label": "Negative prompt", "parameter_name": "negative_prompt", "parameter_has_default": true,
        "parameter_default": "", "python_type": {"type": "str"}, "component": "Textbox",
    });
    Script::gradio()
        .on(CONFIG, MockResponse::json(200, &changed))
        .on(INFO, MockResponse::json(200, &described))
}

#[tokio::test]
async fn changed_parameters_are_discovered_after_a_failed_call() {
    let message = "needed: 7, got: 6: An event handler didn't receive enough input values";
    for reason in [json!(message), Value::Null] {
        let bad = MockResponse::events([messages::failed(&reason)]);
        let good = MockResponse::events([messages::completed(&messages::result())]);
        let script = with_changed_parameters().on_each(EVENTS, vec![bad, good]);
        let server = FaultServer::start(script).await;
        draw(&registry(&server, LONG_TIMEOUTS))
            .await
            .expect("an image");
        assert_eq!(
            server.lines(),
            [CALL, EVENTS, CONFIG, INFO, CALL, EVENTS, IMAGE_FILE]
        );
        let bodies: Vec<Value> = server
            .requests()
            .iter()
            .filter(|request| request.line == CALL)
            .map(|request| serde_json::from_str(&request.body).expect("JSON"))
            .collect();
        assert_eq!(bodies[0], json!({"data": ["a cat", 7, false, 64, 64, 2]}));
        assert_eq!(bodies[1], json!({"data": ["a cat", 7, "", 64, 64, 2]}));
    }
}

#[tokio::test]
async fn space_error_does_not_trigger_rediscovery() {
    let failed = MockResponse::events([messages::failed(&json!("out of paint"))]);
    let good = MockResponse::events([messages::completed(&messages::result())]);
    let server = FaultServer::start(Script::gradio().on_each(EVENTS, vec![failed, good])).await;
    let space = space(&server, |options| options.flux_prefix = None);
    let error = draw_with(&space).await.expect_err("the Space fails");
    assert_error(&error, &ErrorKind::Upstream, "out of paint");
    draw_with(&space).await.expect("an image");
    let expected = [CONFIG, INFO, CALL, EVENTS, CALL, EVENTS, IMAGE_FILE];
    assert_eq!(server.lines(), expected);
}

#[tokio::test]
async fn space_without_an_image_endpoint_lists_its_endpoints() {
    let mut other = info("/translate");
    other["named_endpoints"]["/translate"]["returns"] =
        json!([{"label": "Text", "component": "Textbox"}]);
    let script = with_renamed_endpoint("translate")
        .without(CALL)
        .on(INFO, MockResponse::json(200, &other));
    let (error, server) = draw_err(script).await;
    let kind = ErrorKind::InvalidRequest { field: "api_name" };
    assert_error(&error, &kind, "/translate");
    assert_eq!(server.lines(), [CALL, CONFIG, INFO]);
}

#[tokio::test]
async fn unsupported_gradio_version_is_reported() {
    let script = Script::empty().on(
        CONFIG,
        MockResponse::json(200, &json!({"version": "3.50.2"})),
    );
    let (error, server) = draw_err(script).await;
    assert_error(&error, &ErrorKind::Unavailable, "Gradio 3.50.2 is too old");
    assert_eq!(server.lines(), [CALL, CONFIG]);
}

#[tokio::test]
async fn config_not_from_gradio_is_shown_in_the_error() {
    for body in [
        "{}",
        "[]",
        "null",
        "{\"version\": 6}",
        "{\"version\": \"6.0\"",
    ] {
        let script = Script::empty().on(CONFIG, MockResponse::new(200, "application/json", body));
        let (error, server) = draw_err(script).await;
        assert_error(&error, &ErrorKind::Unavailable, "expected Gradio's /config");
        assert!(error.message().contains(body), "{error}");
        assert_eq!(server.lines(), [CALL, CONFIG]);
    }
}

#[tokio::test]
async fn missing_info_is_an_error() {
    let (error, server) = draw_err(Script::gradio().without(CALL).without(INFO)).await;
    assert_error(
        &error,
        &ErrorKind::InvalidRequest { field: "api_name" },
        "404",
    );
    assert_eq!(server.lines(), [CALL, CONFIG, INFO]);
}

#[tokio::test]
async fn dependency_with_api_name_false_is_skipped() {
    let server = FaultServer::start(Script::gradio()).await;
    let space = space(&server, |options| options.flux_prefix = None);
    draw_with(&space).await.expect("an image");
    assert_eq!(
        server.lines(),
        [&[CONFIG, INFO], &IMAGE_REQUESTS[..]].concat()
    );
}
