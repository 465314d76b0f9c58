//! So many requests at once, so many in a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_stream::stream;
use futures_util::StreamExt;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep};

use crate::{Event, EventStream, Provider, ProviderInfo, Request};

/// Lets only so many requests through to a provider; the others wait, first come, first served.
///
/// - `concurrency`: so many streams at once. A place is free again when its stream has ended or is
///   dropped.
/// - `rate`: a token bucket. It is full at first, so that as many may start at once, and fills up
///   evenly.
///
/// One that must wait tells [`Event::Attempt`] and, once, [`Event::Queued`] with its place; the
/// provider's own first `Attempt` is then left out, for it is the same one. Dropping a stream that
/// waits gives its place up, and takes no token.
pub struct Limit {
    inner: Arc<dyn Provider>,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    places: Option<Semaphore>,
    bucket: Option<Bucket>,
    waiting: AtomicU32,
}

impl Limit {
    /// No limits yet.
    pub fn new(inner: Arc<dyn Provider>) -> Self {
        Self {
            inner,
            gate: Arc::default(),
        }
    }

    /// Lets at most `places` requests, at least 1, through at once.
    #[must_use]
    pub fn with_concurrency(self, places: u32) -> Self {
        let places = usize::try_from(places.max(1)).unwrap_or(Semaphore::MAX_PERMITS);
        self.with_gate(|gate| gate.places = Some(Semaphore::new(places)))
    }

    /// Lets at most `requests`, at least 1, through in each `period`.
    #[must_use]
    pub fn with_rate(self, requests: u32, period: Duration) -> Self {
        let bucket = Bucket::new(requests.max(1), period);
        self.with_gate(|gate| gate.bucket = Some(bucket))
    }

    fn with_gate(mut self, change: impl FnOnce(&mut Gate)) -> Self {
        // Nobody shares the gate before the first request.
        if let Some(gate) = Arc::get_mut(&mut self.gate) {
            change(gate);
        }
        self
    }
}

impl Provider for Limit {
    fn info(&self) -> &ProviderInfo {
        self.inner.info()
    }

    fn generate(&self, request: Request) -> EventStream {
        let (inner, gate) = (Arc::clone(&self.inner), Arc::clone(&self.gate));
        stream! {
            let mut pass = gate.try_enter();
            let mut told = pass.is_none();
            if pass.is_none() {
                let turn = Turn::new(&gate.waiting);
                let provider = inner.info().name.clone();
                yield Ok(Event::Attempt { provider, number: 1 });
                let (position, of) = (Some(turn.before), Some(turn.before + 1));
                yield Ok(Event::Queued { position, of, eta: None });
                pass = Some(gate.enter().await);
            }
            let mut events = inner.generate(request);
            while let Some(item) = events.next().await {
                let repeated = told && matches!(item, Ok(Event::Attempt { .. }));
                told = false;
                if !repeated {
                    yield item;
                }
            }
            // The caller may keep a stream that has ended.
            drop((events, pass));
        }
        .boxed()
    }
}

impl Gate {
    /// A way in without a wait.
    fn try_enter(&self) -> Option<Pass<'_>> {
        let place = match &self.places {
            Some(places) => Some(places.try_acquire().ok()?),
            None => None,
        };
        let too_soon = self
            .bucket
            .as_ref()
            .is_some_and(|bucket| !bucket.try_take());
        (!too_soon).then_some(Pass { _place: place })
    }

    async fn enter(&self) -> Pass<'_> {
        let place = match &self.places {
            // The semaphore is never closed.
            Some(places) => places.acquire().await.ok(),
            None => None,
        };
        if let Some(bucket) = &self.bucket {
            bucket.take().await;
        }
        Pass { _place: place }
    }
}

/// Leave to be in; its place is free again when it is dropped.
struct Pass<'a> {
    _place: Option<SemaphorePermit<'a>>,
}

/// A place among those that wait; given up on drop.
struct Turn<'a> {
    waiting: &'a AtomicU32,
    before: u32,
}

impl<'a> Turn<'a> {
    fn new(waiting: &'a AtomicU32) -> Self {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        Self { waiting, before }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A token bucket: full at first, one more token each `interval`.
struct Bucket {
    size: f64,
    interval: Duration,
    /// The tokens there were at a time; none before the first was taken.
    level: Mutex<Option<(f64, Instant)>>,
}

impl Bucket {
    fn new(size: u32, period: Duration) -> Self {
        Self {
            size: f64::from(size),
            // A period of no time at all would divide by zero.
            interval: (period / size).max(Duration::from_nanos(1)),
            level: Mutex::new(None),
        }
    }

    fn try_take(&self) -> bool {
        let Ok(mut level) = self.level.try_lock() else {
            return false; // someone waits for the next token
        };
        let tokens = self.tokens(*level);
        let enough = tokens >= 1.0;
        if enough {
            *level = Some((tokens - 1.0, Instant::now()));
        }
        enough
    }

    /// Takes a token when there is one; the lock, held while waiting, keeps the order.
    async fn take(&self) {
        let mut level = self.level.lock().await;
        let mut tokens = self.tokens(*level);
        while tokens < 1.0 {
            sleep(self.interval.mul_f64(1.0 - tokens)).await;
            tokens = self.tokens(*level);
        }
        *level = Some((tokens - 1.0, Instant::now()));
    }

    fn tokens(&self, level: Option<(f64, Instant)>) -> f64 {
        level.map_or(self.size, |(tokens, at)| {
            let new = at.elapsed().as_secs_f64() / self.interval.as_secs_f64();
            self.size.min(tokens + new)
        })
    }
}
