//! Errors from the hub: their kinds and messages, and which are retried.

use std::time::Duration;

use fluxhop::{Error, ErrorKind};
use fluxhop_tests::fault::{MockResponse, RefusingServer};
use fluxhop_tests::hub::Model;
use serde_json::json;

use crate::support::{Fixture, WEIGHTS, model};

/// An error response in the hub's format.
fn error_response(status: u16, code: &str, message: &str) -> MockResponse {
    let response = MockResponse::json(status, &json!({ "error": message }));
    let response = response.header("x-error-message", message);
    if code.is_empty() {
        response
    } else {
        response.header("x-error-code", code)
    }
}

/// Returns the error of a pull if the hub sends `response` for the model's info.
async fn info_error(response: MockResponse, token: Option<&str>) -> Error {
    let model = model();
    let fixture = Fixture::with(
        &model,
        |hub| hub.on(&model.info_route("main"), response),
        |s| s,
    )
    .await;
    fixture
        .pull_with("a/b", &[], token)
        .await
        .expect_err("pull succeeded")
}

/// The hub's message in the error's context.
fn hub_message(error: &Error) -> Option<&str> {
    let mut context = error.context().iter();
    context
        .find(|(name, _)| *name == "the hub says")
        .map(|(_, message)| message.as_str())
}

#[tokio::test]
async fn gated_model_error_links_to_the_licence() {
    let message =
        "Access to model a/b is restricted. You must have access to it and be authenticated.";
    for (status, token, expected) in [
        (401, None, "accept the licence at"),
        (403, Some("hf_t"), "the token's account has no access yet"),
    ] {
        // The file list of a gated model is public.
        let model = model();
        let gated = MockResponse::raw(format!(
            "HTTP/1.1 {status} No\r\nx-error-code: GatedRepo\r\nx-error-message: {message}\r\n\
             content-length: 0\r\n\r\n"
        ));
        let route = model.route("HEAD", "config.json");
        let fixture = Fixture::with(&model, |hub| hub.on(&route, gated), |s| s).await;
        let error = fixture
            .pull_with("a/b", &[], token)
            .await
            .expect_err("pull succeeded");
        assert_eq!(error.kind(), &ErrorKind::Unauthorized);
        assert!(error.message().contains(expected), "{error}");
        assert!(
            error
                .message()
                .contains(&format!("{}/a/b", fixture.hub.url())),
            "{error}"
        );
        assert_eq!(hub_message(&error), Some(message));
        assert_eq!(fixture.storage.lines().len(), 0);
    }
}

#[tokio::test]
async fn missing_and_private_models_are_distinguished() {
    let error = info_error(
        error_response(401, "RepoNotFound", "Repository not found"),
        None,
    )
    .await;
    assert_eq!(error.kind(), &ErrorKind::Unauthorized);
    assert!(
        error
            .message()
            .contains("does not exist, or it is private and needs a token"),
        "{error}"
    );
    let error = info_error(
        error_response(404, "RepoNotFound", "Repository not found"),
        Some("hf_t"),
    )
    .await;
    assert_eq!(error.kind(), &ErrorKind::ModelNotFound);
    let error = info_error(
        error_response(404, "RevisionNotFound", "Invalid rev id: main"),
        None,
    )
    .await;
    assert_eq!(
        error.kind(),
        &ErrorKind::InvalidRequest { field: "revision" }
    );
    assert_eq!(hub_message(&error), Some("Invalid rev id: main"));
    let error = info_error(
        error_response(401, "", "Invalid credentials in Authorization header"),
        Some("t"),
    )
    .await;
    assert_eq!(error.kind(), &ErrorKind::Unauthorized);
    assert!(error.message().contains("rejected the token"), "{error}");
}

#[tokio::test]
async fn rate_limit_is_retried_after_a_short_delay_and_otherwise_reported() {
    let rate_limited =
        |seconds: &str| error_response(429, "", "slow down").header("retry-after", seconds);
    let error = info_error(rate_limited("3600"), None).await;
    let retry_after = Some(Duration::from_hours(1));
    assert_eq!(error.kind(), &ErrorKind::RateLimited { retry_after });
    let limit = error_response(429, "", "slow down").header("ratelimit", "\"api\";r=0;t=120");
    let retry_after = Some(Duration::from_mins(2));
    assert_eq!(
        info_error(limit, None).await.kind(),
        &ErrorKind::RateLimited { retry_after }
    );

    let model = model();
    let responses = vec![rate_limited("0"), model.info_response()];
    let fixture = Fixture::with(
        &model,
        |hub| hub.on_each(&model.info_route("main"), responses),
        |s| s,
    )
    .await;
    fixture.pull().await.expect("pull failed");
}

