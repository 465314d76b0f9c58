//! Tasks that outlive their callers.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

/// Detached tasks, such as the cancel request of a dropped stream.
#[derive(Debug, Default)]
pub(crate) struct Background(TaskTracker);

impl Background {
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        if let Ok(runtime) = Handle::try_current() {
            drop(self.0.spawn_on(future, &runtime));
        } else {
            tracing::warn!("no async runtime; the background task is dropped");
        }
    }

    pub(crate) async fn finish(&self, limit: Duration) {
        // `wait` completes only when the tracker is closed; a closed tracker still accepts tasks.
        self.0.close();
        if tokio::time::timeout(limit, self.0.wait()).await.is_err() {
            tracing::warn!(
                left = self.0.len(),
                ?limit,
                "background tasks did not complete in time"
            );
        }
        self.0.reopen();
    }
}
