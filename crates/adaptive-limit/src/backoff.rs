//! Exponential backoff with full jitter: a wait drawn evenly from zero to a ceiling that doubles
//! with every attempt. Full jitter spreads callers that failed together better than any narrower
//! kind (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).

use std::time::Duration;

/// A ceiling that doubles from `base` to `cap`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The ceiling of the first wait.
    pub base: Duration,
    /// The ceiling that is never passed.
    pub cap: Duration,
}

impl Backoff {
    /// The longest wait after `attempt` failures, counted from one.
    pub fn ceiling(self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        self.base.saturating_mul(1 << doublings).min(self.cap)
    }

    /// The wait after `attempt` failures; `random` is drawn evenly from `0.0..1.0`.
    pub fn wait(self, attempt: u32, random: f64) -> Duration {
        self.ceiling(attempt).mul_f64(random.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BACKOFF: Backoff = Backoff {
        base: Duration::from_millis(500),
        cap: Duration::from_secs(20),
    };

    #[test]
    fn the_ceiling_doubles_until_the_cap() {
        let ceilings: Vec<_> = (1..=8).map(|n| BACKOFF.ceiling(n).as_millis()).collect();
        assert_eq!(
            ceilings,
            [500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]
        );
    }

    #[test]
    fn the_wait_uses_the_whole_range() {
        assert_eq!(BACKOFF.wait(3, 0.0), Duration::ZERO);
        assert_eq!(BACKOFF.wait(3, 0.5), Duration::from_secs(1));
        assert_eq!(BACKOFF.wait(3, 1.0), Duration::from_secs(2));
    }

    proptest! {
        #[test]
        fn a_wait_never_passes_its_ceiling_nor_the_cap(attempt: u32, random in 0.0..1.0_f64) {
            let wait = BACKOFF.wait(attempt, random);
            prop_assert!(wait <= BACKOFF.ceiling(attempt));
            prop_assert!(wait <= BACKOFF.cap);
        }
    }
}
