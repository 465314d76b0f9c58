//! A request, from its parts to the response's head.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Serialize;
use url::{Url, form_urlencoded};

use crate::client::Client;
use crate::deadline::{Elapsed, within};
use crate::error::{Error, ErrorKind, Phase, redacted};
use crate::response::Response;
use crate::secret::Secret;
use crate::{guard, headers, redirect};

/// How long [`RequestBuilder::send`] waits for the response's head unless told otherwise.
const HEAD_TIMEOUT: Duration = Duration::from_mins(1);

/// A request in the making. The first mistake in it is reported by [`send`](Self::send).
#[must_use = "a request is sent by `send`"]
pub struct RequestBuilder {
    client: Client,
    outgoing: Result<Outgoing, Error>,
    timeout: Duration,
    guard: Guard,
    stays: bool,
}

/// Which of a request's URLs must be a public host's.
#[derive(Clone, Copy)]
enum Guard {
    None,
    Redirects,
    All,
}

/// What is sent, and sent again after a redirect.
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
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
            stays: false,
        }
    }

    fn change(mut self, change: impl FnOnce(&mut Outgoing) -> Result<(), Error>) -> Self {
        self.outgoing = self.outgoing.and_then(|mut outgoing| {
            change(&mut outgoing).map_err(|error| error.with_url(&outgoing.url))?;
            Ok(outgoing)
        });
        self
    }

    /// Sets a header, in place of an earlier one of that name.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.change(|outgoing| headers::set(&mut outgoing.headers, name, value))
    }

    /// Sets `Authorization: Bearer …`. It goes to the URL's own origin only.
    pub fn bearer(self, token: &Secret) -> Self {
        self.header(
            AUTHORIZATION.as_str(),
            &format!("Bearer {}", token.expose()),
        )
    }

    /// Sends `value` as JSON.
    pub fn json(self, value: &impl Serialize) -> Self {
        self.change(|outgoing| {
            let body = serde_json::to_vec(value).map_err(|error| {
                Error::new(ErrorKind::Internal, "the request cannot be written as JSON")
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

    /// Sends fields as a form, `application/x-www-form-urlencoded`.
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

    /// Limits the time until the response's head is there, redirects included (60 s by default).
    /// The body has limits of its own.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Refuses with [`ErrorKind::Blocked`] whatever is not a public host: private, loopback and
    /// other special addresses, as literals, by name, or behind a redirect. For every URL that
    /// came from elsewhere.
    ///
    /// Behind a proxy, names are resolved by the proxy, so only literal addresses and `localhost`
    /// are refused here.
    pub fn guarded(mut self) -> Self {
        self.guard = Guard::All;
        self
    }

    /// Refuses likewise what a redirect leads to on another host, where the URL itself is not known
    /// to be private: a public server cannot make this machine read its own network, and one within
    /// that network may send on to another. For URLs that the caller chose.
    pub fn guarded_on_redirect(mut self) -> Self {
        self.guard = Guard::Redirects;
        self
    }

    /// Follows no redirect to another origin: the redirect itself is the response then.
    pub fn same_origin_only(mut self) -> Self {
        self.stays = true;
        self
    }

    /// Sends the request, follows up to 5 redirects, and returns with the response's head.
    ///
    /// On a redirect to another origin (scheme, host or port) only harmless headers go along:
    /// never `Authorization`, `Cookie` or any header of the caller's own naming.
    pub async fn send(self) -> Result<Response, Error> {
        let outgoing = self.outgoing?;
        let url = outgoing.url.clone();
        // In a box of its own, for it is large, and callers hold it long after it has ended.
        let exchange = Box::pin(exchange(&self.client, outgoing, self.guard, self.stays));
        match within(self.timeout, exchange).await {
            Ok(result) => result,
            Err(Elapsed) => Err(Error::timeout(Phase::Head, self.timeout).with_url(&url)),
        }
    }
}

async fn exchange(
    client: &Client,
    mut outgoing: Outgoing,
    guard: Guard,
    stays: bool,
) -> Result<Response, Error> {
    let chosen = outgoing.url.clone();
    let is_guarded = |url: &Url| match guard {
        Guard::None => false,
        Guard::Redirects => url.host() != chosen.host() && guard::check_url(&chosen).is_ok(),
        Guard::All => true,
    };
    if !is_guarded(&chosen)
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
        if stays && outgoing.url.origin() != chosen.origin() {
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
