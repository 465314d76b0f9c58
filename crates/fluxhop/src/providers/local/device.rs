//! A device and its thread: it takes batches from the queue, keeps a model, and lets it go.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use fluxhop_engine::{DeviceKind, ErrorKind as Engine, Job, News, Watcher};

use super::artist::{Artist, Model};
use super::failure::translate;
use super::listener::Told;
use super::queue::{Batch, Piece, Ticket, next, tell_places};
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
    waiting: VecDeque<Ticket>,
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
    pub(super) fn push(&self, ticket: Ticket) -> Result<()> {
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
        state.waiting.retain(|ticket| !ticket.listener().is_gone());
        state.waiting.push_back(ticket);
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
    artist: Box<dyn Artist>,
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
        pieces,
    } = batch;
    let started = Instant::now();
    mention(&pieces, || Told::Event(Event::Started));
    if loaded
        .as_ref()
        .is_none_or(|loaded| !Arc::ptr_eq(&loaded.model, &model))
    {
        // First the one, then the other: two may not fit.
        *loaded = None;
        mention(&pieces, || progress("loading the model"));
        match (model.open)() {
            Ok(artist) => {
                let (model, until) = (Arc::clone(&model), None);
                *loaded = Some(Loaded {
                    model,
                    artist,
                    until,
                });
            }
            Err(error) => return fail(&pieces, &translate(error)),
        }
    }
    let Some(current) = loaded else { return };
    // The work panics only by a fault of its own; the model is in an unknown state then.
    let drawn = catch_unwind(AssertUnwindSafe(|| {
        draw(&mut *current.artist, shape, &pieces, started)
    }));
    match drawn {
        Ok(Ok(())) => {}
        Ok(Err(error)) => fail(&pieces, &translate(error)),
        Err(_) => {
            *loaded = None;
            fail(
                &pieces,
                &Error::new(ErrorKind::Internal, "the engine failed unexpectedly"),
            );
            return;
        }
    }
    current.until = Instant::now().checked_add(model.unload_after);
}

/// Draws pictures together, or one by one where they do not fit into memory together.
fn draw(
    artist: &mut dyn Artist,
    shape: super::Shape,
    pieces: &[Piece],
    started: Instant,
) -> fluxhop_engine::Result<()> {
    let job = Job {
        drawings: pieces.iter().map(|piece| piece.drawing.clone()).collect(),
        width: shape.width,
        height: shape.height,
        steps: shape.steps,
        guidance: shape.guidance,
        previews: true,
    };
    let pictures = match artist.draw(&job, &Audience { pieces }) {
        Err(error) if *error.kind() == Engine::Memory && pieces.len() > 1 => {
            return pieces
                .chunks(1)
                .try_for_each(|piece| draw(artist, shape, piece, Instant::now()));
        }
        pictures => pictures?,
    };
    let drawing = started.elapsed();
    for (piece, picture) in pieces.iter().zip(pictures) {
        piece.listener.tell(Told::Drawn {
            index: piece.index,
            picture,
            started,
            drawing,
        });
    }
    Ok(())
}

/// Those who wait for the pictures of a batch.
struct Audience<'a> {
    pieces: &'a [Piece],
}

impl Watcher for Audience<'_> {
    fn tell(&self, news: News) {
        match news {
            News::Encoding => mention(self.pieces, || progress("reading the prompt")),
            News::Step { step, of } => mention(self.pieces, || {
                Told::Event(Event::Progress {
                    step: Some(step as u64),
                    of: Some(of as u64),
                    stage: None,
                })
            }),
            News::Preview { drawing, picture } => {
                if let Some(piece) = self.pieces.get(drawing).filter(|piece| piece.leads) {
                    piece.listener.mention(|| Told::Preview(picture));
                }
            }
            News::Decoding { drawing, .. } => {
                if let Some(piece) = self.pieces.get(drawing) {
                    piece.listener.mention(|| progress("decoding"));
                }
            }
            News::Notice { drawing, text } => {
                if let Some(piece) = self.pieces.get(drawing).filter(|piece| piece.index == 0) {
                    piece.listener.tell(Told::Event(Event::Notice(text)));
                }
            }
            _ => {}
        }
    }

    fn is_cancelled(&self) -> bool {
        self.pieces.iter().all(|piece| piece.listener.is_gone())
    }
}

fn progress(stage: &str) -> Told {
    Told::Event(Event::Progress {
        step: None,
        of: None,
        stage: Some(stage.to_owned()),
    })
}

/// One picture of each request.
fn leading(pieces: &[Piece]) -> impl Iterator<Item = &Piece> {
    pieces.iter().filter(|piece| piece.leads)
}

fn mention(pieces: &[Piece], told: impl Fn() -> Told) {
    for piece in leading(pieces) {
        piece.listener.mention(&told);
    }
}

fn fail(pieces: &[Piece], error: &Error) {
    for piece in leading(pieces) {
        piece.listener.fail(error.clone());
    }
}
