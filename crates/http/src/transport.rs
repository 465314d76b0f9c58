//! The HTTP library's clients, made when they are first needed, and its errors.

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, COOKIE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use url::Url;

use crate::cookies::Cookies;
use crate::error::{Error, ErrorKind, Phase};
use crate::guard::{GuardedResolver, Refused};
use crate::proxy::Proxy;
use crate::request::Outgoing;

/// Up to four clients of the HTTP library, which share one cookie jar of our own.
///
/// Reading the system's roots of trust takes milliseconds and memory, so plain `http` has a client
/// without them. A resolver belongs to a client, so guarded requests have clients of their own,
/// and by that connections of their own.
pub(crate) struct Transports {
    proxy: Option<Proxy>,
    connect_timeout: Duration,
    user_agent: HeaderValue,
    cookies: Cookies,
    plain: OnceLock<reqwest::Client>,
    plain_guarded: OnceLock<reqwest::Client>,
    tls: OnceLock<reqwest::Client>,
    tls_guarded: OnceLock<reqwest::Client>,
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
            plain: OnceLock::new(),
            plain_guarded: OnceLock::new(),
            tls: OnceLock::new(),
            tls_guarded: OnceLock::new(),
        }
    }

    /// The client for a URL. Two threads that need it first at the same time may both make it; one
    /// of the two is kept.
    fn client(&self, url: &Url, guarded: bool) -> Result<&reqwest::Client, Error> {
        let needs_tls = url.scheme() == "https" || self.proxy.as_ref().is_some_and(Proxy::is_https);
        // Through a proxy there is no name to resolve here but the proxy's, which may be private.
        let guarded = guarded && self.proxy.is_none();
        let slot = match (needs_tls, guarded) {
            (false, false) => &self.plain,
            (false, true) => &self.plain_guarded,
            (true, false) => &self.tls,
            (true, true) => &self.tls_guarded,
        };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = self.build(needs_tls, guarded)?;
        Ok(slot.get_or_init(|| client))
    }

    fn build(&self, needs_tls: bool, guarded: bool) -> Result<reqwest::Client, Error> {
        let internal = |error: &(dyn StdError + 'static)| {
            Error::new(ErrorKind::Internal, "the HTTP client cannot be made").with_source(error)
        };
        // Without this header a server may compress as it likes (RFC 9110, section 12.5.3).
        let identity = (ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let mut builder = reqwest::Client::builder()
            .default_headers(HeaderMap::from_iter([identity]))
            // The environment is the command's to read.
            .no_proxy()
            .redirect(Policy::none())
            .user_agent(self.user_agent.clone())
            .connect_timeout(self.connect_timeout)
            .tls_backend_preconfigured(tls_config(needs_tls).map_err(|error| internal(&error))?);
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

    /// Sends one request and returns with its response's head.
    pub(crate) async fn send(
        &self,
        outgoing: &Outgoing,
        guarded: bool,
    ) -> Result<reqwest::Response, Error> {
        let url = &outgoing.url;
        let client = self.client(url, guarded)?;
        let mut target = url.clone();
        if outgoing.headers.contains_key(AUTHORIZATION) {
            // The library would send the URL's user as a second `Authorization`.
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
        self.cookies.keep(response.headers(), url);
        let asked_proxy =
            url.scheme() == "http" && self.proxy.as_ref().is_some_and(Proxy::speaks_http);
        if asked_proxy && response.status() == reqwest::StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            return Err(self.proxy_auth().with_url(url));
        }
        Ok(response)
    }

    fn proxy_auth(&self) -> Error {
        let gave = self.proxy.as_ref().is_some_and(Proxy::has_credentials);
        let message = if gave {
            "the proxy refuses the user or password"
        } else {
            "the proxy wants a user and password"
        };
        Error::new(ErrorKind::ProxyAuth, message)
    }

    fn translate(&self, error: reqwest::Error) -> Error {
        let error = error.without_url();
        if let Some(refused) = causes(&error).find_map(|cause| cause.downcast_ref::<Refused>()) {
            return Error::new(ErrorKind::Blocked, refused.to_string());
        }
        if error.is_builder() {
            return Error::new(ErrorKind::InvalidUrl, "the URL cannot be requested")
                .with_source(&error);
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
            ErrorKind::Broken,
            "the connection broke before the response came",
        )
        .with_source(&error)
    }
}

/// The HTTP library keeps the types of these errors to itself; a test pins each text.
fn is_proxy_auth(text: &str) -> bool {
    [
        "proxy authorization required",
        "does not support user/pass authentication",
        "implements authentication incorrectly",
        "credentials not accepted",
    ]
    .iter()
    .any(|known| text.contains(known))
}

/// An error, then its causes.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error: &&'a (dyn StdError + 'static)| {
        error.source()
    })
}

/// A TLS configuration: the platform's verifier (on Linux the system's certificates), or for plain
/// `http` one that trusts nobody, which the HTTP library wants but never uses.
fn tls_config(verifies: bool) -> Result<ClientConfig, rustls::Error> {
    // Given here rather than installed for the whole process, which is the program's to decide.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = if verifies {
        builder.with_platform_verifier()?
    } else {
        builder.with_root_certificates(RootCertStore::empty())
    };
    Ok(builder.with_no_client_auth())
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

    fn transports(proxy: Option<&str>) -> Transports {
        let proxy = proxy.map(|proxy| Proxy::parse(proxy).unwrap());
        Transports::new(
            proxy,
            Duration::from_secs(5),
            HeaderValue::from_static("test"),
        )
    }

    #[test]
    fn plain_http_never_makes_the_client_that_reads_the_roots_of_trust() {
        let http = Url::parse("http://space.example/").unwrap();
        let https = Url::parse("https://space.example/").unwrap();
        for (proxy, url, guarded, makes_tls) in [
            (None, &http, false, false),
            (None, &http, true, false),
            (Some("http://p.example"), &http, true, false),
            (Some("socks5://p.example"), &http, false, false),
            (Some("https://p.example"), &http, false, true),
            (None, &https, false, true),
            (None, &https, true, true),
        ] {
            let transports = transports(proxy);
            transports.client(url, guarded).unwrap();
            let made_tls = transports.tls.get().is_some() || transports.tls_guarded.get().is_some();
            assert_eq!(made_tls, makes_tls, "{proxy:?} {url} {guarded}");
        }
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_this_machine_is_blocked_while_connecting() {
        // Past the check of the URL itself, as any other name would be.
        let url = Url::parse("http://localhost:9/").unwrap();
        let outgoing = Outgoing {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: None,
        };
        let error = transports(None).send(&outgoing, true).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Blocked, "{error:?}");
        let error = transports(None).send(&outgoing, false).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
    }
}
