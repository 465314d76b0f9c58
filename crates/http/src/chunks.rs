//! A response's body as a stream, for content that is too large to hold in memory.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use url::Url;

use crate::body::Body;
use crate::error::{Error, redacted};
use crate::idle_timeout::IdleTimeout;

/// The bytes of a response in chunks. The caller limits the total size.
///
/// The stream ends with `None` at the end of the body; a body shorter than its `Content-Length` is
/// an error. Dropping the stream closes the connection unless the body has ended.
pub struct Chunks {
    body: IdleTimeout<Body>,
    url: Url,
}

impl Chunks {
    pub(crate) fn new(body: Body, url: Url, idle: Duration) -> Self {
        let body = IdleTimeout::new(body, idle);
        Self { body, url }
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.body).poll_next(cx);
        next.map_err(|error| error.with_url(&self.url))
    }
}

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chunks({})", redacted(&self.url))
    }
}
