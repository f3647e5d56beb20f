//! How many calls may be in flight: the part of the limiter that learns.
//!
//! Keep, ask, give up. A worker keeps the slots whose calls are answered. It asks for one more
//! rarely, and for twice as many each time that is granted. It gives up what is refused. A worker
//! that holds nothing asks with one call at a time, more and more rarely.
//! Only refusals count; counting calls and spacing their starts is [`crate::limiter::Limiter`]'s.

use std::time::Duration;

use crate::service_time::ServiceTime;
use crate::settings::{Settings, Start, to_f64};

/// The pace of a worker before it loses everything for the first time: one ask per service time.
const PACE_MAX: f64 = 1.0;
/// A refused ask of a worker that holds nothing divides its pace by this.
const PACE_DIVISOR: f64 = 4.0;
/// Waits are spread evenly over this much of their length, so that workers do not ask together.
const JITTER: (f64, f64) = (0.75, 0.5);

/// Whether one more call fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// Within what is held.
    Held,
    /// Beyond it, and it is time to ask.
    Ask,
    /// Not before a call ends, nor before this moment if there is one.
    Full(Option<Duration>),
}

/// What this worker holds of the account, and when it asks for more.
#[derive(Debug)]
pub(crate) struct Window {
    settings: Settings,
    /// Calls that may be in flight. None: one at a time, at `pace`.
    slots: usize,
    /// Asks per service time while nothing is held.
    pace: f64,
    /// The largest window that was answered since an ask was refused. An outage hardly lowers it,
    /// so that what the outage took is asked back at once.
    proven: usize,
    /// Since when the window is larger than what has been answered.
    asked: Option<Duration>,
    /// How many slots the next ask is for.
    step: usize,
    /// Nothing has been refused yet.
    slow_start: bool,
    last_ask: Duration,
    next_ask: Duration,
    service: ServiceTime,
}

impl Window {
    pub(crate) fn new(settings: Settings, random: f64) -> Self {
        let first = settings.first_window();
        let slots = whole(first);
        let pace = first.min(PACE_MAX);
        let service = ServiceTime::new(settings.expected_call);
        let next_ask = if slots == 0 {
            service.of(1.0, pace).mul_f64(unit(random))
        } else {
            Duration::ZERO
        };
        Self {
            settings,
            slots,
            pace,
            proven: 0,
            asked: (slots > 0).then_some(Duration::ZERO),
            step: slots.max(1),
            slow_start: matches!(settings.start, Start::Slots(_)),
            last_ask: Duration::ZERO,
            next_ask,
            service,
        }
    }

    /// The window as a number: calls at once; below one, the share of the time with a call.
    pub(crate) fn size(&self) -> f64 {
        if self.slots == 0 {
            self.pace
        } else {
            to_f64(self.slots)
        }
    }

    /// Calls that may be in flight.
    pub(crate) fn limit(&self) -> usize {
        self.slots.max(1)
    }

    pub(crate) fn room(&self, now: Duration, in_flight: usize) -> Room {
        if in_flight < self.slots {
            Room::Held
        } else if in_flight > self.slots || self.asked.is_some() || self.is_largest() {
            Room::Full(None)
        } else if now < self.next_ask {
            Room::Full(Some(self.next_ask))
        } else {
            Room::Ask
        }
    }

    /// The call that starts now goes beyond what is held. From nothing, the window grows only with
    /// the answer: nobody else may start meanwhile.
    pub(crate) fn ask(&mut self, now: Duration) {
        self.last_ask = now;
        if self.slots > 0 {
            self.slots = (self.slots + self.step).min(self.settings.max.get());
            self.asked = Some(now);
        }
    }

    /// A call that `started` as the `level`th in flight was let in.
    pub(crate) fn answered(&mut self, level: usize, started: Duration, now: Duration, random: f64) {
        self.service.observe(now.saturating_sub(started));
        if self.slots == 0 {
            self.slots = 1;
            self.asked = Some(started);
        }
        let proves = |asked| level >= self.slots && started >= asked;
        if self.asked.is_some_and(proves) {
            self.granted(now, random);
        }
    }

    /// A call was refused, `in_flight` others go on: that is what this worker has.
    pub(crate) fn refused(&mut self, in_flight: usize, now: Duration, random: f64) {
        if self.asked.take().is_some() {
            self.proven = self.proven.min(in_flight.max(self.proven / 2));
        }
        self.slow_start = false;
        self.step = 1;
        self.slots = self.slots.min(in_flight);
        self.next_ask = if self.slots == 0 {
            self.pace = self.slower_pace();
            now + self.wait(1.0, self.pace, random)
        } else {
            // From the last ask on: refusals that others cause do not put the next one off.
            let slots = to_f64(self.slots);
            let long = self.wait(self.settings.calls_per_ask.get(), slots, random);
            let short = self.wait(self.settings.calls_per_step.get(), slots, random);
            (self.last_ask + long).max(now + short)
        };
    }

    /// The whole window has been used and answered.
    fn granted(&mut self, now: Duration, random: f64) {
        self.asked = None;
        if self.slots > 1 {
            self.pace = (self.pace * PACE_DIVISOR).min(PACE_MAX);
        }
        self.next_ask = if self.slow_start || self.slots < self.proven {
            now
        } else {
            let calls = self.settings.calls_per_step.get();
            now + self.wait(calls, to_f64(self.slots), random)
        };
        self.step = if self.slow_start {
            self.slots
        } else {
            (self.step * 2).min(self.slots)
        };
        self.proven = self.proven.max(self.slots);
    }

    /// The time of `calls` at `window`, more or less.
    fn wait(&self, calls: impl Into<f64>, window: f64, random: f64) -> Duration {
        let wait = self.service.of(calls.into(), window);
        let jitter = JITTER.0 + JITTER.1 * unit(random);
        wait.min(self.settings.ask_wait_max).mul_f64(jitter)
    }

    fn slower_pace(&self) -> f64 {
        let slower = self.pace / PACE_DIVISOR;
        slower.max(self.pace_min()).min(PACE_MAX)
    }

    /// The slowest pace. A worker that held much is a large part of its fleet and may ask more
    /// often: a fleet then asks about as often as its account is large, whatever its own size.
    fn pace_min(&self) -> f64 {
        let share = if self.proven > 1 {
            to_f64(self.proven)
        } else {
            1.0 / f64::from(self.settings.idle_factor.get())
        };
        share / f64::from(self.settings.calls_per_ask.get())
    }

    fn is_largest(&self) -> bool {
        self.slots >= self.settings.max.get()
    }
}

/// The whole calls in a window.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a window is not negative, and far smaller than any integer type"
)]
fn whole(window: f64) -> usize {
    window.floor() as usize
}

fn unit(random: f64) -> f64 {
    random.clamp(0.0, 1.0)
}
