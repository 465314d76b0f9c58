//! The HTTP client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderValue;
use url::Url;

use crate::background::Background;
use crate::error::{Error, ErrorKind};
use crate::outgoing::Outgoing;
use crate::proxy::Proxy;
use crate::request::RequestBuilder;
use crate::transport::Transports;

/// Options of a [`Client`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClientOptions {
    /// The proxy for all requests; none by default. Proxy environment variables are not read.
    pub proxy: Option<Proxy>,
    /// The maximum time to connect, including name resolution, proxy and TLS; 10 s by default.
    pub connect_timeout: Duration,
    /// `fluxhop/` and the version by default.
    pub user_agent: String,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            proxy: None,
            connect_timeout: Duration::from_secs(10),
            user_agent: concat!("fluxhop/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl ClientOptions {
    /// Sends all requests through a proxy.
    #[must_use]
    pub fn with_proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Sets the maximum time to connect.
    #[must_use]
    pub fn with_connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Sets the user agent.
    #[must_use]
    pub fn with_user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }
}

/// An HTTP client with a connection pool and a cookie jar.
///
/// Cheap to create and to clone; clones share everything. Expensive parts, such as the root
/// certificates, are loaded on first use. Connections belong to the async runtime that created them:
/// use one client per runtime.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    transports: Transports,
    background: Background,
}

impl Client {
    /// Creates a client; fails if the user agent is not a valid header value.
    pub fn new(options: ClientOptions) -> Result<Self, Error> {
        let user_agent = HeaderValue::try_from(&options.user_agent).map_err(|_| {
            Error::new(
                ErrorKind::InvalidHeader,
                "the user agent has a line break or another control character",
            )
        })?;
        let transports = Transports::new(options.proxy, options.connect_timeout, user_agent);
        Ok(Self {
            inner: Arc::new(Inner {
                transports,
                background: Background::default(),
            }),
        })
    }

    /// A GET request.
    pub fn get(&self, url: &Url) -> RequestBuilder {
        RequestBuilder::new(self.clone(), Method::GET, url)
    }

    /// A HEAD request.
    pub fn head(&self, url: &Url) -> RequestBuilder {
        RequestBuilder::new(self.clone(), Method::HEAD, url)
    }

    /// A POST request.
    pub fn post(&self, url: &Url) -> RequestBuilder {
        RequestBuilder::new(self.clone(), Method::POST, url)
    }

    /// A DELETE request.
    pub fn delete(&self, url: &Url) -> RequestBuilder {
        RequestBuilder::new(self.clone(), Method::DELETE, url)
    }

    /// Spawns a future that must outlive its caller, such as the cancel request of a dropped stream.
    ///
    /// Outside an async runtime it only logs a warning. Call
    /// [`finish_background`](Self::finish_background) before the program exits.
    pub fn spawn_background(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.inner.background.spawn(future);
    }

    /// Waits until the futures of [`spawn_background`](Self::spawn_background) have completed, for at
    /// most `limit`.
    pub async fn finish_background(&self, limit: Duration) {
        self.inner.background.finish(limit).await;
    }

    /// Sends one request, without following a redirect.
    pub(crate) async fn exchange_once(
        &self,
        outgoing: &Outgoing,
        guarded: bool,
    ) -> Result<reqwest::Response, Error> {
        self.inner.transports.send(outgoing, guarded).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client")
            .field(&self.inner.transports)
            .finish()
    }
}
