//! Limits concurrent requests and the request rate.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_stream::stream;
use futures_util::StreamExt;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep};

use crate::{Event, EventStream, Provider, ProviderInfo, Request};

/// Limits the requests to a provider; further requests wait in order of arrival.
///
/// - [`with_concurrency`](Self::with_concurrency) limits the number of streams at a time. A permit
///   is released when its stream ends or is dropped.
/// - [`with_rate`](Self::with_rate) is a token bucket. It starts full, so that a burst passes, and
///   refills evenly.
///
/// A request that must wait emits [`Event::Attempt`] and one [`Event::Queued`] with its position;
/// the provider's first `Attempt` is then omitted, because it is the same attempt. Dropping a
/// waiting stream removes it from the queue without taking a token.
pub struct Limit {
    inner: Arc<dyn Provider>,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    permits: Option<Semaphore>,
    bucket: Option<Bucket>,
    waiting: AtomicU32,
}

impl Limit {
    /// Wraps `inner` without limits.
    pub fn new(inner: Arc<dyn Provider>) -> Self {
        Self {
            inner,
            gate: Arc::default(),
        }
    }

    /// Allows at most `requests` (at least 1) at a time.
    #[must_use]
    pub fn with_concurrency(self, requests: u32) -> Self {
        let permits = usize::try_from(requests.max(1)).unwrap_or(Semaphore::MAX_PERMITS);
        self.with_gate(|gate| gate.permits = Some(Semaphore::new(permits)))
    }

    /// Allows at most `requests` (at least 1) per `period`, in bursts of up to `requests`.
    #[must_use]
    pub fn with_rate(self, requests: u32, period: Duration) -> Self {
        let bucket = Bucket::new(requests.max(1), period);
        self.with_gate(|gate| gate.bucket = Some(bucket))
    }

    fn with_gate(mut self, change: impl FnOnce(&mut Gate)) -> Self {
        // The gate is not shared before the first request.
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
            let mut permit = gate.try_enter();
            let mut attempt_emitted = permit.is_none();
            if permit.is_none() {
                let queued = QueuePosition::new(&gate.waiting);
                let provider = inner.info().name.clone();
                yield Ok(Event::Attempt { provider, number: 1 });
                let (position, of) = (Some(queued.ahead), Some(queued.ahead + 1));
                yield Ok(Event::Queued { position, of, eta: None });
                permit = Some(gate.enter().await);
            }
            let mut events = inner.generate(request);
            while let Some(item) = events.next().await {
                let is_repeated = attempt_emitted && matches!(item, Ok(Event::Attempt { .. }));
                attempt_emitted = false;
                if !is_repeated {
                    yield item;
                }
            }
            // The caller may keep a finished stream.
            drop((events, permit));
        }
        .boxed()
    }
}

impl Gate {
    /// Enters without waiting, if possible.
    fn try_enter(&self) -> Option<Permit<'_>> {
        let permit = match &self.permits {
            Some(permits) => Some(permits.try_acquire().ok()?),
            None => None,
        };
        let is_rate_limited = self
            .bucket
            .as_ref()
            .is_some_and(|bucket| !bucket.try_take());
        (!is_rate_limited).then_some(Permit { _permit: permit })
    }

    async fn enter(&self) -> Permit<'_> {
        let permit = match &self.permits {
            // The semaphore is never closed.
            Some(permits) => permits.acquire().await.ok(),
            None => None,
        };
        if let Some(bucket) = &self.bucket {
            bucket.take().await;
        }
        Permit { _permit: permit }
    }
}

/// Permission to run; dropping it releases the permit.
struct Permit<'a> {
    _permit: Option<SemaphorePermit<'a>>,
}

/// A position in the queue; dropping it leaves the queue.
struct QueuePosition<'a> {
    waiting: &'a AtomicU32,
    ahead: u32,
}

impl<'a> QueuePosition<'a> {
    fn new(waiting: &'a AtomicU32) -> Self {
        let ahead = waiting.fetch_add(1, Ordering::Relaxed);
        Self { waiting, ahead }
    }
}

impl Drop for QueuePosition<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A token bucket that starts full and gains one token per `interval`.
struct Bucket {
    size: f64,
    interval: Duration,
    /// The number of tokens at a point in time; `None` before the first use.
    level: Mutex<Option<(f64, Instant)>>,
}

impl Bucket {
    fn new(size: u32, period: Duration) -> Self {
        Self {
            size: f64::from(size),
            // A period of zero would divide by zero.
            interval: (period / size).max(Duration::from_nanos(1)),
            level: Mutex::new(None),
        }
    }

    fn try_take(&self) -> bool {
        let Ok(mut level) = self.level.try_lock() else {
            return false; // another request is waiting for a token
        };
        let tokens = self.tokens(*level);
        let is_available = tokens >= 1.0;
        if is_available {
            *level = Some((tokens - 1.0, Instant::now()));
        }
        is_available
    }

    /// Waits for a token and takes it. Holding the lock meanwhile keeps requests in order.
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
            let refilled = at.elapsed().as_secs_f64() / self.interval.as_secs_f64();
            self.size.min(tokens + refilled)
        })
    }
}
