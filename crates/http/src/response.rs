//! A response: status, headers and body.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use url::Url;

use crate::body::Body;
use crate::chunks::Chunks;
use crate::error::{Error, ErrorKind, Phase, redacted};
use crate::event_stream::{EventLimits, EventStream};

/// The most memory allocated for a `Content-Length` before any bytes arrive.
const TRUSTED_LENGTH: u64 = 1024 * 1024;

/// Limits on a body that is read into memory.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct BodyLimits {
    /// The maximum size in bytes; 64 MiB by default.
    pub bytes: u64,
    /// The maximum time between two chunks; 30 s by default.
    pub idle: Duration,
    /// The maximum time for the complete body; 300 s by default.
    pub total: Duration,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024 * 1024,
            idle: Duration::from_secs(30),
            total: Duration::from_mins(5),
        }
    }
}

impl BodyLimits {
    /// Sets the maximum size in bytes.
    #[must_use]
    pub fn with_bytes(mut self, limit: u64) -> Self {
        self.bytes = limit;
        self
    }

    /// Sets the maximum time between two chunks.
    #[must_use]
    pub fn with_idle(mut self, limit: Duration) -> Self {
        self.idle = limit;
        self
    }

    /// Sets the maximum time for the complete body.
    #[must_use]
    pub fn with_total(mut self, limit: Duration) -> Self {
        self.total = limit;
        self
    }
}

/// A response whose headers have arrived and whose body has not been read.
///
/// Dropping it closes the connection; reading the body to its end keeps the connection for the next
/// request.
pub struct Response {
    inner: reqwest::Response,
}

impl Response {
    pub(crate) fn new(inner: reqwest::Response) -> Self {
        Self { inner }
    }

    /// The status code, 100 to 999.
    pub fn status(&self) -> u16 {
        self.inner.status().as_u16()
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        self.inner.status().is_success()
    }

    /// The first value of a header; `None` if it is absent or not visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    }

    /// The delay before the next request: `Retry-After` in seconds, or the `t` of a `RateLimit` header
    /// such as the Hugging Face hub's `"api";r=0;t=12`.
    ///
    /// `None` if there is neither, or only a `Retry-After` that is a date. At most `u32::MAX` seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = |text: &str| {
            let seconds: u64 = text.trim().parse().ok()?;
            Some(Duration::from_secs(seconds.min(u32::MAX.into())))
        };
        self.header("retry-after").and_then(seconds).or_else(|| {
            let mut parts = self.header("ratelimit")?.split(';');
            parts.find_map(|part| seconds(part.trim().strip_prefix("t=")?))
        })
    }

    /// The media type in `Content-Type`, without parameters such as `; charset=utf-8`.
    pub fn content_type(&self) -> Option<&str> {
        let value = self.header(CONTENT_TYPE.as_str())?;
        Some(value.split(';').next().unwrap_or(value).trim())
    }

    /// The final URL after redirects, without username and password.
    pub fn url(&self) -> &Url {
        self.inner.url()
    }

    fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    /// Reads the complete body.
    pub async fn bytes(self, limits: BodyLimits) -> Result<Bytes, Error> {
        let url = self.url().clone();
        let read = read(self.inner, limits).await;
        read.map_err(|error| error.with_url(&url))
    }

    /// Reads the complete body as UTF-8; invalid sequences become U+FFFD.
    pub async fn text(self, limits: BodyLimits) -> Result<String, Error> {
        let bytes = self.bytes(limits).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Reads the complete body as JSON; fails with [`ErrorKind::Decode`] if it does not match `T`.
    pub async fn json<T: DeserializeOwned>(self, limits: BodyLimits) -> Result<T, Error> {
        let url = self.url().clone();
        let bytes = self.bytes(limits).await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let message = if error.is_data() {
                "the JSON of the response has an unexpected structure"
            } else {
                "the response is not JSON"
            };
            Error::new(ErrorKind::Decode, message)
                .with_url(&url)
                .with_source(&error)
        })
    }

    /// Reads the body in chunks, without a size limit; `idle` is the maximum time between two chunks.
    pub fn chunks(self, idle: Duration) -> Chunks {
        let url = self.url().clone();
        Chunks::new(Body::new(self.inner), url, idle)
    }

    /// Reads the body as server-sent events, as they arrive.
    pub fn events(self, limits: EventLimits) -> EventStream {
        let url = self.url().clone();
        EventStream::new(Body::new(self.inner), url, limits)
    }
}

async fn read(response: reqwest::Response, limits: BodyLimits) -> Result<Bytes, Error> {
    let too_large = || {
        let limit = limits.bytes;
        Error::new(
            ErrorKind::TooLarge { limit },
            format!("the response is larger than {limit} bytes"),
        )
    };
    let length = response.content_length().unwrap_or(0);
    if length > limits.bytes {
        return Err(too_large());
    }
    let mut body = Body::new(response);
    let expected = usize::try_from(length.min(TRUSTED_LENGTH)).unwrap_or(0);
    let mut all = BytesMut::with_capacity(expected);
    let start = Instant::now();
    loop {
        let left = limits.total.saturating_sub(start.elapsed());
        let (phase, limit, wait) = if left <= limits.idle {
            (Phase::Total, limits.total, left)
        } else {
            (Phase::Idle, limits.idle, limits.idle)
        };
        let next = poll_fn(|cx| Pin::new(&mut body).poll_next(cx));
        let next = tokio::time::timeout(wait, next).await;
        let chunk = match next {
            Err(_elapsed) => return Err(Error::timeout(phase, limit)),
            // A body that always has bytes ready would otherwise evade the limit.
            Ok(_) if left.is_zero() => return Err(Error::timeout(phase, limit)),
            Ok(None) => return Ok(all.freeze()),
            Ok(Some(chunk)) => chunk?,
        };
        if (all.len() + chunk.len()) as u64 > limits.bytes {
            return Err(too_large());
        }
        all.extend_from_slice(&chunk);
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({} {})", self.status(), redacted(self.url()))
    }
}
