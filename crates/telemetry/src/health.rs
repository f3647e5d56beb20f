//! Whether this worker lives and whether it is ready to work.
//!
//! Named checks are set from outside and read by the admin endpoint. Ready means that every
//! check passes and no drain has begun. Alive means that the poll loop still turns: a poll has
//! completed lately, or there is a stated reason for not polling. Time is tokio's, so that tests
//! can move it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

/// The excuse until the first poll.
const STARTING: &str = "starting";

/// What is known of this worker's health. Shared between the engine's observer and the endpoint.
#[derive(Debug)]
pub struct Health {
    poll_limit: Duration,
    state: Mutex<State>,
}

/// One answer of `/livez` or `/readyz`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether everything passes.
    pub ok: bool,
    /// The names of the checks that do not.
    pub failing: Vec<&'static str>,
    /// Every check with what it found.
    pub checks: BTreeMap<&'static str, String>,
}

#[derive(Debug)]
struct State {
    checks: BTreeMap<&'static str, Result<(), String>>,
    draining: bool,
    last_poll: Instant,
    /// Why nothing is polled now; empty while polls have to complete.
    excuses: BTreeSet<&'static str>,
}

impl Health {
    /// A worker whose `checks` have not been made yet, hence one that is not ready.
    ///
    /// It counts as dead when no poll completes for `poll_limit`.
    pub fn new(checks: &[&'static str], poll_limit: Duration) -> Self {
        let unknown = |name: &&'static str| (*name, Err("not checked yet".to_owned()));
        let state = State {
            checks: checks.iter().map(unknown).collect(),
            draining: false,
            last_poll: Instant::now(),
            excuses: BTreeSet::from([STARTING]),
        };
        Self {
            poll_limit,
            state: Mutex::new(state),
        }
    }

    /// The check passes now.
    pub fn pass(&self, check: &'static str) {
        self.lock().checks.insert(check, Ok(()));
    }

    /// The check fails now, and why.
    pub fn fail(&self, check: &'static str, why: impl Into<String>) {
        self.lock().checks.insert(check, Err(why.into()));
    }

    /// A poll of the queue has ended, with or without messages.
    pub fn poll_completed(&self) {
        let mut state = self.lock();
        state.last_poll = Instant::now();
        state.excuses.remove(STARTING);
    }

    /// From here on nothing is polled on purpose, until [`Health::expect_polls`] takes it back.
    pub fn excuse_polls(&self, why: &'static str) {
        self.lock().excuses.insert(why);
    }

    /// This excuse no longer holds. Without another one, polls have to complete again.
    pub fn expect_polls(&self, why: &'static str) {
        let mut state = self.lock();
        if state.excuses.remove(why) {
            state.last_poll = Instant::now();
        }
    }

    /// The worker is stopping: never ready again, and no longer polling.
    pub fn drain_started(&self) {
        self.lock().draining = true;
    }

    /// Whether the process still works at all; a failure asks for a restart.
    pub fn liveness(&self) -> Report {
        let state = self.lock();
        let silent = state.last_poll.elapsed();
        let excuse = if state.draining {
            Some("draining")
        } else {
            state.excuses.first().copied()
        };
        let poll = match excuse {
            Some(why) => Ok(why.to_owned()),
            None if silent <= self.poll_limit => Ok("polling".to_owned()),
            None => Err(format!(
                "no poll has completed for {} s, the limit is {} s",
                silent.as_secs(),
                self.poll_limit.as_secs()
            )),
        };
        Report::of([("poll", poll)])
    }

    /// Whether the worker does its work now.
    pub fn readiness(&self) -> Report {
        let state = self.lock();
        let drain = if state.draining {
            Err("stopping".to_owned())
        } else {
            Ok("no".to_owned())
        };
        let checks = state
            .checks
            .iter()
            .map(|(name, result)| (*name, result.clone().map(|()| "ok".to_owned())));
        Report::of(checks.chain([("draining", drain)]))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements that change it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Report {
    fn of(results: impl IntoIterator<Item = (&'static str, Result<String, String>)>) -> Self {
        let mut report = Self {
            ok: true,
            failing: Vec::new(),
            checks: BTreeMap::new(),
        };
        for (name, result) in results {
            if result.is_err() {
                report.ok = false;
                report.failing.push(name);
            }
            report.checks.insert(name, result.unwrap_or_else(|why| why));
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(90);

    #[tokio::test(start_paused = true)]
    async fn a_worker_is_ready_when_every_check_passes_and_no_drain_has_begun() {
        let health = Health::new(&["queue", "cloudinary"], LIMIT);
        assert_eq!(health.readiness().failing, ["cloudinary", "queue"]);
        health.pass("queue");
        health.pass("cloudinary");
        assert!(health.readiness().ok);
        health.fail("queue", "access denied");
        assert_eq!(health.readiness().checks["queue"], "access denied");
        health.pass("queue");
        health.drain_started();
        assert_eq!(health.readiness().failing, ["draining"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_whose_polls_never_complete_is_dead() {
        let health = Health::new(&[], LIMIT);
        health.poll_completed();
        tokio::time::advance(LIMIT).await;
        assert!(health.liveness().ok);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(health.liveness().failing, ["poll"]);
        health.poll_completed();
        assert!(health.liveness().ok);
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_has_a_reason_not_to_poll_lives_on() {
        let health = Health::new(&[], LIMIT);
        health.poll_completed();
        health.excuse_polls("every slot is taken");
        health.excuse_polls("paused");
        tokio::time::advance(LIMIT * 40).await;
        health.expect_polls("paused");
        assert_eq!(health.liveness().checks["poll"], "every slot is taken");
        health.expect_polls("every slot is taken");
        tokio::time::advance(LIMIT).await;
        assert!(
            health.liveness().ok,
            "the limit counts from the end of the excuse"
        );
        tokio::time::advance(LIMIT).await;
        assert!(!health.liveness().ok);
        health.drain_started();
        assert!(
            health.liveness().ok,
            "a drain is bounded by its own deadline"
        );
    }
}
