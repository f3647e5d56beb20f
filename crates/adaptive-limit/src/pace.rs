//! A static cap on calls started per second: governor's leaky bucket with the clock set by hand.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, FakeRelativeClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

/// Lets `per_second` calls start each second, evenly spread: no burst beyond one call.
#[derive(Debug)]
pub(crate) struct Pace {
    clock: FakeRelativeClock,
    passed: Duration,
    limiter: RateLimiter<NotKeyed, InMemoryState, FakeRelativeClock, NoOpMiddleware<Nanos>>,
}

impl Pace {
    pub(crate) fn new(per_second: NonZeroU32) -> Self {
        let clock = FakeRelativeClock::default();
        let quota = Quota::per_second(per_second).allow_burst(NonZeroU32::MIN);
        let limiter = RateLimiter::direct_with_clock(quota, clock.clone());
        Self {
            clock,
            passed: Duration::ZERO,
            limiter,
        }
    }

    /// Takes a turn at `now`, or says when the next one comes.
    pub(crate) fn take(&mut self, now: Duration) -> Result<(), Duration> {
        self.clock.advance(now.saturating_sub(self.passed));
        self.passed = self.passed.max(now);
        self.limiter
            .check()
            .map_err(|refusal| self.passed + refusal.wait_time_from(self.clock.now()))
    }
}
