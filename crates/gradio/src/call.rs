//! A call to an endpoint: sends it, follows its events, and cancels it when dropped.
//!
//! A call takes two requests. The first sends the arguments and returns an event id. The second opens
//! the event stream, and can be sent only once: the server delivers a result to the first request
//! for it, and a second one waits forever.
//!
//! The events are read from `/queue/data` with the event id as the session hash. Gradio 4.44 to 6
//! make the two equal if the first request has no session hash. Unlike `/call/{name}/{event_id}`,
//! this stream includes the queue position, progress, logs and error messages. If the server rejects
//! it, `/call/{name}/{event_id}` is read instead.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use fluxhop_http::{EventStream, Phase, SseEvent};
use futures_core::Stream;
use futures_core::stream::BoxStream;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::error::timed_out;
use crate::error_response::error_response;
use crate::wire::{Message, ProcessOutput, ProgressUnit};
use crate::{Client, Error, ErrorKind, Result, plain_text};

/// The time limit for a cancel request, kept short because it can delay the exit of the program.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// How long to wait for the end of the stream after the result.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(10);

/// An update from a call; [`Update::Completed`] is the last one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Update {
    /// The call is waiting in the queue.
    Queued {
        /// The number of calls ahead of it; 0 means next.
        position: Option<u64>,
        /// The length of the queue.
        of: Option<u64>,
        /// The server's estimate of the time left.
        eta: Option<Duration>,
    },
    /// The function has started.
    Started {
        /// The server's estimate of the time left.
        eta: Option<Duration>,
    },
    /// Progress of the function, one entry per progress bar.
    Progress(Vec<ProgressUnit>),
    /// A message for the user, with HTML removed.
    Log {
        /// The text.
        message: String,
        /// `info`, `warning`, `success` or `error`.
        level: String,
    },
    /// An intermediate result of a generator, complete rather than a difference.
    Generating(Vec<Value>),
    /// The function's result.
    Completed {
        /// One value per output.
        data: Vec<Value>,
        /// How long the function ran, if the server reports it.
        duration: Option<Duration>,
    },
}

/// The stream of a call's updates; dropping it cancels the call on the server.
///
/// Cancelling closes the event stream, which removes a waiting call from the queue, and sends a
/// cancel request, which stops a generator at its next value. Gradio does not interrupt a plain
/// function. The cancel request is sent in the background; use
/// [`fluxhop_http::Client::finish_background`] to wait for it.
#[must_use = "a call does nothing until it is polled"]
pub struct Call(BoxStream<'static, Result<Update>>);

impl Call {
    pub(crate) fn new(client: Client, name: String, values: Vec<Value>) -> Self {
        Self(run(client, name, values).boxed())
    }
}

impl Stream for Call {
    type Item = Result<Update>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(cx)
    }
}

fn run(
    client: Client,
    name: String,
    values: Vec<Value>,
) -> impl Stream<Item = Result<Update>> + Send {
    async_stream::try_stream! {
        let limits = client.limits();
        let start = Instant::now();
        let mut running = Running::start(client, name, values).await?;
        // Dropped before `running`, so the stream closes before the cancel request is sent.
        let (mut events, source) = running.open().await?;
        let mut has_event = false;
        loop {
            let awaits_first_event = !has_event && limits.first_event < limits.total;
            let (phase, limit) = if awaits_first_event {
                (Phase::Head, limits.first_event)
            } else {
                (Phase::Total, limits.total)
            };
            let next = timeout(limit.saturating_sub(start.elapsed()), events.next());
            let event = next.await.map_err(|_| timed_out(phase, limit))?;
            let Some(event) = event else { Err(ended_early())? };
            let message = match source.parse(&event?)? {
                // A heartbeat does not show activity of the call, but `/call` sends nothing else
                // before the result.
                Message::Heartbeat => {
                    has_event |= source == Source::Call;
                    continue;
                }
                message => message,
            };
            has_event = true;
            let Some(update) = update(message).inspect_err(|_| running.ended = true)? else { continue };
            let done = matches!(update, Update::Completed { .. });
            running.ended |= done;
            if done {
                // Reading the stream to its end lets the file's request reuse the connection. Servers
                // end it at once; waiting longer would cost more than a new connection.
                let rest = async { while let Some(Ok(_)) = events.next().await {} };
                let _ = timeout(DRAIN_TIMEOUT, rest).await;
            }
            yield update;
            if done {
                return;
            }
        }
    }
}

/// The endpoint that a call's events are read from.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    Queue,
    Call,
}

impl Source {
    fn parse(self, event: &SseEvent) -> Result<Message> {
        let message = match self {
            Self::Queue => Message::parse(&event.data),
            Self::Call => Message::parse_call_event(&event.event, &event.data),
        };
        message.map_err(|error| Error::protocol("a Gradio event", &event.data).with_source(error))
    }
}

/// The body of the first request.
#[derive(Serialize)]
struct Body<'a> {
    data: &'a [Value],
}

/// A call that the server has accepted; dropping it before it has ended cancels it.
struct Running {
    client: Client,
    name: String,
    event_id: String,
    ended: bool,
}

impl Running {
    /// Sends the arguments. If dropped before the response arrives, the request continues in the
    /// background and the call it started is cancelled; otherwise the server would keep running it.
    fn start(client: Client, name: String, values: Vec<Value>) -> Starting {
        Starting {
            http: client.http().clone(),
            sending: Some(Self::send(client, name, values).boxed()),
        }
    }

