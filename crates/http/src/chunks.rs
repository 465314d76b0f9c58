//! A response's body as it comes, for what is too large to be held whole.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use url::Url;

use crate::body::Body;
use crate::error::{Error, redacted};
use crate::silence::IdleTimeout;

/// The bytes of a response, piece by piece; whoever reads counts them.
///
/// The stream ends with `None` where the body ends; a body that is shorter than its head said is an
/// error. Dropping the stream closes its connection unless the body has ended.
pub struct Chunks {
    body: IdleTimeout<Body>,
    url: Url,
}

impl Chunks {
    pub(crate) fn new(body: Body, url: Url, silence: Duration) -> Self {
        let body = IdleTimeout::new(body, silence);
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
