//! What all runs of a member may spend on trying again after failures that pass by themselves.
//! The decision is [`adaptive_limit::retry_budget::RetryBudget`]'s.

use std::sync::{Mutex, PoisonError};

use adaptive_limit::retry_budget::{RetryBudget, RetryBudgetSettings};
use tokio::time::Instant;

/// Shared by all runs.
pub(crate) struct Retries {
    budget: Mutex<RetryBudget>,
    start: Instant,
}

impl Retries {
    pub(crate) fn new() -> Self {
        Self {
            budget: Mutex::new(RetryBudget::new(RetryBudgetSettings::default())),
            start: Instant::now(),
        }
    }

    /// A run has begun.
    pub(crate) fn first_try(&self) {
        self.with(RetryBudget::first_try);
    }

    /// Whether a run may try again; if so, that is paid for.
    pub(crate) fn take(&self) -> bool {
        self.with(|budget, now| budget.take(now).is_ok())
    }

    fn with<T>(&self, act: impl FnOnce(&mut RetryBudget, std::time::Duration) -> T) -> T {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut budget, self.start.elapsed())
    }
}
