//! Tokens, cookies and logins: to the Space's own origin, and to nobody else.
//!
//! Public hosts are played through a proxy: to it come the requests for all of them.

use std::time::Duration;

use fluxhop::config::Config;
use fluxhop::{ErrorKind, GeneratedImage, Registry, Result, Secrets};
use fluxhop_http::Secret;
use fluxhop_tests::fault::{Answer, FaultServer, Script, Seen, messages, png};
use serde_json::json;

use crate::support::{
    CALL, CONFIG, DRAWN, EVENTS, GIVEN_UP, INFO, PICTURE, assert_error, draw, drawn, draws, fails,
    space,
};

const SPACE: &str = "space.example";
const TOKEN: &str = "hf_secret";

/// Draws with the Space at `http://space.example`, all of whose traffic goes through `server`.
async fn draw_behind(server: &FaultServer) -> Result<GeneratedImage> {
    let proxy = server.url();
    let config = format!(
        "[network]\nproxy = \"{proxy}\"\nretries = 0\n\
         [providers.voodoohop]\nurl = \"http://{SPACE}\"\ntoken = \"{TOKEN}\""
    );
    let config = Config::parse(&config, "fluxhop.toml").expect("a configuration");
    let registry = Registry::new(config, Secrets::default()).expect("a registry");
    draw(&registry).await
}

fn has_credentials(seen: &Seen) -> bool {
    let names = ["authorization", "x-hf-authorization", "cookie"];
    names.iter().any(|name| seen.headers.contains_key(*name)) || format!("{seen:?}").contains(TOKEN)
}

fn with_cookie(answer: Answer) -> Answer {
    answer.header("set-cookie", "replica=3; Path=/; HttpOnly")
}

#[tokio::test]
async fn the_token_and_cookies_go_to_every_request_of_the_space_itself() {
    let call = with_cookie(Answer::json(
        200,
        &json!({"event_id": fluxhop_tests::fault::EVENT_ID}),
    ));
    let server = FaultServer::start(Script::gradio().on(CALL, call)).await;
    draw_behind(&server).await.expect("a picture");
    assert_eq!(server.lines(), DRAWN);
    for seen in server.seen() {
        assert_eq!(seen.host, SPACE);
        assert_eq!(seen.headers["authorization"], format!("Bearer {TOKEN}"));
        assert_eq!(
            seen.headers["x-hf-authorization"],
            format!("Bearer {TOKEN}")
        );
        let cookie = seen.headers.get("cookie").map(String::as_str);
        assert_eq!(cookie, (seen.line != CALL).then_some("replica=3"));
    }
}

#[tokio::test]
async fn a_picture_on_another_host_is_fetched_without_token_and_cookies() {
    let result = messages::completed(&json!([{"url": "http://cdn.example/a.png"}, 7]));
    let call = with_cookie(Answer::json(
        200,
        &json!({"event_id": fluxhop_tests::fault::EVENT_ID}),
    ));
    let script = Script::gradio()
        .on(CALL, call)
        .queue([result])
        .on("GET /a.png", Answer::picture(&png()));
    let server = FaultServer::start(script).await;
    draw_behind(&server).await.expect("a picture");
    assert_eq!(server.lines(), [CALL, EVENTS, "GET /a.png"]);
    let seen = server.saw("GET /a.png").await;
    assert_eq!(seen.host, "cdn.example");
    assert!(!has_credentials(&seen), "{seen:?}");
}

#[tokio::test]
async fn a_download_redirected_to_another_host_leaves_token_and_cookies_behind() {
    for status in [301, 302, 303, 307, 308] {
        let redirect =
            Answer::new(status, "text/plain", "").header("location", "http://cdn.example/a.png");
        let script = Script::gradio()
            .on(PICTURE, with_cookie(redirect))
            .on("GET /a.png", Answer::picture(&png()));
        let server = FaultServer::start(script).await;
        draw_behind(&server).await.expect("a picture");
        assert_eq!(server.lines(), [CALL, EVENTS, PICTURE, "GET /a.png"]);
        let seen = server.saw("GET /a.png").await;
        assert_eq!(seen.host, "cdn.example");
        assert!(!has_credentials(&seen), "{seen:?}");
    }
}

#[tokio::test]
async fn a_picture_at_a_private_address_is_refused_and_not_fetched() {
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
            let error = draw_behind(&server).await.expect_err("refused");
            assert_eq!(error.kind(), &ErrorKind::Protocol, "{error}");
            assert_eq!(server.lines(), [CALL, EVENTS], "{url}");
        }
    }
}

#[tokio::test]
async fn a_picture_at_another_port_of_this_machine_is_refused_and_not_fetched() {
    let other = FaultServer::start(Script::empty()).await;
    let url = json!({"url": format!("{}/a.png", other.url())});
    let script = Script::gradio().queue([messages::completed(&json!([url, 7]))]);
    let (error, server) = fails(script).await;
    assert_error(&error, &ErrorKind::Protocol, "loopback");
    assert_eq!(server.lines(), [CALL, EVENTS]);
    assert_eq!(other.lines().len(), 0);
}

