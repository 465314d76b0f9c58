//! Futures that outlive their callers.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

/// Work that nobody awaits, such as a cancel request that a dropped stream sends.
#[derive(Debug, Default)]
pub(crate) struct Background(TaskTracker);

impl Background {
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        if let Ok(runtime) = Handle::try_current() {
            drop(self.0.spawn_on(future, &runtime));
        } else {
            tracing::warn!("no async runtime here: background work is dropped");
        }
    }

    pub(crate) async fn finish(&self, limit: Duration) {
        // The tracker's `wait` ends only when it is closed; closing does not refuse new work.
        self.0.close();
        if tokio::time::timeout(limit, self.0.wait()).await.is_err() {
            tracing::warn!(
                left = self.0.len(),
                ?limit,
                "background work did not end in time"
            );
        }
        self.0.reopen();
    }
}
