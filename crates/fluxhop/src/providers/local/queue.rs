//! Requests waiting for a device, and how they are grouped into batches.

use std::collections::VecDeque;
use std::sync::Arc;

use fluxhop_engine::ImageRequest;
use tokio::sync::mpsc::Receiver;

use super::backend::Model;
use super::events::{EventSender, WorkerEvent};
use crate::{Event, Result};

/// The maximum number of images per batch.
const MAX_BATCH: usize = 4;

/// The parameters that images of one model must share to be drawn in one batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) steps: Option<usize>,
    pub(super) guidance: Option<f32>,
}

/// A request with images that have not been drawn.
pub(super) struct QueuedRequest {
    model: Arc<Model>,
    shape: Shape,
    /// Images that are not in a batch yet, with their indices within the request.
    remaining: VecDeque<(u32, ImageRequest)>,
    previews: bool,
    started: bool,
    sender: EventSender,
}

/// Images that are drawn together.
pub(super) struct Batch {
    pub(super) model: Arc<Model>,
    pub(super) shape: Shape,
    pub(super) items: Vec<BatchItem>,
}

/// An image of a batch, with the channel of its request.
pub(super) struct BatchItem {
    /// Index of the image within its request.
    pub(super) index: u32,
    pub(super) image: ImageRequest,
    pub(super) previews: bool,
    pub(super) sender: EventSender,
    /// Whether it is the first image of its request in this batch.
    pub(super) is_first: bool,
}

impl QueuedRequest {
    /// A request, and the receiver of its events.
    pub(super) fn new(
        model: Arc<Model>,
        shape: Shape,
        images: Vec<ImageRequest>,
        previews: bool,
    ) -> (Self, Receiver<Result<WorkerEvent>>) {
        let (sender, events) = EventSender::new(images.len());
        let queued = Self {
            model,
            shape,
            remaining: (0..).zip(images).collect(),
            previews,
            started: false,
            sender,
        };
        (queued, events)
    }

    /// Whether the request was dropped.
    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    fn matches(&self, batch: &Batch) -> bool {
        Arc::ptr_eq(&self.model, &batch.model) && self.shape == batch.shape
    }

    /// Moves as many images into the batch as fit.
    fn join(&mut self, batch: &mut Batch) {
        let count = MAX_BATCH
            .saturating_sub(batch.items.len())
            .min(self.remaining.len());
        let (sender, previews) = (&self.sender, self.previews);
        let images = self.remaining.drain(..count).enumerate();
        let items = images.map(|(position, (index, image))| BatchItem {
            index,
            image,
            previews,
            sender: sender.clone(),
            is_first: position == 0,
        });
        batch.items.extend(items);
        self.started |= count > 0;
    }
}

/// Removes the next batch from the queue: images of the first request and of later ones with the
/// same model and shape.
///
/// Closed requests are removed. A request with more images than fit keeps its position.
pub(super) fn next_batch(waiting: &mut VecDeque<QueuedRequest>) -> Option<Batch> {
    waiting.retain(|queued| !queued.is_closed());
    let first = waiting.front()?;
    let mut batch = Batch {
        model: Arc::clone(&first.model),
        shape: first.shape,
        items: Vec::new(),
    };
    for queued in waiting.iter_mut() {
        if queued.matches(&batch) {
            queued.join(&mut batch);
        }
    }
    waiting.retain(|queued| !queued.remaining.is_empty());
    Some(batch)
}

/// Sends each request that has not started its position in the queue.
pub(super) fn send_positions(waiting: &VecDeque<QueuedRequest>) {
    let number = |number: usize| u32::try_from(number).ok();
    for (position, queued) in waiting.iter().enumerate() {
        if !queued.started {
            queued.sender.send_lossy(|| {
                WorkerEvent::Event(Event::Queued {
                    position: number(position),
                    of: number(waiting.len()),
                    eta: None,
                })
            });
        }
    }
}
