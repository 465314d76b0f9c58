//! What draws on a device's thread: a pipeline of the engine, or a script in tests.

use std::path::PathBuf;
use std::time::Duration;

use fluxhop_engine::{Job, ModelInfo, Observer, Options, Picture, Pipeline};

use super::LocalOptions;
use super::error::translate;
use crate::Result;

/// Draws; made, used and dropped on the device's thread.
pub(super) trait Backend {
    /// The pictures of a job, in its order.
    fn draw(&mut self, job: &Job, observer: &dyn Observer) -> fluxhop_engine::Result<Vec<Picture>>;
}

impl Backend for Pipeline {
    fn draw(&mut self, job: &Job, observer: &dyn Observer) -> fluxhop_engine::Result<Vec<Picture>> {
        Pipeline::draw(self, job, observer)
    }
}

/// A model as the device's thread knows it: how it is opened, and how long it is kept.
pub(super) struct Model {
    pub(super) open: Open,
    pub(super) unload_after: Duration,
}

pub(super) type Open = Box<dyn Fn() -> fluxhop_engine::Result<Box<dyn Backend>> + Send + Sync>;

/// Looks at a model's files; no weight is read.
pub(super) fn look(options: &LocalOptions, path: PathBuf) -> Result<(ModelInfo, Model)> {
    let mut engine = Options::default();
    engine.device = options.device;
    engine.noise = options.noise;
    engine.threads = options.threads;
    let facts = ModelInfo::read(&path).map_err(translate)?;
    let open = move || {
        let pipeline = Pipeline::open(&path, engine.clone())?;
        Ok(Box::new(pipeline) as Box<dyn Backend>)
    };
    let model = Model {
        open: Box::new(open),
        unload_after: options.unload_after,
    };
    Ok((facts, model))
}
