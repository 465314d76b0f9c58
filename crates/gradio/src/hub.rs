//! The hub that hosts Spaces: where one is, whether it runs, and waking one that sleeps.

use std::time::Duration;

use fluxhop_http::{BodyLimits, Response, Secret};
use futures_core::Stream;
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use crate::error_response::refused;
use crate::{Error, ErrorKind, Result};

/// How long one question to the hub may take.
const ANSWER: Duration = Duration::from_secs(20);
/// How long to wait before asking again whether a Space is up.
const PAUSE: Duration = Duration::from_secs(3);
/// Answers of the hub are a few kilobytes.
const BODY: u64 = 4 << 20;

/// A hub of Spaces, by default huggingface.co.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Hub {
    /// Its address, ending in `/`.
    pub endpoint: Url,
    /// The token for private Spaces.
    pub token: Option<Secret>,
}

/// What a Space is doing, in the hub's words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// It answers.
    Running,
    /// It is being built or started; it will answer by itself.
    Starting(String),
    /// It sleeps; a visit wakes it.
    Asleep(String),
    /// It will not answer until its owner does something: `PAUSED`, `BUILD_ERROR`, ….
    Down(String),
}

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

impl Default for Hub {
    fn default() -> Self {
        let endpoint = Url::parse("https://huggingface.co/").expect("a constant URL");
        Self {
            endpoint,
            token: None,
        }
    }
}

impl Stage {
    /// Reads `runtime.stage`.
    pub fn parse(stage: &str) -> Self {
        let name = stage.to_owned();
        match stage {
            "RUNNING" | "RUNNING_BUILDING" | "RUNNING_APP_STARTING" => Self::Running,
            "BUILDING" | "APP_STARTING" => Self::Starting(name),
            "SLEEPING" | "STOPPED" => Self::Asleep(name),
            _ => Self::Down(name),
        }
    }

    /// What it means, for people.
    pub fn explanation(&self) -> String {
        match self {
            Self::Running => "is running".to_owned(),
            Self::Starting(stage) => format!("is starting ({stage})"),
            Self::Asleep(stage) => format!("is asleep ({stage})"),
            Self::Down(stage) => match stage.as_str() {
                "PAUSED" => "is paused; only its owner can start it (PAUSED)".to_owned(),
                "BUILD_ERROR" => {
                    "cannot be built; its owner has to mend it (BUILD_ERROR)".to_owned()
                }
                "RUNTIME_ERROR" => {
                    "has crashed; its owner has to mend it (RUNTIME_ERROR)".to_owned()
                }
                "CONFIG_ERROR" => {
                    "is misconfigured; its owner has to mend it (CONFIG_ERROR)".to_owned()
                }
                "NO_APP_FILE" => "holds no app (NO_APP_FILE)".to_owned(),
                "DELETING" => "is being deleted (DELETING)".to_owned(),
                other => format!("is not running ({other})"),
            },
        }
    }
}

impl Hub {
    /// Where the Space `owner/name` answers.
    pub async fn locate(&self, http: &fluxhop_http::Client, space: &str) -> Result<Url> {
        let host: Host = self.ask(http, space, "/host").await?;
        let mut url = Url::parse(&host.host).map_err(|error| {
            Error::protocol("the Space's URL from the hub", &host.host).with_source(error)
        })?;
        if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
            return Err(Error::protocol("the Space's URL from the hub", &host.host));
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(url)
    }

    /// What the Space `owner/name` is doing.
    pub async fn stage(&self, http: &fluxhop_http::Client, space: &str) -> Result<Stage> {
        let state: State = self.ask(http, space, "").await?;
        Ok(Stage::parse(&state.runtime.stage))
    }

    /// Visits the Space and tells its stage, again and again, until it runs; then ends.
    ///
    /// Ends with an error where the Space will not wake, and after `limit` at the latest.
    pub fn wake(
        &self,
        http: fluxhop_http::Client,
        space: String,
        visit: Url,
        limit: Duration,
    ) -> impl Stream<Item = Result<Stage>> + Send + use<> {
        let hub = self.clone();
        async_stream::try_stream! {
            let deadline = Instant::now() + limit;
            let mut visited = false;
            loop {
                let stage = hub.stage(&http, &space).await?;
                match &stage {
                    Stage::Running => return,
                    Stage::Down(name) => {
                        let message = format!("the Space {space} {}", stage.explanation());
                        let kind = ErrorKind::NotRunning { stage: name.clone() };
                        Err(Error::new(kind, message))?;
                    }
                    Stage::Asleep(_) if !visited => {
                        visited = true;
                        // What it answers does not matter: the visit itself wakes it.
                        let _ = timeout(ANSWER, http.get(&visit).guarded_on_redirect().send()).await;
                    }
                    Stage::Asleep(_) | Stage::Starting(_) => {}
                }
                if Instant::now() + PAUSE > deadline {
                    let message = format!(
                        "the Space {space} {} and did not come up within {} s",
                        stage.explanation(),
                        limit.as_secs()
                    );
                    Err(Error::new(ErrorKind::NotGradio { status: 503 }, message))?;
                }
                yield stage;
                sleep(PAUSE).await;
            }
        }
    }

    async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        http: &fluxhop_http::Client,
        space: &str,
        what: &str,
    ) -> Result<T> {
        let url = self
            .endpoint
            .join(&format!("api/spaces/{space}{what}"))
            .map_err(|error| {
                Error::new(
                    ErrorKind::InvalidAddress,
                    "the hub's address cannot be joined",
                )
                .with_source(error)
            })?;
        let mut request = http.get(&url).guarded_on_redirect().timeout(ANSWER);
        if let Some(token) = &self.token {
            request = request.bearer(token);
        }
        let response = request.send().await?;
        match response.status() {
            200 => {}
            401 | 403 | 404 => return Err(self.unknown(space, &response)),
            _ => return Err(refused(response, "the hub").await),
        }
        let limits = BodyLimits {
            bytes: BODY,
            silence: ANSWER,
            whole: ANSWER,
        };
        Ok(response.json(limits).await?)
    }

    /// The hub answers 401 or 404 both for a Space that is private and for one that is not there.
    fn unknown(&self, space: &str, response: &Response) -> Error {
        let status = response.status();
        let message = match &self.token {
            None => format!(
                "the hub shows no Space {space} ({status}): it does not exist, or it is private and needs a token"
            ),
            Some(_) => format!(
                "the hub shows this token no Space {space} ({status}): it does not exist, or the token may not see it"
            ),
        };
        Error::new(ErrorKind::Unauthorized, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_say_whether_waiting_helps() {
        assert_eq!(Stage::parse("RUNNING_BUILDING"), Stage::Running);
        assert!(matches!(Stage::parse("APP_STARTING"), Stage::Starting(_)));
        assert!(matches!(Stage::parse("SLEEPING"), Stage::Asleep(_)));
        for stage in [
            "PAUSED",
            "BUILD_ERROR",
            "RUNTIME_ERROR",
            "NO_APP_FILE",
            "SOMETHING_NEW",
        ] {
            assert!(matches!(Stage::parse(stage), Stage::Down(_)), "{stage}");
            assert!(Stage::parse(stage).explanation().contains(stage));
        }
    }
}
