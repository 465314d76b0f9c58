//! The requests that wait for a device, and which of them are drawn together.

use std::collections::VecDeque;
use std::sync::Arc;

use fluxhop_engine::ImageRequest;
use tokio::sync::mpsc::Receiver;

use super::backend::Model;
use super::events::{EventSender, WorkerEvent};
use crate::{Event, Result};

/// The most pictures that are drawn together.
const TOGETHER: usize = 4;

/// What must be equal for pictures to be drawn together, beside the model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) steps: Option<usize>,
    pub(super) guidance: Option<f32>,
}

/// A request that waits: for its first picture, or between two of them.
pub(super) struct QueuedRequest {
    model: Arc<Model>,
    shape: Shape,
    /// Pictures that are not begun.
    left: VecDeque<(u32, ImageRequest)>,
    begun: bool,
    sender: EventSender,
}

/// Pictures to draw together.
pub(super) struct Batch {
    pub(super) model: Arc<Model>,
    pub(super) shape: Shape,
    pub(super) items: Vec<BatchItem>,
}

/// A picture of a batch, and who waits for it.
pub(super) struct BatchItem {
    pub(super) index: u32,
    pub(super) drawing: ImageRequest,
    pub(super) sender: EventSender,
    /// Whether it is the first of its request's in this batch.
    pub(super) leads: bool,
}

impl QueuedRequest {
    /// A request, and what is told of it.
    pub(super) fn new(
        model: Arc<Model>,
        shape: Shape,
        drawings: Vec<ImageRequest>,
    ) -> (Self, Receiver<Result<WorkerEvent>>) {
        let (sender, told) = EventSender::new(drawings.len());
        let queued = Self {
            model,
            shape,
            left: (0..).zip(drawings).collect(),
            begun: false,
            sender,
        };
        (queued, told)
    }

    /// Who waits for it.
    pub(super) fn sender(&self) -> &EventSender {
        &self.sender
    }

    fn is_like(&self, batch: &Batch) -> bool {
        Arc::ptr_eq(&self.model, &batch.model) && self.shape == batch.shape
    }

    /// Moves as many of its pictures into the batch as there is room for.
    fn join(&mut self, batch: &mut Batch) {
        let room = TOGETHER
            .saturating_sub(batch.items.len())
            .min(self.left.len());
        let sender = &self.sender;
        let items = self
            .left
            .drain(..room)
            .enumerate()
            .map(|(place, (index, drawing))| BatchItem {
                index,
                drawing,
                sender: sender.clone(),
                leads: place == 0,
            });
        batch.items.extend(items);
        self.begun |= room > 0;
    }
}

/// The next batch: the first request's pictures, and those of later ones that are like them.
///
/// Requests that nobody waits for any more are left out. One with pictures beyond the batch keeps
/// its place.
pub(super) fn next(waiting: &mut VecDeque<QueuedRequest>) -> Option<Batch> {
    waiting.retain(|queued| !queued.sender.is_gone());
    let first = waiting.front()?;
    let mut batch = Batch {
        model: Arc::clone(&first.model),
        shape: first.shape,
        items: Vec::new(),
    };
    for queued in waiting.iter_mut() {
        if queued.is_like(&batch) {
            queued.join(&mut batch);
        }
    }
    waiting.retain(|queued| !queued.left.is_empty());
    Some(batch)
}

/// Tells each request that waits for its first picture how many are before it, `busy` with one
/// that is drawn now.
pub(super) fn tell_places(waiting: &VecDeque<QueuedRequest>) {
    let number = |number: usize| u32::try_from(number).ok();
    for (place, queued) in waiting.iter().enumerate() {
        if !queued.begun {
            queued.sender.mention(|| {
                WorkerEvent::Event(Event::Queued {
                    position: number(place),
                    of: number(waiting.len()),
                    eta: None,
                })
            });
        }
    }
}
