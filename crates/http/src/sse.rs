//! Server-sent events, from bytes to events.
//!
//! Implements the WHATWG HTML standard, section 9.2.6. The existing crates do not fit:
//! `eventsource-stream` panics on a byte order mark and takes quadratic time for a large event;
//! `sse-stream` ends the stream on invalid UTF-8 and buffers events of any size, and a limit around
//! it could not distinguish an event's bytes from keep-alive comments. This parser takes linear time
//! however the bytes are split, buffers at most one event, and replaces invalid UTF-8 as the
//! standard requires.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_core::Stream;

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SseEvent {
    /// The event's type; `message` if the server sent none.
    pub event: String,
    /// The event's data; multiple `data` lines are joined by a line feed.
    pub data: String,
}

/// Why a stream of events ended early.
#[derive(Debug)]
pub enum Fault<E> {
    /// An event exceeds the size limit.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The source of the bytes failed.
    Source(E),
}

/// The events in a stream of bytes. It returns `None` after an `Err` and at the end of the source.
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
            let last = match this.decoder.next_event() {
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
            // Dropping the source closes its connection.
            this.source = None;
            return Poll::Ready(last);
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
    /// The maximum size of one event's lines in bytes, excluding comments and line endings.
    limit: usize,
    /// The bytes not parsed yet.
    chunk: Bytes,
    /// The start of an incomplete line.
    line: Vec<u8>,
    /// The first line is not complete, so a byte order mark may precede it.
    at_start: bool,
    /// The last line ended in a carriage return; a line feed right after it is part of the line ending.
    after_cr: bool,
    /// The size of the current event's complete lines in bytes.
    size: usize,
    event: Vec<u8>,
    data: Option<Vec<u8>>,
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
        }
    }

    /// Adds bytes after `next_event` returned `None`.
    fn push(&mut self, bytes: Bytes) {
        debug_assert!(self.chunk.is_empty(), "unparsed bytes would be lost");
        self.chunk = bytes;
    }

    /// Returns the next event, `None` if more bytes are needed, or the limit that was exceeded.
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

    /// Buffers the start of a line; for a comment, only the colon.
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
        // Reuse the buffer unless a long line made it large.
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
            // `id` and `retry` are for clients that reconnect; any other field is ignored.
            _ => {}
        }
        Ok(None)
    }

    /// Completes the event at an empty line; an event without data is discarded.
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
        })
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
