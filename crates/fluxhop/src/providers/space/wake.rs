//! Waits for a Space that is asleep or starting, and reports the progress.

use std::time::Duration;

use async_stream::try_stream;
use fluxhop_hub::ErrorKind as HubKind;
use futures_util::{Stream, StreamExt};
use tokio::time::Instant;

use super::{Failure, Space};
use crate::{Event, Result};

/// How long a sleeping Space may take to start.
const START_TIMEOUT: Duration = Duration::from_mins(5);

/// Queries the Space's state at the hub, and waits for the Space to run if it starts by itself.
///
/// Returns `failure`, the error of the call, if the hub cannot be queried or the Space is already
/// running.
pub(super) fn wake(space: Space, failure: Failure) -> impl Stream<Item = Result<Event>> + Send {
    try_stream! {
        let hub = space.hub();
        let name = space.0.address.space().unwrap_or_default().to_owned();
        let url = match space.0.address.base() {
            Some(base) => base.clone(),
            None => hub.locate(&name).await?,
        };
        let start = Instant::now();
        let mut stages = hub.wake(name.clone(), url, START_TIMEOUT).boxed();
        while let Some(stage) = stages.next().await {
            let stage = match stage {
                Ok(stage) => stage,
                Err(error) => {
                    // Return an error about the Space, but not a failed request to the hub.
                    let is_about_space = matches!(error.kind(), HubKind::NotRunning { .. });
                    Err(if is_about_space { error.into() } else { failure.into_error() })?;
                    return;
                }
            };
            let explanation = stage.explanation();
            let waited = start.elapsed().as_secs();
            let stage = format!("the Space {name} {explanation}; waiting for it ({waited} s)");
            yield Event::Progress { step: None, of: None, stage: Some(stage) };
        }
    }
}
