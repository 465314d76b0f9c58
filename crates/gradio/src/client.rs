//! A client for one Space, with its credentials and limits.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fluxhop_http::{BodyLimits, EventLimits, RequestBuilder, Response, Secret};
use fluxhop_hub::{Hub, HubOptions, may_receive_token};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use crate::api::{Config, Info};
use crate::error::excerpt;
use crate::error_response::{error_response, looks_like_page};
use crate::{Address, Api, Call, Error, ErrorKind, FileRef, Result};

/// The maximum size of `/config` and `/info`, which are a few hundred kilobytes for large apps.
const MAX_DOCUMENT_SIZE: u64 = 32 << 20;
/// The maximum size of a response to an API request, which holds an id or an error.
const MAX_RESPONSE_SIZE: u64 = 64 << 10;

/// A client for one Gradio server; cheap to clone.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: fluxhop_http::Client,
    base: Url,
    prefix: String,
    options: Options,
    config: OnceCell<Config>,
    api: OnceCell<Api>,
}

/// Options of a [`Client`].
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// A hub token, for private Spaces and the user's own quota; sent only to the Space.
    pub token: Option<Secret>,
    /// The login of an app that has its own user accounts.
    pub login: Option<Login>,
    /// Time and size limits.
    pub limits: Limits,
    /// The hub that resolves `owner/name`.
    pub hub: HubOptions,
}

/// A user name and its password.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: Secret,
}

impl Login {
    /// Creates a login.
    pub fn new(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            user: user.into(),
            password: password.into(),
        }
    }
}

/// Time and size limits of one call. The HTTP client limits the time to connect.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// The time until the response headers arrive, and until a call's first event other than a
    /// heartbeat; 60 s by default.
    pub first_event: Duration,
    /// The maximum time between two chunks of an event stream; 45 s by default, three times Gradio's
    /// heartbeat interval.
    pub idle: Duration,
    /// The time for the complete call; 600 s by default.
    pub total: Duration,
    /// The maximum size of one event, in bytes; 16 MiB by default.
    pub event_bytes: usize,
    /// The maximum size of a file, in bytes; 64 MiB by default.
    pub download_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first_event: Duration::from_mins(1),
            idle: Duration::from_secs(45),
            total: Duration::from_mins(10),
            event_bytes: 16 << 20,
            download_bytes: 64 << 20,
        }
    }
}

impl Limits {
    /// The limits on a body of at most `bytes`.
    fn body(&self, bytes: u64) -> BodyLimits {
        BodyLimits::default()
            .with_bytes(bytes)
            .with_idle(self.idle)
            .with_total(self.total)
    }
}

impl Client {
    /// Resolves the address, logs in if a login is set, and reads the API prefix from `/config`.
    pub async fn connect(
        http: fluxhop_http::Client,
        address: &Address,
        mut options: Options,
    ) -> Result<Self> {
        let base = match (address.base(), address.space()) {
            (Some(base), _) => base.clone(),
            (None, Some(space)) => {
                let hub = Hub::new(http.clone(), options.hub.clone());
                let base = hub.locate(space).await?;
                // The token is meant for the hub, which may return any host.
                if !may_receive_token(&options.hub.endpoint, &base) {
                    options.token = None;
                }
                base
            }
            (None, None) => {
                return Err(Error::new(
                    ErrorKind::InvalidAddress,
                    "the address is empty",
                ));
            }
        };
        let at_root = Self::assume(http, base, "", options);
        at_root.login().await?;
        let config: Config = at_root.document("config").await?;
        let major = config.version.split('.').next().map(str::parse::<u32>);
        if matches!(major, Some(Ok(major)) if major < 4) {
            let message = format!(
                "Gradio {} is too old (Gradio 4 or later is required)",
                config.version
            );
            return Err(Error::new(ErrorKind::NotGradio { status: 200 }, message));
        }
        let Inner {
            http,
            base,
            options,
            ..
        } = &*at_root.0;
        Ok(Self(Arc::new(Inner {
            http: http.clone(),
            base: base.clone(),
            prefix: config
                .api_prefix
                .as_deref()
                .unwrap_or_default()
                .trim_end_matches('/')
                .to_owned(),
            options: options.clone(),
            config: OnceCell::new_with(Some(config)),
            api: OnceCell::new(),
        })))
    }

