//! Looks at Cloudinary all the time: an asset whose object is always there must always be there.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use crate::programs::Services;

const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// Looks, and notes what was missing.
pub(super) struct Witness<'a> {
    services: &'a Services,
    steady: BTreeSet<String>,
    pub(super) looks: u64,
    pub(super) missed: BTreeSet<String>,
}

impl<'a> Witness<'a> {
    pub(super) fn new(services: &'a Services, steady: BTreeSet<String>) -> Self {
        Self {
            services,
            steady,
            looks: 0,
            missed: BTreeSet::new(),
        }
    }

    /// Goes on until the time is up.
    pub(super) async fn run(&mut self, until: Instant) {
        while Instant::now() < until {
            let assets = self.services.assets().await;
            let missing = self
                .steady
                .iter()
                .filter(|name| !assets.contains_key(*name));
            self.missed.extend(missing.cloned());
            self.looks += 1;
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }
}
