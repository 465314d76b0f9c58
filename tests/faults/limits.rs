//! Time limits of the Gradio client itself, for whoever uses it without fluxhop's policies.

use std::time::{Duration, Instant};

use fluxhop_gradio::{Address, Client, ErrorKind, Options, Update};
use fluxhop_http::Phase;
use fluxhop_tests::fault::{Answer, FaultServer, Script, chunk, messages};
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::timeout;

use crate::support::{CALL, CANCEL, CONFIG, DEADLINE, EVENTS, client};

const SHORT: Duration = Duration::from_millis(200);

/// The error that a call ends with, and how long it took.
async fn ends(server: &FaultServer, change: impl FnOnce(&mut Options)) -> (ErrorKind, Duration) {
    let mut options = Options::default();
    change(&mut options);
    let http = client();
    let base = server.url().parse().expect("a URL");
    let space = Client::assume(http.clone(), base, "/gradio_api", options);
    let start = Instant::now();
    let call = space.call("/infer", vec![json!("a cat")]);
    let updates: Vec<_> = timeout(DEADLINE, call.collect()).await.expect("an end");
    let took = start.elapsed();
    http.finish_background(DEADLINE).await;
    let last = updates.into_iter().last().expect("an update");
    (last.expect_err("no result").kind().clone(), took)
}

async fn served(route: &str, answer: Answer) -> FaultServer {
    FaultServer::start(Script::gradio().on(route, answer)).await
}

#[tokio::test]
async fn a_call_that_is_not_answered_ends_with_the_first_event_s_limit() {
    let server = served(CALL, Answer::raw("").then_stall()).await;
    let (kind, took) = ends(&server, |options| options.limits.first_event = SHORT).await;
    assert_eq!(kind, ErrorKind::Timeout(Phase::Head));
    assert!((SHORT..SHORT * 10).contains(&took), "{took:?}");
    assert_eq!(server.lines(), [CALL]);
}

#[tokio::test]
async fn heartbeats_alone_end_with_the_first_event_s_limit() {
    let beat = chunk(messages::heartbeat());
    let beating = Answer::events::<&str>([]).then_dribble(beat, SHORT / 20);
    let server = served(EVENTS, beating).await;
    let (kind, took) = ends(&server, |options| options.limits.first_event = SHORT).await;
    assert_eq!(kind, ErrorKind::Timeout(Phase::Head));
    assert!((SHORT..SHORT * 10).contains(&took), "{took:?}");
    assert_eq!(server.lines(), [CALL, EVENTS, CONFIG, CANCEL]);
}

#[tokio::test]
async fn a_stream_without_a_sign_of_life_ends_with_the_limit_on_silence() {
    let server = served(EVENTS, Answer::events([messages::started()]).then_stall()).await;
    let (kind, took) = ends(&server, |options| options.limits.idle = SHORT).await;
    assert_eq!(kind, ErrorKind::Timeout(Phase::Idle));
    assert!((SHORT..SHORT * 10).contains(&took), "{took:?}");
    assert_eq!(server.lines(), [CALL, EVENTS, CONFIG, CANCEL]);
}

#[tokio::test]
async fn a_stream_of_one_byte_at_a_time_for_ever_ends_with_the_whole_limit() {
    let dribbling = Answer::events(["data: "]).then_dribble(chunk("x"), SHORT / 20);
    let server = served(EVENTS, dribbling).await;
    let limits = |options: &mut Options| {
        options.limits.first_event = Duration::from_mins(1);
        options.limits.total = SHORT;
    };
    let (kind, took) = ends(&server, limits).await;
    assert_eq!(kind, ErrorKind::Timeout(Phase::Total));
    assert!((SHORT..SHORT * 10).contains(&took), "{took:?}");
    assert_eq!(server.lines(), [CALL, EVENTS, CONFIG, CANCEL]);
}

#[tokio::test]
async fn progress_for_ever_ends_with_the_whole_limit() {
    let progress = messages::message(&json!({"msg": "progress", "progress_data": [{"index": 1}]}));
    let going = Answer::events::<&str>([]).then_dribble(chunk(progress), SHORT / 20);
    let server = served(EVENTS, going).await;
    let (kind, took) = ends(&server, |options| options.limits.total = SHORT).await;
    assert_eq!(kind, ErrorKind::Timeout(Phase::Total));
    assert!((SHORT..SHORT * 10).contains(&took), "{took:?}");
    assert_eq!(server.lines(), [CALL, EVENTS, CONFIG, CANCEL]);
}

#[tokio::test]
async fn a_config_that_never_comes_ends_the_connecting() {
    let server = served(CONFIG, Answer::raw("").then_stall()).await;
    let mut options = Options::default();
    options.limits.first_event = SHORT;
    let address = Address::parse(&server.url()).expect("an address");
    let connecting = Client::connect(client(), &address, options);
    let connected = timeout(DEADLINE, connecting).await.expect("an end");
    let error = connected.expect_err("no config");
    assert_eq!(error.kind(), &ErrorKind::Timeout(Phase::Head));
    assert_eq!(server.lines(), [CONFIG]);
    server.closed(1).await;
}

#[tokio::test]
async fn a_call_that_succeeds_ends_with_its_values_and_is_not_cancelled() {
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
