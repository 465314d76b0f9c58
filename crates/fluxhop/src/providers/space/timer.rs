//! One call as it is seen from here: how long its parts take, and its previews.

use std::time::Duration;

use fluxhop_gradio::{Client, FileRef};
use tokio::time::Instant;

use crate::{Picture, Timings};

pub(super) struct CallTimer {
    sent: Instant,
    started: Option<Instant>,
    drawing: Option<Duration>,
    last_preview: Option<FileRef>,
}

impl CallTimer {
    pub(super) fn new() -> Self {
        Self {
            sent: Instant::now(),
            started: None,
            drawing: None,
            last_preview: None,
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

    /// Fetches a preview that was not shown yet; one that cannot be had is no failure.
    pub(super) async fn preview(
        &mut self,
        client: &Client,
        files: Vec<FileRef>,
    ) -> Option<Picture> {
        let file = files.into_iter().next()?;
        if self.last_preview.as_ref() == Some(&file) {
            return None;
        }
        let bytes = client.download(&file).await.ok()?;
        self.last_preview = Some(file);
        Picture::read(bytes).ok()
    }
}
