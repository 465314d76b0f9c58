//! Which candidates have failed of late.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::{Error, ErrorKind};

/// So many failures in a row, and a candidate is passed over.
const FAILURES: u32 = 3;

/// For so long, where nothing better is known.
const COOLDOWN: Duration = Duration::from_secs(30);

/// For so long where only a person can mend it: a token, a login, a used-up share.
const LONG_COOLDOWN: Duration = Duration::from_mins(10);

/// At the longest, whatever the provider says.
const LONGEST: Duration = Duration::from_hours(1);

/// What is remembered of one candidate.
#[derive(Default)]
pub(super) struct Health(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    cooling: Option<(Instant, Error)>,
}

impl Health {
    /// The failure for which it is passed over at present.
    pub(super) fn cooling(&self) -> Option<Error> {
        let state = self.state();
        let (until, error) = state.cooling.as_ref()?;
        (*until > Instant::now()).then(|| error.clone())
    }

    pub(super) fn succeeded(&self) {
        *self.state() = State::default();
    }

    /// Notes a failure of the candidate's own.
    pub(super) fn failed(&self, error: &Error) {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        let at_once = match error.kind() {
            ErrorKind::Unauthorized => Some(LONG_COOLDOWN),
            ErrorKind::QuotaExceeded { resets_at } => {
                let left = resets_at.and_then(|at| at.duration_since(SystemTime::now()).ok());
                Some(left.unwrap_or(LONG_COOLDOWN))
            }
            ErrorKind::RateLimited { retry_after } => Some(retry_after.unwrap_or(COOLDOWN)),
            _ => None,
        };
        // One that failed on after its cooldown is passed over again at once.
        let time = at_once.or((state.failures >= FAILURES).then_some(COOLDOWN));
        if let Some(time) = time {
            state.cooling = Some((Instant::now() + time.min(LONGEST), error.clone()));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each write is a whole state: one that panicked elsewhere has left no half of it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
