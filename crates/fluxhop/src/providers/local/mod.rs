//! FLUX weights on this machine as a provider, drawn with by [`fluxhop_engine`].
//!
//! A device (the processor, a GPU) computes for one batch at a time: one thread works for each,
//! behind a queue that all providers on it share. Requests of equal model, size, steps and guidance
//! that wait together are drawn together. A model stays in memory after a picture, until another is
//! asked for or nobody has asked for it for a while. Dropping the stream takes the request out of
//! the queue, or stops the drawing at the engine's next block of work.

mod backend;
mod describe;
mod device;
mod error;
mod events;
mod queue;
mod weights;

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use async_stream::try_stream;
use fluxhop_engine::{DeviceKind, ModelInfo, NoiseType};
use futures_util::StreamExt;

use crate::encode::{self, Effort};
use crate::hub::Cache;
use crate::{
    Error, ErrorKind, Event, EventStream, GeneratedImage, ImageFormat, Picture, Provider,
    ProviderInfo, Request, ResolvedRequest, Result, Timings,
};

use backend::Model;
use device::Device;
pub(crate) use device::Devices;
use events::WorkerEvent;
use queue::{QueuedRequest, Shape};
pub(crate) use weights::check as check_weights;

/// The name of the provider that is there without any settings.
pub const NAME: &str = "local";

/// How long a model stays in memory after a picture, where nothing else is said.
pub const UNLOAD_AFTER: Duration = Duration::from_mins(5);

/// What a [`Local`] provider is made from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LocalOptions {
    /// The name by which it is asked for.
    pub name: String,
    /// The names of the models that it draws, the first its default; empty for those that the
    /// weights say of themselves.
    pub models: Vec<String>,
    /// A folder or a file, or the name of a model that was pulled.
    pub weights: String,
    /// Where pulled models are.
    pub cache: Option<Cache>,
    /// What computes.
    pub device: DeviceKind,
    /// The type whose noise a seed means; that of the files where none is named.
    pub noise: Option<NoiseType>,
    /// How many threads compute; one for each processor core where none are named.
    pub threads: Option<usize>,
    /// How long the model stays in memory after a picture.
    pub unload_after: Duration,
}

impl LocalOptions {
    /// A provider `name` of these weights, on the processor.
    pub fn new(name: impl Into<String>, weights: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            models: Vec::new(),
            weights: weights.into(),
            cache: None,
            device: DeviceKind::Cpu,
            noise: None,
            threads: None,
            unload_after: UNLOAD_AFTER,
        }
    }
}

/// FLUX weights on this machine.
#[derive(Clone)]
pub struct Local {
    shared: Arc<Shared>,
}

struct Shared {
    options: LocalOptions,
    device: Arc<Device>,
    /// What it says of itself, from when that was first asked.
    info: OnceLock<ProviderInfo>,
    /// The model, once its files were found.
    found: Mutex<Option<Found>>,
}

/// A model whose files were looked at.
#[derive(Clone)]
struct Found {
    facts: ModelInfo,
    model: Arc<Model>,
}

impl Local {
    /// The provider; nothing is read before it is asked something.
    pub fn new(options: LocalOptions) -> Self {
        Self::on(options, &Devices::default())
    }

    /// The provider, whose device is one with that of others.
    pub(crate) fn on(options: LocalOptions, devices: &Devices) -> Self {
        let device = devices.device(&options.device);
        let shared = Shared {
            options,
            device,
            info: OnceLock::new(),
            found: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }
}

impl Shared {
    /// The model, looked at once; where its files are not there it is looked for again.
    fn found(&self) -> Result<Found> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = &*found {
            return Ok(found.clone());
        }
        let options = &self.options;
        let path = weights::path(&options.weights, options.cache.as_ref())?;
        let (facts, model) = backend::look(options, path)?;
        let model = Arc::new(model);
        *found = Some(Found { facts, model });
        found
            .clone()
            .ok_or_else(|| Error::new(ErrorKind::Internal, "the model is lost"))
    }
}

