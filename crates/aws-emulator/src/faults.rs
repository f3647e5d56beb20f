//! Faults that a test arms: slow, failing, cut or half-failing operations.
//!
//! Both services ask [`Gate::enter`] before each HTTP operation; the answer says what to do wrong.
//! The in-process calls of [`crate::Emulator`] never pass here, so a test can always look.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One fault. The first armed fault whose operation matches a call is used for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    /// Operation by its AWS name (`HeadObject`, `ReceiveMessage`), or `*` for every one.
    pub operation: String,
    /// HTTP status of the failure; 500 when only a code is given.
    pub status: Option<u16>,
    /// Error code of the failure; `InternalError` when only a status is given.
    pub code: Option<String>,
    /// How many calls it affects; absent means all of them.
    pub times: Option<u64>,
    /// How long an affected call waits before anything else happens.
    pub latency_ms: u64,
    /// Close the connection without an answer, before or after the operation took effect.
    pub reset: Option<Reset>,
    /// How many entries of a batch fail, counted from the first; the others succeed.
    pub fail_entries: Option<usize>,
}

/// When a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reset {
    /// Nothing took effect.
    Before,
    /// The operation took effect and only its answer is lost.
    After,
}

/// What an affected call must do wrong.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verdict {
    pub(crate) failure: Option<Failure>,
    pub(crate) reset: Option<Reset>,
    pub(crate) fail_entries: usize,
    latency: Duration,
}

/// An error to answer with.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    pub(crate) code: String,
}

/// Counts the calls of both services and deals out the armed faults.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    faults: Mutex<Vec<Fault>>,
    calls: Mutex<BTreeMap<&'static str, BTreeMap<&'static str, u64>>>,
}

impl Gate {
    /// Counts a call, waits if it must be slow, and says what else must go wrong.
    pub(crate) async fn enter(&self, service: &'static str, operation: &'static str) -> Verdict {
        self.count(service, operation);
        let verdict = self.draw(operation);
        if !verdict.latency.is_zero() {
            tokio::time::sleep(verdict.latency).await;
        }
        verdict
    }

    /// Replaces every armed fault.
    pub(crate) fn arm(&self, mut faults: Vec<Fault>) {
        faults.retain(|fault| fault.times != Some(0));
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// Calls so far, by service and operation.
    pub(crate) fn calls(&self) -> BTreeMap<&'static str, BTreeMap<&'static str, u64>> {
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Forgets counts and faults.
    pub(crate) fn clear(&self) {
        self.arm(Vec::new());
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn count(&self, service: &'static str, operation: &'static str) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls
            .entry(service)
            .or_default()
            .entry(operation)
            .or_default() += 1;
    }

    fn draw(&self, operation: &str) -> Verdict {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(at) = faults
            .iter()
            .position(|f| f.operation == "*" || f.operation == operation)
        else {
            return Verdict::default();
        };
        let verdict = faults[at].verdict();
        if let Some(left) = &mut faults[at].times {
            *left = left.saturating_sub(1);
            if *left == 0 {
                faults.remove(at);
            }
        }
        verdict
    }
}

impl Fault {
    fn verdict(&self) -> Verdict {
        let failing = self.fail_entries.is_none() && (self.status.is_some() || self.code.is_some());
        let failure = failing.then(|| Failure {
            status: self.status.unwrap_or(500),
            code: self
                .code
                .clone()
                .unwrap_or_else(|| "InternalError".to_owned()),
        });
        Verdict {
            failure,
            reset: self.reset,
            fail_entries: self.fail_entries.unwrap_or(0),
            latency: Duration::from_millis(self.latency_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(operation: &str, times: Option<u64>) -> Fault {
        Fault {
            operation: operation.to_owned(),
            status: Some(503),
            times,
            ..Fault::default()
        }
    }

    #[test]
    fn a_fault_with_a_count_disarms_itself() {
        let gate = Gate::default();
        gate.arm(vec![fault("HeadObject", Some(2))]);
        let failures = (0..3)
            .filter(|_| gate.draw("HeadObject").failure.is_some())
            .count();
        assert_eq!(failures, 2);
    }

    #[test]
    fn a_fault_leaves_other_operations_alone() {
        let gate = Gate::default();
        gate.arm(vec![fault("HeadObject", None)]);
        assert!(gate.draw("GetObject").failure.is_none());
        assert_eq!(gate.draw("HeadObject").failure.map(|f| f.status), Some(503));
    }

    #[test]
    fn failing_entries_do_not_fail_the_call() {
        let gate = Gate::default();
        gate.arm(vec![Fault {
            fail_entries: Some(3),
            ..fault("DeleteMessageBatch", None)
        }]);
        let verdict = gate.draw("DeleteMessageBatch");
        assert!(verdict.failure.is_none());
        assert_eq!(verdict.fail_entries, 3);
    }
}
