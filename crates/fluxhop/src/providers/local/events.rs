//! The channel on which a device's worker thread reports the progress of a request.

use std::time::{Duration, Instant};

use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::{Error, Event, Result};

/// The number of events besides images that a channel buffers.
const CAPACITY: usize = 256;
/// The slots that are reserved for events that must not be dropped: notices and the final error.
const RESERVED: usize = 128;

/// An event of the worker thread; the receiver encodes the pictures.
pub(super) enum WorkerEvent {
    Event(Event),
    Preview(fluxhop_engine::Picture),
    Image {
        /// Index of the image within its request.
        index: u32,
        picture: fluxhop_engine::Picture,
        /// When drawing started and how long it took.
        started: Instant,
        duration: Duration,
    },
}

/// The sending half of a request's event channel. Sending never blocks.
#[derive(Clone)]
pub(super) struct EventSender(Sender<Result<WorkerEvent>>);

impl EventSender {
    /// A channel with a slot for each of `images` images and [`CAPACITY`] other events.
    pub(super) fn new(images: usize) -> (Self, Receiver<Result<WorkerEvent>>) {
        let (sender, receiver) = channel(CAPACITY + images);
        (Self(sender), receiver)
    }

    /// Sends an event that must not be dropped.
    pub(super) fn send(&self, event: WorkerEvent) {
        // Slots are reserved for these events, so this fails only if the receiver was dropped.
        let _ = self.0.try_send(Ok(event));
    }

    /// Sends an event that may be dropped if the receiver is slow: progress, queue positions,
    /// previews.
    pub(super) fn send_lossy(&self, event: impl FnOnce() -> WorkerEvent) {
        if self.0.capacity() > self.0.max_capacity() - (CAPACITY - RESERVED) {
            self.send(event());
        }
    }

    /// Sends the error that ends the request.
    pub(super) fn fail(&self, error: Error) {
        let _ = self.0.try_send(Err(error));
    }

    /// Whether the receiver was dropped.
    pub(super) fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}