impl Provider for Local {
    fn info(&self) -> &ProviderInfo {
        let shared = &self.shared;
        shared.info.get_or_init(|| {
            let found = shared.found().ok();
            describe::info(&shared.options, found.as_ref().map(|found| &found.facts))
        })
    }

    fn generate(&self, request: Request) -> EventStream {
        let shared = Arc::clone(&self.shared);
        let info = self.info().clone();
        try_stream! {
            let began = Instant::now();
            yield Event::Attempt { provider: info.name.clone(), number: 1 };
            let model = info.resolve(&request.model)?.to_owned();
            let format = request.format.unwrap_or(ImageFormat::Png);
            let looking = Arc::clone(&shared);
            // Where the files are not there, a bad request is still told as one.
            let found = match blocking(move || looking.found()).await {
                Ok(found) => found,
                Err(error) => {
                    request.resolve(&info.capabilities)?;
                    Err(error)?;
                    return;
                }
            };
            let resolved = request.resolve(&describe::capabilities(&shared.options, Some(&found.facts)))?;
            encode::writable(format)?;
            for notice in &resolved.notices {
                yield Event::Notice(notice.clone());
            }
            let (queued, mut told) = QueuedRequest::new(found.model, shape(&resolved), drawings(&resolved));
            shared.device.push(queued)?;
            let mut drawn = 0;
            while let Some(told) = told.recv().await {
                match told? {
                    WorkerEvent::Event(event) => yield event,
                    WorkerEvent::Preview(_) if !request.previews => {}
                    WorkerEvent::Preview(picture) => {
                        let preview = encoded(picture, ImageFormat::Png, Effort::Little).await?;
                        yield Event::Preview(preview);
                    }
                    WorkerEvent::Drawn { index, picture, started, drawing } => {
                        let mut image = GeneratedImage::new(&info.name, &model, &resolved.prompt);
                        image.picture = Some(encoded(picture, format, Effort::Usual).await?);
                        image.seed = resolved.seed_of(index);
                        image.timings = Timings {
                            queued: Some(started.duration_since(began)),
                            drawing: Some(drawing),
                            total: Some(began.elapsed()),
                        };
                        drawn += 1;
                        yield Event::Image(image);
                        if drawn == resolved.count {
                            return;
                        }
                    }
                }
            }
            Err(Error::new(ErrorKind::Internal, "the engine's thread ended amid the drawing"))?;
        }
        .boxed()
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Local").field(&self.shared.options).finish()
    }
}

/// What of a plan must be equal for two requests to be drawn together.
fn shape(resolved: &ResolvedRequest) -> Shape {
    let side = |side: Option<u32>| side.map_or(0, |side| side as usize);
    Shape {
        width: side(resolved.width),
        height: side(resolved.height),
        steps: resolved.steps.map(|steps| steps as usize),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the engine computes in f32"
        )]
        guidance: resolved.guidance.map(|guidance| guidance as f32),
    }
}

/// Each picture's prompt and seed.
fn drawings(resolved: &ResolvedRequest) -> Vec<fluxhop_engine::ImageRequest> {
    let drawing = |index| fluxhop_engine::ImageRequest {
        prompt: resolved.prompt.clone(),
        seed: resolved.seed_of(index).unwrap_or_default(),
    };
    (0..resolved.count).map(drawing).collect()
}

async fn encoded(
    picture: fluxhop_engine::Picture,
    format: ImageFormat,
    effort: Effort,
) -> Result<Picture> {
    blocking(move || {
        encode::rgb(
            (picture.width, picture.height, &picture.rgb),
            format,
            effort,
        )
    })
    .await
}

/// Runs what takes a while where it holds up no other request.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        Err(Error::new(ErrorKind::Internal, "the work on a picture broke off").with_source(error))
    })
}

#[cfg(test)]
mod tests;
