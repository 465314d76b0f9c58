//! Spaces that are not, or no longer, as the catalogue knows them.

use fluxhop::ErrorKind;
use fluxhop_tests::fault::{Answer, EVENT_ID, FaultServer, Script, config, info, messages};
use serde_json::{Value, json};

use crate::support::{
    CALL, CONFIG, DRAWN, EVENTS, INFO, PATIENT, PICTURE, assert_error, draw, drawn, fails,
    registry, space,
};

fn accepted() -> Answer {
    Answer::json(200, &json!({ "event_id": EVENT_ID }))
}

#[tokio::test]
async fn a_prefix_that_moved_is_found_once_and_remembered() {
    let server = FaultServer::start(Script::gradio_at("")).await;
    let registry = registry(&server, PATIENT);
    draw(&registry).await.expect("a picture");
    let moved = [
        "POST /call/infer",
        "GET /queue/data",
        "GET /file=/tmp/gradio/ab/image.png",
    ];
    let found = [&[CALL, CONFIG, "GET /info"], &moved[..]].concat();
    assert_eq!(server.lines(), found);
    draw(&registry).await.expect("a picture");
    assert_eq!(server.lines(), [found, moved.to_vec()].concat());
}

#[tokio::test]
async fn a_space_that_moved_back_to_its_old_shape_is_found_again() {
    let gone = Answer::json(404, &json!({"detail": "Not Found"}));
    let script = Script::gradio().on_each(CALL, vec![accepted(), gone, accepted()]);
    let server = FaultServer::start(script).await;
    let registry = registry(&server, PATIENT);
    draw(&registry).await.expect("a picture");
    let error = draw(&registry).await.expect_err("the same shape");
    assert_eq!(
        error.kind(),
        &ErrorKind::InvalidRequest { field: "api_name" }
    );
    draw(&registry).await.expect("a picture");
    assert_eq!(server.count(CONFIG), 1);
}

/// The default Space with its endpoint under another name.
fn renamed(api_name: &str) -> Script {
    let mut renamed = config("/gradio_api");
    renamed["dependencies"][1]["api_name"] = json!(api_name);
    Script::gradio()
        .on(CONFIG, Answer::json(200, &renamed))
        .on(INFO, Answer::json(200, &info(&format!("/{api_name}"))))
        .on(&format!("POST /gradio_api/call/{api_name}"), accepted())
}

#[tokio::test]
async fn an_endpoint_that_was_renamed_is_found_whether_the_server_answers_404_or_500() {
    for refusal in [
        Answer::json(404, &json!({"detail": "Not Found"})),
        Answer::new(500, "text/plain", "Internal Server Error"),
        Answer::new(
            500,
            "text/plain",
            "Traceback (most recent call last):\nKeyError: 'infer'",
        ),
    ] {
        let server = FaultServer::start(renamed("generate_picture").on(CALL, refusal)).await;
        draw(&registry(&server, PATIENT)).await.expect("a picture");
        let call = "POST /gradio_api/call/generate_picture";
        assert_eq!(server.lines(), [CALL, CONFIG, INFO, call, EVENTS, PICTURE]);
    }
}

/// The default Space with other parameters: no `randomize_seed`, and a negative prompt.
fn changed() -> Script {
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
        .on(CONFIG, Answer::json(200, &changed))
        .on(INFO, Answer::json(200, &described))
}

#[tokio::test]
async fn parameters_that_changed_are_found_after_the_call_failed_in_the_stream() {
    let words = "needed: 7, got: 6: An event handler didn't receive enough input values";
    for reason in [json!(words), Value::Null] {
        let bad = Answer::events([messages::failed(&reason)]);
        let good = Answer::events([messages::completed(&messages::result())]);
        let script = changed().on_each(EVENTS, vec![bad, good]);
        let server = FaultServer::start(script).await;
        draw(&registry(&server, PATIENT)).await.expect("a picture");
        assert_eq!(
            server.lines(),
            [CALL, EVENTS, CONFIG, INFO, CALL, EVENTS, PICTURE]
        );
        let bodies: Vec<Value> = server
            .seen()
            .iter()
            .filter(|seen| seen.line == CALL)
            .map(|seen| serde_json::from_str(&seen.body).expect("JSON"))
            .collect();
        assert_eq!(bodies[0], json!({"data": ["a cat", 7, false, 64, 64, 2]}));
        assert_eq!(bodies[1], json!({"data": ["a cat", 7, "", 64, 64, 2]}));
    }
}

#[tokio::test]
async fn a_space_that_fails_in_its_own_words_is_not_asked_again_what_it_is() {
    let failed = Answer::events([messages::failed(&json!("out of paint"))]);
    let good = Answer::events([messages::completed(&messages::result())]);
    let server = FaultServer::start(Script::gradio().on_each(EVENTS, vec![failed, good])).await;
    let space = space(&server, |options| options.flux_prefix = None);
    let error = drawn(&space).await.expect_err("its own words");
    assert_error(&error, &ErrorKind::Upstream, "out of paint");
    drawn(&space).await.expect("a picture");
    let asked = [CONFIG, INFO, CALL, EVENTS, CALL, EVENTS, PICTURE];
    assert_eq!(server.lines(), asked);
}

#[tokio::test]
async fn an_app_that_draws_nothing_says_what_it_has() {
    let mut other = info("/translate");
    other["named_endpoints"]["/translate"]["returns"] =
        json!([{"label": "Text", "component": "Textbox"}]);
    let script = renamed("translate")
        .without(CALL)
        .on(INFO, Answer::json(200, &other));
    let (error, server) = fails(script).await;
    let kind = ErrorKind::InvalidRequest { field: "api_name" };
    assert_error(&error, &kind, "/translate");
    assert_eq!(server.lines(), [CALL, CONFIG, INFO]);
}

#[tokio::test]
async fn a_gradio_that_is_too_old_says_so() {
    let script = Script::empty().on(CONFIG, Answer::json(200, &json!({"version": "3.50.2"})));
    let (error, server) = fails(script).await;
    assert_error(&error, &ErrorKind::Unavailable, "Gradio 3.50.2 is too old");
    assert_eq!(server.lines(), [CALL, CONFIG]);
}

#[tokio::test]
async fn a_config_that_is_not_gradio_s_is_shown() {
    for body in [
        "{}",
        "[]",
        "null",
        "{\"version\": 6}",
        "{\"version\": \"6.0\"",
    ] {
        let script = Script::empty().on(CONFIG, Answer::new(200, "application/json", body));
        let (error, server) = fails(script).await;
        assert_error(&error, &ErrorKind::Unavailable, "expected Gradio's /config");
        assert!(error.message().contains(body), "{error}");
        assert_eq!(server.lines(), [CALL, CONFIG]);
    }
}

#[tokio::test]
async fn an_info_that_is_missing_is_no_panic() {
    let (error, server) = fails(Script::gradio().without(CALL).without(INFO)).await;
    assert_error(
        &error,
        &ErrorKind::InvalidRequest { field: "api_name" },
        "404",
    );
    assert_eq!(server.lines(), [CALL, CONFIG, INFO]);
}

#[tokio::test]
async fn an_app_where_some_api_name_is_false_is_called() {
    let server = FaultServer::start(Script::gradio()).await;
    let space = space(&server, |options| options.flux_prefix = None);
    drawn(&space).await.expect("a picture");
    assert_eq!(server.lines(), [&[CONFIG, INFO], &DRAWN[..]].concat());
}
