//! What draws on a device's thread: a pipeline of the engine, or a script in tests.

use std::path::PathBuf;
use std::time::Duration;

use fluxhop_engine::{Facts, Job, Options, Picture, Pipeline, Watcher};

use super::LocalOptions;
use super::failure::translate;
use crate::Result;

/// Draws; made, used and dropped on the device's thread.
pub(super) trait Artist {
    /// The pictures of a job, in its order.
    fn draw(&mut self, job: &Job, watcher: &dyn Watcher) -> fluxhop_engine::Result<Vec<Picture>>;
}

impl Artist for Pipeline {
    fn draw(&mut self, job: &Job, watcher: &dyn Watcher) -> fluxhop_engine::Result<Vec<Picture>> {
        Pipeline::draw(self, job, watcher)
    }
}

/// A model as the device's thread knows it: how it is opened, and how long it is kept.
pub(super) struct Model {
    pub(super) open: Open,
    pub(super) unload_after: Duration,
}

pub(super) type Open = Box<dyn Fn() -> fluxhop_engine::Result<Box<dyn Artist>> + Send + Sync>;

/// Looks at a model's files; no weight is read.
pub(super) fn look(options: &LocalOptions, path: PathBuf) -> Result<(Facts, Model)> {
    let mut engine = Options::default();
    engine.device = options.device;
    engine.noise = options.noise;
    engine.threads = options.threads;
    let facts = Facts::read(&path).map_err(translate)?;
    let open = move || {
        let pipeline = Pipeline::open(&path, engine.clone())?;
        Ok(Box::new(pipeline) as Box<dyn Artist>)
    };
    let model = Model {
        open: Box::new(open),
        unload_after: options.unload_after,
    };
    Ok((facts, model))
}
