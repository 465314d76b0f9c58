//! Errors of the hub: their kinds and messages, and which are retried.

use std::time::Duration;

use fluxhop::{Error, ErrorKind};
use fluxhop_tests::fault::{Answer, RefusingServer};
use fluxhop_tests::hub::Model;
use serde_json::json;

use crate::support::{Place, WEIGHTS, model};

/// A refusal as the hub words it.
fn refusal(status: u16, code: &str, words: &str) -> Answer {
    let answer = Answer::json(status, &json!({ "error": words }));
    let answer = answer.header("x-error-message", words);
    if code.is_empty() {
        answer
    } else {
        answer.header("x-error-code", code)
    }
}

/// The error where the list of files is answered so.
async fn listed(answer: Answer, token: Option<&str>) -> Error {
    let model = model();
    let place = Place::with(&model, |hub| hub.on(&model.list("main"), answer), |s| s).await;
    place
        .pull_with("a/b", &[], token)
        .await
        .expect_err("refused")
}

fn words(error: &Error) -> Option<&str> {
    let mut context = error.context().iter();
    context
        .find(|(name, _)| *name == "the hub says")
        .map(|(_, words)| words.as_str())
}

#[tokio::test]
async fn gated_model_error_links_to_the_licence() {
    let said =
        "Access to model a/b is restricted. You must have access to it and be authenticated.";
    for (status, token, part) in [
        (401, None, "accept the licence at"),
        (403, Some("hf_t"), "the token's account has no access yet"),
    ] {
        // The list is open to everybody; the files are not.
        let model = model();
        let gated = Answer::raw(format!(
            "HTTP/1.1 {status} No\r\nx-error-code: GatedRepo\r\nx-error-message: {said}\r\n\
             content-length: 0\r\n\r\n"
        ));
        let route = model.route("HEAD", "config.json");
        let place = Place::with(&model, |hub| hub.on(&route, gated), |s| s).await;
        let error = place.pull_with("a/b", &[], token).await.expect_err("gated");
        assert_eq!(error.kind(), &ErrorKind::Unauthorized);
        assert!(error.message().contains(part), "{error}");
        assert!(
            error
                .message()
                .contains(&format!("{}/a/b", place.hub.url())),
            "{error}"
        );
        assert_eq!(words(&error), Some(said));
        assert_eq!(place.storage.lines().len(), 0);
    }
}

#[tokio::test]
async fn missing_and_private_models_are_distinguished() {
    let error = listed(refusal(401, "RepoNotFound", "Repository not found"), None).await;
    assert_eq!(error.kind(), &ErrorKind::Unauthorized);
    assert!(
        error
            .message()
            .contains("does not exist, or it is private and needs a token"),
        "{error}"
    );
    let error = listed(
        refusal(404, "RepoNotFound", "Repository not found"),
        Some("hf_t"),
    )
    .await;
    assert_eq!(error.kind(), &ErrorKind::ModelNotFound);
    let error = listed(
        refusal(404, "RevisionNotFound", "Invalid rev id: main"),
        None,
    )
    .await;
    assert_eq!(
        error.kind(),
        &ErrorKind::InvalidRequest { field: "revision" }
    );
    assert_eq!(words(&error), Some("Invalid rev id: main"));
    let error = listed(
        refusal(401, "", "Invalid credentials in Authorization header"),
        Some("t"),
    )
    .await;
    assert_eq!(error.kind(), &ErrorKind::Unauthorized);
    assert!(error.message().contains("rejected the token"), "{error}");
}

#[tokio::test]
async fn rate_limit_is_reported_and_a_short_wait_is_retried() {
    let busy = |wait: &str| refusal(429, "", "slow down").header("retry-after", wait);
    let error = listed(busy("3600"), None).await;
    let retry_after = Some(Duration::from_hours(1));
    assert_eq!(error.kind(), &ErrorKind::RateLimited { retry_after });
    let limit = refusal(429, "", "slow down").header("ratelimit", "\"api\";r=0;t=120");
    let retry_after = Some(Duration::from_mins(2));
    assert_eq!(
        listed(limit, None).await.kind(),
        &ErrorKind::RateLimited { retry_after }
    );

    let model = model();
    let answers = vec![busy("0"), model.listing()];
    let place = Place::with(
        &model,
        |hub| hub.on_each(&model.list("main"), answers),
        |s| s,
    )
    .await;
    place.pull().await.expect("pulled at the second");
}

