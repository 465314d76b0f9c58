//! A device and its thread: it takes batches from the queue, keeps a model, and lets it go.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use fluxhop_engine::{DeviceKind, ErrorKind as Engine, Event as EngineEvent, Job, Observer};

use super::backend::{Backend, Model};
use super::error::translate;
use super::events::WorkerEvent;
use super::queue::{Batch, BatchItem, QueuedRequest, next, tell_places};
use crate::{Error, ErrorKind, Event, Result};

/// The devices of this process, one for each name: providers on the same one share its queue.
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

/// A device: its queue, and the thread that works for it from the first request on.
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
        let is_alive = state
            .thread
            .as_ref()
            .is_some_and(|thread| !thread.is_finished());
        if !is_alive {
            state.drawing = false;
            let shared = Arc::clone(&self.shared);
            let thread = std::thread::Builder::new().name(format!("fluxhop {}", self.name));
            let thread = thread.spawn(move || work(&shared)).map_err(|error| {
                let message = "the engine's thread cannot be started";
                Error::new(ErrorKind::Internal, message).with_source(error)
            })?;
            state.thread = Some(thread);
        }
        state.waiting.retain(|queued| !queued.sender().is_gone());
        state.waiting.push_back(queued);
        if state.drawing || state.waiting.len() > 1 {
            tell_places(&state.waiting);
        }
        self.shared.changed.notify_one();
        Ok(())
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // The thread lets its model go and ends; nobody waits for that.
        self.shared.lock().closed = true;
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The model that is in memory.
struct Loaded {
    model: Arc<Model>,
    backend: Box<dyn Backend>,
    /// When it is let go unless it is asked for before; absent where that is too far to count.
    until: Option<Instant>,
}

fn work(shared: &Shared) {
    let mut loaded: Option<Loaded> = None;
    let mut state = shared.lock();
    while !state.closed {
        if let Some(batch) = next(&mut state.waiting) {
            state.drawing = true;
            tell_places(&state.waiting);
            drop(state);
            serve(batch, &mut loaded);
            state = shared.lock();
            state.drawing = false;
            continue;
        }
        let now = Instant::now();
        state = match loaded.as_ref().and_then(|loaded| loaded.until) {
            Some(until) if until <= now => {
                drop(state);
                loaded = None;
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
}

/// Draws a batch with its model, which it loads in place of another; tells of it.
fn serve(batch: Batch, loaded: &mut Option<Loaded>) {
    let Batch {
        model,
        shape,
        items,
    } = batch;
    let started = Instant::now();
    mention(&items, || WorkerEvent::Event(Event::Started));
    if loaded
        .as_ref()
        .is_none_or(|loaded| !Arc::ptr_eq(&loaded.model, &model))
    {
        // First the one, then the other: two may not fit.
        *loaded = None;
        mention(&items, || progress("loading the model"));
        match (model.open)() {
            Ok(backend) => {
                let (model, until) = (Arc::clone(&model), None);
                *loaded = Some(Loaded {
                    model,
                    backend,
                    until,
                });
            }
            Err(error) => return fail(&items, &translate(error)),
        }
    }
    let Some(current) = loaded else { return };
    // The work panics only by a fault of its own; the model is in an unknown state then.
    let drawn = catch_unwind(AssertUnwindSafe(|| {
        draw(&mut *current.backend, shape, &items, started)
    }));
    match drawn {
        Ok(Ok(())) => {}
        Ok(Err(error)) => fail(&items, &translate(error)),
        Err(_) => {
            *loaded = None;
            fail(
                &items,
                &Error::new(ErrorKind::Internal, "the engine failed unexpectedly"),
            );
            return;
        }
    }
    current.until = Instant::now().checked_add(model.unload_after);
}

/// Draws pictures together, or one by one where they do not fit into memory together.
fn draw(
    backend: &mut dyn Backend,
    shape: super::Shape,
    items: &[BatchItem],
    started: Instant,
) -> fluxhop_engine::Result<()> {
    let job = Job {
        drawings: items.iter().map(|item| item.drawing.clone()).collect(),
        width: shape.width,
        height: shape.height,
        steps: shape.steps,
        guidance: shape.guidance,
        previews: true,
    };
    let pictures = match backend.draw(&job, &BatchObserver { items }) {
        Err(error) if *error.kind() == Engine::Memory && items.len() > 1 => {
            return items
                .chunks(1)
                .try_for_each(|item| draw(backend, shape, item, Instant::now()));
        }
        pictures => pictures?,
    };
    let drawing = started.elapsed();
    for (item, picture) in items.iter().zip(pictures) {
        item.sender.tell(WorkerEvent::Drawn {
            index: item.index,
            picture,
            started,
            drawing,
        });
    }
    Ok(())
}

/// Those who wait for the pictures of a batch.
struct BatchObserver<'a> {
    items: &'a [BatchItem],
}

impl Observer for BatchObserver<'_> {
    fn tell(&self, news: EngineEvent) {
        match news {
            EngineEvent::Encoding => mention(self.items, || progress("reading the prompt")),
            EngineEvent::Step { step, of } => mention(self.items, || {
                WorkerEvent::Event(Event::Progress {
                    step: Some(step as u64),
                    of: Some(of as u64),
                    stage: None,
                })
            }),
            EngineEvent::Preview { drawing, picture } => {
                if let Some(item) = self.items.get(drawing).filter(|item| item.leads) {
                    item.sender.mention(|| WorkerEvent::Preview(picture));
                }
            }
            EngineEvent::Decoding { drawing, .. } => {
                if let Some(item) = self.items.get(drawing) {
                    item.sender.mention(|| progress("decoding"));
                }
            }
            EngineEvent::Notice { drawing, text } => {
                if let Some(item) = self.items.get(drawing).filter(|item| item.index == 0) {
                    item.sender.tell(WorkerEvent::Event(Event::Notice(text)));
                }
            }
            _ => {}
        }
    }

    fn is_cancelled(&self) -> bool {
        self.items.iter().all(|item| item.sender.is_gone())
    }
}

fn progress(stage: &str) -> WorkerEvent {
    WorkerEvent::Event(Event::Progress {
        step: None,
        of: None,
        stage: Some(stage.to_owned()),
    })
}

/// One picture of each request.
fn leading(items: &[BatchItem]) -> impl Iterator<Item = &BatchItem> {
    items.iter().filter(|item| item.leads)
}

fn mention(items: &[BatchItem], told: impl Fn() -> WorkerEvent) {
    for item in leading(items) {
        item.sender.mention(&told);
    }
}

fn fail(items: &[BatchItem], error: &Error) {
    for item in leading(items) {
        item.sender.fail(error.clone());
    }
}
