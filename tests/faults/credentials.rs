//! Tokens, cookies and logins are sent only to the Space's own origin.
//!
//! The fault server acts as a proxy, so it receives the requests to all public hosts.

use std::time::Duration;

use fluxhop::config::Config;
use fluxhop::{ErrorKind, GeneratedImage, Registry, Result, Secrets};
use fluxhop_http::Secret;
use fluxhop_tests::fault::{FaultServer, MockResponse, RecordedRequest, Script, messages, png};
use serde_json::json;

use crate::support::{
    CALL, CANCELLED_REQUESTS, CONFIG, EVENTS, IMAGE_FILE, IMAGE_REQUESTS, INFO, assert_error, draw,
    draw_err, draw_ok, draw_with, space,
};

const SPACE: &str = "space.example";
const TOKEN: &str = "hf_secret";

/// Draws with the Space at `http://space.example` through the proxy `server`.
async fn draw_through_proxy(server: &FaultServer) -> Result<GeneratedImage> {
    let proxy = server.url();
    let config = format!(
        "[network]\nproxy = \"{proxy}\"\nretries = 0\n\
         [providers.voodoohop]\nurl = \"http://{SPACE}\"\ntoken = \"{TOKEN}\""
    );
    let config = Config::parse(&config, "fluxhop.toml").expect("a valid configuration");
    let registry = Registry::new(config, Secrets::default()).expect("a registry");
    draw(&registry).await
}

fn has_credentials(request: &RecordedRequest) -> bool {
    let names = ["authorization", "x-hf-authorization", "cookie"];
    names.iter().any(|name| request.headers.contains_key(*name))
        || format!("{request:?}").contains(TOKEN)
}

fn with_cookie(response: MockResponse) -> MockResponse {
    response.header("set-cookie", "replica=3; Path=/; HttpOnly")
}

#[tokio::test]
async fn token_and_cookies_are_sent_with_every_request_to_the_space() {
    let call = with_cookie(MockResponse::json(
        200,
        &json!({"event_id": fluxhop_tests::fault::EVENT_ID}),
    ));
    let server = FaultServer::start(Script::gradio().on(CALL, call)).await;
    draw_through_proxy(&server).await.expect("an image");
    assert_eq!(server.lines(), IMAGE_REQUESTS);
    for request in server.requests() {
        assert_eq!(request.host, SPACE);
        assert_eq!(request.headers["authorization"], format!("Bearer {TOKEN}"));
        assert_eq!(
            request.headers["x-hf-authorization"],
            format!("Bearer {TOKEN}")
        );
        let cookie = request.headers.get("cookie").map(String::as_str);
        assert_eq!(cookie, (request.line != CALL).then_some("replica=3"));
    }
}

#[tokio::test]
async fn image_on_another_host_is_fetched_without_credentials() {
    let result = messages::completed(&json!([{"url": "http://cdn.example/a.png"}, 7]));
    let call = with_cookie(MockResponse::json(
        200,
        &json!({"event_id": fluxhop_tests::fault::EVENT_ID}),
    ));
    let script = Script::gradio()
        .on(CALL, call)
        .queue([result])
        .on("GET /a.png", MockResponse::png(&png()));
    let server = FaultServer::start(script).await;
    draw_through_proxy(&server).await.expect("an image");
    assert_eq!(server.lines(), [CALL, EVENTS, "GET /a.png"]);
    let request = server.wait_for("GET /a.png").await;
    assert_eq!(request.host, "cdn.example");
    assert!(!has_credentials(&request), "{request:?}");
}

#[tokio::test]
async fn download_redirect_to_another_host_drops_credentials() {
    for status in [301, 302, 303, 307, 308] {
        let redirect = MockResponse::new(status, "text/plain", "")
            .header("location", "http://cdn.example/a.png");
        let script = Script::gradio()
            .on(IMAGE_FILE, with_cookie(redirect))
            .on("GET /a.png", MockResponse::png(&png()));
        let server = FaultServer::start(script).await;
        draw_through_proxy(&server).await.expect("an image");
        assert_eq!(server.lines(), [CALL, EVENTS, IMAGE_FILE, "GET /a.png"]);
        let request = server.wait_for("GET /a.png").await;
        assert_eq!(request.host, "cdn.example");
        assert!(!has_credentials(&request), "{request:?}");
    }
}

#[tokio::test]
async fn image_at_a_private_address_is_not_fetched() {
    for url in [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:22/",
        "http://[::1]/a.png",
        "http://localhost/a.png",
        "http://10.0.0.7/a.png",
    ] {
        for file in [json!({ "url": url }), json!({ "path": url }), json!(url)] {
            let script = Script::gradio().queue([messages::completed(&json!([file, 7]))]);
            let server = FaultServer::start(script).await;
            let error = draw_through_proxy(&server)
                .await
                .expect_err("draw succeeded");
            assert_eq!(error.kind(), &ErrorKind::Protocol, "{error}");
            assert_eq!(server.lines(), [CALL, EVENTS], "{url}");
        }
    }
}

