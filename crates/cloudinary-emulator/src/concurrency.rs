//! How many Upload API calls are in flight, and the slot each of them holds.
//!
//! A call that finds no slot is refused at once: Cloudinary does not queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The counter and its limit.
#[derive(Debug)]
pub(crate) struct Concurrency {
    current: AtomicUsize,
    peak: AtomicUsize,
    limit: AtomicUsize,
    throttled: AtomicU64,
}

/// One call in flight; leaving frees the slot.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Concurrency>);

impl Concurrency {
    pub(crate) fn new(limit: Option<usize>) -> Self {
        Self {
            current: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            limit: AtomicUsize::new(limit.unwrap_or(usize::MAX)),
            throttled: AtomicU64::new(0),
        }
    }

    /// Takes a slot, or counts a refusal.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<Slot> {
        let limit = self.limit.load(Ordering::Relaxed);
        let more = |current| (current < limit).then_some(current + 1);
        let taken = self
            .current
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        let Ok(before) = taken else {
            self.throttled.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        self.peak.fetch_max(before + 1, Ordering::Relaxed);
        Some(Slot(Arc::clone(self)))
    }

    pub(crate) fn set_limit(&self, limit: Option<usize>) {
        self.limit
            .store(limit.unwrap_or(usize::MAX), Ordering::Relaxed);
    }

    pub(crate) fn current(&self) -> usize {
        self.current.load(Ordering::Relaxed)
    }

    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    pub(crate) fn throttled(&self) -> u64 {
        self.throttled.load(Ordering::Relaxed)
    }

    /// The limit, or `None` when there is none.
    pub(crate) fn limit(&self) -> Option<usize> {
        Some(self.limit.load(Ordering::Relaxed)).filter(|limit| *limit != usize::MAX)
    }

    /// Forgets the peak and the refusals; calls in flight stay counted.
    pub(crate) fn reset(&self) {
        self.peak.store(self.current(), Ordering::Relaxed);
        self.throttled.store(0, Ordering::Relaxed);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.current.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_above_the_limit_is_refused_until_a_slot_is_free() {
        let concurrency = Arc::new(Concurrency::new(Some(2)));
        let first = concurrency.enter();
        let second = concurrency.enter();
        assert!(first.is_some() && second.is_some());
        assert!(concurrency.enter().is_none());
        drop(first);
        assert!(concurrency.enter().is_some());
        assert_eq!((concurrency.peak(), concurrency.throttled()), (2, 1));
        assert_eq!(concurrency.current(), 1);
    }
}
