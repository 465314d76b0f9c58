//! A server of raw bytes that fails on purpose, as its [`Script`] says, and keeps what it was asked.

mod answer;
pub mod messages;
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

use answer::End;
pub use answer::{Answer, chunk};
pub use script::{EVENT_ID, FILE, Script, config, info, png};

/// How long a test waits for a request that should come, before it fails.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running server on a loopback socket; it ends when this is dropped.
///
/// It also serves as a plain HTTP proxy: a request for `http://host/path` is answered as one for
/// `/path`, and [`Seen::host`] tells the host.
pub struct FaultServer {
    address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Method and path, such as `POST /gradio_api/cancel`.
    pub line: String,
    /// The query, without `?`.
    pub query: String,
    /// The host that was asked for.
    pub host: String,
    /// The headers, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

struct State {
    script: Script,
    answered: Mutex<BTreeMap<String, usize>>,
    seen: watch::Sender<Vec<Seen>>,
    /// How many connections the client closed while an answer was stalled.
    closed: watch::Sender<usize>,
    released: watch::Sender<bool>,
}

impl FaultServer {
    /// Serves the script on a free port of 127.0.0.1.
    ///
    /// # Panics
    ///
    /// Where no socket can be had.
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State {
            script,
            answered: Mutex::default(),
            seen: watch::Sender::default(),
            closed: watch::Sender::default(),
            released: watch::Sender::default(),
        });
        let accepted = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let state = Arc::clone(&accepted);
                // A client that breaks its connection is no failure of the server.
                tokio::spawn(async move { state.serve(socket).await.ok() });
            }
        });
        Self {
            address,
            state,
            accepting,
        }
    }

    /// Its address, such as `http://127.0.0.1:41234`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.state.seen.borrow().clone()
    }

    /// Method and path of every request so far, in order.
    pub fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }

    /// How many requests had this method and path.
    pub fn count(&self, line: &str) -> usize {
        let seen = self.state.seen.borrow();
        seen.iter().filter(|seen| seen.line == line).count()
    }

    /// The last request of this method and path, waited for where it did not come yet.
    ///
    /// # Panics
    ///
    /// Where it does not come within 5 s.
    pub async fn saw(&self, line: &str) -> Seen {
        let find = |seen: &Vec<Seen>| seen.iter().rfind(|seen| seen.line == line).cloned();
        let mut requests = self.state.seen.subscribe();
        let waited = timeout(PATIENCE, requests.wait_for(|seen| find(seen).is_some())).await;
        let seen = waited.unwrap_or_else(|_| panic!("{line} never came: {:?}", self.lines()));
        find(&seen.expect("the server runs")).expect("waited for")
    }

    /// Waits until the client has closed this many connections whose answer was stalled.
    ///
    /// # Panics
    ///
    /// Where it does not within 5 s.
    pub async fn closed(&self, connections: usize) {
        let mut closed = self.state.closed.subscribe();
        let waited = timeout(PATIENCE, closed.wait_for(|closed| *closed >= connections)).await;
        waited
            .expect("the client closes the connection")
            .expect("the server runs");
    }

    /// Lets held answers go.
    pub fn release(&self) {
        self.state.released.send_replace(true);
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl State {
    async fn serve(&self, socket: TcpStream) -> io::Result<()> {
        socket.set_nodelay(true)?;
        let mut socket = BufReader::new(socket);
        while let Some(seen) = read_request(&mut socket).await? {
            let answer = self.answer(&seen.line);
            self.seen.send_modify(|all| all.push(seen));
            if answer.held {
                // The sender is `self`'s own, so it is never gone.
                self.released.subscribe().wait_for(|open| *open).await.ok();
            }
            for piece in &answer.pieces {
                socket.get_mut().write_all(piece).await?;
                // The client runs on the same thread: it reads this piece before the next is sent.
                yield_now().await;
                yield_now().await;
            }
            match answer.end {
                End::Whole => socket.get_mut().write_all(&answer.tail).await?,
                End::Cut => return Ok(()),
                End::Reset => return socket.get_mut().set_zero_linger(),
                End::Stall => {
                    let ended = socket.read(&mut [0; 1]).await;
                    self.closed.send_modify(|closed| *closed += 1);
                    return ended.map(drop);
                }
                End::Dribble(piece, pause) => loop {
                    if socket.get_mut().write_all(&piece).await.is_err() {
                        self.closed.send_modify(|closed| *closed += 1);
                        return Ok(());
                    }
                    // The slowness is the fault that is played here; nothing waits by it.
                    tokio::time::sleep(pause).await;
                },
            }
        }
        Ok(())
    }

    fn answer(&self, line: &str) -> Answer {
        let Some((pattern, answers)) = self.script.find(line) else {
            return Answer::json(404, &serde_json::json!({"detail": "Not Found"}));
        };
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let number = answered.entry(pattern.to_owned()).or_default();
        let answer = answers.get(*number).or(answers.last());
        *number += 1;
        answer.cloned().expect("a route has an answer")
    }
}

async fn read_request(socket: &mut BufReader<TcpStream>) -> io::Result<Option<Seen>> {
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
    Ok(Some(Seen {
        line: format!("{method} {path}"),
        query: query.to_owned(),
        host: headers.get("host").cloned().unwrap_or_default(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    }))
}
