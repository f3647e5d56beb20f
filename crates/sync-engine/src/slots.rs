//! Library calls take a slot before they start and give it back when they end. The decision is
//! [`adaptive_limit::Limiter`]'s; the waiting is here.

use std::num::{NonZeroU32, NonZeroUsize};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use adaptive_limit::{Decision, Limiter};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::observation::{Observation, Observer};

/// The gate in front of the library.
pub(crate) struct Slots {
    limiter: Mutex<Limiter>,
    freed: Notify,
    start: Instant,
    observer: Observer,
}

/// The right to have one library call in flight; ends when dropped.
pub(crate) struct Slot<'a>(&'a Slots);

impl Slots {
    pub(crate) fn new(
        limit: NonZeroUsize,
        per_second: Option<NonZeroU32>,
        observer: Observer,
    ) -> Self {
        let limiter = Mutex::new(Limiter::new(limit, per_second));
        Self {
            limiter,
            freed: Notify::new(),
            start: Instant::now(),
            observer,
        }
    }

    /// Waits until a call may start.
    pub(crate) async fn acquire(&self) -> Slot<'_> {
        loop {
            // Registered before the decision, so that a slot freed in between is not missed.
            // Dropped unused, it hands its wake-up on.
            let mut freed = pin!(self.freed.notified());
            freed.as_mut().enable();
            let decision = self.limiter().start(self.start.elapsed());
            match decision {
                Decision::Start => {
                    self.tell();
                    return Slot(self);
                }
                Decision::Full => freed.await,
                Decision::NotBefore(moment) => {
                    tokio::time::sleep_until(self.start + moment).await;
                }
            }
        }
    }

    fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) {
        let (now, limit) = {
            let limiter = self.limiter();
            (limiter.in_flight(), limiter.limit())
        };
        self.observer
            .tell(&Observation::CallsInFlight { now, limit });
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.limiter().finished();
        self.0.freed.notify_one();
        self.0.tell();
    }
}
