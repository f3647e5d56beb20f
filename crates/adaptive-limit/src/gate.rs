//! The gate in front of the library: a limiter for each kind of call, behind the static caps that
//! an operator sets for all of them together.
//!
//! Uploads and destroys are limited apart, because nobody outside Cloudinary knows whether they
//! share their slots. If they do, the two limiters divide them like two workers.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use crate::limiter::{self, Limiter};
use crate::pace::Pace;
use crate::settings::Settings;

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// Stores an asset.
    Upload,
    /// Removes one.
    Destroy,
}

/// Decides when calls start, and learns from how they end.
#[derive(Debug)]
pub struct Gate {
    uploads: Limiter,
    destroys: Limiter,
    most: NonZeroUsize,
    pace: Option<Pace>,
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

/// A call in flight. Ends in exactly one of [`Gate::answered`], [`Gate::refused`] and
/// [`Gate::failed`].
#[derive(Debug)]
#[must_use = "a started call has to be ended"]
pub struct Call {
    kind: CallKind,
    call: limiter::Call,
}

impl Gate {
    /// Each kind has a limiter with `settings`. All kinds together have no more than
    /// `settings.max` calls in flight, and start no more than `per_second` each second.
    pub fn new(settings: Settings, per_second: Option<NonZeroU32>, random: f64) -> Self {
        Self {
            uploads: Limiter::new(settings, random),
            destroys: Limiter::new(settings, random),
            most: settings.max,
            pace: per_second.map(Pace::new),
        }
    }

    /// Asks to start a call.
    pub fn start(&mut self, kind: CallKind, now: Duration) -> Decision {
        if let Err(until) = self.room(kind, now) {
            return Decision::Wait(until);
        }
        if let Some(Err(next)) = self.pace.as_mut().map(|pace| pace.take(now)) {
            return Decision::Wait(Some(next));
        }
        match self.limiter(kind).start(now) {
            limiter::Decision::Start(call) => Decision::Start(Call { kind, call }),
            limiter::Decision::Wait(until) => Decision::Wait(until),
        }
    }

    /// The service let the call in and answered, whatever the answer was.
    pub fn answered(&mut self, call: Call, now: Duration, random: f64) {
        let Call { kind, call } = call;
        self.limiter(kind).answered(call, now, random);
    }

    /// The service refused the call because of its limit (420, 429).
    pub fn refused(&mut self, call: Call, now: Duration, random: f64) {
        let Call { kind, call } = call;
        self.limiter(kind).refused(call, now, random);
    }

    /// Nobody knows whether the call was let in: no answer came, or it was given up.
    pub fn failed(&mut self, call: Call) {
        let Call { kind, call } = call;
        self.limiter(kind).failed(call);
    }

    /// The service said when calls of this kind may come back.
    pub fn hold_until(&mut self, kind: CallKind, moment: Duration, now: Duration, random: f64) {
        self.limiter(kind).hold_until(moment, now, random);
    }

    /// Whether one more call of this kind could start, the static cap on the pace left aside.
    pub fn has_room(&self, kind: CallKind, now: Duration) -> bool {
        self.room(kind, now).is_ok()
    }

    /// Whether the account has no room for calls of this kind, see [`Limiter::is_pacing`].
    pub fn is_pacing(&self, kind: CallKind, now: Duration) -> bool {
        self.peek(kind).is_pacing(now)
    }

    /// Calls now in flight.
    pub fn in_flight(&self) -> usize {
        self.uploads.in_flight() + self.destroys.in_flight()
    }

    /// The most calls that may be in flight, of the kinds that are; of uploads while none is.
    /// The window of a kind that is not used says nothing about the account.
    pub fn limit(&self) -> usize {
        let used = [&self.uploads, &self.destroys]
            .into_iter()
            .filter(|limiter| limiter.in_flight() > 0);
        let limit = match used.map(Limiter::limit).sum() {
            0 => self.uploads.limit(),
            limit => limit,
        };
        limit.min(self.most.get())
    }

    /// The window of one kind of call, see [`Limiter::window`].
    pub fn window(&self, kind: CallKind) -> f64 {
        self.peek(kind).window()
    }

    fn room(&self, kind: CallKind, now: Duration) -> Result<(), Option<Duration>> {
        if self.in_flight() >= self.most.get() {
            return Err(None);
        }
        self.peek(kind).room(now)
    }

    fn peek(&self, kind: CallKind) -> &Limiter {
        match kind {
            CallKind::Upload => &self.uploads,
            CallKind::Destroy => &self.destroys,
        }
    }

