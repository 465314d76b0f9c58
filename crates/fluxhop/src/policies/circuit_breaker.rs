//! Skips a candidate for a while after it failed.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::{Error, ErrorKind};

/// Consecutive failures after which a candidate is skipped.
const FAILURES: u32 = 3;

/// How long it is skipped by default.
const COOLDOWN: Duration = Duration::from_secs(30);

/// How long it is skipped if the user has to act: a token, a login, an exhausted quota.
const LONG_COOLDOWN: Duration = Duration::from_mins(10);

/// The maximum, even if the provider reports a longer time.
const MAX_COOLDOWN: Duration = Duration::from_hours(1);

/// The failure record of one candidate.
#[derive(Default)]
pub(super) struct CircuitBreaker(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    open: Option<(Instant, Error)>,
}

impl CircuitBreaker {
    /// The error that opened the breaker, if it is open.
    pub(super) fn open(&self) -> Option<Error> {
        let state = self.state();
        let (until, error) = state.open.as_ref()?;
        (*until > Instant::now()).then(|| error.clone())
    }

    pub(super) fn succeeded(&self) {
        *self.state() = State::default();
    }

    /// Records an error that is the candidate's fault.
    pub(super) fn failed(&self, error: &Error) {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        let immediate = match error.kind() {
            ErrorKind::Unauthorized => Some(LONG_COOLDOWN),
            ErrorKind::QuotaExceeded { resets_at } => {
                let left = resets_at.and_then(|at| at.duration_since(SystemTime::now()).ok());
                Some(left.unwrap_or(LONG_COOLDOWN))
            }
            ErrorKind::RateLimited { retry_after } => Some(retry_after.unwrap_or(COOLDOWN)),
            _ => None,
        };
        // The count is kept after a cooldown, so one more failure starts the next.
        let cooldown = immediate.or((state.failures >= FAILURES).then_some(COOLDOWN));
        if let Some(cooldown) = cooldown {
            state.open = Some((Instant::now() + cooldown.min(MAX_COOLDOWN), error.clone()));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is consistent after every write, so a poisoned lock can be used.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
