//! Timeouts of the Gradio client itself, without fluxhop's policies.

use std::time::{Duration, Instant};

use fluxhop_gradio::{Address, Client, ErrorKind, Options, Update};
use fluxhop_http::Phase;
use fluxhop_tests::fault::{FaultServer, MockResponse, Script, chunk, messages};
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::timeout;

use crate::support::{CALL, CANCEL, CONFIG, DEADLINE, EVENTS, client};

const SHORT: Duration = Duration::from_millis(200);

/// Returns the kind of the error that ends a call, and how long the call took.
async fn run_call(
    server: &FaultServer,
    change: impl FnOnce(&mut Options),
) -> (ErrorKind, Duration) {
    let mut options = Options::default();
    change(&mut options);
    let http = client();
    let base = server.url().parse().expect("a URL");
    let space = Client::assume(http.clone(), base, "/gradio_api", options);
    let start = Instant::now();
    let call = space.call("/infer", vec![json!("a cat")]);
    let updates: Vec<_> = timeout(DEADLINE, call.collect())
        .await
        .expect("exceeded the deadline");
    let elapsed = start.elapsed();
    http.finish_background(DEADLINE).await;
    let last = updates.into_iter().last().expect("an update");
    (last.expect_err("no result").kind().clone(), elapsed)
}

async fn serve(route: &str, response: MockResponse) -> FaultServer {
    FaultServer::start(Script::gradio().on(route, response)).await
}

#[tokio::test]
async fn unanswered_call_hits_the_first_event_timeout() {
    let server = serve(CALL, MockResponse::raw("").then_stall()).await;
    let (kind, elapsed) = run_call(&server, |options| options.limits.first_event = SHORT).await;
    assert_eq!(kind, ErrorKind::Timeout(Phase::Head));
    assert!((SHORT..SHORT * 10).contains(&elapsed), "{elapsed:?}");
    assert_eq!(server.lines(), [CALL]);
}

#[tokio::test]
async fn heartbeats_do_not_count_as_the_first_event() {
    let heartbeat = chunk(messages::heartbeat());
    let heartbeats = MockResponse::events::<&str>([]).then_repeat(heartbeat, SHORT / 20);
    let server = serve(EVENTS, heartbeats).await;
    let (kind, elapsed) = run_call(&server, |options| options.limits.first_event = SHORT).await;
    assert_eq!(kind, ErrorKind::Timeout(Phase::Head));
    assert!((SHORT..SHORT * 10).contains(&elapsed), "{elapsed:?}");
    assert_eq!(server.lines(), [CALL, EVENTS, CONFIG, CANCEL]);
}

#[tokio::test]
async fn silent_stream_hits_the_idle_timeout() {
    let server = serve(
        EVENTS,
        MockResponse::events([messages::started()]).then_stall(),
    )
    .await;
    let (kind, elapsed) = run_call(&server, |options| options.limits.idle = SHORT).await;
    assert_eq!(kind, ErrorKind::Timeout(Phase::Idle));
    assert!((SHORT..SHORT * 10).contains(&elapsed), "{elapsed:?}");
    assert_eq!(server.lines(), [CALL, EVENTS, CONFIG, CANCEL]);
}

#[tokio::test]
async fn endless_event_hits_the_total_timeout() {
    let endless = MockResponse::events(["data: "]).then_repeat(chunk("x"), SHORT / 20);
    let server = serve(EVENTS, endless).await;
    let limits = |options: &mut Options| {
        options.limits.first_event = Duration::from_mins(1);
        options.limits.total = SHORT;
    };
    let (kind, elapsed) = run_call(&server, limits).await;
    assert_eq!(kind, ErrorKind::Timeout(Phase::Total));
    assert!((SHORT..SHORT * 10).contains(&elapsed), "{elapsed:?}");
    assert_eq!(server.lines(), [CALL, EVENTS, CONFIG, CANCEL]);
}

#[tokio::test]
async fn endless_progress_hits_the_total_timeout() {
    let progress = messages::message(&json!({"msg": "progress", "progress_data": [{"index": 1}]}));
    let endless = MockResponse::events::<&str>([]).then_repeat(chunk(progress), SHORT / 20);
    let server = serve(EVENTS, endless).await;
    let (kind, elapsed) = run_call(&server, |options| options.limits.total = SHORT).await;
    assert_eq!(kind, ErrorKind::Timeout(Phase::Total));
    assert!((SHORT..SHORT * 10).contains(&elapsed), "{elapsed:?}");
    assert_eq!(server.lines(), [CALL, EVENTS, CONFIG, CANCEL]);
}

#[tokio::test]
async fn unanswered_config_fails_connect() {
    let server = serve(CONFIG, MockResponse::raw("").then_stall()).await;
    let mut options = Options::default();
    options.limits.first_event = SHORT;
    let address = Address::parse(&server.url()).expect("an address");
    let connecting = Client::connect(client(), &address, options);
    let result = timeout(DEADLINE, connecting)
        .await
        .expect("exceeded the deadline");
    let error = result.expect_err("no config");
    assert_eq!(error.kind(), &ErrorKind::Timeout(Phase::Head));
    assert_eq!(server.lines(), [CONFIG]);
    server.wait_for_closed(1).await;
}

#[tokio::test]
async fn successful_call_is_not_cancelled() {
    let server = FaultServer::start(Script::gradio()).await;
    let http = client();
    let base = server.url().parse().expect("a URL");
    let space = Client::assume(http.clone(), base, "/gradio_api", Options::default());
    let updates: Vec<_> = space.call("infer", vec![json!("a cat")]).collect().await;
    let last = updates.into_iter().last().expect("an update");
    assert!(matches!(last, Ok(Update::Completed { .. })));
    http.finish_background(DEADLINE).await;
    assert_eq!(server.lines(), [CALL, EVENTS]);
}