    /// Creates a client for a Space whose prefix is known (`/gradio_api`, or empty for Gradio 4),
    /// without sending a request.
    pub fn assume(http: fluxhop_http::Client, base: Url, prefix: &str, options: Options) -> Self {
        Self(Arc::new(Inner {
            http,
            base,
            prefix: prefix.to_owned(),
            options,
            config: OnceCell::new(),
            api: OnceCell::new(),
        }))
    }

    /// The server's root, ending in `/`.
    pub fn base(&self) -> &Url {
        &self.0.base
    }

    /// The path prefix of the API: `/gradio_api` since Gradio 5, empty before.
    pub fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// The server's endpoints, fetched once.
    pub async fn api(&self) -> Result<&Api> {
        let fetch = || async {
            let config = self.config().await?;
            let info: Info = self.document("info").await?;
            Ok(Api::new(config, &info))
        };
        self.0.api.get_or_try_init(fetch).await
    }

    /// Calls an endpoint with its arguments in order. Nothing is sent until the call is polled.
    ///
    /// If there are too few arguments, the server reports an error in the call's events. Extra
    /// arguments are accepted.
    pub fn call(&self, endpoint: &str, values: Vec<Value>) -> Call {
        Call::new(
            self.clone(),
            endpoint.trim_start_matches('/').to_owned(),
            values,
        )
    }

    /// The URL that the file is downloaded from; `None` if the reference contains the file itself.
    pub fn file_url(&self, file: &FileRef) -> Result<Option<Url>> {
        match file.inline() {
            Some(_) => Ok(None),
            None => file
                .download_url(&self.0.base, &self.0.prefix)
                .map(|download| Some(download.url)),
        }
    }

    /// Downloads a file of a result.
    ///
    /// Credentials are sent only to the Space's own origin. Other URLs go through the address guard,
    /// so that a Space cannot reach this machine's private network.
    pub async fn download(&self, file: &FileRef) -> Result<Bytes> {
        let limits = self.limits();
        if let Some(bytes) = file.inline() {
            return bytes.map(Bytes::from);
        }
        let download = file.download_url(&self.0.base, &self.0.prefix)?;
        let request = if download.is_same_origin {
            self.authorize(self.0.http.get(&download.url))
        } else {
            self.0.http.get(&download.url).guarded()
        };
        let response = request.timeout(limits.first_event).send().await?;
        if !response.is_success() {
            let status = response.status();
            let error = error_response(response, "the image file").await;
            // For an expired file, Gradio 4 returns 404, and Gradio 5 and 6 return 403.
            let is_gone = matches!(status, 403 | 404 | 410);
            return Err(if is_gone {
                error.with_kind(ErrorKind::Lost)
            } else {
                error
            });
        }
        let body = limits.body(limits.download_bytes);
        Ok(response.bytes(body).await?)
    }

    pub(crate) fn limits(&self) -> Limits {
        self.0.options.limits
    }

    pub(crate) fn http(&self) -> &fluxhop_http::Client {
        &self.0.http
    }

    /// Logs in, if a login is set. The session cookie is kept in the HTTP client.
    async fn login(&self) -> Result<()> {
        let Some(Login { user, password }) = &self.0.options.login else {
            return Ok(());
        };
        let form = [("username", user.as_str()), ("password", password.expose())];
        let url = self.url("login")?;
        let limit = self.limits().first_event;
        let response = self
            .authorize(self.0.http.post(&url))
            .form(&form)
            .timeout(limit)
            .send()
            .await?;
        match response.status() {
            200..=299 => Ok(()),
            400 | 401 => {
                let message = format!("the Space rejected the login of `{user}`");
                Err(Error::new(ErrorKind::Unauthorized, message))
            }
            _ => Err(error_response(response, "the login").await),
        }
    }

