//! The Admin API's hourly quota: so many calls per clock hour, then 420 until the next one begins.

/// Reported as the limit when none is enforced.
const UNLIMITED: u32 = 1_000_000;

/// Counts calls of the current clock hour.
#[derive(Debug)]
pub(crate) struct Quota {
    limit: Option<u32>,
    hour: u64,
    used: u32,
}

/// What the rate-limit headers of one answer say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QuotaState {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Unix seconds of the top of the next hour.
    pub(crate) reset: u64,
    /// This call is over the limit and must be refused.
    pub(crate) exhausted: bool,
}

impl Quota {
    pub(crate) fn new(limit: Option<u32>) -> Self {
        Self {
            limit,
            hour: 0,
            used: 0,
        }
    }

    /// Counts one call.
    pub(crate) fn take(&mut self, now: u64) -> QuotaState {
        let hour = now / 3600;
        if hour != self.hour {
            (self.hour, self.used) = (hour, 0);
        }
        let limit = self.limit.unwrap_or(UNLIMITED);
        let exhausted = self.limit.is_some_and(|limit| self.used >= limit);
        self.used = self.used.saturating_add(1);
        let remaining = limit.saturating_sub(self.used);
        QuotaState {
            limit,
            remaining,
            reset: (hour + 1) * 3600,
            exhausted,
        }
    }

    pub(crate) fn reset(&mut self) {
        self.used = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_ends_with_the_clock_hour() {
        let mut quota = Quota::new(Some(2));
        assert_eq!(
            quota.take(7_100),
            QuotaState {
                limit: 2,
                remaining: 1,
                reset: 7_200,
                exhausted: false
            }
        );
        assert!(!quota.take(7_199).exhausted);
        assert!(quota.take(7_199).exhausted);
        let fresh = quota.take(7_200);
        assert_eq!(
            (fresh.exhausted, fresh.remaining, fresh.reset),
            (false, 1, 10_800)
        );
    }

    #[test]
    fn without_a_limit_no_call_is_refused() {
        let mut quota = Quota {
            used: u32::MAX,
            hour: 1,
            ..Quota::new(None)
        };
        assert!(!quota.take(3_600).exhausted);
    }
}
