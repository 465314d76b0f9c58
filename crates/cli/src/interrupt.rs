//! Runs work until a signal arrives, then cancels it.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use fluxhop::config::Network;
use fluxhop::{Error, ErrorKind, Phase, Registry};

use crate::failure::Failure;
use crate::signals::{Signal, Signals};
use crate::text::format_duration;

/// How long to wait for cancel requests, and for files that are being written.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Runs `work` on the current thread until it completes or a signal arrives.
///
/// The first signal drops the work, which cancels it upstream, and waits up to 2 s for the cancel
/// requests to be sent. A second signal ends the wait. `remaining` returns a description
/// of the remaining work for the error message.
pub(crate) fn run<T>(
    registry: &Registry,
    remaining: impl FnOnce() -> String,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Images are converted and written on blocking threads, and the sketch provider occupies
        // one while its consumer waits for another. More than two would only cost memory.
        .max_blocking_threads(2)
        .build()
        .map_err(|error| Failure::file("cannot start the runtime", error))?;
    let outcome: Result<_, Failure> = runtime.block_on(async {
        let mut signals = Signals::listen()
            .map_err(|error| Failure::file("cannot install signal handlers", error))?;
        let outcome = until_signal(&mut signals, work).await;
        let second_signal = tokio::select! {
            () = registry.close(CLOSE_TIMEOUT) => false,
            _ = signals.next() => true,
        };
        Ok((outcome, second_signal))
    });
    let (outcome, second_signal) = outcome?;
    // Completed work has no file in progress.
    if second_signal || matches!(outcome, Ok(Ok(_))) {
        runtime.shutdown_background();
    } else {
        runtime.shutdown_timeout(CLOSE_TIMEOUT);
    }
    match outcome {
        Ok(done) => done.map_err(Failure::into_unfinished),
        Err(signal) => Err(Failure::Interrupted {
            signal,
            remaining: remaining(),
        }),
    }
}

/// Runs `work` with the time limit of a request.
pub(crate) async fn with_timeout<T>(
    limit: Option<Duration>,
    work: impl Future<Output = fluxhop::Result<T>>,
) -> Result<T, Failure> {
    let limit = limit.unwrap_or(Network::TIMEOUT);
    if let Ok(done) = tokio::time::timeout(limit, work).await {
        Ok(done?)
    } else {
        let phase = Phase::Total;
        let message = format!("the limit is {}", format_duration(limit));
        Err(Error::new(ErrorKind::Timeout { phase }, message).into())
    }
}

/// Returns the work's output, or the signal that cancelled it.
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
