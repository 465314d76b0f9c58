//! Whoever waits for a request's pictures, as the device's thread sees them.

use std::time::{Duration, Instant};

use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::{Error, Event, Result};

/// How many things may wait for a slow reader.
const AHEAD: usize = 256;
/// How many of these places are kept for what must not be lost: pictures, notices, the end.
const KEPT: usize = 128;

/// What the thread tells; pictures are encoded by whoever reads them.
pub(super) enum WorkerEvent {
    Event(Event),
    Preview(fluxhop_engine::Picture),
    Drawn {
        /// Which of the request's pictures.
        index: u32,
        picture: fluxhop_engine::Picture,
        /// When the drawing of it began, and how long it took.
        started: Instant,
        drawing: Duration,
    },
}

/// Where a request's events go. The thread never waits for a reader.
#[derive(Clone)]
pub(super) struct EventSender(Sender<Result<WorkerEvent>>);

impl EventSender {
    /// A sender to a request for so many pictures, and what it hears.
    pub(super) fn new(pictures: usize) -> (Self, Receiver<Result<WorkerEvent>>) {
        let (sender, receiver) = channel(AHEAD + pictures);
        (Self(sender), receiver)
    }

    /// Tells what must not be lost.
    pub(super) fn tell(&self, told: WorkerEvent) {
        // There is a place for it; where nobody listens, nobody misses it.
        let _ = self.0.try_send(Ok(told));
    }

    /// Tells what a slow reader can do without: progress, places in the queue, previews.
    pub(super) fn mention(&self, told: impl FnOnce() -> WorkerEvent) {
        if self.0.capacity() > self.0.max_capacity() - (AHEAD - KEPT) {
            self.tell(told());
        }
    }

    /// Tells why there is no picture; nothing follows.
    pub(super) fn fail(&self, error: Error) {
        let _ = self.0.try_send(Err(error));
    }

    /// Whether nobody listens any more.
    pub(super) fn is_gone(&self) -> bool {
        self.0.is_closed()
    }
}
