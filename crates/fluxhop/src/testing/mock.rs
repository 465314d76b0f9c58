//! A provider whose behaviour is scripted by the test.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_stream::stream;
use futures_util::StreamExt;
use tokio::time::sleep;

use crate::{
    Capabilities, Error, Event, EventStream, GeneratedImage, ImageFormat, Picture, Provider,
    ProviderInfo, Request, ResolvedRequest, Result, SeedRange, SizeRule, StepRange, encode,
};

/// A provider that follows one list of [`Step`]s per call; the last list repeats.
///
/// It emits [`Event::Attempt`] by itself, records each request when its stream is first polled, and
/// counts the streams that are dropped before their end. Clones share the records.
///
/// ```
/// use fluxhop::testing::{MockProvider, Step};
/// use fluxhop::{Error, ErrorKind, ProviderExt, Request};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let asleep = Error::new(ErrorKind::Unavailable, "asleep");
/// let mock = MockProvider::new("fake").then([Step::Fail(asleep)]).then([Step::Draw]);
/// assert!(mock.draw(Request::new("a cat")).await.is_err());
/// assert!(mock.draw(Request::new("a cat")).await.is_ok());
/// assert_eq!(mock.calls(), 2);
/// # });
/// ```
#[derive(Clone)]
pub struct MockProvider {
    info: ProviderInfo,
    scripts: Vec<Vec<Step>>,
    record: Arc<Record>,
}

#[derive(Default)]
struct Record {
    requests: Mutex<Vec<Request>>,
    dropped: AtomicUsize,
}

/// A step of a [`MockProvider`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Step {
    /// Emits the event; a preview only if the request has previews enabled.
    Emit(Event),
    /// Waits for this long.
    Wait(Duration),
    /// Returns the error and ends the stream.
    Fail(Error),
    /// Never completes.
    Hang,
    /// Generates the requested images; each depends only on prompt, seed and size.
    Draw,
}

impl MockProvider {
    /// Creates a provider that generates images immediately unless steps are added.
    ///
    /// It supports sizes from 32 to 1024 pixels in multiples of 8, 1 to 50 steps, seeds of 31 bits,
    /// and up to 4 images.
    pub fn new(name: impl Into<String>) -> Self {
        let mut info = ProviderInfo::new(name, "drawing");
        info.model_aliases = vec![("pencil".to_owned(), "drawing".to_owned())];
        info.capabilities = Capabilities {
            size: Some(SizeRule::new(8, 32, 1024, 64)),
            steps: Some(StepRange::new(1, 50, 2)),
            seed: Some(SeedRange::new((1 << 31) - 1)),
            max_count: 4,
            ..Capabilities::default()
        };
        Self {
            info,
            scripts: Vec::new(),
            record: Arc::default(),
        }
    }

    /// Adds the steps of the next call.
    #[must_use]
    pub fn then(mut self, steps: impl Into<Vec<Step>>) -> Self {
        self.scripts.push(steps.into());
        self
    }

    /// Modifies its [`ProviderInfo`].
    #[must_use]
    pub fn with_info(mut self, change: impl FnOnce(&mut ProviderInfo)) -> Self {
        change(&mut self.info);
        self
    }

    /// The number of streams that were polled.
    pub fn calls(&self) -> usize {
        self.requests().len()
    }

    /// The requests received, in the order in which their streams were first polled.
    pub fn requests(&self) -> Vec<Request> {
        let requests = &self.record.requests;
        requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The number of streams that were polled and then dropped before their end.
    pub fn dropped(&self) -> usize {
        self.record.dropped.load(Ordering::SeqCst)
    }

    /// Records the request and returns its steps.
    fn start_call(&self, request: &Request) -> Vec<Step> {
        let mut requests = self
            .record
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let call = requests.len();
        requests.push(request.clone());
        let last = self.scripts.len().saturating_sub(1);
        let steps = self.scripts.get(call.min(last)).cloned();
        steps.unwrap_or_else(|| vec![Step::Draw])
    }

    fn resolve(&self, request: &Request) -> Result<(String, ResolvedRequest)> {
        if let Some(format) = request.format {
            encode::writable(format)?;
        }
        let model = self.info.resolve(&request.model)?.to_owned();
        Ok((model, request.resolve(&self.info.capabilities)?))
    }
}

impl Provider for MockProvider {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn generate(&self, request: Request) -> EventStream {
        let mock = self.clone();
        stream! {
            let steps = mock.start_call(&request);
            let mut guard = DropGuard { record: Arc::clone(&mock.record), finished: false };
            yield Ok(Event::Attempt { provider: mock.info.name.clone(), number: 1 });
            for step in steps {
                match step {
                    Step::Emit(Event::Preview(_)) if !request.previews => {}
                    Step::Emit(event) => yield Ok(event),
                    Step::Wait(time) => sleep(time).await,
                    Step::Hang => std::future::pending().await,
                    Step::Fail(error) => {
                        guard.finished = true;
                        yield Err(error);
                        return;
                    }
                    Step::Draw => {
                        let (model, resolved) = match mock.resolve(&request) {
                            Ok(resolved) => resolved,
                            Err(error) => {
                                guard.finished = true;
                                yield Err(error);
                                return;
                            }
                        };
                        for notice in &resolved.notices {
                            yield Ok(Event::Notice(notice.clone()));
                        }
                        for index in 0..resolved.count {
                            let image = mock.image(&request, &model, &resolved, index);
                            guard.finished = image.is_err() || index + 1 == resolved.count;
                            let failed = image.is_err();
                            yield image.map(Event::Image);
                            if failed {
                                return;
                            }
                        }
                    }
                }
            }
            guard.finished = true;
        }
        .boxed()
    }
}

impl MockProvider {
    fn image(
        &self,
        request: &Request,
        model: &str,
        resolved: &ResolvedRequest,
        index: u32,
    ) -> Result<GeneratedImage> {
        let mut image = GeneratedImage::new(&self.info.name, model, &resolved.prompt);
        image.seed = resolved.seed_of(index);
        if request.download {
            let side = |side: Option<u32>| side.unwrap_or(64);
            let seed = image.seed.unwrap_or_default();
            let png = picture(
                &resolved.prompt,
                seed,
                side(resolved.width),
                side(resolved.height),
            )?;
            let format = request.format.unwrap_or(png.format);
            image.picture = Some(encode::convert(&png, format)?);
        } else {
            image.url = Some(format!("https://example.com/{index}.png"));
        }
        Ok(image)
    }
}

/// Counts streams that are dropped before their end.
struct DropGuard {
    record: Arc<Record>,
    finished: bool,
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if !self.finished {
            self.record.dropped.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Generates a PNG of `width` × `height` pixels that depends only on the arguments.
pub fn picture(prompt: &str, seed: u64, width: u32, height: u32) -> Result<Picture> {
    let values = prompt.bytes().map(u64::from).chain([seed]);
    let seed = values.fold(0, |hash: u64, value| {
        hash.rotate_left(5) ^ value.wrapping_mul(0x9E37_79B9)
    });
    let mut random = fastrand::Rng::with_seed(seed);
    let pixels = image::GrayImage::from_fn(width, height, |_, _| image::Luma([random.u8(..)]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    pixels
        .write_to(&mut bytes, image::ImageFormat::Png)
        .map_err(|error| {
            Error::new(crate::ErrorKind::Internal, "cannot encode the image").with_source(error)
        })?;
    let picture = Picture::read(bytes.into_inner().into())?;
    debug_assert_eq!(picture.format, ImageFormat::Png);
    Ok(picture)
}
