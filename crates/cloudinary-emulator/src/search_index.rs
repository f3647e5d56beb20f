//! What search can see: the assets as they were a configured while ago.
//!
//! Without a lag the store itself is searched and nothing is recorded here.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use cloudinary_core::AssetId;
use tokio::time::Instant;

use crate::asset::Asset;

/// Changes that search has not seen yet, and the assets it has.
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

    pub(crate) fn lags(&self) -> bool {
        !self.lag.is_zero()
    }

    /// Notes that an asset is now this, or gone.
    pub(crate) fn record(&mut self, id: &AssetId, asset: Option<&Arc<Asset>>, now: Instant) {
        if self.lags() {
            self.pending
                .push_back((now + self.lag, id.clone(), asset.map(Arc::clone)));
        }
    }

    /// The assets that search sees at `now`.
    pub(crate) fn visible(&mut self, now: Instant) -> Vec<Arc<Asset>> {
        while self.pending.front().is_some_and(|(due, ..)| *due <= now) {
            let Some((_, id, asset)) = self.pending.pop_front() else {
                break;
            };
            match asset {
                Some(asset) => self.seen.insert(id, asset),
                None => self.seen.remove(&id),
            };
        }
        self.seen.values().map(Arc::clone).collect()
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.lag);
    }
}