#[tokio::test]
async fn a_download_redirected_from_a_public_host_to_a_private_address_is_refused() {
    for location in [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:22/",
    ] {
        let redirect = Answer::new(302, "text/plain", "").header("location", location);
        let server = FaultServer::start(Script::gradio().on(PICTURE, redirect)).await;
        let error = draw_behind(&server).await.expect_err("refused");
        assert_eq!(error.kind(), &ErrorKind::Protocol, "{error}");
        assert_eq!(server.lines(), DRAWN, "{location}");
    }
}

#[tokio::test]
async fn no_request_of_a_public_space_is_redirected_to_a_private_address() {
    for (redirected, asked) in [
        (CALL, &[CALL][..]),
        (EVENTS, &GIVEN_UP),
        (CONFIG, &[CALL, CONFIG]),
        (INFO, &[CALL, CONFIG, INFO]),
    ] {
        for location in ["http://127.0.0.1:22/", "http://[fd00::7]/config"] {
            let gone = Answer::json(404, &json!({"detail": "Not Found"}));
            let redirect = Answer::new(307, "text/plain", "").header("location", location);
            let mut script = Script::gradio();
            if matches!(redirected, CONFIG | INFO) {
                script = script.on(CALL, gone);
            }
            let server = FaultServer::start(script.on(redirected, redirect)).await;
            let error = draw_behind(&server).await.expect_err("refused");
            assert_eq!(error.kind(), &ErrorKind::Protocol, "{redirected}: {error}");
            assert_eq!(server.lines(), asked, "{redirected} to {location}");
        }
    }
}

#[tokio::test]
async fn a_spoofed_url_beside_a_path_is_not_followed() {
    let file = json!({"path": fluxhop_tests::fault::FILE, "url": "http://10.0.0.7/spoofed.png"});
    let server = draws(Script::gradio().queue([messages::completed(&json!([file, 7]))])).await;
    assert_eq!(server.lines(), DRAWN);
}

#[tokio::test]
async fn a_download_redirected_in_a_circle_ends() {
    let circle =
        Answer::new(302, "text/plain", "").header("location", "/gradio_api/file=/tmp/b.png");
    let script = Script::gradio().on("GET /gradio_api/file=*", circle);
    let (error, server) = fails(script).await;
    assert_error(&error, &ErrorKind::Protocol, "more than 5 redirects");
    assert_eq!(server.lines().len(), 2 + 6);
}

#[tokio::test]
async fn compression_is_not_asked_for() {
    let server = draws(Script::gradio()).await;
    for seen in server.seen() {
        assert_eq!(seen.headers["accept-encoding"], "identity", "{}", seen.line);
    }
}

fn login(options: &mut fluxhop::providers::space::SpaceOptions) {
    options.login = Some(("fox".to_owned(), Secret::from("hunter2")));
}

#[tokio::test]
async fn the_cookie_of_a_login_goes_to_call_events_and_file() {
    let cookie = Answer::json(200, &json!({"success": true}))
        .header("set-cookie", "access-token=abc; Path=/; HttpOnly");
    let server = FaultServer::start(Script::gradio().on("POST /login", cookie)).await;
    drawn(&space(&server, login)).await.expect("a picture");
    let lines = ["POST /login", CONFIG, INFO, CALL, EVENTS, PICTURE];
    assert_eq!(server.lines(), lines);
    let (first, rest) = server
        .seen()
        .split_first()
        .map(|(a, b)| (a.clone(), b.to_vec()))
        .expect("six");
    assert_eq!(first.body, "username=fox&password=hunter2");
    for seen in rest {
        assert_eq!(seen.headers["cookie"], "access-token=abc", "{}", seen.line);
    }
}

#[tokio::test]
async fn a_bad_password_is_unauthorized_and_is_not_printed() {
    let refusal = Answer::json(400, &json!({"detail": "Incorrect credentials."}));
    let server = FaultServer::start(Script::gradio().on("POST /login", refusal)).await;
    let error = drawn(&space(&server, login)).await.expect_err("refused");
    assert_error(&error, &ErrorKind::Unauthorized, "the login of `fox`");
    assert!(!format!("{error:?}").contains("hunter2"));
    assert_eq!(server.lines(), ["POST /login"]);
}

#[tokio::test]
async fn a_login_that_never_answers_is_given_up() {
    let stalled = Answer::raw("").then_stall();
    let server = FaultServer::start(Script::gradio().on("POST /login", stalled)).await;
    let space = space(&server, |options| {
        login(options);
        options.limits.first_event = Duration::from_millis(200);
    });
    let error = drawn(&space).await.expect_err("silent");
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error}");
    assert_eq!(server.lines(), ["POST /login"]);
}
