//! Spaces on the hub that are asleep, starting, broken or private, and faults in the hub itself.

use std::time::Duration;

use fluxhop::providers::space::Space;
use fluxhop::{ErrorKind, Event, Provider};
use fluxhop_http::Secret;
use fluxhop_tests::fault::{EVENT_ID, FaultServer, MockResponse, Script, config};
use futures_util::StreamExt;
use serde_json::json;

use crate::support::{
    CALL, CONFIG, EVENTS, IMAGE_FILE, INFO, PausedClock, assert_error, draw_with, request, space,
};

const NAME: &str = "voodoohop/flux-1-schnell";
const STATE: &str = "GET /api/spaces/voodoohop/flux-1-schnell";
const HOST: &str = "GET /api/spaces/voodoohop/flux-1-schnell/host";
const VISIT: &str = "GET /";
/// The interval between requests for the Space's state.
const POLL_INTERVAL: Duration = Duration::from_secs(3);

fn stage(stage: &str) -> MockResponse {
    MockResponse::json(
        200,
        &json!({"id": NAME, "runtime": {"stage": stage, "hardware": null}}),
    )
}

/// A Space that is not running: its host serves an HTML page with this status.
fn not_running(status: u16) -> Script {
    Script::gradio()
        .on(CALL, MockResponse::html_page(status))
        .on(CONFIG, MockResponse::html_page(status))
        .on(VISIT, MockResponse::html_page(status))
}

/// A provider with the Space's URL and its name on the hub.
fn space_by_url(server: &FaultServer) -> Space {
    space(server, |options| options.hub_name = Some(NAME.to_owned()))
}

/// A provider with the Space's name only.
fn space_by_name(server: &FaultServer, token: Option<&str>) -> Space {
    space(server, |options| {
        NAME.clone_into(&mut options.target);
        options.token = token.map(Secret::from);
    })
}

#[tokio::test]
async fn sleeping_space_is_woken_once_and_progress_is_reported() {
    let clock = PausedClock::pause();
    for status in [200, 503] {
        let up = MockResponse::json(200, &config("/gradio_api"));
        let accepted = MockResponse::json(200, &json!({ "event_id": EVENT_ID }));
        let script = not_running(status)
            .on_each(
                STATE,
                vec![stage("SLEEPING"), stage("APP_STARTING"), stage("RUNNING")],
            )
            .on_each(CONFIG, vec![MockResponse::html_page(status), up])
            .on_each(CALL, vec![MockResponse::html_page(status), accepted]);
        let server = FaultServer::start(script).await;
        let mut events = space_by_url(&server).generate(request());
        let mut stages = Vec::new();
        let mut images = 0;
        while let Some(event) = clock.next_after(POLL_INTERVAL, &mut events).await {
            match event.expect("no error") {
                Event::Progress {
                    stage: Some(stage), ..
                } => stages.push(stage),
                Event::Image(_) => images += 1,
                _ => {}
            }
        }
        assert_eq!(images, 1);
        assert_eq!(stages.len(), 2, "{stages:?}");
        assert!(
            stages[0].contains("is asleep (SLEEPING); waiting for it"),
            "{stages:?}"
        );
        assert!(
            stages[1].contains("is starting (APP_STARTING); waiting for it"),
            "{stages:?}"
        );
        assert_eq!(
            server.lines(),
            [
                CALL, CONFIG, STATE, VISIT, STATE, STATE, CONFIG, INFO, CALL, EVENTS, IMAGE_FILE
            ]
        );
    }
}

