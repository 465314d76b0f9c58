//! One answer, as the bytes that go over the wire and what happens after them.

use std::time::Duration;

use serde_json::Value;

/// What the server does with one request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Written one after the other; the client gets the time to read each by itself.
    pub(super) pieces: Vec<Vec<u8>>,
    /// Written last, where the answer ends as it should.
    pub(super) tail: Vec<u8>,
    pub(super) end: End,
    pub(super) held: bool,
}

/// What happens after the pieces.
#[derive(Clone, Debug)]
pub(super) enum End {
    /// The answer is whole, and the connection waits for another request.
    Whole,
    /// The connection is closed.
    Cut,
    /// The connection is reset.
    Reset,
    /// Nothing more comes, until the client leaves.
    Stall,
    /// The same bytes come again and again, until the client leaves.
    Dribble(Vec<u8>, Duration),
}

impl Answer {
    /// A whole response with its length.
    pub fn new(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!(
            "HTTP/1.1 {status} Status\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Self {
            pieces: vec![head.into_bytes(), body.to_vec()],
            ..Self::raw("")
        }
    }

    /// A JSON response.
    pub fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json", value.to_string())
    }

    /// A page for people, such as a host shows for a Space that is not up.
    pub fn page(status: u16) -> Self {
        let html = "<!doctype html><html><body><h1>Your space is in preparation</h1></body></html>";
        Self::new(status, "text/html; charset=utf-8", html)
    }

    /// A picture.
    pub fn picture(bytes: &[u8]) -> Self {
        Self::new(200, "image/png", bytes)
    }

    /// A stream of events as Gradio sends it: one chunk for each, then the last chunk.
    pub fn events<T: AsRef<[u8]>>(events: impl IntoIterator<Item = T>) -> Self {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n\
                    transfer-encoding: chunked\r\n\r\n";
        let mut pieces = vec![head.as_bytes().to_vec()];
        pieces.extend(events.into_iter().map(|event| chunk(event.as_ref())));
        Self {
            pieces,
            tail: b"0\r\n\r\n".to_vec(),
            ..Self::raw("")
        }
    }

    /// These bytes, whatever they are.
    pub fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self {
            pieces: vec![bytes.as_ref().to_vec()],
            tail: Vec::new(),
            end: End::Whole,
            held: false,
        }
    }

    /// Adds a header.
    ///
    /// # Panics
    ///
    /// Where the answer has no head.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let head = &mut self.pieces[0];
        let at = head.windows(2).position(|bytes| bytes == b"\r\n");
        let at = at.expect("a status line") + 2;
        head.splice(at..at, format!("{name}: {value}\r\n").into_bytes());
        self
    }

    /// Sends every byte by itself.
    #[must_use]
    pub fn byte_by_byte(mut self) -> Self {
        let bytes = self.pieces.concat();
        self.pieces = bytes.into_iter().map(|byte| vec![byte]).collect();
        self
    }

    /// Comes only after [`FaultServer::release`](super::FaultServer::release).
    #[must_use]
    pub fn held(mut self) -> Self {
        self.held = true;
        self
    }

    /// Leaves out its last `bytes`, and closes the connection.
    #[must_use]
    pub fn cut_by(mut self, bytes: usize) -> Self {
        if let Some(last) = self.pieces.last_mut() {
            last.truncate(last.len().saturating_sub(bytes));
        }
        self.end = End::Cut;
        self
    }

    /// Resets the connection where it would end.
    #[must_use]
    pub fn then_reset(mut self) -> Self {
        self.end = End::Reset;
        self
    }

    /// Goes silent where it would end, with the connection open.
    #[must_use]
    pub fn then_stall(mut self) -> Self {
        self.end = End::Stall;
        self
    }

    /// Sends these bytes for ever where it would end, with a pause after each.
    #[must_use]
    pub fn then_dribble(mut self, bytes: impl AsRef<[u8]>, pause: Duration) -> Self {
        self.end = End::Dribble(bytes.as_ref().to_vec(), pause);
        self
    }
}

/// A chunk of a body with `transfer-encoding: chunked`.
pub fn chunk(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    let size = format!("{:x}\r\n", bytes.len());
    [size.as_bytes(), bytes, b"\r\n"].concat()
}
