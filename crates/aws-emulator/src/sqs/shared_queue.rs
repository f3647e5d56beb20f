//! A queue that many callers use at once: the pure machine, its lock and those who wait for it.

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::clock::Millis;
use crate::sqs::attributes::Attributes;
use crate::sqs::error::SqsError;
use crate::sqs::queue::{Queue, QueueDepth};

/// The account every queue belongs to.
pub(crate) const ACCOUNT: &str = "000000000000";
/// No receive waits longer, so no later deadline needs to wake one.
pub(crate) const LONGEST_WAIT_MILLIS: Millis = 20_000;

/// A queue that many callers use at once.
#[derive(Debug)]
pub(crate) struct SharedQueue {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) created_at: Millis,
    pub(crate) modified_at: AtomicU64,
    pub(crate) deleted: AtomicBool,
    state: Mutex<Queue>,
    pub(crate) wake: Notify,
}

impl SharedQueue {
    pub(crate) fn new(name: &str, region: &str, attributes: Attributes, now: Millis) -> Self {
        Self {
            name: name.to_owned(),
            arn: format!("arn:aws:sqs:{region}:{ACCOUNT}:{name}"),
            created_at: now,
            modified_at: AtomicU64::new(now),
            deleted: AtomicBool::new(false),
            state: Mutex::new(Queue::new(attributes)),
            wake: Notify::new(),
        }
    }

    /// The queue's URL on a given endpoint.
    pub(crate) fn url(&self, endpoint: &str) -> String {
        format!("{endpoint}/{ACCOUNT}/{}", self.name)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Queue> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn depth(&self, now: Millis) -> QueueDepth {
        self.lock().depth(now)
    }

    /// Deletes by handle.
    pub(crate) fn delete(&self, now: Millis, handle: &str) -> Result<(), SqsError> {
        self.lock().delete(now, handle)
    }

    /// Changes the visibility timeout by handle.
    pub(crate) fn change_visibility(
        &self,
        now: Millis,
        handle: &str,
        seconds: i64,
    ) -> Result<(), SqsError> {
        self.step(now, |state| state.change_visibility(now, handle, seconds))?;
        if seconds == 0 {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Runs a step and, when it makes a message become visible sooner than waiting receives expect,
    /// lets them all look again.
    pub(crate) fn step<T>(&self, now: Millis, run: impl FnOnce(&mut Queue) -> T) -> T {
        let mut state = self.lock();
        let before = state.next_deadline().unwrap_or(Millis::MAX);
        let result = run(&mut state);
        let after = state.next_deadline().unwrap_or(Millis::MAX);
        drop(state);
        if after < before && after < now + LONGEST_WAIT_MILLIS {
            self.wake.notify_waiters();
        }
        result
    }
}
