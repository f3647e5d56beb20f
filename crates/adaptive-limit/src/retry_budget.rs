//! How much trying again is affordable: a share of the first tries, and a little more per second.
//! When a service fails for everybody, retries then add a fifth to its load instead of multiplying
//! it. Pure: the caller waits, and decides what is a first try.

use std::time::Duration;

/// What retries may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryBudgetSettings {
    /// Retries per hundred first tries. Smaller: a bad day is felt less by the service, and more
    /// work goes back to the queue. Larger: the opposite.
    pub percent: u8,
    /// Retries per second on top, so that a quiet worker can retry at all.
    pub per_second: f64,
    /// Retries that can be saved up. Smaller: short failures of a busy worker are not ridden out.
    pub saved_max: f64,
}

impl Default for RetryBudgetSettings {
    fn default() -> Self {
        Self {
            percent: 20,
            per_second: 0.5,
            saved_max: 50.0,
        }
    }
}

/// A bucket of retries.
#[derive(Debug)]
pub struct RetryBudget {
    settings: RetryBudgetSettings,
    saved: f64,
    filled: Duration,
}

impl RetryBudget {
    /// Full: a worker may start in the middle of a short failure.
    pub fn new(settings: RetryBudgetSettings) -> Self {
        Self {
            settings,
            saved: settings.saved_max,
            filled: Duration::ZERO,
        }
    }

    /// A first try was made.
    pub fn first_try(&mut self, now: Duration) {
        self.fill(now);
        self.save(f64::from(self.settings.percent) / 100.0);
    }

    /// Takes a retry, or says when the reserve will have one, if ever.
    pub fn take(&mut self, now: Duration) -> Result<(), Option<Duration>> {
        self.fill(now);
        if self.saved >= 1.0 {
            self.saved -= 1.0;
            return Ok(());
        }
        let seconds = (1.0 - self.saved) / self.settings.per_second;
        let wait = Duration::try_from_secs_f64(seconds).ok();
        Err(wait.and_then(|wait| self.filled.checked_add(wait)))
    }

    fn fill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.filled);
        self.filled += passed;
        self.save(passed.as_secs_f64() * self.settings.per_second);
    }

    fn save(&mut self, retries: f64) {
        self.saved = (self.saved + retries).min(self.settings.saved_max);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn empty(settings: RetryBudgetSettings) -> RetryBudget {
        let mut budget = RetryBudget::new(settings);
        while budget.take(Duration::ZERO).is_ok() {}
        budget
    }

    #[test]
    fn five_first_tries_pay_for_one_retry() {
        let mut budget = empty(RetryBudgetSettings::default());
        for _ in 0..5 {
            assert!(budget.take(Duration::ZERO).is_err());
            budget.first_try(Duration::ZERO);
        }
        assert_eq!(budget.take(Duration::ZERO), Ok(()));
        assert!(budget.take(Duration::ZERO).is_err());
    }

    #[test]
    fn an_empty_budget_says_when_the_reserve_has_a_retry() {
        let mut budget = empty(RetryBudgetSettings::default());
        let moment = Duration::from_secs(2);
        assert_eq!(budget.take(Duration::ZERO), Err(Some(moment)));
        assert_eq!(budget.take(moment), Ok(()));
    }

    #[test]
    fn without_a_reserve_no_moment_is_promised() {
        let settings = RetryBudgetSettings {
            per_second: 0.0,
            ..RetryBudgetSettings::default()
        };
        assert_eq!(empty(settings).take(Duration::from_secs(9)), Err(None));
    }

    #[test]
    fn a_clock_that_goes_back_saves_nothing() {
        let mut budget = empty(RetryBudgetSettings::default());
        budget.take(Duration::from_mins(1)).unwrap();
        while budget.take(Duration::from_mins(1)).is_ok() {}
        assert!(budget.take(Duration::from_secs(1)).is_err());
        assert!(budget.take(Duration::from_secs(61)).is_err());
    }

    proptest! {
        #[test]
        fn retries_stay_a_share_of_the_first_tries(
            steps in prop::collection::vec((0_u64..2_000, 0_u8..4), 1..400),
        ) {
            let settings = RetryBudgetSettings::default();
            let mut budget = RetryBudget::new(settings);
            let (mut now, mut tries, mut retries) = (Duration::ZERO, 0_u32, 0_u32);
            for (pause_ms, wanted) in steps {
                now += Duration::from_millis(pause_ms);
                tries += 1;
                budget.first_try(now);
                for _ in 0..wanted {
                    retries += u32::from(budget.take(now).is_ok());
                }
            }
            let earned = f64::from(tries) * 0.2 + now.as_secs_f64() * 0.5;
            prop_assert!(f64::from(retries) <= settings.saved_max + earned + 1e-6);
        }
    }
}
