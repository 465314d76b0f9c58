//! Converts the intermediate results of a call to previews, or to progress if previews are off.

use fluxhop_gradio::{Client, FileRef};

use crate::{Event, Picture};

pub(super) struct Previews {
    requested: bool,
    /// The most recent file that was reported; servers repeat it.
    last: Option<FileRef>,
    /// Intermediate results that were counted instead of downloaded.
    count: u64,
    /// Whether the Space reports its own progress.
    progress: bool,
}

impl Previews {
    pub(super) fn new(requested: bool) -> Self {
        Self {
            requested,
            last: None,
            count: 0,
            progress: false,
        }
    }

    pub(super) fn progress_reported(&mut self) {
        self.progress = true;
    }

    /// The event for an intermediate result; `None` if it is the same as the last one.
    ///
    /// If previews were not requested, nothing is downloaded and the result counts as a step, so
    /// that an idle timeout sees that the Space is working. A preview that fails to download or
    /// decode is skipped.
    pub(super) async fn event(&mut self, client: &Client, files: Vec<FileRef>) -> Option<Event> {
        let file = files.into_iter().next()?;
        if self.last.as_ref() == Some(&file) {
            return None;
        }
        if self.requested {
            let bytes = client.download(&file).await.ok()?;
            self.last = Some(file);
            return Picture::read(bytes).ok().map(Event::Preview);
        }
        self.last = Some(file);
        self.count += 1;
        (!self.progress).then_some(Event::Progress {
            step: Some(self.count),
            of: None,
            stage: None,
        })
    }
}
