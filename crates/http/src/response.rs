//! A response: its head, and the ways to read its body.

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
use crate::deadline::{Elapsed, Timer};
use crate::error::{Error, ErrorKind, Phase, redacted};
use crate::event_stream::{EventLimits, EventStream};

/// How much memory a `Content-Length` is trusted with before its bytes are there.
const TRUSTED_LENGTH: u64 = 1024 * 1024;

/// What a body may cost that is read as a whole.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// The most bytes taken; 64 MiB by default.
    pub bytes: u64,
    /// The longest time without a byte; 30 s by default.
    pub silence: Duration,
    /// The longest time for all of it, from the call; 300 s by default.
    pub whole: Duration,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024 * 1024,
            silence: Duration::from_secs(30),
            whole: Duration::from_mins(5),
        }
    }
}

/// A response whose head is here and whose body is still to be read. Dropping it closes the
/// connection; reading the body to its end keeps the connection for the next request.
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

    /// A header's value, the first of several; `None` too where it is not visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    }

    /// The media type that the server claims, without parameters such as `; charset=utf-8`.
    pub fn content_type(&self) -> Option<&str> {
        let value = self.header(CONTENT_TYPE.as_str())?;
        Some(value.split(';').next().unwrap_or(value).trim())
    }

    /// The URL that answered, after redirects and without user and password.
    pub fn url(&self) -> &Url {
        self.inner.url()
    }

    fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    /// Reads the whole body.
    pub async fn bytes(self, limits: BodyLimits) -> Result<Bytes, Error> {
        let url = self.url().clone();
        let read = read(self.inner, limits).await;
        read.map_err(|error| error.with_url(&url))
    }

    /// Reads the whole body as UTF-8; what is not UTF-8 becomes U+FFFD.
    pub async fn text(self, limits: BodyLimits) -> Result<String, Error> {
        let bytes = self.bytes(limits).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Reads the whole body as JSON; [`ErrorKind::Decode`] says where it is not what it should be.
    pub async fn json<T: DeserializeOwned>(self, limits: BodyLimits) -> Result<T, Error> {
        let url = self.url().clone();
        let bytes = self.bytes(limits).await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let what = if error.is_data() {
                "the response's JSON is not what it should be"
            } else {
                "the response is not JSON"
            };
            Error::new(ErrorKind::Decode, what)
                .with_url(&url)
                .with_source(&error)
        })
    }

    /// Reads the body piece by piece, however long it is; `silence` is the longest time without a
    /// byte.
    pub fn chunks(self, silence: Duration) -> Chunks {
        let url = self.url().clone();
        Chunks::new(Body::new(self.inner), url, silence)
    }

    /// Reads the body as server-sent events, as they come.
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
    let mut timer = Timer::default();
    loop {
        let now = Instant::now();
        let left = limits.whole.saturating_sub(now - start);
        let (phase, limit) = if left <= limits.silence {
            (Phase::Whole, left)
        } else {
            (Phase::Silence, limits.silence)
        };
        let next = poll_fn(|cx| Pin::new(&mut body).poll_next(cx));
        let next = timer.until(now.checked_add(limit), next).await;
        let chunk = match next {
            // Bytes that are always there would outrun the time.
            _ if left.is_zero() => return Err(Error::timeout(Phase::Whole, limits.whole)),
            Err(Elapsed) if phase == Phase::Whole => {
                return Err(Error::timeout(phase, limits.whole));
            }
            Err(Elapsed) => return Err(Error::timeout(phase, limits.silence)),
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
