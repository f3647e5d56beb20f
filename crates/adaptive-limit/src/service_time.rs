//! How long a call takes: a moving average that turns "once in so many calls" into time. It never
//! decides whether there is room; the time of an upload says how large its file is.

use std::time::Duration;

/// Weight of the newest call. Small, so that one huge file does not stretch every wait; larger for
/// the first calls, so that the expectation is soon forgotten.
const WEIGHT: f64 = 0.05;
/// Kept within, so that neither a local stand-in nor a video makes the waits absurd.
const RANGE: (f64, f64) = (0.01, 300.0);

/// The average time of one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServiceTime {
    seconds: f64,
    weight: f64,
}

impl ServiceTime {
    pub(crate) fn new(expected: Duration) -> Self {
        Self {
            seconds: expected.as_secs_f64().clamp(RANGE.0, RANGE.1),
            weight: 0.5,
        }
    }

    pub(crate) fn observe(&mut self, took: Duration) {
        let took = took.as_secs_f64().clamp(RANGE.0, RANGE.1);
        self.seconds += self.weight * (took - self.seconds);
        self.weight = (self.weight / (1.0 + self.weight)).max(WEIGHT);
    }

    /// The time in which `calls` are made at `window` at once.
    pub(crate) fn of(self, calls: f64, window: f64) -> Duration {
        Duration::try_from_secs_f64(calls * self.seconds / window).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expectation_is_soon_forgotten() {
        let mut service = ServiceTime::new(Duration::from_secs(2));
        for _ in 0..10 {
            service.observe(Duration::from_millis(100));
        }
        assert!(service.of(1.0, 1.0) < Duration::from_millis(300));
    }

    #[test]
    fn one_huge_file_hardly_counts_among_many() {
        let mut service = ServiceTime::new(Duration::from_secs(2));
        for _ in 0..100 {
            service.observe(Duration::from_secs(2));
        }
        service.observe(Duration::from_secs(100));
        assert!(service.of(1.0, 1.0) < Duration::from_secs(7));
    }

    #[test]
    fn more_calls_at_once_take_less_time() {
        let service = ServiceTime::new(Duration::from_secs(2));
        assert_eq!(service.of(100.0, 10.0), Duration::from_secs(20));
        assert_eq!(service.of(100.0, 0.5), Duration::from_secs(400));
    }

    #[test]
    fn calls_without_duration_keep_some_wait() {
        let mut service = ServiceTime::new(Duration::ZERO);
        service.observe(Duration::ZERO);
        assert!(service.of(1.0, 1.0) > Duration::ZERO);
    }
}
