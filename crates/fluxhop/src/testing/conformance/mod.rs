//! What every provider must do, as one suite that each runs.
//!
//! ```
//! use fluxhop::testing::{MockProvider, conformance};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! conformance::check(|| MockProvider::new("fake"), conformance::Options::new()).await;
//! # });
//! ```

mod answers;
mod pictures;
mod refusals;

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use tokio::time::timeout;

use crate::{
    Capabilities, ErrorKind, Event, GeneratedImage, ImageFormat, Picture, Provider, Request,
    Result as Drawn,
};

/// How the suite asks.
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
    /// By the capabilities that the provider tells, with its default size, and 60 s a check.
    pub fn new() -> Self {
        Self {
            capabilities: None,
            request: Request::new("a cat wearing a hat"),
            limit: Duration::from_mins(1),
            cancelled: None,
        }
    }

    /// By these capabilities, where the provider knows its own only once it was reached.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = Some(capabilities);
        self
    }

    /// Every request begins as this one, which sets a small size, or steps that take little time.
    #[must_use]
    pub fn with_request(mut self, request: Request) -> Self {
        self.request = request;
        self
    }

    /// Limits each check.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Asks, after a stream was dropped at its first event that is not an attempt or a notice,
    /// whether the work was stopped upstream; the answer may take its time.
    #[must_use]
    pub fn with_cancelled<F>(mut self, cancelled: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        self.cancelled = Some(Box::new(move || Box::pin(cancelled())));
        self
    }
}

/// Runs every check on a new provider; the capabilities say which apply.
///
/// # Panics
///
/// Where a check fails: the message names each that did.
pub async fn check<P: Provider + 'static>(provider: impl Fn() -> P, options: Options) {
    let failures = failures(provider, options).await;
    assert!(
        failures.is_empty(),
        "the provider does not conform:\n{}",
        failures.join("\n")
    );
}

/// What the provider does wrong, a line for each check that failed.
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
            let outcome = timeout(subject.options.limit, $check(&subject)).await;
            let outcome = outcome.unwrap_or_else(|_| Err("it did not end in time".to_owned()));
            if let Err(what) = outcome {
                failures.push(format!("- {}: {what}", stringify!($check)));
            }
        })+};
    }
    run![
        answers::information_is_consistent,
        answers::events_come_in_order,
        answers::several_pictures_come_one_by_one,
        answers::names_resolve,
        answers::dropping_cancels,
        pictures::a_fixed_seed_draws_the_same_picture,
        pictures::a_random_seed_is_told_and_draws_again,
        pictures::requests_at_once_do_not_mix,
        pictures::sizes_follow_the_rule,
        pictures::formats_are_as_asked_for,
        pictures::previews_come_only_if_requested,
        pictures::without_a_download_there_is_an_address,
        refusals::prompts_that_say_nothing_are_refused,
        refusals::numbers_out_of_range_are_refused,
        refusals::an_unknown_model_is_refused_with_a_list,
    ];
    failures
}

/// The outcome of one check.
type Outcome = Result<(), String>;

/// The provider that is looked at.
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
        let told = || self.provider().info().capabilities.clone();
        self.options.capabilities.clone().unwrap_or_else(told)
    }

    async fn events(&self, request: Request) -> Vec<Drawn<Event>> {
        self.provider().generate(request).collect().await
    }

    /// The pictures of a request that must be drawn.
    async fn images(&self, request: Request) -> Result<Vec<GeneratedImage>, String> {
        let mut images = Vec::new();
        for event in self.events(request).await {
            match event {
                Ok(Event::Image(image)) => images.push(image),
                Ok(_) => {}
                Err(error) => return Err(format!("a good request failed: {error}")),
            }
        }
        Ok(images)
    }

    /// The one picture of a request that must be drawn.
    async fn image(&self, request: Request) -> Result<GeneratedImage, String> {
        let mut images = self.images(request).await?;
        expect("the number of pictures", &images.len(), &1)?;
        Ok(images.remove(0))
    }

    /// Sends a request that must be refused for `field`, as the last item and without a picture.
    async fn is_refused(&self, field: &'static str, what: &str, request: Request) -> Outcome {
        let events = self.events(request).await;
        if events
            .iter()
            .any(|event| matches!(event, Ok(Event::Image(_))))
        {
            return Err(format!("{what} is drawn"));
        }
        match events.last() {
            Some(Err(error)) => expect(
                &format!("the error for {what} ({error})"),
                error.kind(),
                &ErrorKind::InvalidRequest { field },
            ),
            _ => Err(format!("{what} ends without an error")),
        }
    }
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, seen: &T, meant: &T) -> Outcome {
    if seen == meant {
        return Ok(());
    }
    Err(format!("{what} is {seen:?} instead of {meant:?}"))
}

fn picture(image: &GeneratedImage) -> Result<&Picture, String> {
    image
        .picture
        .as_ref()
        .ok_or_else(|| "there is no picture to a download".to_owned())
}

/// The pixels, for providers that write the time or other parameters into the file.
fn pixels(image: &GeneratedImage) -> Result<Vec<u8>, String> {
    let picture = picture(image)?;
    if picture.format == ImageFormat::Avif {
        return Ok(picture.bytes.to_vec());
    }
    let decoded = image::load_from_memory(&picture.bytes).map_err(says)?;
    Ok(decoded.into_rgba8().into_raw())
}

fn says(error: impl Display) -> String {
    error.to_string()
}
