//! The reqwest clients and the conversion of their errors.

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, COOKIE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;

use crate::cookies::Cookies;
use crate::error::{Error, ErrorKind, Phase};
use crate::guard::{BlockedAddress, GuardedResolver};
use crate::outgoing::Outgoing;
use crate::proxy::Proxy;
use crate::tls::{self, LazyVerifier};

/// The underlying reqwest clients, created on first use; they share one cookie jar.
///
/// The DNS resolver is set per client, so guarded requests use a separate client and connection pool.
pub(crate) struct Transports {
    proxy: Option<Proxy>,
    connect_timeout: Duration,
    user_agent: HeaderValue,
    cookies: Cookies,
    verifier: Arc<LazyVerifier>,
    unguarded: OnceLock<reqwest::Client>,
    guarded: OnceLock<reqwest::Client>,
}

impl Transports {
    pub(crate) fn new(
        proxy: Option<Proxy>,
        connect_timeout: Duration,
        user_agent: HeaderValue,
    ) -> Self {
        Self {
            proxy,
            connect_timeout,
            user_agent,
            cookies: Cookies::default(),
            verifier: Arc::default(),
            unguarded: OnceLock::new(),
            guarded: OnceLock::new(),
        }
    }

    /// Returns the guarded or the unguarded client. If two threads create it at the same time, one
    /// of the two is kept.
    fn client(&self, guarded: bool) -> Result<&reqwest::Client, Error> {
        // With a proxy, only the proxy's own name is resolved here, and it may be private.
        let guarded = guarded && self.proxy.is_none();
        let slot = if guarded {
            &self.guarded
        } else {
            &self.unguarded
        };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = self.build(guarded)?;
        Ok(slot.get_or_init(|| client))
    }

    fn build(&self, guarded: bool) -> Result<reqwest::Client, Error> {
        let internal = |error: &(dyn StdError + 'static)| {
            Error::new(ErrorKind::Internal, "cannot create the HTTP client").with_source(error)
        };
        // Without this header a server may choose any encoding (RFC 9110, section 12.5.3).
        let identity = (ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let mut builder = reqwest::Client::builder()
            .default_headers(HeaderMap::from_iter([identity]))
            // Only the command reads the environment.
            .no_proxy()
            .redirect(Policy::none())
            .user_agent(self.user_agent.clone())
            .connect_timeout(self.connect_timeout)
            .tls_backend_preconfigured(
                tls::config(self.verifier.clone()).map_err(|error| internal(&error))?,
            );
        if guarded {
            builder = builder.dns_resolver(Arc::new(GuardedResolver));
        }
        if let Some(proxy) = &self.proxy {
            let proxy = reqwest::Proxy::all(proxy.url().clone())
                .map_err(|error| internal(&error.without_url()))?;
            builder = builder.proxy(proxy);
        }
        builder
            .build()
            .map_err(|error| internal(&error.without_url()))
    }

    /// Sends one request and returns once the response headers arrive.
    pub(crate) async fn send(
        &self,
        outgoing: &Outgoing,
        guarded: bool,
    ) -> Result<reqwest::Response, Error> {
        let url = &outgoing.url;
        let client = self.client(guarded)?;
        let mut target = url.clone();
        if outgoing.headers.contains_key(AUTHORIZATION) {
            // reqwest would send the URL's user as a second `Authorization`.
            let _ = target.set_username("");
            let _ = target.set_password(None);
        }
        let mut request = client
            .request(outgoing.method.clone(), target)
            .headers(outgoing.headers.clone());
        if let Some(cookies) = self.cookies.header(url) {
            request = request.header(COOKIE, cookies);
        }
        if let Some(body) = &outgoing.body {
            request = request.body(body.clone());
        }
        let response = request
            .send()
            .await
            .map_err(|error| self.translate(error).with_url(url))?;
        self.cookies.store(response.headers(), url);
        let is_from_proxy =
            url.scheme() == "http" && self.proxy.as_ref().is_some_and(Proxy::speaks_http);
        if is_from_proxy && response.status() == reqwest::StatusCode::PROXY_AUTHENTICATION_REQUIRED
        {
            return Err(self.proxy_auth().with_url(url));
        }
        Ok(response)
    }

    fn proxy_auth(&self) -> Error {
        let has_credentials = self.proxy.as_ref().is_some_and(Proxy::has_credentials);
        let message = if has_credentials {
            "the proxy rejected the username or password"
        } else {
            "the proxy requires a username and password"
        };
        Error::new(ErrorKind::ProxyAuth, message)
    }

    fn translate(&self, error: reqwest::Error) -> Error {
        let error = error.without_url();
        if let Some(blocked) =
            causes(&error).find_map(|cause| cause.downcast_ref::<BlockedAddress>())
        {
            return Error::new(ErrorKind::Blocked, blocked.to_string());
        }
        if error.is_builder() {
            return Error::new(ErrorKind::InvalidUrl, "invalid URL").with_source(&error);
        }
        if error.is_timeout() && error.is_connect() {
            return Error::timeout(Phase::Connect, self.connect_timeout);
        }
        if self.proxy.is_some() && causes(&error).any(|cause| is_proxy_auth(&cause.to_string())) {
            return self.proxy_auth().with_source(&error);
        }
        if error.is_connect() {
            let message = if self.proxy.is_some() {
                "cannot connect through the proxy"
            } else {
                "cannot connect"
            };
            return Error::new(ErrorKind::Connect, message).with_source(&error);
        }
        Error::new(
            ErrorKind::Interrupted,
            "the connection closed before the response arrived",
        )
        .with_source(&error)
    }
}

/// Matches on the text because these error types are private in hyper-util; a test covers each.
fn is_proxy_auth(text: &str) -> bool {
    [
        "proxy authorization required",
        "does not support user/pass authentication",
        "implements authentication incorrectly",
        "credentials not accepted",
    ]
    .iter()
    .any(|message| text.contains(message))
}

/// An error, followed by its causes.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error: &&'a (dyn StdError + 'static)| {
        error.source()
    })
}

impl fmt::Debug for Transports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transports")
            .field("proxy", &self.proxy)
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::Method;
    use url::Url;

    fn transports(proxy: Option<&str>) -> Transports {
        let proxy = proxy.map(|proxy| Proxy::parse(proxy).unwrap());
        Transports::new(
            proxy,
            Duration::from_secs(5),
            HeaderValue::from_static("test"),
        )
    }

    fn get(url: &str) -> Outgoing {
        Outgoing {
            method: Method::GET,
            url: Url::parse(url).unwrap(),
            headers: HeaderMap::new(),
            body: None,
        }
    }

    #[tokio::test]
    async fn plain_http_does_not_load_the_root_certificates() {
        let outgoing = get("http://127.0.0.1:1/");
        for proxy in [
            None,
            Some("http://127.0.0.1:1"),
            Some("socks5://127.0.0.1:1"),
        ] {
            let transports = transports(proxy);
            transports.send(&outgoing, false).await.unwrap_err();
            assert!(!transports.verifier.is_loaded(), "{proxy:?}");
        }
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_loopback_is_blocked_while_connecting() {
        // Sent directly, so the check of the URL does not reject the name first.
        let outgoing = get("http://localhost:9/");
        let error = transports(None).send(&outgoing, true).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Blocked, "{error:?}");
        let error = transports(None).send(&outgoing, false).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
    }
}
