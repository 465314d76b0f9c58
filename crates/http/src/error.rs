//! The error type. It never contains a credential.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use url::Url;

/// Why a request failed. A status of 400 or more is a response, not an error.
///
/// `Display` prints a lowercase fragment with the URL, without credentials and query; the causes
/// are available through [`source`](StdError::source), as text without URLs.
pub struct Error {
    inner: Box<Inner>,
}

struct Inner {
    kind: ErrorKind,
    message: String,
    url: Option<String>,
    source: Option<Cause>,
}

/// The kinds of failure that a caller can distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The URL has no host, or a scheme other than http or https.
    InvalidUrl,
    /// The proxy's URL is not one of http, https, socks5, socks5h with a host.
    InvalidProxy,
    /// A header's name or value has invalid characters.
    InvalidHeader,
    /// The address guard rejected the URL, an address it resolves to, or a redirect.
    Blocked,
    /// No connection could be established: name resolution, TCP, TLS or the proxy failed.
    Connect,
    /// The proxy requires credentials, or rejected those given.
    ProxyAuth,
    /// A time limit was exceeded.
    Timeout(Phase),
    /// The body, or one event of it, is larger than the limit.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The connection closed early, or the peer violated the protocol.
    Interrupted,
    /// The body is complete but could not be decoded.
    Decode,
    /// There were too many redirects, or one cannot be followed.
    Redirect,
    /// A failure of this client.
    Internal,
}

/// What the client was waiting for when a time limit was exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// A connection, including name resolution, proxy and TLS.
    Connect,
    /// The response's status and headers, including redirects.
    Head,
    /// The next chunk of a body.
    Idle,
    /// The end of a body.
    Total,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let inner = Inner {
            kind,
            message: message.into(),
            url: None,
            source: None,
        };
        Self {
            inner: Box::new(inner),
        }
    }

    pub(crate) fn timeout(phase: Phase, limit: Duration) -> Self {
        let problem = match phase {
            Phase::Connect => "no connection",
            Phase::Head => "no response",
            Phase::Idle => "no further data",
            Phase::Total => "the response did not end",
        };
        Self::new(
            ErrorKind::Timeout(phase),
            format!("{problem} within {limit:?}"),
        )
    }

    pub(crate) fn with_url(mut self, url: &Url) -> Self {
        self.inner.url = Some(redacted(url));
        self
    }

    pub(crate) fn with_source(mut self, source: &(dyn StdError + 'static)) -> Self {
        self.inner.source = Cause::of(source);
        self
    }

    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The requested URL, if any, without credentials and query.
    pub fn url(&self) -> Option<&str> {
        self.inner.url.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)?;
        match &self.inner.url {
            Some(url) => write!(f, " ({url})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.inner.kind)
            .field("message", &self.inner.message)
            .field("url", &self.inner.url)
            .field("source", &self.inner.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner
            .source
            .as_ref()
            .map(|cause| cause as &(dyn StdError + 'static))
    }
}

/// The text of one cause. reqwest's own errors contain URLs, and their types are not part
/// of this API.
struct Cause {
    text: String,
    source: Option<Box<Cause>>,
}

impl Cause {
    fn of(error: &(dyn StdError + 'static)) -> Option<Self> {
        let source = error.source().and_then(Self::of);
        let is_wrapper = error.is::<reqwest::Error>();
        let text = error.to_string();
        // Some layers add nothing ("error sending request") or repeat the error they wrap.
        let repeats = source
            .as_ref()
            .is_some_and(|source| text.ends_with(&source.text));
        let is_redundant = is_wrapper || repeats || text.starts_with("client error (");
        if is_redundant && source.is_some() {
            return source;
        }
        Some(Self {
            text,
            source: source.map(Box::new),
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)?;
        match &self.source {
            Some(source) => write!(f, " <- {source:?}"),
            None => Ok(()),
        }
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|cause| cause as &(dyn StdError + 'static))
    }
}

/// The URL without user, password and query; signed links and some services have keys in the query.
pub(crate) fn redacted(url: &Url) -> String {
    let mut redacted = url.clone();
    let has_query = redacted.query().is_some();
    redacted.set_query(None);
    redacted.set_fragment(None);
    if has_user(url) && (redacted.set_username("").is_err() || redacted.set_password(None).is_err())
    {
        return format!("{}:…", url.scheme());
    }
    let mut redacted = String::from(redacted);
    if has_query {
        redacted.push_str("?…");
    }
    redacted
}

pub(crate) fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redacted_urls_have_no_user_query_or_fragment() {
        for (url, expected) in [
            (
                "https://u:p@h.example:8/a?key=k#f",
                "https://h.example:8/a?…",
            ),
            ("https://token@h.example/", "https://h.example/"),
            ("https://:p@h.example/", "https://h.example/"),
            ("http://h.example/a", "http://h.example/a"),
        ] {
            assert_eq!(redacted(&Url::parse(url).unwrap()), expected);
        }
    }
}
