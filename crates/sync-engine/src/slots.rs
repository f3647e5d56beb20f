//! Library calls take a slot before they start, and end it with what the library said. The
//! decisions are [`adaptive_limit::gate::Gate`]'s; the waiting is here.

use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adaptive_limit::Settings;
use adaptive_limit::gate::{Call, CallKind, Decision, Gate};
use cloudinary_core::Disposition;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout_at};

use crate::observation::{Observation, Observer};
use crate::ports::LibraryError;

/// Who waits in line looks again after this time, should nobody have called.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// How often it is looked whether the library has room again for what is in line.
const CAUGHT_UP_CHECK: Duration = Duration::from_secs(1);

/// The gate in front of the library.
pub(crate) struct Slots {
    state: Mutex<State>,
    uploads: Line,
    destroys: Line,
    start: Instant,
    observer: Observer,
}

struct State {
    gate: Gate,
    random: fastrand::Rng,
}

/// Those who wait for a slot of one kind.
#[derive(Default)]
struct Line {
    freed: Notify,
    length: AtomicUsize,
}

/// A place in a line; left when dropped.
struct Place<'a>(&'a Line);

/// The right to have one library call in flight. If it is dropped without [`Slot::end`], nobody
/// knows what became of the call.
pub(crate) struct Slot<'a> {
    slots: &'a Slots,
    kind: CallKind,
    call: Option<Call>,
}

impl Slots {
    pub(crate) fn new(
        settings: Settings,
        per_second: Option<NonZeroU32>,
        seed: u64,
        observer: Observer,
    ) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let gate = Gate::new(settings, per_second, random.f64());
        Self {
            state: Mutex::new(State { gate, random }),
            uploads: Line::default(),
            destroys: Line::default(),
            start: Instant::now(),
            observer,
        }
    }

    /// Waits until a call may start.
    pub(crate) async fn acquire(&self, kind: CallKind) -> Slot<'_> {
        let line = self.line(kind);
        let _place = line.join();
        loop {
            // Registered before the decision, so that a slot freed in between is not missed.
            // Dropped unused, it hands its wake-up on.
            let mut freed = pin!(line.freed.notified());
            freed.as_mut().enable();
            let now = self.start.elapsed();
            let decision = self.state().gate.start(kind, now);
            match decision {
                Decision::Start(call) => return self.started(kind, call, now),
                Decision::Wait(until) => {
                    let moment = until.unwrap_or(now + LOOK_AGAIN);
                    // Whichever comes first: the gate is asked again.
                    let _ = timeout_at(self.start + moment, freed).await;
                }
            }
        }
    }

    /// Waits while calls are in line for which the library has no room. To take in more would only
    /// keep it from other members.
    pub(crate) async fn caught_up(&self) {
        while self.is_backed_up() {
            sleep(CAUGHT_UP_CHECK).await;
        }
    }

    fn is_backed_up(&self) -> bool {
        let now = self.start.elapsed();
        [CallKind::Upload, CallKind::Destroy]
            .into_iter()
            .any(|kind| !self.line(kind).is_empty() && self.state().gate.is_pacing(kind, now))
    }

    fn started(&self, kind: CallKind, call: Call, now: Duration) -> Slot<'_> {
        // One call that ends can make room for several, and calls only one from the line.
        if self.state().gate.has_room(kind, now) {
            self.line(kind).freed.notify_one();
        }
        self.tell();
        Slot {
            slots: self,
            kind,
            call: Some(call),
        }
    }

    /// A call has ended. Both lines are told, since both kinds together have a limit too.
    fn ended(&self) {
        self.uploads.freed.notify_one();
        self.destroys.freed.notify_one();
        self.tell();
    }

    fn tell(&self) {
        let (now, limit) = {
            let state = self.state();
            (state.gate.in_flight(), state.gate.limit())
        };
        self.observer
            .tell(&Observation::CallsInFlight { now, limit });
    }

    fn line(&self, kind: CallKind) -> &Line {
        match kind {
            CallKind::Upload => &self.uploads,
            CallKind::Destroy => &self.destroys,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot<'_> {
    /// The call has ended; the limit learns from how.
    pub(crate) fn end(mut self, error: Option<&LibraryError>) {
        if let Some(call) = self.call.take() {
            self.learn(call, error);
            self.slots.ended();
        }
    }

    fn learn(&self, call: Call, error: Option<&LibraryError>) {
        let now = self.slots.start.elapsed();
        let State { gate, random } = &mut *self.slots.state();
        let random = random.f64();
        match error.map(|error| error.disposition) {
            Some(Disposition::Throttled) => {
                gate.refused(call, now, random);
                if let Some(wait) = error.and_then(|error| error.retry_after) {
                    gate.hold_until(self.kind, now.saturating_add(wait), now, random);
                }
            }
            Some(Disposition::Transient | Disposition::Unclear) => gate.failed(call),
            // Whatever the library thinks of the call, it let it in.
            _ => gate.answered(call, now, random),
        }
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            self.slots.state().gate.failed(call);
            self.slots.ended();
        }
    }
}

impl Line {
    fn join(&self) -> Place<'_> {
        self.length.fetch_add(1, Ordering::Relaxed);
        Place(self)
    }

    fn is_empty(&self) -> bool {
        self.length.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.length.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