    fn limiter(&mut self, kind: CallKind) -> &mut Limiter {
        match kind {
            CallKind::Upload => &mut self.uploads,
            CallKind::Destroy => &mut self.destroys,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::ZERO;

    fn gate(initial: usize, max: usize, per_second: Option<u32>) -> Gate {
        let count = |n| NonZeroUsize::new(n).unwrap();
        let settings = Settings::new(count(initial), count(max));
        Gate::new(settings, per_second.and_then(NonZeroU32::new), 0.5)
    }

    fn started(gate: &mut Gate, kind: CallKind, now: Duration) -> Vec<Call> {
        let mut calls = Vec::new();
        while let Decision::Start(call) = gate.start(kind, now) {
            calls.push(call);
        }
        calls
    }

    fn wait(gate: &mut Gate, kind: CallKind, now: Duration) -> Option<Duration> {
        match gate.start(kind, now) {
            Decision::Start(_) => panic!("it started"),
            Decision::Wait(until) => until,
        }
    }

    #[test]
    fn kinds_share_the_largest_number_of_calls() {
        let mut gate = gate(5, 8, None);
        let uploads = started(&mut gate, CallKind::Upload, START);
        let destroys = started(&mut gate, CallKind::Destroy, START);
        assert_eq!((uploads.len(), destroys.len()), (5, 3));
        assert_eq!((gate.in_flight(), gate.limit()), (8, 8));
        assert_eq!(wait(&mut gate, CallKind::Destroy, START), None);
    }

    #[test]
    fn the_limit_counts_the_kinds_that_are_used() {
        let mut gate = gate(5, 50, None);
        assert_eq!(gate.limit(), 5, "uploads, before anything is");
        let uploads = started(&mut gate, CallKind::Upload, START);
        assert_eq!((uploads.len(), gate.limit()), (5, 5));
        let destroys = started(&mut gate, CallKind::Destroy, START);
        assert_eq!((destroys.len(), gate.limit()), (5, 10));
    }

    #[test]
    fn refused_uploads_do_not_keep_destroys_waiting() {
        let mut gate = gate(4, 50, None);
        for call in started(&mut gate, CallKind::Upload, START) {
            gate.refused(call, START, 0.5);
        }
        assert!(gate.is_pacing(CallKind::Upload, START));
        assert!(gate.window(CallKind::Upload) < 1.0);
        assert!(!gate.is_pacing(CallKind::Destroy, START));
        assert_eq!(started(&mut gate, CallKind::Destroy, START).len(), 4);
    }

    #[test]
    fn a_static_cap_spaces_the_starts_of_all_kinds() {
        let mut gate = gate(10, 50, Some(4));
        assert_eq!(started(&mut gate, CallKind::Upload, START).len(), 1);
        let next = Duration::from_millis(250);
        assert_eq!(wait(&mut gate, CallKind::Destroy, START), Some(next));
        assert_eq!(started(&mut gate, CallKind::Destroy, next).len(), 1);
    }

    #[test]
    fn a_start_that_has_no_room_does_not_use_up_the_static_cap() {
        let mut gate = gate(1, 1, Some(1));
        let mut calls = started(&mut gate, CallKind::Upload, START);
        let later = Duration::from_secs(1);
        assert_eq!(wait(&mut gate, CallKind::Upload, later), None);
        gate.answered(calls.remove(0), later, 0.5);
        assert_eq!(started(&mut gate, CallKind::Upload, later).len(), 1);
    }

    #[test]
    fn a_clock_that_goes_back_does_not_open_the_gate() {
        let mut gate = gate(10, 50, Some(1));
        let now = Duration::from_secs(10);
        assert_eq!(started(&mut gate, CallKind::Upload, now).len(), 1);
        let next = wait(&mut gate, CallKind::Upload, Duration::from_secs(9));
        assert_eq!(next, Some(Duration::from_secs(11)));
    }

    #[test]
    fn what_holds_one_kind_does_not_hold_the_other() {
        let mut gate = gate(10, 50, None);
        let moment = Duration::from_secs(5);
        gate.hold_until(CallKind::Destroy, moment, START, 0.0);
        assert_eq!(wait(&mut gate, CallKind::Destroy, START), Some(moment));
        let calls = started(&mut gate, CallKind::Upload, START);
        assert_eq!(calls.len(), 10);
        for call in calls {
            gate.failed(call);
        }
        assert_eq!(gate.in_flight(), 0);
    }
}
