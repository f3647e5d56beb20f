//! One limiter for one kind of call: counts what is in flight, and lets the next call start when
//! the window and the words of the service allow it.
//!
//! Pure: the caller passes the time (since a start of its choosing) and the randomness, and does
//! the waiting. Caps that hold for several kinds together are [`crate::gate::Gate`]'s.

use std::time::Duration;

use crate::settings::Settings;
use crate::window::{Room, Window};

/// A wait that the service asked for is stretched by at most this share, so that a fleet does not
/// come back in the same moment.
const HOLD_JITTER: f64 = 0.1;
/// The longest wait that is taken from the service's words. After it one asks again: the words may
/// have been about a single feature, or wrong.
const HOLD_MAX: Duration = Duration::from_hours(1);

/// Decides when calls start, and learns from how they end.
#[derive(Debug)]
pub struct Limiter {
    window: Window,
    in_flight: usize,
    held_until: Duration,
    now: Duration,
}

/// Whether a call may start.
#[derive(Debug)]
#[must_use = "a started call has to be ended"]
pub enum Decision {
    /// It has started.
    Start(Call),
    /// Not before a call ends; nor before this moment if there is one, whichever comes first.
    Wait(Option<Duration>),
}

/// A call in flight. Ends in exactly one of [`Limiter::answered`], [`Limiter::refused`] and
/// [`Limiter::failed`].
#[derive(Debug)]
#[must_use = "a started call has to be ended"]
pub struct Call {
    level: usize,
    started: Duration,
}

impl Limiter {
    /// Nothing in flight. `random` is drawn evenly from `0.0..1.0`, as everywhere.
    pub fn new(settings: Settings, random: f64) -> Self {
        Self {
            window: Window::new(settings, random),
            in_flight: 0,
            held_until: Duration::ZERO,
            now: Duration::ZERO,
        }
    }

    /// Asks to start a call.
    pub fn start(&mut self, now: Duration) -> Decision {
        let now = self.passed(now);
        if let Err(until) = self.room(now) {
            return Decision::Wait(until);
        }
        if self.window.room(now, self.in_flight) == Room::Ask {
            self.window.ask(now);
        }
        self.in_flight += 1;
        Decision::Start(Call {
            level: self.in_flight,
            started: now,
        })
    }

    /// Whether a call could start; if not, [`Decision::Wait`] says until when.
    pub fn room(&self, now: Duration) -> Result<(), Option<Duration>> {
        let now = now.max(self.now);
        if now < self.held_until {
            return Err(Some(self.held_until));
        }
        match self.window.room(now, self.in_flight) {
            Room::Full(until) => Err(until),
            Room::Held | Room::Ask => Ok(()),
        }
    }

    /// The service let the call in and answered, whatever the answer was.
    pub fn answered(&mut self, call: Call, now: Duration, random: f64) {
        let (call, now) = self.end(call, now);
        self.window.answered(call.level, call.started, now, random);
    }

    /// The service refused the call because of its limit (420, 429). How long this call waits
    /// before it wants a slot again is for [`crate::backoff`] to say.
    pub fn refused(&mut self, call: Call, now: Duration, random: f64) {
        let (_, now) = self.end(call, now);
        self.window.refused(self.in_flight, now, random);
    }

    /// Nobody knows whether the call was let in: no answer came, or it was given up.
    pub fn failed(&mut self, call: Call) {
        drop(self.end(call, self.now));
    }

    /// The service said when to come back (`Retry-After`, `Try again on …`, a quota's reset).
    pub fn hold_until(&mut self, moment: Duration, now: Duration, random: f64) {
        let now = self.passed(now);
        let wait = moment.saturating_sub(now).min(HOLD_MAX);
        let stretched = wait.mul_f64(1.0 + HOLD_JITTER * random.clamp(0.0, 1.0));
        self.held_until = self.held_until.max(now + stretched);
    }

    /// The account has no room for this worker, or wants to be left alone: whoever takes in work
    /// should stop as long as some is waiting.
    pub fn is_pacing(&self, now: Duration) -> bool {
        self.window.size() < 1.0 || now.max(self.now) < self.held_until
    }

    /// No call could start now, be it only because enough are in flight.
    pub fn is_saturated(&self, now: Duration) -> bool {
        self.room(now).is_err()
    }

    /// Calls now in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// The most calls that may be in flight.
    pub fn limit(&self) -> usize {
        self.window.limit()
    }

    /// The limit as a number that goes below one: the share of the time with a call in flight.
    pub fn window(&self) -> f64 {
        self.window.size()
    }

    fn end(&mut self, call: Call, now: Duration) -> (Call, Duration) {
        debug_assert!(self.in_flight > 0, "every end belongs to a start");
        self.in_flight = self.in_flight.saturating_sub(1);
        (call, self.passed(now))
    }

    /// The latest time seen: a clock that goes back stands still.
    fn passed(&mut self, now: Duration) -> Duration {
        self.now = self.now.max(now);
        self.now
    }
}

#[cfg(test)]
mod tests;
