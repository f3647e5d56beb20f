//! Counts of what was asked and answered.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::operation::Operation;

/// What `GET /_emulator/stats` and [`Handle::stats`](crate::Handle::stats) tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Calls by operation, then by status; `closed` where the connection was closed instead.
    pub calls: BTreeMap<String, BTreeMap<String, u64>>,
    /// Upload API calls in flight.
    pub concurrency: ConcurrencyStats,
    /// Upload API calls refused with 420 because too many were in flight.
    pub throttled: u64,
    /// Bytes of the files received or pulled.
    pub bytes: u64,
    /// Assets stored now.
    pub assets: u64,
    /// Notifications to `notification_url`.
    pub notifications: NotificationStats,
}

impl Stats {
    /// Calls of one operation, whatever became of them.
    pub fn calls_of(&self, operation: &str) -> u64 {
        self.calls
            .get(operation)
            .map_or(0, |by_status| by_status.values().sum())
    }

    /// Calls of one operation that were answered with one status.
    pub fn answered(&self, operation: &str, status: u16) -> u64 {
        let by_status = self.calls.get(operation);
        by_status
            .and_then(|by| by.get(&status.to_string()))
            .copied()
            .unwrap_or(0)
    }
}

/// Upload API calls in flight.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConcurrencyStats {
    /// Now.
    pub current: usize,
    /// Most at one time since the start or the last reset.
    pub peak: usize,
    /// Above this they are refused; absent: no limit.
    pub limit: Option<usize>,
}

/// What became of notifications.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationStats {
    /// Accepted by the receiver.
    pub sent: u64,
    /// Not delivered.
    pub failed: u64,
    /// Not tried, because the queue was full.
    pub dropped: u64,
}

/// The counters behind [`Stats`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    calls: Mutex<BTreeMap<(Operation, Option<u16>), u64>>,
    pub(crate) bytes: AtomicU64,
    pub(crate) sent: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) dropped: AtomicU64,
}

impl Counters {
    /// Counts one call; no status: the connection was closed instead.
    pub(crate) fn called(&self, operation: Operation, status: Option<u16>) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.entry((operation, status)).or_default() += 1;
    }

    pub(crate) fn calls(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let mut by_name: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for ((operation, status), count) in calls.iter() {
            let status = status.map_or_else(|| "closed".to_owned(), |status| status.to_string());
            by_name
                .entry(operation.to_string())
                .or_default()
                .insert(status, *count);
        }
        by_name
    }

    pub(crate) fn notifications(&self) -> NotificationStats {
        NotificationStats {
            sent: self.sent.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn reset(&self) {
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        for counter in [&self.bytes, &self.sent, &self.failed, &self.dropped] {
            counter.store(0, Ordering::Relaxed);
        }
    }
}
