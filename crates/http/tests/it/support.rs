//! A server on a loopback socket that responds to requests with raw bytes and records them.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fluxhop_http::{Client, ClientOptions, Url};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The bytes to send in response to a request, and what to do with the connection afterwards.
pub(crate) struct RawResponse {
    bytes: Vec<u8>,
    then: Then,
}

enum Then {
    Next,
    Close,
    Hang,
}

impl RawResponse {
    /// Sends these bytes and waits for another request on the connection.
    pub(crate) fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            then: Then::Next,
        }
    }

    /// Closes the connection after the bytes.
    pub(crate) fn then_close(mut self) -> Self {
        self.then = Then::Close;
        self
    }

    /// Sends nothing more, and keeps the connection open until the client closes it.
    pub(crate) fn then_hang(mut self) -> Self {
        self.then = Then::Hang;
        self
    }
}

/// A complete response with a status line such as `200 OK`.
pub(crate) fn response(status: &str, headers: &str, body: &str) -> RawResponse {
    let length = body.len();
    RawResponse::new(format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}"
    ))
}

/// A redirect to `location`.
pub(crate) fn redirect(status: u16, location: &str) -> RawResponse {
    response(
        &format!("{status} Elsewhere"),
        &format!("location: {location}\r\n"),
        "",
    )
}

/// The running server.
pub(crate) struct Server {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
    closed: Arc<tokio::sync::Notify>,
}

impl Server {
    /// Starts a server that passes the text of each request to `handler`.
    pub(crate) async fn start(
        handler: impl Fn(&str) -> RawResponse + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self {
            port,
            requests: Arc::default(),
            connections: Arc::default(),
            closed: Arc::default(),
        };
        let handler = Arc::new(handler);
        let (requests, connections, closed) = (
            server.requests.clone(),
            server.connections.clone(),
            server.closed.clone(),
        );
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                *connections.lock().unwrap() += 1;
                let (handler, requests, closed) =
                    (handler.clone(), requests.clone(), closed.clone());
                tokio::spawn(async move {
                    serve(socket, &*handler, &requests).await;
                    closed.notify_one();
                });
            }
        });
        server
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.url_at("127.0.0.1", path)
    }

    pub(crate) fn url_at(&self, host: &str, path: &str) -> Url {
        Url::parse(&format!("http://{host}:{}{path}", self.port)).unwrap()
    }

    /// The text of each request so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    /// Waits until a connection is closed by the client.
    pub(crate) async fn closed(&self) {
        tokio::time::timeout(Duration::from_secs(5), self.closed.notified())
            .await
            .expect("the client did not close the connection");
    }
}

async fn serve(
    mut socket: TcpStream,
    handler: &(dyn Fn(&str) -> RawResponse + Send + Sync),
    requests: &Mutex<Vec<String>>,
) {
    while let Some(request) = read_request(&mut socket).await {
        requests.lock().unwrap().push(request.clone());
        let response = handler(&request);
        if socket.write_all(&response.bytes).await.is_err() {
            return;
        }
        match response.then {
            Then::Next => {}
            Then::Close => return,
            Then::Hang => {
                let _ = socket.read_u8().await;
                return;
            }
        }
    }
}

async fn read_request(socket: &mut TcpStream) -> Option<String> {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        text.push(socket.read_u8().await.ok()?);
    }
    let mut text = String::from_utf8(text).unwrap();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.ok()?;
    text.push_str(&String::from_utf8(body).unwrap());
    Some(text)
}

pub(crate) fn client() -> Client {
    Client::new(ClientOptions::default()).unwrap()
}

/// The `Display` and `Debug` output of an error and all its causes.
pub(crate) fn printed(error: &fluxhop_http::Error) -> String {
    let mut text = format!("{error:?} {error:#?} {error}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        write!(text, ": {cause} {cause:?}").unwrap();
        source = cause.source();
    }
    text
}
