//! Work that signals end: its stream is dropped, and its cancel requests are waited for.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use fluxhop::config::Network;
use fluxhop::{Error, ErrorKind, Phase, Registry};

use crate::failure::Failure;
use crate::signals::{Signal, Signals};
use crate::text::duration;

/// How long cancel requests and files that are being written are waited for.
const CLOSE: Duration = Duration::from_secs(2);

/// Runs `work` on one thread until it is done or a signal comes.
///
/// At the first signal the work is dropped, which cancels it upstream; the cancel requests then
/// have 2 s to be sent. A second signal ends that wait. `left` says what the work had not done.
pub(crate) fn run<T>(
    registry: &Registry,
    left: impl FnOnce() -> String,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Files are written and pictures converted there. One is not enough: the sketch world paints
        // there, and waits for those that read its pictures. More would only take memory.
        .max_blocking_threads(2)
        .build()
        .map_err(|error| Failure::file("the runtime cannot be started", error))?;
    let outcome: Result<_, Failure> = runtime.block_on(async {
        let mut signals = Signals::listen()
            .map_err(|error| Failure::file("signals cannot be listened to", error))?;
        let outcome = until_signal(&mut signals, work).await;
        let hurried = tokio::select! {
            () = registry.close(CLOSE) => false,
            _ = signals.next() => true,
        };
        Ok((outcome, hurried))
    });
    let (outcome, hurried) = outcome?;
    // Work that was done leaves no file half written; the thread that wrote need not be waited for.
    if hurried || matches!(outcome, Ok(Ok(_))) {
        runtime.shutdown_background();
    } else {
        runtime.shutdown_timeout(CLOSE);
    }
    match outcome {
        Ok(done) => done.map_err(Failure::of_unfinished_work),
        Err(signal) => Err(Failure::Interrupted {
            signal,
            left: left(),
        }),
    }
}

/// The work of one question to the library, in the time that the settings give a request.
pub(crate) async fn limited<T>(
    limit: Option<Duration>,
    work: impl Future<Output = fluxhop::Result<T>>,
) -> Result<T, Failure> {
    let limit = limit.unwrap_or(Network::TIMEOUT);
    if let Ok(done) = tokio::time::timeout(limit, work).await {
        Ok(done?)
    } else {
        let phase = Phase::Whole;
        let message = format!("the limit is {}", duration(limit));
        Err(Error::new(ErrorKind::Timeout { phase }, message).into())
    }
}

/// The work's outcome, or the signal at which it was dropped.
async fn until_signal<T>(
    signals: &mut Signals,
    work: impl Future<Output = T>,
) -> Result<T, Signal> {
    let mut work = pin!(work);
    tokio::select! {
        done = &mut work => Ok(done),
        signal = signals.next() => Err(signal),
    }
}
