//! How long the parts of one call take, measured on this side.

use std::time::Duration;

use tokio::time::Instant;

use crate::Timings;

pub(super) struct CallTimer {
    sent: Instant,
    started: Option<Instant>,
    drawing: Option<Duration>,
}

impl CallTimer {
    pub(super) fn new() -> Self {
        Self {
            sent: Instant::now(),
            started: None,
            drawing: None,
        }
    }

    pub(super) fn started(&mut self) {
        self.started = Some(Instant::now());
    }

    /// The function has ended; `duration` is what the server measured.
    pub(super) fn drawn(&mut self, duration: Option<Duration>) {
        self.drawing = duration.or(self.started.map(|started| started.elapsed()));
    }

    pub(super) fn timings(&self) -> Timings {
        Timings {
            queued: self.started.map(|started| started - self.sent),
            drawing: self.drawing,
            total: Some(self.sent.elapsed()),
        }
    }
}