    /// `/config`, fetched once; it is at the root regardless of the prefix.
    pub(crate) async fn config(&self) -> Result<&Config> {
        self.0
            .config
            .get_or_try_init(|| self.document("config"))
            .await
    }

    async fn document<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T> {
        let url = if name == "config" {
            self.url(name)?
        } else {
            self.api_url(name)?
        };
        let limits = self.limits();
        let request = self
            .authorize(self.0.http.get(&url))
            .timeout(limits.first_event);
        let response = request.send().await?;
        if !response.is_success() {
            return Err(error_response(response, &format!("/{name}")).await);
        }
        let status = response.status();
        let bytes = response.bytes(limits.body(MAX_DOCUMENT_SIZE)).await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let head = excerpt(&String::from_utf8_lossy(&bytes[..bytes.len().min(120)]));
            let message = format!("expected Gradio's /{name} at {url}, got `{head}`");
            Error::new(ErrorKind::NotGradio { status }, message).with_source(error)
        })
    }

    /// Sends `body` to a path of the API and returns the response's JSON.
    pub(crate) async fn post(&self, path: &str, body: &impl Serialize) -> Result<Value> {
        let url = self.api_url(path)?;
        let limits = self.limits();
        let request = self.authorize(self.0.http.post(&url)).json(body);
        let response = request.timeout(limits.first_event).send().await?;
        if !response.is_success() {
            return Err(error_response(response, &format!("/{path}")).await);
        }
        let status = response.status();
        let bytes = response.bytes(limits.body(MAX_RESPONSE_SIZE)).await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let text = String::from_utf8_lossy(&bytes);
            let message = format!("expected JSON from {url}, got `{}`", excerpt(&text));
            let kind = if looks_like_page(&text) {
                ErrorKind::NotGradio { status }
            } else {
                ErrorKind::Protocol
            };
            Error::new(kind, message).with_source(error)
        })
    }

    /// Opens an event stream. A response that is not an event stream is the inner `Err`.
    pub(crate) async fn events(
        &self,
        path: &str,
        query: Option<(&str, &str)>,
    ) -> Result<Result<fluxhop_http::EventStream, Response>> {
        let mut url = self.api_url(path)?;
        if let Some((name, value)) = query {
            url.query_pairs_mut().append_pair(name, value);
        }
        let limits = self.limits();
        let request = self
            .authorize(self.0.http.get(&url))
            .header("accept", "text/event-stream");
        let response = request.timeout(limits.first_event).send().await?;
        let is_stream = response
            .content_type()
            .is_some_and(|media_type| media_type.starts_with("text/event-stream"));
        if !response.is_success() || !is_stream {
            return Ok(Err(response));
        }
        let limits = EventLimits::default()
            .with_event_bytes(limits.event_bytes)
            .with_idle(limits.idle);
        Ok(Ok(response.events(limits)))
    }

    /// Prepares a request to the Space's own origin: guards it against redirects into a private
    /// network and adds the token. The hub's proxy accepts the token in either header; behind an
    /// app's own login it must be in the second.
    fn authorize(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.guarded_on_redirect();
        match &self.0.options.token {
            Some(token) => request
                .bearer(token)
                .header("x-hf-authorization", &format!("Bearer {}", token.expose())),
            None => request,
        }
    }

    fn url(&self, path: &str) -> Result<Url> {
        self.0.base.join(path).map_err(|error| {
            let message = format!("`{}` is not a path of a Space", excerpt(path));
            Error::new(ErrorKind::InvalidAddress, message).with_source(error)
        })
    }

    fn api_url(&self, path: &str) -> Result<Url> {
        self.url(format!("{}/{path}", self.0.prefix).trim_start_matches('/'))
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({}, prefix {:?})", self.0.base, self.0.prefix)
    }
}
