//! One call of an endpoint: sent, followed by its events, cancelled when dropped.
//!
//! A call is two requests. The first hands the values over and gets an event id. The second is
//! the stream of events, and there is only one of it ever: the server delivers a result once, to
//! whoever asks first, and a second request for it waits for ever.
//!
//! The events are read from `/queue/data`, with the event id as the session: Gradio makes them
//! equal where the first request names no session, so that this works from 4.44 to 6, and it
//! carries what `/call/{name}/{event_id}` hides (the place in the queue, progress, logs and the
//! text of errors). Where a server refuses it, the other is read instead.

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

use crate::client::timed_out;
use crate::error_response::refused;
use crate::wire::{Message, Output, ProgressUnit};
use crate::{Client, Error, ErrorKind, Result, plain_text};

/// How long a cancel request may take; nobody waits for it but a program that ends.
const CANCEL: Duration = Duration::from_secs(5);

/// How long the end of a stream may take after its result.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(10);

/// One thing that a call tells; [`Update::Completed`] is the last.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Update {
    /// The call waits.
    Queued {
        /// How many are before it; 0 is next.
        position: Option<u64>,
        /// How many wait in all.
        of: Option<u64>,
        /// The server's guess of how long it will take.
        eta: Option<Duration>,
    },
    /// The function runs.
    Started {
        /// The server's guess of how long it will take.
        eta: Option<Duration>,
    },
    /// How far the function is: one entry for each of its bars.
    Progress(Vec<ProgressUnit>),
    /// A line for the user, cleaned of HTML.
    Log {
        /// The text.
        message: String,
        /// `info`, `warning`, `success` or `error`.
        level: String,
    },
    /// A generator's values so far, whole.
    Generating(Vec<Value>),
    /// The function's values.
    Completed {
        /// One for each output.
        data: Vec<Value>,
        /// How long the function ran, where the server tells.
        duration: Option<Duration>,
    },
}

/// The updates of one call; dropping it cancels the call on the server.
///
/// Cancelling closes the stream, which takes a waiting call out of the queue, and asks the server
/// to cancel, which ends a generator at its next value. A plain function that runs is not
/// interrupted by Gradio. The request is sent in the background:
/// [`fluxhop_http::Client::finish_background`] waits for it.
#[must_use = "nothing is sent before the call is polled"]
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
        // Dropped before `running`, so that the stream is closed before the cancel request goes.
        let (mut events, source) = running.open().await?;
        let mut told_anything = false;
        loop {
            let waits_for_first = !told_anything && limits.first_event < limits.total;
            let (phase, limit) = if waits_for_first {
                (Phase::Head, limits.first_event)
            } else {
                (Phase::Total, limits.total)
            };
            let next = timeout(limit.saturating_sub(start.elapsed()), events.next());
            let event = next.await.map_err(|_| timed_out(phase, limit))?;
            let Some(event) = event else { Err(ended_early())? };
            let message = match source.parse(&event?)? {
                // A sign of life says nothing of the call, but it is all that `/call` sends.
                Message::Heartbeat => {
                    told_anything |= source == Source::Call;
                    continue;
                }
                message => message,
            };
            told_anything = true;
            let Some(update) = update(message).inspect_err(|_| running.ended = true)? else { continue };
            let done = matches!(update, Update::Completed { .. });
            running.ended |= done;
            if done {
                // A stream read to its end leaves its connection to the file's request. Servers end
                // it at once; one that does not gets no more time than a connection costs.
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

/// Where the events of a call are read.
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
        message.map_err(|error| {
            Error::protocol("an event of Gradio's", &event.data).with_source(error)
        })
    }
}

/// What a call hands over.
#[derive(Serialize)]
struct Body<'a> {
    data: &'a [Value],
}

/// A call that the server has taken on; dropping it before it ended cancels it there.
struct Running {
    client: Client,
    name: String,
    event_id: String,
    ended: bool,
}

