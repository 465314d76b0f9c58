//! Building and sending a request.

use std::fmt;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Serialize;
use url::{Url, form_urlencoded};

use crate::client::Client;
use crate::error::{Error, ErrorKind, Phase, redacted};
use crate::outgoing::Outgoing;
use crate::response::Response;
use crate::secret::Secret;
use crate::{guard, headers, redirect};

/// The default of [`RequestBuilder::timeout`].
const HEAD_TIMEOUT: Duration = Duration::from_mins(1);

/// A request being built. [`send`](Self::send) reports the first error made while building it.
#[must_use = "a request is not sent until `send` is called"]
pub struct RequestBuilder {
    client: Client,
    outgoing: Result<Outgoing, Error>,
    timeout: Duration,
    guard: Guard,
    same_origin_only: bool,
}

/// Which of a request's URLs must have a public host.
#[derive(Clone, Copy)]
enum Guard {
    None,
    Redirects,
    All,
}

impl RequestBuilder {
    pub(crate) fn new(client: Client, method: Method, url: &Url) -> Self {
        let headers = HeaderMap::new();
        let outgoing = Outgoing {
            method,
            url: url.clone(),
            headers,
            body: None,
        };
        Self {
            client,
            outgoing: Ok(outgoing),
            timeout: HEAD_TIMEOUT,
            guard: Guard::None,
            same_origin_only: false,
        }
    }

    fn change(mut self, change: impl FnOnce(&mut Outgoing) -> Result<(), Error>) -> Self {
        self.outgoing = self.outgoing.and_then(|mut outgoing| {
            change(&mut outgoing).map_err(|error| error.with_url(&outgoing.url))?;
            Ok(outgoing)
        });
        self
    }

    /// Sets a header, replacing an earlier one of the same name.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.change(|outgoing| headers::set(&mut outgoing.headers, name, value))
    }

    /// Sets `Authorization: Bearer …`. It is sent to the URL's origin only.
    pub fn bearer(self, token: &Secret) -> Self {
        self.header(
            AUTHORIZATION.as_str(),
            &format!("Bearer {}", token.expose()),
        )
    }

    /// Sets the body to `value` as JSON.
    pub fn json(self, value: &impl Serialize) -> Self {
        self.change(|outgoing| {
            let body = serde_json::to_vec(value).map_err(|error| {
                Error::new(ErrorKind::Internal, "cannot serialize the request as JSON")
                    .with_source(&error)
            })?;
            outgoing
                .headers
                .entry(CONTENT_TYPE)
                .or_insert(HeaderValue::from_static("application/json"));
            outgoing.body = Some(body.into());
            Ok(())
        })
    }

    /// Sets the body to a form, `application/x-www-form-urlencoded`.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        self.change(|outgoing| {
            let body = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish();
            outgoing
                .headers
                .entry(CONTENT_TYPE)
                .or_insert(HeaderValue::from_static(
                    "application/x-www-form-urlencoded",
                ));
            outgoing.body = Some(body.into());
            Ok(())
        })
    }

    /// Limits the time until the response headers arrive, including redirects; 60 s by default.
    /// Reading the body has separate limits.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Fails with [`ErrorKind::Blocked`] unless every host is public. Private, loopback and other
    /// special addresses are rejected, whether literal, resolved from a name, or reached by a
    /// redirect. Use it for every URL that the caller did not choose.
    ///
    /// A proxy resolves names itself, so only literal addresses and `localhost` are rejected if one
    /// is configured.
    pub fn guarded(mut self) -> Self {
        self.guard = Guard::All;
        self
    }

    /// Like [`guarded`](Self::guarded), but only for redirects to another host, and only if the
    /// URL itself is not known to be private: a public server cannot redirect into this machine's
    /// network, while a private one may redirect to another. Use it for URLs that the caller chose.
    pub fn guarded_on_redirect(mut self) -> Self {
        self.guard = Guard::Redirects;
        self
    }

    /// Does not follow redirects to another origin; `send` returns the redirect response instead.
    pub fn same_origin_only(mut self) -> Self {
        self.same_origin_only = true;
        self
    }

    /// Sends the request, follows up to 5 redirects, and returns once the response headers arrive.
    ///
    /// A redirect to another origin (scheme, host or port) keeps only harmless headers: never
    /// `Authorization`, `Cookie` or a custom header.
    pub async fn send(self) -> Result<Response, Error> {
        let outgoing = self.outgoing?;
        let url = outgoing.url.clone();
        // Boxed because the future is large and callers hold it long after it has completed.
        let exchange = Box::pin(exchange(
            &self.client,
            outgoing,
            self.guard,
            self.same_origin_only,
        ));
        match tokio::time::timeout(self.timeout, exchange).await {
            Ok(result) => result,
            Err(_elapsed) => Err(Error::timeout(Phase::Head, self.timeout).with_url(&url)),
        }
    }
}

async fn exchange(
    client: &Client,
    mut outgoing: Outgoing,
    guard: Guard,
    same_origin_only: bool,
) -> Result<Response, Error> {
    let initial = outgoing.url.clone();
    let is_guarded = |url: &Url| match guard {
        Guard::None => false,
        Guard::Redirects => url.host() != initial.host() && guard::check_url(&initial).is_ok(),
        Guard::All => true,
    };
    if !is_guarded(&initial)
        && (!matches!(outgoing.url.scheme(), "http" | "https") || !outgoing.url.has_host())
    {
        let message = format!(
            "the scheme {:?} is not http or https",
            outgoing.url.scheme()
        );
        return Err(Error::new(ErrorKind::InvalidUrl, message).with_url(&outgoing.url));
    }
    for _ in 0..=redirect::MAX_REDIRECTS {
        let guarded = is_guarded(&outgoing.url);
        if guarded {
            guard::check_url(&outgoing.url)?;
        }
        let response = client.exchange_once(&outgoing, guarded).await?;
        let status = response.status().as_u16();
        let Some(location) = redirect::location(status, response.headers()) else {
            return Ok(Response::new(response));
        };
        redirect::follow(&mut outgoing, status, location)?;
        if same_origin_only && outgoing.url.origin() != initial.origin() {
            return Ok(Response::new(response));
        }
    }
    let message = format!("more than {} redirects", redirect::MAX_REDIRECTS);
    Err(Error::new(ErrorKind::Redirect, message).with_url(&outgoing.url))
}

impl fmt::Debug for RequestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outgoing {
            Ok(outgoing) => write!(
                f,
                "RequestBuilder({} {})",
                outgoing.method,
                redacted(&outgoing.url)
            ),
            Err(error) => write!(f, "RequestBuilder({error:?})"),
        }
    }
}
