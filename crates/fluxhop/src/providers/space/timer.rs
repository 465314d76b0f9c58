//! Measures the phases of one call, on the client.

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

    /// Records the end of the function; `duration` is the time that the server measured.
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
