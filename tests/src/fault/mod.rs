//! A scripted HTTP server that injects faults and records the requests it receives.

pub mod messages;
mod refusing;
mod response;
mod script;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, yield_now};
use tokio::time::timeout;

pub use refusing::RefusingServer;
use response::End;
pub use response::{MockResponse, chunk};
pub use script::{EVENT_ID, FILE, Script, config, info, png};

/// How long a test waits for an expected request or disconnection before it fails.
const WAIT_TIMEOUT: Duration = Duration::from_secs(5);

/// A server on a loopback socket that follows a [`Script`] until it is dropped.
///
/// It also acts as a plain HTTP proxy: a request for `http://host/path` is handled as one for
/// `/path`, and [`RecordedRequest::host`] holds the host.
pub struct FaultServer {
    address: SocketAddr,
    state: Arc<State>,
    accept_loop: JoinHandle<()>,
}

/// A request received by the server.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// Method and path, such as `POST /gradio_api/cancel`.
    pub line: String,
    /// The query, without `?`.
    pub query: String,
    /// The value of the `host` header.
    pub host: String,
    /// The headers, by lowercase name.
    pub headers: BTreeMap<String, String>,
    /// The body, decoded as UTF-8.
    pub body: String,
}

struct State {
    script: Script,
    /// The number of responses sent so far, by route.
    sent: Mutex<BTreeMap<String, usize>>,
    requests: watch::Sender<Vec<RecordedRequest>>,
    /// How many connections the client closed during an unfinished response.
    closed: watch::Sender<usize>,
    released: watch::Sender<bool>,
}

impl FaultServer {
    /// Serves the script on a free port of 127.0.0.1.
    ///
    /// # Panics
    ///
    /// If no port can be bound.
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State {
            script,
            sent: Mutex::default(),
            requests: watch::Sender::default(),
            closed: watch::Sender::default(),
            released: watch::Sender::default(),
        });
        let shared = Arc::clone(&state);
        let accept_loop = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                // Errors only mean that the client closed the connection.
                tokio::spawn(async move { state.serve(socket).await.ok() });
            }
        });
        Self {
            address,
            state,
            accept_loop,
        }
    }

    /// The base URL, such as `http://127.0.0.1:41234`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, in order.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.state.requests.borrow().clone()
    }

    /// The method and path of each request so far, in order.
    pub fn lines(&self) -> Vec<String> {
        let requests = self.requests().into_iter();
        requests.map(|request| request.line).collect()
    }

    /// The number of requests so far with this method and path.
    pub fn count(&self, line: &str) -> usize {
        let requests = self.state.requests.borrow();
        requests
            .iter()
            .filter(|request| request.line == line)
            .count()
    }

    /// Waits for a request with this method and path, and returns the latest.
    ///
    /// # Panics
    ///
    /// If there is no such request within 5 s.
    pub async fn wait_for(&self, line: &str) -> RecordedRequest {
        let find = |requests: &Vec<RecordedRequest>| {
            let mut requests = requests.iter();
            requests.rfind(|request| request.line == line).cloned()
        };
        let mut requests = self.state.requests.subscribe();
        let received = requests.wait_for(|requests| find(requests).is_some());
        let requests = timeout(WAIT_TIMEOUT, received)
            .await
            .unwrap_or_else(|_| panic!("no request `{line}` among {:?}", self.lines()));
        find(&requests.expect("the server is running")).expect("a matching request")
    }

    /// Waits until the client has closed this many connections during an unfinished response.
    ///
    /// # Panics
    ///
    /// If it has not done so within 5 s.
    pub async fn wait_for_closed(&self, connections: usize) {
        let mut closed = self.state.closed.subscribe();
        timeout(
            WAIT_TIMEOUT,
            closed.wait_for(|closed| *closed >= connections),
        )
        .await
        .expect("the client closes the connection")
        .expect("the server is running");
    }

    /// Sends the responses delayed by [`MockResponse::held`].
    pub fn release(&self) {
        self.state.released.send_replace(true);
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.accept_loop.abort();
    }
}

impl State {
    async fn serve(&self, socket: TcpStream) -> io::Result<()> {
        socket.set_nodelay(true)?;
        let mut socket = BufReader::new(socket);
        while let Some(request) = read_request(&mut socket).await? {
            let response = self.next_response(&request.line);
            self.requests.send_modify(|requests| requests.push(request));
            if response.held {
                // `self` owns the sender, so this cannot fail.
                self.released
                    .subscribe()
                    .wait_for(|released| *released)
                    .await
                    .ok();
            }
            for part in &response.parts {
                socket.get_mut().write_all(part).await?;
                // Lets the client, on the same thread, read this part before the next is sent.
                yield_now().await;
                yield_now().await;
            }
            match response.end {
                End::Complete => socket.get_mut().write_all(&response.tail).await?,
                End::Close => return Ok(()),
                End::Reset => return socket.get_mut().set_zero_linger(),
                End::Stall => {
                    let result = socket.read(&mut [0; 1]).await;
                    self.closed.send_modify(|closed| *closed += 1);
                    return result.map(drop);
                }
                End::Repeat(part, pause) => loop {
                    if socket.get_mut().write_all(&part).await.is_err() {
                        self.closed.send_modify(|closed| *closed += 1);
                        return Ok(());
                    }
                    // This simulates a slow server; no test waits for it to synchronize.
                    tokio::time::sleep(pause).await;
                },
            }
        }
        Ok(())
    }

    fn next_response(&self, line: &str) -> MockResponse {
        let Some((pattern, responses)) = self.script.find(line) else {
            return MockResponse::json(404, &serde_json::json!({"detail": "Not Found"}));
        };
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let number = sent.entry(pattern.to_owned()).or_default();
        let response = responses.get(*number).or(responses.last());
        *number += 1;
        response.cloned().expect("at least one response per route")
    }
}

async fn read_request(socket: &mut BufReader<TcpStream>) -> io::Result<Option<RecordedRequest>> {
    let mut first = String::new();
    if socket.read_line(&mut first).await? == 0 {
        return Ok(None);
    }
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        socket.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map(|length| length.parse());
    let mut body = vec![0; length.and_then(Result::ok).unwrap_or(0)];
    socket.read_exact(&mut body).await?;
    let mut parts = first.split_whitespace();
    let (method, target) = (parts.next(), parts.next());
    let (Some(method), Some(target)) = (method, target) else {
        return Ok(None);
    };
    let path = match target.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => target,
    };
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Ok(Some(RecordedRequest {
        line: format!("{method} {path}"),
        query: query.to_owned(),
        host: headers.get("host").cloned().unwrap_or_default(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    }))
}
