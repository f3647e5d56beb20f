//! Keeps work waiting for as long as a run lasts, so that the account is what limits the workers.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::stage::Stage;

/// Fewer waiting messages are topped up, far from the moment when a worker would find none.
const BACKLOG: u64 = 200;
const BATCH: usize = 100;
const AT_ONCE: usize = 8;
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Several times what a run needs: one that never ends must not fill the machine.
const OBJECTS_MAX: usize = 20_000;

/// Writes objects, each of its own name.
pub(super) struct Feeder<'a> {
    stage: &'a Stage,
    /// By public ID, with the entity tag.
    objects: BTreeMap<String, String>,
}

impl<'a> Feeder<'a> {
    pub(super) fn new(stage: &'a Stage) -> Self {
        let objects = BTreeMap::new();
        Self { stage, objects }
    }

    /// Everything that was written.
    pub(super) fn objects(&self) -> &BTreeMap<String, String> {
        &self.objects
    }

    /// Tops the backlog up again and again.
    pub(super) async fn run(&mut self, until: &CancellationToken) {
        while until.run_until_cancelled(sleep(LOOK_EVERY)).await.is_some() {
            self.top_up().await;
        }
    }

    /// Writes until enough messages wait.
    pub(super) async fn top_up(&mut self) {
        while self.stage.backlog().await < BACKLOG {
            let first = self.objects.len();
            assert!(first < OBJECTS_MAX, "the run does not end");
            let names = (first..first + BATCH).map(|n| format!("photos/{n:05}"));
            let puts = names.map(|name| async {
                let etag = self.stage.put(&format!("{name}.jpg")).await;
                (name, etag)
            });
            let written: Vec<_> = stream::iter(puts).buffer_unordered(AT_ONCE).collect().await;
            self.objects.extend(written);
        }
    }
}
