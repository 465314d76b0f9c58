//! A device and its worker thread, which draws batches from a queue and keeps one model loaded.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use fluxhop_engine::{DeviceKind, ErrorKind as Engine, Event as EngineEvent, Job, Observer};

use super::backend::{Backend, Model};
use super::error::from_engine;
use super::events::WorkerEvent;
use super::queue::{Batch, BatchItem, QueuedRequest, next_batch, send_positions};
use crate::{Error, ErrorKind, Event, Result};

/// Devices by name; providers on the same device share its queue.
#[derive(Default)]
pub(crate) struct Devices(Mutex<BTreeMap<String, Arc<Device>>>);

impl Devices {
    pub(super) fn device(&self, kind: &DeviceKind) -> Arc<Device> {
        let mut devices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = kind.to_string();
        let device = devices
            .entry(name)
            .or_insert_with_key(|name| Arc::new(Device::new(name)));
        Arc::clone(device)
    }
}

/// A device: a queue, and a worker thread that starts with the first request.
pub(super) struct Device {
    name: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<QueuedRequest>,
    drawing: bool,
    closed: bool,
    thread: Option<JoinHandle<()>>,
}

impl Device {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            shared: Arc::default(),
        }
    }

    /// Puts a request at the end of the queue.
    pub(super) fn push(&self, queued: QueuedRequest) -> Result<()> {
        let mut state = self.shared.lock();
        let is_running = state
            .thread
            .as_ref()
            .is_some_and(|thread| !thread.is_finished());
        if !is_running {
            state.drawing = false;
            let shared = Arc::clone(&self.shared);
            let thread = std::thread::Builder::new().name(format!("fluxhop {}", self.name));
            let thread = thread.spawn(move || run_worker(&shared)).map_err(|error| {
                let message = "cannot start the worker thread";
                Error::new(ErrorKind::Internal, message).with_source(error)
            })?;
            state.thread = Some(thread);
        }
        state.waiting.retain(|queued| !queued.is_closed());
        state.waiting.push_back(queued);
        if state.drawing || state.waiting.len() > 1 {
            send_positions(&state.waiting);
        }
        self.shared.changed.notify_one();
        Ok(())
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // The thread then drops its model and exits.
        self.shared.lock().closed = true;
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The loaded model.
struct Loaded {
    model: Arc<Model>,
    backend: Box<dyn Backend>,
    /// When to unload it unless it is used again; `None` if that overflows an `Instant`.
    until: Option<Instant>,
}

/// The worker thread: draws batches until the device is dropped.
fn run_worker(shared: &Shared) {
    let mut loaded: Option<Loaded> = None;
    let mut state = shared.lock();
    while !state.closed {
        if let Some(batch) = next_batch(&mut state.waiting) {
            state.drawing = true;
            send_positions(&state.waiting);
            drop(state);
            serve(&batch, &mut loaded);
            state = shared.lock();
            state.drawing = false;
            continue;
        }
        let now = Instant::now();
        state = match loaded.as_ref().and_then(|loaded| loaded.until) {
            Some(until) if until <= now => {
                drop(state);
                unload(&mut loaded);
                shared.lock()
            }
            Some(until) => {
                let waited = shared.changed.wait_timeout(state, until - now);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => shared
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner),
        };
    }
    drop(state);
    unload(&mut loaded);
}

/// Draws a batch and sends its images, or the error, to its requests.
fn serve(batch: &Batch, loaded: &mut Option<Loaded>) {
    // A panic leaves the model in an unknown state, so it is unloaded. The engine's own threads
    // (rayon) forward their panics to this one.
    let result = catch_unwind(AssertUnwindSafe(|| draw_batch(batch, loaded)));
    let error = match result {
        Ok(Ok(())) => return,
        Ok(Err(error)) => from_engine(error),
        Err(_) => {
            unload(loaded);
            Error::new(ErrorKind::Internal, "the engine panicked")
        }
    };
    for item in first_items(&batch.items) {
        item.sender.fail(error.clone());
    }
}

/// Draws a batch with its model, loading it in place of another if necessary.
fn draw_batch(batch: &Batch, loaded: &mut Option<Loaded>) -> fluxhop_engine::Result<()> {
    let started = Instant::now();
    let (model, items) = (&batch.model, batch.items.as_slice());
    send_lossy(items, || WorkerEvent::Event(Event::Started));
    let is_loaded = |loaded: &Loaded| Arc::ptr_eq(&loaded.model, model);
    if !loaded.as_ref().is_some_and(is_loaded) {
        // Two models may not fit in memory, so the old one is dropped first.
        *loaded = None;
        send_lossy(items, || progress("loading the model"));
    }
    let current = match loaded {
        Some(current) => current,
        none => none.insert(Loaded {
            model: Arc::clone(model),
            backend: (model.open)()?,
            until: None,
        }),
    };
    let result = draw(&mut *current.backend, batch.shape, items, started);
    current.until = Instant::now().checked_add(model.unload_after);
    result
}

/// Drops the model; a panic while it is dropped does not end the thread.
fn unload(loaded: &mut Option<Loaded>) {
    let loaded = loaded.take();
    let _ = catch_unwind(AssertUnwindSafe(|| drop(loaded)));
}

/// Draws images together, or one by one if they do not fit in memory together.
fn draw(
    backend: &mut dyn Backend,
    shape: super::Shape,
    items: &[BatchItem],
    started: Instant,
) -> fluxhop_engine::Result<()> {
    let images = items.iter().map(|item| item.image.clone()).collect();
    let mut job = Job::new(images, shape.width, shape.height);
    job.steps = shape.steps;
    job.guidance = shape.guidance;
    job.previews = items.iter().any(|item| item.is_first && item.previews);
    let pictures = match backend.draw(&job, &BatchObserver { items }) {
        Err(error) if *error.kind() == Engine::Memory && items.len() > 1 => {
            return items
                .chunks(1)
                .try_for_each(|item| draw(backend, shape, item, Instant::now()));
        }
        pictures => pictures?,
    };
    let duration = started.elapsed();
    for (item, picture) in items.iter().zip(pictures) {
        item.sender.send(WorkerEvent::Image {
            index: item.index,
            picture,
            started,
            duration,
        });
    }
    Ok(())
}

/// Forwards the engine's events to the requests of a batch.
struct BatchObserver<'a> {
    items: &'a [BatchItem],
}

