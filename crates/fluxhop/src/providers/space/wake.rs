//! Waiting for a Space that sleeps or starts, and milestone of it.

use std::time::Duration;

use async_stream::try_stream;
use fluxhop_gradio::ErrorKind as Gradio;
use futures_util::{Stream, StreamExt};
use tokio::time::Instant;

use super::{Failure, Space, error::translate};
use crate::{Event, Result};

/// How long a Space that sleeps gets to come up.
const LIMIT: Duration = Duration::from_mins(5);

/// Asks the hub for the Space's state, and waits for it to come up where that can help.
///
/// Ends at once where it runs. Where the hub cannot be asked, `failure`, which led here, is the
/// better reason and so the error.
pub(super) fn wake(space: Space, failure: Failure) -> impl Stream<Item = Result<Event>> + Send {
    try_stream! {
        let (hub, http) = (space.hub(), space.0.http.clone());
        let name = space.0.address.space().unwrap_or_default().to_owned();
        let base = match space.0.address.base() {
            Some(base) => base.clone(),
            None => hub.locate(&http, &name).await.map_err(translate)?,
        };
        let start = Instant::now();
        let mut stages = hub.wake(http, name.clone(), base, LIMIT).boxed();
        while let Some(stage) = stages.next().await {
            let stage = match stage {
                Ok(stage) => stage,
                Err(error) => {
                    // The hub's word on the Space counts; its own troubles do not.
                    let of_space = matches!(
                        error.kind(),
                        Gradio::NotRunning { .. } | Gradio::NotGradio { .. }
                    );
                    Err(if of_space { translate(error) } else { failure.into_error() })?;
                    return;
                }
            };
            let explanation = stage.explanation();
            let waited = start.elapsed().as_secs();
            let stage = format!("the Space {name} {explanation}; waiting for it, {waited} s so far");
            yield Event::Progress { step: None, of: None, stage: Some(stage) };
        }
    }
}