    async fn send(client: Client, name: String, values: Vec<Value>) -> Result<Self> {
        let body = Body { data: &values };
        let response = client.post(&format!("call/{name}"), &body).await?;
        let Some(event_id) = response.get("event_id").and_then(Value::as_str) else {
            return Err(Error::protocol("an event_id", &response.to_string()));
        };
        let event_id = event_id.to_owned();
        Ok(Self {
            client,
            name,
            event_id,
            ended: false,
        })
    }

    /// Opens the call's event stream. Can be used only once per call.
    async fn open(&self) -> Result<(EventStream, Source)> {
        let session = ("session_hash", self.event_id.as_str());
        let error = match self.client.events("queue/data", Some(session)).await? {
            Ok(events) => return Ok((events, Source::Queue)),
            Err(response) => error_response(response, "/queue/data").await,
        };
        tracing::debug!(%error, "reading the events of /call instead");
        match self
            .client
            .events(&format!("call/{}/{}", self.name, self.event_id), None)
            .await?
        {
            Ok(events) => Ok((events, Source::Call)),
            Err(response) => {
                let error = error_response(response, &format!("/call/{}", self.name)).await;
                // The endpoint exists, since it accepted the call.
                let is_lost = *error.kind() == ErrorKind::NoEndpoint;
                Err(if is_lost {
                    error.with_kind(ErrorKind::Lost)
                } else {
                    error
                })
            }
        }
    }
}

/// A call whose first request is in flight; if dropped after the first poll, the request continues in
/// the background.
struct Starting {
    http: fluxhop_http::Client,
    sending: Option<BoxFuture<'static, Result<Running>>>,
}

impl Future for Starting {
    type Output = Result<Running>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(sending) = &mut self.sending else {
            return Poll::Pending; // already completed
        };
        let result = ready!(sending.as_mut().poll(cx));
        self.sending = None;
        Poll::Ready(result)
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(sending) = self.sending.take() {
            // Dropping the result cancels the call.
            self.http.spawn_background(async { drop(sending.await) });
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let Self {
            client,
            name,
            event_id,
            ..
        } = self;
        let (client, name, event_id) = (
            client.clone(),
            std::mem::take(name),
            std::mem::take(event_id),
        );
        client.http().clone().spawn_background(async move {
            if !matches!(
                timeout(CANCEL_TIMEOUT, cancel(&client, &name, &event_id)).await,
                Ok(Ok(()))
            ) {
                tracing::debug!(event_id, "the cancel request failed");
            }
        });
    }
}

async fn cancel(client: &Client, name: &str, event_id: &str) -> Result<()> {
    // Gradio finds a running generator by its `fn_index`, and a waiting call by its id.
    let fn_index = client
        .config()
        .await
        .ok()
        .and_then(|config| config.fn_index(name))
        .unwrap_or(0);
    let body = json!({ "session_hash": event_id, "fn_index": fn_index, "event_id": event_id });
    client.post("cancel", &body).await.map(drop)
}

/// Converts a message to an update; `None` if it does not concern the call.
fn update(message: Message) -> Result<Option<Update>> {
    Ok(Some(match message {
        Message::Estimation {
            rank,
            queue_size,
            rank_eta,
        } => Update::Queued {
            position: rank,
            of: queue_size,
            eta: rank_eta.and_then(seconds),
        },
        Message::ProcessStarts { eta } => Update::Started {
            eta: eta.and_then(seconds),
        },
        Message::Progress(units) => Update::Progress(units),
        Message::Log { log, level } => Update::Log {
            message: plain_text(&log),
            level,
        },
        Message::ProcessGenerating(output) => Update::Generating(values(output)?.0),
        Message::ProcessCompleted(output) => {
            let (data, duration) = values(output)?;
            Update::Completed { data, duration }
        }
        Message::UnexpectedError { message } => {
            let message = format!("the server lost the call: {}", plain_text(&message));
            return Err(Error::new(ErrorKind::Lost, message));
        }
        Message::ServerStopped => {
            return Err(Error::new(
                ErrorKind::Lost,
                "the server stopped during the call",
            ));
        }
        Message::CloseStream => return Err(ended_early()),
        Message::Heartbeat | Message::Other(_) => return Ok(None),
    }))
}

fn values(output: ProcessOutput) -> Result<(Vec<Value>, Option<Duration>)> {
    let ProcessOutput {
        success,
        data,
        error,
        duration,
    } = output;
    if !success {
        let text = error
            .as_deref()
            .map(plain_text)
            .filter(|text| !text.is_empty());
        let kind = ErrorKind::Failed {
            explained: text.is_some(),
        };
        let no_message = "the Space's function failed, and the app does not show why";
        return Err(Error::new(
            kind,
            text.unwrap_or_else(|| no_message.to_owned()),
        ));
    }
    let data = data
        .ok_or_else(|| Error::new(ErrorKind::Lost, "the Space ended the call without a result"))?;
    Ok((data, duration.and_then(seconds)))
}

/// Converts seconds sent by the server, which may be negative, infinite or out of range.
fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

fn ended_early() -> Error {
    Error::new(ErrorKind::Lost, "the event stream ended before the result")
}
