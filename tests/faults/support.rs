//! How the tests draw: as a user does, from a registry whose configuration points at the server.

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

/// Whatever is played, a request has ended by then.
pub(crate) const DEADLINE: Duration = Duration::from_secs(8);

/// For servers that answer: only the fault itself can end a request.
pub(crate) const PATIENT: &str = "first_event = 30\nsilence = 30\ntimeout = 60\nretries = 0";
/// For servers that go silent.
pub(crate) const IMPATIENT: &str =
    "first_event = \"300ms\"\nsilence = \"300ms\"\ntimeout = 60\nretries = 0";

pub(crate) const CALL: &str = "POST /gradio_api/call/infer";
pub(crate) const EVENTS: &str = "GET /gradio_api/queue/data";
pub(crate) const CALL_EVENTS: &str = "GET /gradio_api/call/infer/0123456789abcdef0123456789abcdef";
pub(crate) const PICTURE: &str = "GET /gradio_api/file=/tmp/gradio/ab/image.png";
pub(crate) const CONFIG: &str = "GET /config";
pub(crate) const INFO: &str = "GET /gradio_api/info";
pub(crate) const CANCEL: &str = "POST /gradio_api/cancel";

/// The requests of a picture that nothing went wrong with.
pub(crate) const DRAWN: [&str; 3] = [CALL, EVENTS, PICTURE];
/// The requests of a call that the server may still run when it is given up.
pub(crate) const GIVEN_UP: [&str; 4] = [CALL, EVENTS, CONFIG, CANCEL];

pub(crate) fn request() -> Request {
    Request::new("a cat")
        .with_size(64, 64)
        .with_seed(Seed::Fixed(7))
}

/// A registry whose provider `voodoohop`, of a shape known to the catalogue, is the server.
pub(crate) fn registry(server: &FaultServer, network: &str) -> Registry {
    let url = server.url();
    let config = format!("[network]\n{network}\n[providers.voodoohop]\nurl = \"{url}\"");
    let config = Config::parse(&config, "fluxhop.toml").expect("a configuration");
    Registry::new(config, Secrets::default()).expect("a registry")
}

/// Draws one picture, and waits until the last request of it was sent.
pub(crate) async fn draw(registry: &Registry) -> Result<GeneratedImage> {
    let provider = registry.provider("voodoohop").expect("known");
    let drawn = drawn(&provider).await;
    registry.close(Duration::from_secs(5)).await;
    drawn
}

/// Draws one picture within the deadline.
pub(crate) async fn drawn(provider: &impl Provider) -> Result<GeneratedImage> {
    let drawing = timeout(DEADLINE, provider.draw(request())).await;
    let mut images = drawing.expect("an end within the deadline")?;
    assert_eq!(images.len(), 1);
    Ok(images.remove(0))
}

/// A server of `script` that a picture was drawn with.
pub(crate) async fn draws(script: Script) -> FaultServer {
    let server = FaultServer::start(script).await;
    let image = draw(&registry(&server, PATIENT)).await.expect("a picture");
    let picture = image.picture.expect("downloaded");
    assert_eq!((picture.width, picture.height, image.seed), (8, 8, Some(7)));
    server
}

/// The error of drawing with `script`, and the server.
pub(crate) async fn fails(script: Script) -> (Error, FaultServer) {
    fails_with(script, PATIENT).await
}

pub(crate) async fn fails_with(script: Script, network: &str) -> (Error, FaultServer) {
    let server = FaultServer::start(script).await;
    let error = draw(&registry(&server, network))
        .await
        .expect_err("no picture");
    (error, server)
}

/// A Space at the server with its own options, without policies; its shape is known.
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

/// Time that stands still until a test lets it pass, while the network goes on.
pub(crate) struct StoppedClock {
    /// Time passes by itself only while no blocking task runs; one waits for the end of this.
    _holding: std::sync::mpsc::Sender<()>,
}

impl StoppedClock {
    pub(crate) fn stop() -> Self {
        let (holding, held) = std::sync::mpsc::channel();
        tokio::task::spawn_blocking(move || held.recv());
        tokio::time::pause();
        Self { _holding: holding }
    }

    /// The next event of a stream that waits for this time before it goes on.
    pub(crate) async fn after(
        &self,
        wait: Duration,
        events: &mut EventStream,
    ) -> Option<Result<Event>> {
        let mut next = events.next();
        match futures_util::poll!(&mut next) {
            Poll::Ready(event) => event,
            Poll::Pending => {
                // Timers are exact to a millisecond.
                tokio::time::advance(wait + Duration::from_millis(1)).await;
                next.await
            }
        }
    }
}
