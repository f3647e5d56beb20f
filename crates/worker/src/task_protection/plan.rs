//! When to ask ECS for protection, and when to give it back. Pure: the time is an argument.
//!
//! Protection is for uploads that a drain would cut off, not for being busy: a fleet with a
//! backlog is always busy, and a protected task holds up every deployment. So a task is protected
//! only while an upload has already run for longer than a drain may take, asks again in good time,
//! lingers a little to spare ECS's rate limit, and lets go once an hour whatever it is doing.

use std::time::Duration;

use tokio::time::Instant;

/// For how long ECS protects if nobody asks again, as after a crash.
pub(super) const EXPIRES_MINUTES: u32 = 10;

const EXPIRES: Duration = Duration::from_mins(EXPIRES_MINUTES as u64);
/// Early enough for a few more attempts before the protection expires.
const RENEW_AFTER: Duration = Duration::from_mins(5);
/// The next long upload often follows at once.
const LINGER: Duration = Duration::from_mins(1);
/// A deployment waits for no task longer than this.
const LONGEST: Duration = Duration::from_hours(1);
/// Time for ECS to end the task, if it wants to.
const REST: Duration = Duration::from_mins(5);
/// After a refusal. The most that one task asks of ECS is one call in this time.
const RETRY: Duration = Duration::from_mins(1);

/// What to ask of ECS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// For protection, or for more of it.
    Protect,
    /// To be free again.
    Release,
}

/// What ECS was asked and what it said.
#[derive(Debug)]
pub(super) struct Plan {
    /// An upload that has run for so long is likely to outlast a drain.
    long: Duration,
    /// When a long upload was last seen.
    needed: Option<Instant>,
    protected: Option<Protected>,
    /// Nothing is asked before.
    quiet_until: Option<Instant>,
    /// No protection is asked for before.
    rest_until: Option<Instant>,
    /// ECS may hold a protection, even if its answer was lost.
    in_doubt: bool,
}

#[derive(Debug, Clone, Copy)]
struct Protected {
    since: Instant,
    renewed: Instant,
}

impl Plan {
    /// A plan that takes uploads for long once they have run for as long as a drain may take.
    pub(super) fn new(drain_timeout: Duration) -> Self {
        Self {
            long: drain_timeout,
            needed: None,
            protected: None,
            quiet_until: None,
            rest_until: None,
            in_doubt: false,
        }
    }

    /// What to ask now, given when the upload began that has run longest.
    pub(super) fn next(&mut self, now: Instant, oldest: Option<Instant>) -> Option<Step> {
        let long = oldest.is_some_and(|began| passed(began, now) >= self.long);
        if long {
            self.needed = Some(now);
        }
        self.protected = self.protected.filter(|p| passed(p.renewed, now) < EXPIRES);
        if self.quiet_until.is_some_and(|until| now < until) {
            return None;
        }
        let step = self.wanted(now, long);
        self.in_doubt |= step == Some(Step::Protect);
        step
    }

    /// Notes how ECS answered.
    pub(super) fn answered(&mut self, step: Step, now: Instant, agreed: bool) {
        self.quiet_until = (!agreed).then(|| now + RETRY);
        if !agreed {
            return;
        }
        match step {
            Step::Protect => {
                let since = self.protected.map_or(now, |p| p.since);
                let renewed = now;
                self.protected = Some(Protected { since, renewed });
            }
            Step::Release => {
                self.in_doubt = false;
                let forced = self.protected.take().is_some_and(|p| is_too_long(p, now));
                self.rest_until = forced.then(|| now + REST);
            }
        }
    }

    /// Whether there is something to take back.
    pub(super) fn may_be_protected(&self) -> bool {
        self.in_doubt
    }

    fn wanted(&self, now: Instant, long: bool) -> Option<Step> {
        let Some(protected) = self.protected else {
            let rests = self.rest_until.is_some_and(|until| now < until);
            return (long && !rests).then_some(Step::Protect);
        };
        let lingers = self.needed.is_some_and(|last| passed(last, now) < LINGER);
        if is_too_long(protected, now) || !lingers {
            return Some(Step::Release);
        }
        (long && passed(protected.renewed, now) >= RENEW_AFTER).then_some(Step::Protect)
    }
}

fn is_too_long(protected: Protected, now: Instant) -> bool {
    passed(protected.since, now) >= LONGEST
}

fn passed(since: Instant, now: Instant) -> Duration {
    now.saturating_duration_since(since)
}

#[cfg(test)]
mod tests;
