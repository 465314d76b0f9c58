//! The drawing backend of a worker thread: the engine's pipeline, or a mock in tests.

use std::path::PathBuf;
use std::time::Duration;

use fluxhop_engine::{Job, ModelInfo, Observer, Options, Picture, Pipeline};

use super::LocalOptions;
use super::error::from_engine;
use crate::Result;

/// Draws images. Created, used and dropped on the worker thread.
pub(super) trait Backend {
    /// Draws a job and returns a picture for each of its images, in order.
    fn draw(&mut self, job: &Job, observer: &dyn Observer) -> fluxhop_engine::Result<Vec<Picture>>;
}

impl Backend for Pipeline {
    fn draw(&mut self, job: &Job, observer: &dyn Observer) -> fluxhop_engine::Result<Vec<Picture>> {
        Pipeline::draw(self, job, observer)
    }
}

/// A model that a worker thread can load.
pub(super) struct Model {
    pub(super) open: Open,
    /// How long it stays loaded after a batch.
    pub(super) unload_after: Duration,
}

pub(super) type Open = Box<dyn Fn() -> fluxhop_engine::Result<Box<dyn Backend>> + Send + Sync>;

/// Reads a model's configuration files, but no weights.
pub(super) fn inspect(options: &LocalOptions, path: PathBuf) -> Result<(ModelInfo, Model)> {
    let mut engine = Options::default();
    engine.device = options.device;
    engine.noise = options.noise;
    engine.threads = options.threads;
    let info = ModelInfo::read(&path).map_err(from_engine)?;
    let open = move || {
        let pipeline = Pipeline::open(&path, engine.clone())?;
        Ok(Box::new(pipeline) as Box<dyn Backend>)
    };
    let model = Model {
        open: Box::new(open),
        unload_after: options.unload_after,
    };
    Ok((info, model))
}
