//! A server of raw bytes on a loopback socket: each connection's requests are answered by the
//! script, and kept for the test to look at.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fluxhop_http::{Client, ClientOptions, Url};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a server does with one request.
pub(crate) struct Answer {
    bytes: Vec<u8>,
    then: Then,
}

enum Then {
    Next,
    Close,
    Hang,
}

impl Answer {
    /// Sends these bytes, and waits for another request on the connection.
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

/// A whole response with a status line such as `200 OK`.
pub(crate) fn response(status: &str, headers: &str, body: &str) -> Answer {
    let length = body.len();
    Answer::new(format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}"
    ))
}

/// A redirect to `location`.
pub(crate) fn redirect(status: u16, location: &str) -> Answer {
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
    /// Serves requests by their text: the head in lower case but for the first line, then the body.
    pub(crate) async fn start(script: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self {
            port,
            requests: Arc::default(),
            connections: Arc::default(),
            closed: Arc::default(),
        };
        let script = Arc::new(script);
        let (requests, connections, closed) = (
            server.requests.clone(),
            server.connections.clone(),
            server.closed.clone(),
        );
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                *connections.lock().unwrap() += 1;
                let (script, requests, closed) = (script.clone(), requests.clone(), closed.clone());
                tokio::spawn(async move {
                    serve(socket, &*script, &requests).await;
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

    /// The requests so far.
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
            .expect("the client closes the connection");
    }
}

async fn serve(
    mut socket: TcpStream,
    script: &(dyn Fn(&str) -> Answer + Send + Sync),
    requests: &Mutex<Vec<String>>,
) {
    while let Some(request) = read_request(&mut socket).await {
        requests.lock().unwrap().push(request.clone());
        let answer = script(&request);
        if socket.write_all(&answer.bytes).await.is_err() {
            return;
        }
        match answer.then {
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

/// An error with all its causes, as `Display` and as `Debug`: whatever could be printed of it.
pub(crate) fn printed(error: &fluxhop_http::Error) -> String {
    let mut all = format!("{error:?} {error:#?} {error}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        write!(all, ": {cause} {cause:?}").unwrap();
        source = cause.source();
    }
    all
}
