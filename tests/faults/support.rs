//! Draws images through a registry whose configuration points at a fault server.

use std::task::Poll;
use std::time::Duration;

use fluxhop::config::Config;
use fluxhop::providers::space::{Space, SpaceOptions};
use fluxhop::{
    Error, ErrorKind, Event, EventStream, GeneratedImage, Provider, ProviderExt, Registry, Request,
    Result, Secrets, Seed, catalogue,
};
use fluxhop_http::{Client, ClientOptions, Url};
use fluxhop_tests::fault::{FaultServer, Script};
use futures_util::StreamExt;
use tokio::time::timeout;

/// Every request must end within this time.
pub(crate) const DEADLINE: Duration = Duration::from_secs(8);

/// Timeouts that do not expire, for servers that respond.
pub(crate) const LONG_TIMEOUTS: &str =
    "first_event_timeout = 30\nidle_timeout = 30\ntimeout = 60\nretries = 0";
/// Timeouts that expire soon, for servers that stop responding.
pub(crate) const SHORT_TIMEOUTS: &str =
    "first_event_timeout = \"300ms\"\nidle_timeout = \"300ms\"\ntimeout = 60\nretries = 0";

pub(crate) const CALL: &str = "POST /gradio_api/call/infer";
pub(crate) const EVENTS: &str = "GET /gradio_api/queue/data";
pub(crate) const CALL_EVENTS: &str = "GET /gradio_api/call/infer/0123456789abcdef0123456789abcdef";
pub(crate) const IMAGE_FILE: &str = "GET /gradio_api/file=/tmp/gradio/ab/image.png";
pub(crate) const CONFIG: &str = "GET /config";
pub(crate) const INFO: &str = "GET /gradio_api/info";
pub(crate) const CANCEL: &str = "POST /gradio_api/cancel";

/// The requests of a successful generation.
pub(crate) const IMAGE_REQUESTS: [&str; 3] = [CALL, EVENTS, IMAGE_FILE];
/// The requests of a call that fails while it may still be running on the server.
pub(crate) const CANCELLED_REQUESTS: [&str; 4] = [CALL, EVENTS, CONFIG, CANCEL];

pub(crate) fn request() -> Request {
    Request::new("a cat")
        .with_size(64, 64)
        .with_seed(Seed::Fixed(7))
}

/// A registry whose provider `voodoohop` is the server; its API is in the catalogue.
pub(crate) fn registry(server: &FaultServer, network: &str) -> Registry {
    registry_at(&server.url(), network)
}

/// Like [`registry`], with the provider at `url`.
pub(crate) fn registry_at(url: &str, network: &str) -> Registry {
    let config = format!("[network]\n{network}\n[providers.voodoohop]\nurl = \"{url}\"");
    let config = Config::parse(&config, "fluxhop.toml").expect("a valid configuration");
    Registry::new(config, Secrets::default()).expect("a registry")
}

/// Draws one image with `voodoohop`, and waits for background requests to finish.
pub(crate) async fn draw(registry: &Registry) -> Result<GeneratedImage> {
    let provider = registry.provider("voodoohop").expect("unknown provider");
    let result = draw_with(&provider).await;
    registry.close(Duration::from_secs(5)).await;
    result
}

/// Draws one image with `provider` within [`DEADLINE`].
pub(crate) async fn draw_with(provider: &impl Provider) -> Result<GeneratedImage> {
    let result = timeout(DEADLINE, provider.draw(request())).await;
    let mut images = result.expect("exceeded the deadline")?;
    assert_eq!(images.len(), 1);
    Ok(images.remove(0))
}

/// Starts a server with `script`, asserts that it yields an image, and returns the server.
pub(crate) async fn draw_ok(script: Script) -> FaultServer {
    let server = FaultServer::start(script).await;
    let image = draw(&registry(&server, LONG_TIMEOUTS))
        .await
        .expect("an image");
    let picture = image.picture.expect("not downloaded");
    assert_eq!((picture.width, picture.height, image.seed), (8, 8, Some(7)));
    server
}

/// Starts a server with `script`, and returns the error of drawing with it and the server.
pub(crate) async fn draw_err(script: Script) -> (Error, FaultServer) {
    draw_err_with(script, LONG_TIMEOUTS).await
}

/// Like [`draw_err`], with this `[network]` configuration.
pub(crate) async fn draw_err_with(script: Script, network: &str) -> (Error, FaultServer) {
    let server = FaultServer::start(script).await;
    let error = draw(&registry(&server, network))
        .await
        .expect_err("no image");
    (error, server)
}

/// A Space provider for the server, without policies; `change` adjusts its options. It discovers
/// the API only if `change` clears `flux_prefix`.
pub(crate) fn space(server: &FaultServer, change: impl FnOnce(&mut SpaceOptions)) -> Space {
    let mut info = catalogue::VOODOOHOP_FLUX_1_SCHNELL.info();
    info.url = server.url();
    let mut options = SpaceOptions::new(info, server.url());
    options.flux_prefix = Some("/gradio_api".to_owned());
    options.hub = Some(Url::parse(&server.url()).expect("a URL"));
    change(&mut options);
    Space::new(client(), options).expect("a Space")
}

pub(crate) fn client() -> Client {
    Client::new(ClientOptions::default()).expect("a client")
}

#[track_caller]
pub(crate) fn assert_error(error: &Error, kind: &ErrorKind, message: &str) {
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.message().contains(message), "{error}");
}

/// Pauses tokio's clock without auto-advance, so that network I/O still completes.
pub(crate) struct PausedClock {
    /// Tokio does not auto-advance time while a blocking task runs; one runs until this is dropped.
    _running: std::sync::mpsc::Sender<()>,
}

impl PausedClock {
    pub(crate) fn pause() -> Self {
        let (running, dropped) = std::sync::mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || dropped.recv());
        tokio::time::pause();
        Self { _running: running }
    }

    /// Returns the next event; advances the clock by `wait` if the stream is not ready.
    pub(crate) async fn next_after(
        &self,
        wait: Duration,
        events: &mut EventStream,
    ) -> Option<Result<Event>> {
        let mut next = events.next();
        match futures_util::poll!(&mut next) {
            Poll::Ready(event) => event,
            Poll::Pending => {
                // Timers have a resolution of one millisecond.
                tokio::time::advance(wait + Duration::from_millis(1)).await;
                next.await
            }
        }
    }
}
