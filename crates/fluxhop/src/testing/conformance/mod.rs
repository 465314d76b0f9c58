//! A conformance suite that every provider must pass.
//!
//! ```
//! use fluxhop::testing::{MockProvider, conformance};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! conformance::check(|| MockProvider::new("fake"), conformance::Options::new()).await;
//! # });
//! ```

mod events;
mod images;
mod validation;

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use tokio::time::timeout;

use crate::{
    Capabilities, ErrorKind, Event, GeneratedImage, ImageFormat, Picture, Provider, Request,
    Result as ProviderResult,
};

/// Options of the conformance suite.
#[non_exhaustive]
pub struct Options {
    capabilities: Option<Capabilities>,
    request: Request,
    limit: Duration,
    cancelled: Option<Cancelled>,
}

type Cancelled = Box<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    /// The defaults: the provider's own capabilities and size, and a limit of 60 s per check.
    pub fn new() -> Self {
        Self {
            capabilities: None,
            request: Request::new("a cat wearing a hat"),
            limit: Duration::from_mins(1),
            cancelled: None,
        }
    }

    /// Overrides the capabilities, for a provider that discovers its own when first used.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = Some(capabilities);
        self
    }

    /// Sets the request that every check starts from, e.g. with a small size or few steps to save
    /// time.
    #[must_use]
    pub fn with_request(mut self, request: Request) -> Self {
        self.request = request;
        self
    }

    /// Sets the time limit of each check.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Sets a function that returns whether the work was cancelled upstream, and may wait for that. It
    /// is called after a stream was dropped at its first event other than `Attempt`,
    /// `Notice` and `Skipped`.
    #[must_use]
    pub fn with_cancelled<F>(mut self, cancelled: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        self.cancelled = Some(Box::new(move || Box::pin(cancelled())));
        self
    }
}

/// Runs every check that applies to the provider's capabilities. Checks call `provider` to create
/// the providers they need.
///
/// # Panics
///
/// If a check fails; the message lists all failures.
pub async fn check<P: Provider + 'static>(provider: impl Fn() -> P, options: Options) {
    let failures = failures(provider, options).await;
    assert!(
        failures.is_empty(),
        "the provider does not conform:\n{}",
        failures.join("\n")
    );
}

/// Runs every check and returns one line per failed check.
pub async fn failures<P: Provider + 'static>(
    provider: impl Fn() -> P,
    options: Options,
) -> Vec<String> {
    let subject = Subject {
        provider: Box::new(move || Arc::new(provider())),
        options,
    };
    let mut failures = Vec::new();
    macro_rules! run {
        ($($check:path),+ $(,)?) => {$({
            let result = timeout(subject.options.limit, $check(&subject)).await;
            let result = result.unwrap_or_else(|_| Err("did not finish within the limit".to_owned()));
            if let Err(message) = result {
                failures.push(format!("- {}: {message}", stringify!($check)));
            }
        })+};
    }
    run![
        events::info_is_consistent,
        events::events_are_in_order,
        events::several_images_are_delivered,
        events::names_resolve,
        events::dropping_cancels,
        images::a_fixed_seed_draws_the_same_picture,
        images::a_random_seed_is_reported_and_reproducible,
        images::concurrent_requests_do_not_interfere,
        images::sizes_follow_the_rule,
        images::the_requested_format_is_used,
        images::previews_are_emitted_only_if_requested,
        images::a_url_is_reported_without_a_download,
        validation::invalid_prompts_are_rejected,
        validation::out_of_range_numbers_are_rejected,
        validation::an_unknown_model_is_rejected,
    ];
    failures
}

/// The result of one check; the error describes the violation.
type CheckResult = Result<(), String>;

/// The provider under test.
struct Subject<'a> {
    provider: Box<dyn Fn() -> Arc<dyn Provider> + 'a>,
    options: Options,
}

impl Subject<'_> {
    fn provider(&self) -> Arc<dyn Provider> {
        (self.provider)()
    }

    fn request(&self) -> Request {
        self.options.request.clone()
    }

    fn capabilities(&self) -> Capabilities {
        let capabilities = self.options.capabilities.clone();
        capabilities.unwrap_or_else(|| self.provider().info().capabilities.clone())
    }

    async fn events(&self, request: Request) -> Vec<ProviderResult<Event>> {
        self.provider().generate(request).collect().await
    }

    /// The images of a request that must succeed.
    async fn images(&self, request: Request) -> Result<Vec<GeneratedImage>, String> {
        let mut images = Vec::new();
        for event in self.events(request).await {
            match event {
                Ok(Event::Image(image)) => images.push(image),
                Ok(_) => {}
                Err(error) => return Err(format!("a valid request failed: {error}")),
            }
        }
        Ok(images)
    }

    /// The single image of a request that must succeed.
    async fn image(&self, request: Request) -> Result<GeneratedImage, String> {
        let mut images = self.images(request).await?;
        expect("the number of images", &images.len(), &1)?;
        Ok(images.remove(0))
    }

    /// Checks that a request fails because of an invalid `field`, without an image.
    async fn expect_rejected(
        &self,
        field: &'static str,
        what: &str,
        request: Request,
    ) -> CheckResult {
        let events = self.events(request).await;
        if events
            .iter()
            .any(|event| matches!(event, Ok(Event::Image(_))))
        {
            return Err(format!("{what} was accepted"));
        }
        match events.last() {
            Some(Err(error)) => expect(
                &format!("the error for {what} ({error})"),
                error.kind(),
                &ErrorKind::InvalidRequest { field },
            ),
            _ => Err(format!("{what} did not return an error")),
        }
    }
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, actual: &T, expected: &T) -> CheckResult {
    if actual == expected {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, got {actual:?}"))
}

fn ensure(condition: bool, message: &str) -> CheckResult {
    condition.then_some(()).ok_or_else(|| message.to_owned())
}

fn picture(image: &GeneratedImage) -> Result<&Picture, String> {
    image
        .picture
        .as_ref()
        .ok_or_else(|| "the image was not downloaded".to_owned())
}

/// The decoded pixels, because the metadata in the file may vary.
fn pixels(image: &GeneratedImage) -> Result<Vec<u8>, String> {
    let picture = picture(image)?;
    if picture.format == ImageFormat::Avif {
        return Ok(picture.bytes.to_vec());
    }
    let decoded = image::load_from_memory(&picture.bytes).map_err(to_text)?;
    Ok(decoded.into_rgba8().into_raw())
}

fn to_text(error: impl Display) -> String {
    error.to_string()
}