impl Running {
    /// Hands the values over. Where the caller leaves before the answer came, the request goes on
    /// in the background and what it started is cancelled: the server would run it unheard.
    fn start(client: Client, name: String, values: Vec<Value>) -> Starting {
        Starting {
            http: client.http().clone(),
            sending: Some(Self::send(client, name, values).boxed()),
        }
    }

    async fn send(client: Client, name: String, values: Vec<Value>) -> Result<Self> {
        let body = Body { data: &values };
        let answer = client.post(&format!("call/{name}"), &body).await?;
        let Some(event_id) = answer.get("event_id").and_then(Value::as_str) else {
            return Err(Error::protocol("an event_id", &answer.to_string()));
        };
        let event_id = event_id.to_owned();
        Ok(Self {
            client,
            name,
            event_id,
            ended: false,
        })
    }

    /// Opens the one stream of this call's events.
    async fn open(&self) -> Result<(EventStream, Source)> {
        let session = ("session_hash", self.event_id.as_str());
        let refusal = match self.client.events("queue/data", Some(session)).await? {
            Ok(events) => return Ok((events, Source::Queue)),
            Err(response) => refused(response, "/queue/data").await,
        };
        tracing::debug!(%refusal, "reading the events of /call instead");
        match self
            .client
            .events(&format!("call/{}/{}", self.name, self.event_id), None)
            .await?
        {
            Ok(events) => Ok((events, Source::Call)),
            Err(response) => {
                let error = refused(response, &format!("/call/{}", self.name)).await;
                // The endpoint is there, for it took the call.
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

/// The request of a call on its way; dropping it once it was polled lets it go on unheard.
struct Starting {
    http: fluxhop_http::Client,
    sending: Option<BoxFuture<'static, Result<Running>>>,
}

impl Future for Starting {
    type Output = Result<Running>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(sending) = &mut self.sending else {
            return Poll::Pending; // it has ended
        };
        let outcome = ready!(sending.as_mut().poll(cx));
        self.sending = None;
        Poll::Ready(outcome)
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(sending) = self.sending.take() {
            // What the server has taken on is dropped, and so cancelled.
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
                timeout(CANCEL, cancel(&client, &name, &event_id)).await,
                Ok(Ok(()))
            ) {
                tracing::debug!(event_id, "the cancel request was not answered");
            }
        });
    }
}

async fn cancel(client: &Client, name: &str, event_id: &str) -> Result<()> {
    // Only a running generator is found by its `fn_index`; a waiting call goes by its id.
    let fn_index = client
        .config()
        .await
        .ok()
        .and_then(|config| config.fn_index(name))
        .unwrap_or(0);
    let body = json!({ "session_hash": event_id, "fn_index": fn_index, "event_id": event_id });
    client.post("cancel", &body).await.map(drop)
}

/// The update for a message; `None` for one that says nothing of the call.
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
                "the server stopped while it had the call",
            ));
        }
        Message::CloseStream => return Err(ended_early()),
        Message::Heartbeat | Message::Other(_) => return Ok(None),
    }))
}

fn values(output: Output) -> Result<(Vec<Value>, Option<Duration>)> {
    let Output {
        success,
        data,
        error,
        duration,
    } = output;
    if !success {
        let words = error
            .as_deref()
            .map(plain_text)
            .filter(|words| !words.is_empty());
        let kind = ErrorKind::Failed {
            explained: words.is_some(),
        };
        let unsaid = "the Space's function failed, and the app does not show why";
        return Err(Error::new(kind, words.unwrap_or_else(|| unsaid.to_owned())));
    }
    let data = data.ok_or_else(|| {
        Error::new(
            ErrorKind::Lost,
            "the Space ended the call without a result, as after a cancel",
        )
    })?;
    Ok((data, duration.and_then(seconds)))
}

/// Seconds from the server, which may be negative, infinite or absurd.
fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

fn ended_early() -> Error {
    Error::new(
        ErrorKind::Lost,
        "the stream of events ended before the result",
    )
}
