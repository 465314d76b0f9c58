//! A response's body as a stream of chunks.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http_body::Body as _;

use crate::error::{Error, ErrorKind};

/// The body of a response in chunks. Dropping it closes the connection unless the body has ended.
pub(crate) struct Body(reqwest::Body);

impl Body {
    pub(crate) fn new(response: reqwest::Response) -> Self {
        Self(response.into())
    }
}

impl Stream for Body {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let frame = match ready!(Pin::new(&mut self.0).poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Ok(frame)) => frame,
                Some(Err(error)) => {
                    let broken = Error::new(
                        ErrorKind::Interrupted,
                        "the connection closed before the response was complete",
                    );
                    return Poll::Ready(Some(Err(broken.with_source(&error.without_url()))));
                }
            };
            // Other frames are trailers, which are ignored.
            if let Ok(data) = frame.into_data() {
                return Poll::Ready(Some(Ok(data)));
            }
        }
    }
}
