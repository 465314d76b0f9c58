//! FLUX weights on this machine, run by [`fluxhop_engine`].
//!
//! Each device (the CPU, a GPU) has one worker thread and one queue, which all providers on that
//! device share. Waiting requests with the same model, size, steps and guidance are drawn in one
//! batch. The model stays in memory after a batch until a request for another model arrives or
//! [`LocalOptions::unload_after`] has passed. Dropping the stream removes the request from the
//! queue, or cancels it between two blocks of the model.

mod backend;
mod describe;
mod device;
mod error;
mod events;
mod queue;
mod weights;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_stream::try_stream;
pub use fluxhop_engine::{DeviceKind, NoiseType};
use fluxhop_engine::{ImageRequest, ModelInfo};
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

/// The name of the provider that exists without any settings.
pub const NAME: &str = "local";

/// How long a model stays in memory after a batch, by default.
pub const UNLOAD_AFTER: Duration = Duration::from_mins(5);

/// Options of a [`Local`] provider.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LocalOptions {
    /// The provider's name.
    pub name: String,
    /// The names of its models, the default first; if empty, the name of the weights.
    pub models: Vec<String>,
    /// A folder, a file, or the name of a downloaded model.
    pub weights: String,
    /// The cache of downloaded models.
    pub cache: Option<Cache>,
    /// The device to compute on.
    pub device: DeviceKind,
    /// The data type of the initial noise; by default, that of the weights.
    pub noise: Option<NoiseType>,
    /// The number of threads; by default, one per core.
    pub threads: Option<usize>,
    /// How long the model stays in memory after a batch.
    pub unload_after: Duration,
}

impl LocalOptions {
    /// Options for a provider called `name` that runs `weights` on the CPU.
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
///
/// [`info`](Provider::info) reads no files: it reports the options with the defaults of
/// FLUX.1-schnell, whether or not the weights exist. [`describe`](Self::describe) reads the model's
/// files; a request is validated against these.
#[derive(Clone)]
pub struct Local {
    info: Arc<ProviderInfo>,
    shared: Arc<Shared>,
}

struct Shared {
    options: LocalOptions,
    device: Arc<Device>,
    /// The model, once its files have been found.
    inspected: Mutex<Option<Inspected>>,
}

/// A model whose configuration has been read.
#[derive(Clone)]
struct Inspected {
    info: ModelInfo,
    model: Arc<Model>,
}

impl Local {
    /// Creates the provider without reading any file.
    pub fn new(options: LocalOptions) -> Self {
        Self::with_devices(options, &Devices::default())
    }

    /// Creates the provider on a device that it shares with others.
    pub(crate) fn with_devices(options: LocalOptions, devices: &Devices) -> Self {
        let info = Arc::new(describe::info(&options, None));
        let device = devices.device(&options.device);
        let shared = Arc::new(Shared {
            options,
            device,
            inspected: Mutex::default(),
        });
        Self { info, shared }
    }

    /// Describes the provider from its model's files. Reads their configuration and headers but no
    /// weights; blocks the current thread.
    ///
    /// Fails with [`ErrorKind::Unavailable`] if the files are missing or unusable.
    pub fn describe(&self) -> Result<ProviderInfo> {
        let inspected = self.shared.inspect()?;
        Ok(describe::info(&self.shared.options, Some(&inspected.info)))
    }
}

impl Shared {
    /// Finds the model and reads its configuration; blocks. Only success is cached, so missing files
    /// are looked up again.
    fn inspect(&self) -> Result<Inspected> {
        let mut cached = self
            .inspected
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(inspected) = &*cached {
            return Ok(inspected.clone());
        }
        let path = weights::path(&self.options.weights, self.options.cache.as_ref())?;
        let (info, model) = backend::inspect(&self.options, path)?;
        let model = Arc::new(model);
        Ok(cached.insert(Inspected { info, model }).clone())
    }
}

impl Provider for Local {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    fn generate(&self, request: Request) -> EventStream {
        let shared = Arc::clone(&self.shared);
        let info = Arc::clone(&self.info);
        try_stream! {
            let created = Instant::now();
            yield Event::Attempt { provider: info.name.clone(), number: 1 };
            let format = request.format.unwrap_or(ImageFormat::Png);
            let inspecting = Arc::clone(&shared);
            let inspected = match blocking(move || inspecting.inspect()).await {
                Ok(inspected) => inspected,
                Err(error) => {
                    // An invalid request is reported as such even if the weights are missing.
                    info.resolve(&request.model)?;
                    request.resolve(&info.capabilities)?;
                    Err(error)?;
                    return;
                }
            };
            let described = describe::info(&shared.options, Some(&inspected.info));
            let model = match described.resolve(&request.model) {
                Ok(model) => model.to_owned(),
                // The name was valid before the files were read.
                Err(error) if info.resolve(&request.model).is_err() => Err(error)?,
                Err(_) => described.default_model.clone(),
            };
            let resolved = request.resolve(&described.capabilities)?;
            encode::writable(format)?;
            for notice in &resolved.notices {
                yield Event::Notice(notice.clone());
            }
            let (queued, mut events) = QueuedRequest::new(
                inspected.model,
                shape(&resolved),
                images(&resolved),
                request.previews,
            );
            shared.device.push(queued)?;
            let mut delivered = 0;
            while let Some(event) = events.recv().await {
                match event? {
                    WorkerEvent::Event(event) => yield event,
                    WorkerEvent::Preview(picture) => {
                        let preview = encode_picture(picture, ImageFormat::Png, Effort::Fast);
                        yield Event::Preview(preview.await?);
                    }
                    WorkerEvent::Image { index, picture, started, duration } => {
                        let mut image = GeneratedImage::new(&info.name, &model, &resolved.prompt);
                        let picture = encode_picture(picture, format, Effort::Default);
                        image.picture = Some(picture.await?);
                        image.seed = resolved.seed_of(index);
                        image.timings = Timings {
                            queued: Some(started.duration_since(created)),
                            drawing: Some(duration),
                            total: Some(created.elapsed()),
                        };
                        delivered += 1;
                        yield Event::Image(image);
                        if delivered == resolved.count {
                            return;
                        }
                    }
                }
            }
            Err(Error::new(ErrorKind::Internal, "the worker thread ended before the last image"))?;
        }
        .boxed()
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Local").field(&self.shared.options).finish()
    }
}

/// The parameters that requests must share to be drawn in one batch.
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

/// The prompt and seed of each image.
fn images(resolved: &ResolvedRequest) -> Vec<ImageRequest> {
    let image = |index| {
        let seed = resolved.seed_of(index).unwrap_or_default();
        ImageRequest::new(&resolved.prompt, seed)
    };
    (0..resolved.count).map(image).collect()
}

async fn encode_picture(
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

/// Runs blocking work on a blocking thread.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let result = tokio::task::spawn_blocking(work).await;
    result.unwrap_or_else(|error| {
        Err(Error::new(ErrorKind::Internal, "a blocking task failed").with_source(error))
    })
}

#[cfg(test)]
mod tests;