#[tokio::test]
async fn server_errors_are_retried_and_then_reported() {
    let error = listed(refusal(500, "", "Internal Error"), None).await;
    assert_eq!(error.kind(), &ErrorKind::Unavailable);
    assert_eq!(words(&error), Some("Internal Error"));
    let model = model();
    let answers = vec![
        Answer::page(502),
        Answer::page(503),
        model.file("config.json").whole(),
    ];
    let route = model.route("GET", "config.json");
    let place = Place::with(&model, |hub| hub.on_each(&route, answers), |s| s).await;
    place.pull().await.expect("pulled at the third");
    assert_eq!(place.hub.count(&route), 3);
}

#[tokio::test]
async fn expired_storage_url_is_requested_again() {
    let model = model();
    let file = model.file(WEIGHTS);
    let route = format!("GET /{}", file.etag());
    let answers = vec![
        Answer::new(403, "application/xml", "<Error>Expired</Error>"),
        file.whole(),
    ];
    let place = Place::with(
        &model,
        |hub| hub,
        |storage| storage.on_each(&route, answers),
    )
    .await;
    place.pull().await.expect("pulled at the second");
    assert_eq!(place.hub.count(&model.route("GET", WEIGHTS)), 2);
}

#[tokio::test]
async fn refused_connection_is_reported_without_retries() {
    let model = model();
    let place = Place::new(&model).await;
    let mut options = fluxhop::hub::HubOptions::default();
    let server = RefusingServer::new();
    options.endpoint = fluxhop_http::Url::parse(&server.url()).expect("a URL");
    let client =
        fluxhop_http::Client::new(fluxhop_http::ClientOptions::default()).expect("a client");
    let hub = fluxhop::hub::Hub::new(client, options);
    let source = fluxhop::hub::ModelSource::parse("a/b").expect("a name");
    let mut events = hub.pull(&place.cache, source);
    let error = futures_util::StreamExt::next(&mut events)
        .await
        .expect("an end")
        .expect_err("refused");
    let error = Error::from(error);
    assert_eq!(error.kind(), &ErrorKind::Unavailable);
    let address = server.url().replace("http://", "");
    assert!(error.message().contains(&address), "{error}");
}

#[tokio::test]
async fn unsafe_paths_and_malformed_responses_are_rejected() {
    for path in ["../../../.bashrc", "/etc/passwd", "a/../../b", "a\\b"] {
        let evil = Model::new("a/b")
            .with_text(path, "x")
            .with_weights("m.gguf", 4);
        let place = Place::new(&evil).await;
        let error = place.fails().await;
        assert_eq!(error.kind(), &ErrorKind::Protocol, "{path}");
        assert_eq!(
            std::fs::read_dir(place.cache.folder())
                .expect("read")
                .count(),
            0
        );
    }
    let sha = json!({ "sha": "../..", "siblings": [] });
    assert_eq!(
        listed(Answer::json(200, &sha), None).await.kind(),
        &ErrorKind::Protocol
    );
    let not_json = listed(Answer::page(200), None).await;
    assert_eq!(not_json.kind(), &ErrorKind::Protocol);
    let model = model();
    let etag = Answer::raw("HTTP/1.1 200 OK\r\netag: \"../../x\"\r\ncontent-length: 2\r\n\r\n");
    let route = model.route("HEAD", "config.json");
    let place = Place::with(&model, |hub| hub.on(&route, etag), |s| s).await;
    assert_eq!(place.fails().await.kind(), &ErrorKind::Protocol);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn insufficient_disk_space_is_reported_before_downloading() {
    let model = model();
    let huge = Answer::raw(
        "HTTP/1.1 200 OK\r\netag: \"abc\"\r\ncontent-length: 9000000000000000000\r\n\r\n",
    );
    let route = model.route("HEAD", "config.json");
    let place = Place::with(&model, |hub| hub.on(&route, huge), |s| s).await;
    let error = place.fails().await;
    assert_eq!(error.kind(), &ErrorKind::Internal);
    assert!(
        error.message().contains("9000000000.0 GB needed"),
        "{error}"
    );
    assert!(error.message().contains("not enough disk space"), "{error}");
    assert_eq!(place.storage.lines().len(), 0);
}
