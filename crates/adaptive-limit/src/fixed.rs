//! The gate in front of every library call: so many at once, and no more than so many a second.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use crate::pace::Pace;

/// Counts calls in flight and spaces their starts.
#[derive(Debug)]
pub struct Limiter {
    limit: usize,
    in_flight: usize,
    pace: Option<Pace>,
}

/// Whether a call may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It has started; [`Limiter::finished`] must follow.
    Start,
    /// Not before another call finishes.
    Full,
    /// Not before this moment.
    NotBefore(Duration),
}

impl Limiter {
    /// At most `limit` calls in flight, and `per_second` started each second where given.
    pub fn new(limit: NonZeroUsize, per_second: Option<NonZeroU32>) -> Self {
        Self {
            limit: limit.get(),
            in_flight: 0,
            pace: per_second.map(Pace::new),
        }
    }

    /// Asks to start a call at `now`, the time since a start of the caller's choosing.
    pub fn start(&mut self, now: Duration) -> Decision {
        if self.in_flight >= self.limit {
            return Decision::Full;
        }
        if let Some(Err(next)) = self.pace.as_mut().map(|pace| pace.take(now)) {
            return Decision::NotBefore(next);
        }
        self.in_flight += 1;
        Decision::Start
    }

    /// A started call has ended, however it ended.
    pub fn finished(&mut self) {
        debug_assert!(self.in_flight > 0, "every end belongs to a start");
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Calls now in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// The most calls that may be in flight.
    pub fn limit(&self) -> usize {
        self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(limit: usize, per_second: Option<u32>) -> Limiter {
        let limit = NonZeroUsize::new(limit).unwrap();
        Limiter::new(limit, per_second.and_then(NonZeroU32::new))
    }

    #[test]
    fn no_more_than_the_limit_are_in_flight() {
        let mut limiter = limiter(2, None);
        assert_eq!(limiter.start(Duration::ZERO), Decision::Start);
        assert_eq!(limiter.start(Duration::ZERO), Decision::Start);
        assert_eq!(limiter.start(Duration::ZERO), Decision::Full);
        limiter.finished();
        assert_eq!(limiter.start(Duration::ZERO), Decision::Start);
    }

    #[test]
    fn a_rate_spaces_the_starts_evenly() {
        let mut limiter = limiter(100, Some(4));
        assert_eq!(limiter.start(Duration::ZERO), Decision::Start);
        assert_eq!(
            limiter.start(Duration::from_millis(50)),
            Decision::NotBefore(Duration::from_millis(250))
        );
        assert_eq!(limiter.start(Duration::from_millis(250)), Decision::Start);
    }

    #[test]
    fn a_refused_start_takes_no_slot() {
        let mut limiter = limiter(100, Some(1));
        assert_eq!(limiter.start(Duration::ZERO), Decision::Start);
        assert_ne!(limiter.start(Duration::ZERO), Decision::Start);
        assert_eq!(limiter.in_flight(), 1);
    }

    #[test]
    fn a_clock_that_goes_backwards_does_not_open_the_gate() {
        let mut limiter = limiter(100, Some(1));
        assert_eq!(limiter.start(Duration::from_secs(10)), Decision::Start);
        assert_eq!(
            limiter.start(Duration::from_secs(9)),
            Decision::NotBefore(Duration::from_secs(11))
        );
    }
}
