//! A bucket, a queue and a library in memory, and a member that works on them.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudinary_core::AssetId;
use event_mapper::{ObjectRef, Rules, RulesConfig};
use sync_engine::ports::Ports;
use sync_engine::testkit::{MemoryLibrary, MemoryQueue, MemoryStore};
use sync_engine::{Engine, Observation, Observer, Settings, StopReport};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) queue: MemoryQueue,
    pub(crate) library: MemoryLibrary,
    pub(crate) settings: Settings,
    seen: Arc<Mutex<Vec<Observation>>>,
}

/// A running member; dropping it is a crash.
pub(crate) struct Member {
    stop: CancellationToken,
    task: JoinHandle<StopReport>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_rules(&RulesConfig::default())
    }

    pub(crate) fn with_rules(rules: &RulesConfig) -> Self {
        let (store, queue) = (MemoryStore::new(), MemoryQueue::new());
        store.notify(&queue);
        let mut settings = Settings::new(Rules::new(rules).expect("valid rules"));
        settings.calls_in_flight = NonZeroUsize::new(4).expect("not zero");
        Self {
            library: MemoryLibrary::new(&store),
            store,
            queue,
            settings,
            seen: Arc::default(),
        }
    }

    pub(crate) fn start(&self) -> Member {
        let seen = Arc::clone(&self.seen);
        let observer =
            Observer::new(move |fact| seen.lock().expect("not poisoned").push(fact.clone()));
        let ports = Ports {
            queue: Arc::new(self.queue.clone()),
            store: Arc::new(self.store.clone()),
            library: Arc::new(self.library.clone()),
        };
        let stop = CancellationToken::new();
        let engine = Engine::new(ports, self.settings.clone(), observer);
        let run = engine.run(stop.clone());
        #[expect(
            clippy::disallowed_methods,
            reason = "the handle is kept and aborted on drop"
        )]
        let task = tokio::spawn(run);
        Member { stop, task }
    }

    /// Runs one member until the queue is empty.
    pub(crate) async fn run(&self) -> StopReport {
        let member = self.start();
        self.calm().await;
        member.stop().await
    }

    /// Waits until the queue is empty.
    pub(crate) async fn calm(&self) {
        let empty = async {
            let mut pause = Duration::from_millis(50);
            while !self.queue.is_empty() {
                sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(10));
            }
        };
        timeout(Duration::from_hours(24), empty)
            .await
            .expect("the queue never became empty");
    }

    /// The facts that `pick` picks.
    pub(crate) fn facts<T>(&self, pick: impl Fn(&Observation) -> Option<T>) -> Vec<T> {
        self.seen
            .lock()
            .expect("not poisoned")
            .iter()
            .filter_map(pick)
            .collect()
    }

    pub(crate) fn count(&self, fact: &Observation) -> usize {
        self.facts(|seen| (seen == fact).then_some(())).len()
    }

    /// The entity tag that the library holds for a public ID.
    pub(crate) fn stored(&self, public_id: &str) -> Option<String> {
        let assets = self.library.assets();
        let found = assets
            .into_iter()
            .find(|(asset, _)| is_named(asset, public_id));
        found.map(|(_, stored)| stored.etag)
    }

    /// The entity tag of an object in the bucket.
    pub(crate) fn held(&self, key: &str) -> Option<String> {
        self.store
            .current()
            .get(&object(key))
            .map(|state| state.etag.clone())
    }
}

impl Member {
    pub(crate) async fn stop(mut self) -> StopReport {
        self.stop.cancel();
        (&mut self.task).await.expect("the member panicked")
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn is_named(asset: &AssetId, public_id: &str) -> bool {
    asset.public_id.as_str() == public_id
}

pub(crate) fn object(key: &str) -> ObjectRef {
    ObjectRef::new("bucket", key)
}

/// How long something takes in the world's time.
pub(crate) async fn timed(what: impl Future<Output = ()>) -> Duration {
    let started = Instant::now();
    what.await;
    started.elapsed()
}