impl Observer for BatchObserver<'_> {
    fn on_event(&self, event: EngineEvent) {
        match event {
            EngineEvent::Encoding => send_lossy(self.items, || progress("encoding the prompt")),
            EngineEvent::Step { step, of } => send_lossy(self.items, || {
                WorkerEvent::Event(Event::Progress {
                    step: Some(step as u64),
                    of: Some(of as u64),
                    stage: None,
                })
            }),
            EngineEvent::Preview { index, picture } => {
                let item = self.items.get(index);
                if let Some(item) = item.filter(|item| item.is_first && item.previews) {
                    item.sender.send_lossy(|| WorkerEvent::Preview(picture));
                }
            }
            EngineEvent::Decoding { index, .. } => {
                if let Some(item) = self.items.get(index) {
                    item.sender.send_lossy(|| progress("decoding"));
                }
            }
            EngineEvent::Notice { index, text } => {
                if let Some(item) = self.items.get(index).filter(|item| item.index == 0) {
                    item.sender.send(WorkerEvent::Event(Event::Notice(text)));
                }
            }
            _ => {}
        }
    }

    fn is_cancelled(&self) -> bool {
        self.items.iter().all(|item| item.sender.is_closed())
    }
}

fn progress(stage: &str) -> WorkerEvent {
    WorkerEvent::Event(Event::Progress {
        step: None,
        of: None,
        stage: Some(stage.to_owned()),
    })
}

/// The first item of each request.
fn first_items(items: &[BatchItem]) -> impl Iterator<Item = &BatchItem> {
    items.iter().filter(|item| item.is_first)
}

fn send_lossy(items: &[BatchItem], event: impl Fn() -> WorkerEvent) {
    for item in first_items(items) {
        item.sender.send_lossy(&event);
    }
}