#[tokio::test]
async fn waiting_for_a_sleeping_space_ends_after_five_minutes() {
    let clock = PausedClock::pause();
    let server = FaultServer::start(not_running(503).on(STATE, stage("SLEEPING"))).await;
    let start = tokio::time::Instant::now();
    let mut events = space_by_url(&server).generate(request());
    let error = loop {
        match clock.next_after(POLL_INTERVAL, &mut events).await {
            Some(Ok(_)) => {}
            Some(Err(error)) => break error,
            None => panic!("the stream ended without an error"),
        }
    };
    assert_error(
        &error,
        &ErrorKind::Unavailable,
        "did not start within 300 s",
    );
    assert!(
        start.elapsed() < Duration::from_secs(330),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(
        (
            server.count(CALL),
            server.count(CONFIG),
            server.count(VISIT)
        ),
        (1, 1, 1)
    );
    assert!(server.count(STATE) <= 101, "{}", server.count(STATE));
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn stopped_space_fails_without_waiting() {
    for (name, message) in [
        ("PAUSED", "can only be restarted by its owner"),
        ("BUILD_ERROR", "failed to build"),
        ("RUNTIME_ERROR", "has crashed"),
        ("CONFIG_ERROR", "is misconfigured"),
        ("NO_APP_FILE", "contains no app"),
        ("DELETING", "is being deleted"),
        ("SOMETHING_NEW", "is not running"),
    ] {
        let server = FaultServer::start(not_running(503).on(STATE, stage(name))).await;
        let error = draw_with(&space_by_url(&server)).await.expect_err(name);
        assert_error(&error, &ErrorKind::Unavailable, message);
        assert!(error.message().contains(&format!("({name})")), "{error}");
        assert!(!error.is_retryable(), "{name}");
        assert_eq!(server.lines(), [CALL, CONFIG, STATE]);
    }
}

#[tokio::test]
async fn running_space_that_serves_an_html_page_is_unavailable() {
    let server = FaultServer::start(not_running(503).on(STATE, stage("RUNNING"))).await;
    let error = draw_with(&space_by_url(&server))
        .await
        .expect_err("an HTML page");
    assert_error(&error, &ErrorKind::Unavailable, "returned 503");
    assert_eq!(server.lines(), [CALL, CONFIG, STATE, CONFIG]);
}

#[tokio::test]
async fn hub_failure_does_not_replace_the_space_error() {
    for response in [
        MockResponse::html_page(500),
        MockResponse::json(200, &json!({"id": NAME})),
        MockResponse::raw("").then_reset(),
    ] {
        let server = FaultServer::start(not_running(503).on(STATE, response)).await;
        let error = draw_with(&space_by_url(&server))
            .await
            .expect_err("not running");
        assert_error(&error, &ErrorKind::Unavailable, "/config returned 503");
        assert_eq!(server.lines(), [CALL, CONFIG, STATE]);
    }
}

#[tokio::test]
async fn space_name_is_resolved_by_the_hub() {
    let server = FaultServer::start(Script::gradio()).await;
    let host = MockResponse::json(200, &json!({"host": server.url(), "subdomain": "x"}));
    let hub = FaultServer::start(Script::empty().on(HOST, host)).await;
    let space = space(&server, |options| {
        NAME.clone_into(&mut options.target);
        options.hub = Some(hub.url().parse().expect("a URL"));
    });
    draw_with(&space).await.expect("an image");
    assert_eq!(hub.lines(), [HOST]);
    assert_eq!(server.lines(), [CONFIG, INFO, CALL, EVENTS, IMAGE_FILE]);
}

#[tokio::test]
async fn private_space_requires_a_token() {
    for status in [401, 404] {
        let denied = MockResponse::new(status, "text/plain", "Invalid username or password.");
        let server = FaultServer::start(Script::empty().on(HOST, denied)).await;
        let error = draw_with(&space_by_name(&server, None))
            .await
            .expect_err("private");
        assert_error(&error, &ErrorKind::Unauthorized, "needs a token");
        let error = draw_with(&space_by_name(&server, Some("hf_bad")))
            .await
            .expect_err("private");
        assert_error(
            &error,
            &ErrorKind::Unauthorized,
            "the token has no access to it",
        );
        assert!(!format!("{error:?}").contains("hf_bad"));
        assert_eq!(server.lines(), [HOST, HOST]);
    }
}

#[tokio::test]
async fn hub_rate_limit_reports_retry_after() {
    let limited = MockResponse::json(429, &json!({"error": "rate limit"}))
        .header("RateLimit", "\"api\";r=0;t=42");
    let server = FaultServer::start(Script::empty().on(HOST, limited)).await;
    let error = draw_with(&space_by_name(&server, None))
        .await
        .expect_err("limited");
    let retry_after = Some(Duration::from_secs(42));
    assert_error(&error, &ErrorKind::RateLimited { retry_after }, "429");
    assert_eq!(server.lines(), [HOST]);
}

#[tokio::test]
async fn host_that_is_not_an_http_url_is_rejected() {
    for host in ["file:///etc/passwd", "space", ""] {
        let response = MockResponse::json(200, &json!({ "host": host }));
        let server = FaultServer::start(Script::empty().on(HOST, response)).await;
        let error = draw_with(&space_by_name(&server, None))
            .await
            .expect_err(host);
        assert_error(
            &error,
            &ErrorKind::Protocol,
            "an http or https URL of the Space",
        );
        assert_eq!(server.lines(), [HOST]);
    }
}
