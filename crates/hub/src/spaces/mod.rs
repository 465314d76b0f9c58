//! The URL and the stage of a Space, and waking one that is asleep.

mod stage;

use std::time::Duration;

use fluxhop_http::{BodyLimits, Url};
use futures_util::Stream;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep, timeout};

use crate::error_response::Subject;
use crate::{Error, ErrorKind, Hub, Result};

pub use stage::Stage;

/// The timeout of the visit that wakes a Space, and of a response's body.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The delay between two requests for a Space's state.
const POLL_INTERVAL: Duration = Duration::from_secs(3);
/// The maximum number of bytes to read from a response; the hub sends a few kilobytes.
const MAX_BODY: u64 = 4 << 20;

#[derive(Deserialize)]
struct Host {
    host: String,
}

#[derive(Deserialize)]
struct State {
    runtime: Runtime,
}

#[derive(Deserialize)]
struct Runtime {
    stage: String,
}

impl Hub {
    /// Returns the URL at which the Space `owner/name` is served, ending in `/`.
    pub async fn locate(&self, space: &str) -> Result<Url> {
        let Host { host } = self.space(space, &["host"]).await?;
        let invalid = || Error::protocol("an http or https URL of the Space", &host);
        let mut url = Url::parse(&host).map_err(|error| invalid().with_source(error))?;
        if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
            return Err(invalid());
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(url)
    }

    /// Returns the stage of the Space `owner/name`.
    pub async fn stage(&self, space: &str) -> Result<Stage> {
        let state: State = self.space(space, &[]).await?;
        Ok(Stage::parse(&state.runtime.stage))
    }

    /// Waits until the Space runs: visits `url` once if it is asleep, and polls its stage.
    ///
    /// The stream yields each stage other than [`Running`](Stage::Running) and ends once the Space
    /// runs. It fails with [`ErrorKind::NotRunning`] if the Space will not start by itself, or does
    /// not start within `limit`.
    pub fn wake(
        &self,
        space: String,
        url: Url,
        limit: Duration,
    ) -> impl Stream<Item = Result<Stage>> + Send + use<> {
        let hub = self.clone();
        async_stream::try_stream! {
            let deadline = Instant::now() + limit;
            let mut visited = false;
            loop {
                let stage = hub.stage(&space).await?;
                match &stage {
                    Stage::Running => return,
                    Stage::Down(_) => {
                        let message = format!("the Space {space} {}", stage.explanation());
                        Err(Error::new(not_running(&stage), message))?;
                    }
                    Stage::Asleep(_) if !visited => {
                        visited = true;
                        // The visit wakes the Space; its response does not matter.
                        let visit = hub.client.get(&url).guarded_on_redirect();
                        let _ = timeout(TIMEOUT, visit.send()).await;
                    }
                    Stage::Asleep(_) | Stage::Starting(_) => {}
                }
                if Instant::now() + POLL_INTERVAL > deadline {
                    let message = format!(
                        "the Space {space} {} and did not start within {} s",
                        stage.explanation(),
                        limit.as_secs()
                    );
                    // It may still be starting.
                    Err(Error::new(not_running(&stage), message).with_retryable(true))?;
                }
                yield stage;
                sleep(POLL_INTERVAL).await;
            }
        }
    }

    /// Reads `/api/spaces/OWNER/NAME/…`.
    async fn space<T: DeserializeOwned>(&self, name: &str, rest: &[&str]) -> Result<T> {
        let segments = ["api", "spaces"].into_iter().chain(name.split('/'));
        let url = self.url(segments.chain(rest.iter().copied()));
        let response = self
            .send(self.client.get(&url), &Subject::Space(name))
            .await?;
        let limits = BodyLimits::default()
            .with_bytes(MAX_BODY)
            .with_idle(TIMEOUT)
            .with_total(TIMEOUT);
        Ok(response.json(limits).await?)
    }
}

fn not_running(stage: &Stage) -> ErrorKind {
    ErrorKind::NotRunning {
        stage: stage.name().to_owned(),
    }
}
