//! What all requests of one emulator share.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::asset::AssetView;
use crate::chunks::Chunks;
use crate::concurrency::Concurrency;
use crate::faults::{FaultPlan, Faults};
use crate::options::Options;
use crate::pull::Puller;
use crate::quota::Quota;
use crate::search_index::SearchIndex;
use crate::stats::{ConcurrencyStats, Counters, Stats};
use crate::store::Store;
use crate::webhook::Outbox;

/// One emulator's state. Locks are held for moments, never across an await.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) options: Options,
    /// `http://host:port`, as clients reach this emulator.
    pub(crate) base_url: String,
    pub(crate) concurrency: Arc<Concurrency>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) outbox: Outbox,
    pub(crate) puller: Puller,
    /// Calls that go on when their client has gone.
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    store: Mutex<Store>,
    chunks: Mutex<Chunks>,
    faults: Mutex<Faults>,
    quota: Mutex<Quota>,
}

impl State {
    pub(crate) fn new(
        options: Options,
        base_url: String,
        outbox: Outbox,
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            concurrency: Arc::new(Concurrency::new(options.max_concurrent)),
            counters,
            outbox,
            puller: Puller::new(&options),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            store: Mutex::new(Store::new(
                options.memory_limit,
                SearchIndex::new(options.search_lag),
            )),
            chunks: Mutex::new(Chunks::new(options.memory_limit)),
            faults: Mutex::new(Faults::new(options.faults.clone())),
            quota: Mutex::new(Quota::new(options.admin_hourly_limit)),
            base_url,
            options,
        }
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        locked(&self.store)
    }

    pub(crate) fn chunks(&self) -> MutexGuard<'_, Chunks> {
        locked(&self.chunks)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        locked(&self.faults)
    }

    pub(crate) fn quota(&self) -> MutexGuard<'_, Quota> {
        locked(&self.quota)
    }

    pub(crate) fn set_faults(&self, plan: FaultPlan) {
        *self.faults() = Faults::new(plan);
    }

    /// Forgets assets, unfinished uploads, counts, faults and the quota's use.
    pub(crate) fn reset(&self) {
        self.store().clear();
        self.chunks().clear();
        self.set_faults(FaultPlan::default());
        self.quota().reset();
        self.counters.reset();
        self.concurrency.reset();
    }

    pub(crate) fn assets(&self) -> Vec<AssetView> {
        self.store()
            .iter()
            .map(|asset| AssetView::from(&**asset))
            .collect()
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            calls: self.counters.calls(),
            concurrency: ConcurrencyStats {
                current: self.concurrency.current(),
                peak: self.concurrency.peak(),
                limit: self.concurrency.limit(),
            },
            throttled: self.concurrency.throttled(),
            bytes: self.counters.bytes.load(Ordering::Relaxed),
            assets: self.store().len() as u64,
            notifications: self.counters.notifications(),
        }
    }
}

// A poisoned lock means that a request panicked between two consistent states.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