#[tokio::test]
async fn server_errors_are_retried_and_then_reported() {
    let error = info_error(error_response(500, "", "Internal Error"), None).await;
    assert_eq!(error.kind(), &ErrorKind::Unavailable);
    assert_eq!(hub_message(&error), Some("Internal Error"));
    let model = model();
    let responses = vec![
        MockResponse::html_page(502),
        MockResponse::html_page(503),
        model.file("config.json").full_response(),
    ];
    let route = model.route("GET", "config.json");
    let fixture = Fixture::with(&model, |hub| hub.on_each(&route, responses), |s| s).await;
    fixture.pull().await.expect("pull failed");
    assert_eq!(fixture.hub.count(&route), 3);
}

#[tokio::test]
async fn expired_storage_url_is_requested_again() {
    let model = model();
    let file = model.file(WEIGHTS);
    let route = format!("GET /{}", file.etag());
    let responses = vec![
        MockResponse::new(403, "application/xml", "<Error>Expired</Error>"),
        file.full_response(),
    ];
    let fixture = Fixture::with(
        &model,
        |hub| hub,
        |storage| storage.on_each(&route, responses),
    )
    .await;
    fixture.pull().await.expect("pull failed");
    assert_eq!(fixture.hub.count(&model.route("GET", WEIGHTS)), 2);
}

#[tokio::test]
async fn refused_connection_is_reported_without_retries() {
    let model = model();
    let fixture = Fixture::new(&model).await;
    let mut options = fluxhop::hub::HubOptions::default();
    let server = RefusingServer::new();
    options.endpoint = fluxhop_http::Url::parse(&server.url()).expect("a URL");
    let client =
        fluxhop_http::Client::new(fluxhop_http::ClientOptions::default()).expect("a client");
    let hub = fluxhop::hub::Hub::new(client, options);
    let source = fluxhop::hub::ModelSource::parse("a/b").expect("a valid name");
    let mut events = hub.pull(&fixture.cache, source);
    let error = futures_util::StreamExt::next(&mut events)
        .await
        .expect("an event")
        .expect_err("pull succeeded");
    let error = Error::from(error);
    assert_eq!(error.kind(), &ErrorKind::Unavailable);
    let address = server.url().replace("http://", "");
    assert!(error.message().contains(&address), "{error}");
}

#[tokio::test]
async fn unsafe_paths_and_malformed_responses_are_rejected() {
    for path in ["../../../.bashrc", "/etc/passwd", "a/../../b", "a\\b"] {
        let malicious = Model::new("a/b")
            .with_text(path, "x")
            .with_weights("m.gguf", 4);
        let fixture = Fixture::new(&malicious).await;
        let error = fixture.pull_error().await;
        assert_eq!(error.kind(), &ErrorKind::Protocol, "{path}");
        assert_eq!(
            std::fs::read_dir(fixture.cache.folder())
                .expect("failed to read the folder")
                .count(),
            0
        );
    }
    let info = json!({ "sha": "../..", "siblings": [] });
    assert_eq!(
        info_error(MockResponse::json(200, &info), None)
            .await
            .kind(),
        &ErrorKind::Protocol
    );
    let not_json = info_error(MockResponse::html_page(200), None).await;
    assert_eq!(not_json.kind(), &ErrorKind::Protocol);
    let model = model();
    let etag =
        MockResponse::raw("HTTP/1.1 200 OK\r\netag: \"../../x\"\r\ncontent-length: 2\r\n\r\n");
    let route = model.route("HEAD", "config.json");
    let fixture = Fixture::with(&model, |hub| hub.on(&route, etag), |s| s).await;
    assert_eq!(fixture.pull_error().await.kind(), &ErrorKind::Protocol);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn insufficient_disk_space_is_reported_before_downloading() {
    let model = model();
    let huge = MockResponse::raw(
        "HTTP/1.1 200 OK\r\netag: \"abc\"\r\ncontent-length: 9000000000000000000\r\n\r\n",
    );
    let route = model.route("HEAD", "config.json");
    let fixture = Fixture::with(&model, |hub| hub.on(&route, huge), |s| s).await;
    let error = fixture.pull_error().await;
    assert_eq!(error.kind(), &ErrorKind::Internal);
    assert!(
        error.message().contains("9000000000.0 GB needed"),
        "{error}"
    );
    assert!(error.message().contains("not enough disk space"), "{error}");
    assert_eq!(fixture.storage.lines().len(), 0);
}
