//! A scripted response: the raw bytes to send, and what happens to the connection afterwards.

use std::time::Duration;

use serde_json::Value;

/// The response to one request.
#[derive(Clone, Debug)]
pub struct MockResponse {
    /// Written one at a time, so that the client can read each part before the next is sent.
    pub(super) parts: Vec<Vec<u8>>,
    /// Written after the parts if the response ends normally.
    pub(super) tail: Vec<u8>,
    pub(super) end: End,
    pub(super) held: bool,
}

/// What happens after the parts have been sent.
#[derive(Clone, Debug)]
pub(super) enum End {
    /// The response is complete, and the connection waits for the next request.
    Complete,
    /// The connection is closed.
    Close,
    /// The connection is reset.
    Reset,
    /// Nothing more is sent until the client disconnects.
    Stall,
    /// The same bytes are sent repeatedly, with a pause after each, until the client disconnects.
    Repeat(Vec<u8>, Duration),
}

impl MockResponse {
    /// A complete response with a content length.
    pub fn new(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!(
            "HTTP/1.1 {status} Status\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Self {
            parts: vec![head.into_bytes(), body.to_vec()],
            ..Self::raw("")
        }
    }

    /// A JSON response.
    pub fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json", value.to_string())
    }

    /// An HTML page like the one that is served while a Space is not running.
    pub fn html_page(status: u16) -> Self {
        let html = "<!doctype html><html><body><h1>Your space is in preparation</h1></body></html>";
        Self::new(status, "text/html; charset=utf-8", html)
    }

    /// A PNG image.
    pub fn png(bytes: &[u8]) -> Self {
        Self::new(200, "image/png", bytes)
    }

    /// A stream of events as Gradio sends it: one chunk per event, then the final empty chunk.
    pub fn events<T: AsRef<[u8]>>(events: impl IntoIterator<Item = T>) -> Self {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n\
                    transfer-encoding: chunked\r\n\r\n";
        let mut parts = vec![head.as_bytes().to_vec()];
        parts.extend(events.into_iter().map(|event| chunk(event.as_ref())));
        Self {
            parts,
            tail: b"0\r\n\r\n".to_vec(),
            ..Self::raw("")
        }
    }

    /// Raw bytes, sent unchanged.
    pub fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self {
            parts: vec![bytes.as_ref().to_vec()],
            tail: Vec::new(),
            end: End::Complete,
            held: false,
        }
    }

    /// Adds a header.
    ///
    /// # Panics
    ///
    /// If the response has no head.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let head = &mut self.parts[0];
        let line_end = head.windows(2).position(|bytes| bytes == b"\r\n");
        let start = line_end.expect("a status line") + 2;
        head.splice(start..start, format!("{name}: {value}\r\n").into_bytes());
        self
    }

    /// Sends each byte as a separate part.
    #[must_use]
    pub fn byte_by_byte(mut self) -> Self {
        let bytes = self.parts.concat();
        self.parts = bytes.into_iter().map(|byte| vec![byte]).collect();
        self
    }

    /// Delays the response until [`FaultServer::release`](super::FaultServer::release) is called.
    #[must_use]
    pub fn held(mut self) -> Self {
        self.held = true;
        self
    }

    /// Omits the last `bytes` bytes, then closes the connection.
    #[must_use]
    pub fn truncate_by(mut self, bytes: usize) -> Self {
        if let Some(last) = self.parts.last_mut() {
            last.truncate(last.len().saturating_sub(bytes));
        }
        self.end = End::Close;
        self
    }

    /// Resets the connection after the last part.
    #[must_use]
    pub fn then_reset(mut self) -> Self {
        self.end = End::Reset;
        self
    }

    /// Sends nothing after the last part, but keeps the connection open.
    #[must_use]
    pub fn then_stall(mut self) -> Self {
        self.end = End::Stall;
        self
    }

    /// Sends these bytes repeatedly after the last part, with a pause after each.
    #[must_use]
    pub fn then_repeat(mut self, bytes: impl AsRef<[u8]>, pause: Duration) -> Self {
        self.end = End::Repeat(bytes.as_ref().to_vec(), pause);
        self
    }
}

/// A chunk of a body with `transfer-encoding: chunked`.
pub fn chunk(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    let size = format!("{:x}\r\n", bytes.len());
    [size.as_bytes(), bytes, b"\r\n"].concat()
}