#[tokio::test]
async fn image_on_another_local_port_is_not_fetched() {
    let other = FaultServer::start(Script::empty()).await;
    let url = json!({"url": format!("{}/a.png", other.url())});
    let script = Script::gradio().queue([messages::completed(&json!([url, 7]))]);
    let (error, server) = draw_err(script).await;
    assert_error(&error, &ErrorKind::Protocol, "loopback");
    assert_eq!(server.lines(), [CALL, EVENTS]);
    assert_eq!(other.lines().len(), 0);
}

#[tokio::test]
async fn download_redirect_to_a_private_address_is_blocked() {
    for location in [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:22/",
    ] {
        let redirect = MockResponse::new(302, "text/plain", "").header("location", location);
        let server = FaultServer::start(Script::gradio().on(IMAGE_FILE, redirect)).await;
        let error = draw_through_proxy(&server)
            .await
            .expect_err("draw succeeded");
        assert_eq!(error.kind(), &ErrorKind::Protocol, "{error}");
        assert_eq!(server.lines(), IMAGE_REQUESTS, "{location}");
    }
}

#[tokio::test]
async fn api_redirect_to_a_private_address_is_blocked() {
    for (redirected, expected) in [
        (CALL, &[CALL][..]),
        (EVENTS, &CANCELLED_REQUESTS),
        (CONFIG, &[CALL, CONFIG]),
        (INFO, &[CALL, CONFIG, INFO]),
    ] {
        for location in ["http://127.0.0.1:22/", "http://[fd00::7]/config"] {
            let not_found = MockResponse::json(404, &json!({"detail": "Not Found"}));
            let redirect = MockResponse::new(307, "text/plain", "").header("location", location);
            let mut script = Script::gradio();
            if matches!(redirected, CONFIG | INFO) {
                script = script.on(CALL, not_found);
            }
            let server = FaultServer::start(script.on(redirected, redirect)).await;
            let error = draw_through_proxy(&server)
                .await
                .expect_err("draw succeeded");
            assert_eq!(error.kind(), &ErrorKind::Protocol, "{redirected}: {error}");
            assert_eq!(server.lines(), expected, "{redirected} to {location}");
        }
    }
}

#[tokio::test]
async fn path_takes_precedence_over_a_spoofed_url() {
    let file = json!({"path": fluxhop_tests::fault::FILE, "url": "http://10.0.0.7/spoofed.png"});
    let server = draw_ok(Script::gradio().queue([messages::completed(&json!([file, 7]))])).await;
    assert_eq!(server.lines(), IMAGE_REQUESTS);
}

#[tokio::test]
async fn redirect_loop_ends_at_the_limit() {
    let redirect =
        MockResponse::new(302, "text/plain", "").header("location", "/gradio_api/file=/tmp/b.png");
    let script = Script::gradio().on("GET /gradio_api/file=*", redirect);
    let (error, server) = draw_err(script).await;
    assert_error(&error, &ErrorKind::Protocol, "more than 5 redirects");
    assert_eq!(server.lines().len(), 2 + 6);
}

#[tokio::test]
async fn compression_is_not_requested() {
    let server = draw_ok(Script::gradio()).await;
    for request in server.requests() {
        assert_eq!(
            request.headers["accept-encoding"], "identity",
            "{}",
            request.line
        );
    }
}

fn login(options: &mut fluxhop::providers::space::SpaceOptions) {
    options.login = Some(("fox".to_owned(), Secret::from("hunter2")));
}

#[tokio::test]
async fn login_cookie_is_sent_with_every_later_request() {
    let cookie = MockResponse::json(200, &json!({"success": true}))
        .header("set-cookie", "access-token=abc; Path=/; HttpOnly");
    let server = FaultServer::start(Script::gradio().on("POST /login", cookie)).await;
    draw_with(&space(&server, login)).await.expect("an image");
    let expected = ["POST /login", CONFIG, INFO, CALL, EVENTS, IMAGE_FILE];
    assert_eq!(server.lines(), expected);
    let requests = server.requests();
    let (login, rest) = requests.split_first().expect("six requests");
    assert_eq!(login.body, "username=fox&password=hunter2");
    for request in rest {
        assert_eq!(
            request.headers["cookie"], "access-token=abc",
            "{}",
            request.line
        );
    }
}

#[tokio::test]
async fn wrong_password_is_unauthorized_and_not_printed() {
    let rejected = MockResponse::json(400, &json!({"detail": "Incorrect credentials."}));
    let server = FaultServer::start(Script::gradio().on("POST /login", rejected)).await;
    let error = draw_with(&space(&server, login))
        .await
        .expect_err("draw succeeded");
    assert_error(&error, &ErrorKind::Unauthorized, "the login of `fox`");
    assert!(!format!("{error:?}").contains("hunter2"));
    assert_eq!(server.lines(), ["POST /login"]);
}

#[tokio::test]
async fn unanswered_login_times_out() {
    let stalled = MockResponse::raw("").then_stall();
    let server = FaultServer::start(Script::gradio().on("POST /login", stalled)).await;
    let space = space(&server, |options| {
        login(options);
        options.limits.first_event = Duration::from_millis(200);
    });
    let error = draw_with(&space).await.expect_err("draw succeeded");
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error}");
    assert_eq!(server.lines(), ["POST /login"]);
}
