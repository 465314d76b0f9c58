//! Server-sent events, from bytes to events.
//!
//! A parser of our own, after the WHATWG HTML standard, section 9.2.6. Of the crates,
//! `eventsource-stream` panics on a byte order mark and takes quadratic time for a large event;
//! `sse-stream` ends the stream on invalid UTF-8 and buffers an event of any size, and a cap around
//! it could not tell an event's bytes from those of the comments that keep a stream alive. This one
//! takes linear time however the bytes are split, holds at most one event, and replaces invalid
//! UTF-8 as the standard asks.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_core::Stream;

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SseEvent {
    /// The event's type; `message` where the server gave none.
    pub event: String,
    /// The event's data; several `data` lines are joined by a line feed.
    pub data: String,
    /// The last id that the stream has given so far, which this event need not have given itself.
    pub id: Option<String>,
}

/// Why a stream of events ended early.
#[derive(Debug)]
pub enum Fault<E> {
    /// An event has more bytes than allowed.
    TooLarge {
        /// The cap, in bytes.
        limit: usize,
    },
    /// The source of the bytes failed.
    Source(E),
}

/// The events in any stream of bytes. After an `Err`, and after the source's end, it gives `None`.
pub struct Events<S> {
    source: Option<S>,
    decoder: Decoder,
}

impl<S> Events<S> {
    /// Reads events of at most `limit` bytes from `source`.
    pub fn new(source: S, limit: usize) -> Self {
        Self {
            source: Some(source),
            decoder: Decoder::new(limit),
        }
    }
}

impl<S, E> Stream for Events<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    type Item = Result<SseEvent, Fault<E>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            let Some(source) = &mut this.source else {
                return Poll::Ready(None);
            };
            let fault = match this.decoder.next_event() {
                Ok(Some(event)) => return Poll::Ready(Some(Ok(event))),
                Ok(None) => match ready!(Pin::new(source).poll_next(cx)) {
                    Some(Ok(bytes)) => {
                        this.decoder.push(bytes);
                        continue;
                    }
                    Some(Err(error)) => Some(Err(Fault::Source(error))),
                    None => None,
                },
                Err(limit) => Some(Err(Fault::TooLarge { limit })),
            };
            // The source is dropped at once: its connection is of no more use.
            this.source = None;
            return Poll::Ready(fault);
        }
    }
}

impl<S> fmt::Debug for Events<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

/// The incremental parser.
struct Decoder {
    /// The most bytes that the lines of one event may have, comments and line ends apart.
    limit: usize,
    /// Bytes not yet looked at.
    chunk: Bytes,
    /// The start of a line whose end has not come yet.
    line: Vec<u8>,
    /// The stream's first line has not ended yet, so a byte order mark may be before it.
    at_start: bool,
    /// The last line ended in a carriage return; a line feed right after it belongs to it.
    after_cr: bool,
    /// The bytes of the current event's whole lines.
    size: usize,
    event: Vec<u8>,
    data: Option<Vec<u8>>,
    id: Option<String>,
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Decoder {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            chunk: Bytes::new(),
            line: Vec::new(),
            at_start: true,
            after_cr: false,
            size: 0,
            event: Vec::new(),
            data: None,
            id: None,
        }
    }

    /// Takes the next bytes, once `next_event` has asked for them.
    fn push(&mut self, bytes: Bytes) {
        debug_assert!(
            self.chunk.is_empty(),
            "bytes that were not looked at are lost"
        );
        self.chunk = bytes;
    }

    /// The next whole event, `None` where more bytes are needed, or the limit that was passed.
    fn next_event(&mut self) -> Result<Option<SseEvent>, usize> {
        while !self.chunk.is_empty() {
            if std::mem::take(&mut self.after_cr) && self.chunk[0] == b'\n' {
                self.chunk.advance(1);
                continue;
            }
            let Some(end) = memchr::memchr2(b'\n', b'\r', &self.chunk) else {
                let start = std::mem::take(&mut self.chunk);
                self.keep_start(&start)?;
                break;
            };
            self.after_cr = self.chunk[end] == b'\r';
            let rest = self.chunk.split_to(end);
            self.chunk.advance(1);
            if let Some(event) = self.end_line(&rest)? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// Keeps the start of a line; of a comment nothing but the colon.
    fn keep_start(&mut self, start: &[u8]) -> Result<(), usize> {
        if self.line.first() != Some(&b':') {
            self.line.extend_from_slice(start);
            if self.line.first() == Some(&b':') {
                self.line.truncate(1);
            }
        }
        let is_comment = self.line.first() == Some(&b':');
        self.check_size(if is_comment { 0 } else { self.line.len() })
    }

    fn check_size(&self, line: usize) -> Result<(), usize> {
        if self.size.saturating_add(line) > self.limit {
            Err(self.limit)
        } else {
            Ok(())
        }
    }

    fn end_line(&mut self, rest: &[u8]) -> Result<Option<SseEvent>, usize> {
        if self.line.is_empty() {
            return self.take_line(rest);
        }
        if self.line.first() != Some(&b':') {
            self.line.extend_from_slice(rest);
        }
        let line = std::mem::take(&mut self.line);
        let event = self.take_line(&line);
        // The buffer is used again, unless one large line made it large.
        if line.capacity() <= 64 * 1024 {
            self.line = line;
            self.line.clear();
        }
        event
    }

    fn take_line(&mut self, mut line: &[u8]) -> Result<Option<SseEvent>, usize> {
        if std::mem::take(&mut self.at_start) {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        if line.is_empty() {
            return Ok(self.dispatch());
        }
        if line[0] == b':' {
            return Ok(None);
        }
        self.check_size(line.len())?;
        self.size += line.len();
        let (field, value) = match memchr::memchr(b':', line) {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            },
            b"event" => value.clone_into(&mut self.event),
            b"id" if !value.contains(&0) => {
                self.id = (!value.is_empty()).then(|| text(value.to_vec()));
            }
            // `retry` is for clients that connect again by themselves; any other field is ignored.
            _ => {}
        }
        Ok(None)
    }

    /// Ends the event at an empty line; without data there is none.
    fn dispatch(&mut self) -> Option<SseEvent> {
        self.size = 0;
        let event = std::mem::take(&mut self.event);
        let data = self.data.take()?;
        let event = if event.is_empty() {
            "message".to_owned()
        } else {
            text(event)
        };
        Some(SseEvent {
            event,
            data: text(data),
            id: self.id.clone(),
        })
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
