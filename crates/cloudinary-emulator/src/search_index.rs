//! What search can see: the assets as they were a configured while ago.
//!
//! Without a lag the store itself is searched and nothing is recorded here.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use cloudinary_core::AssetId;
use tokio::time::Instant;

use crate::asset::Asset;

/// Changes that search has not seen yet, and the assets it has seen.
#[derive(Debug)]
pub(crate) struct SearchIndex {
    lag: Duration,
    pending: VecDeque<(Instant, AssetId, Option<Arc<Asset>>)>,
    seen: BTreeMap<AssetId, Arc<Asset>>,
}

impl SearchIndex {
    pub(crate) fn new(lag: Duration) -> Self {
        Self {
            lag,
            pending: VecDeque::new(),
            seen: BTreeMap::new(),
        }
    }

    /// Notes that an asset is now this, or gone.
    pub(crate) fn record(&mut self, id: &AssetId, asset: Option<&Arc<Asset>>) {
        if !self.lag.is_zero() {
            let due = Instant::now() + self.lag;
            self.pending
                .push_back((due, id.clone(), asset.map(Arc::clone)));
        }
    }

    /// The assets that search sees; `None` when it sees what is stored.
    pub(crate) fn visible(&mut self) -> Option<Vec<Arc<Asset>>> {
        if self.lag.is_zero() {
            return None;
        }
        let now = Instant::now();
        while self.pending.front().is_some_and(|(due, ..)| *due <= now) {
            let Some((_, id, asset)) = self.pending.pop_front() else {
                break;
            };
            match asset {
                Some(asset) => self.seen.insert(id, asset),
                None => self.seen.remove(&id),
            };
        }
        Some(self.seen.values().map(Arc::clone).collect())
    }

    /// The same index, empty.
    pub(crate) fn emptied(&self) -> Self {
        Self::new(self.lag)
    }
}
