//! The in-memory ports pass the suites that hold SQS and S3 to their contracts.

use std::sync::Arc;

use futures_util::FutureExt as _;
use sync_engine::testkit::conformance::{
    Put, QueueHarness, QueueUnderTest, StaleDelete, StoreHarness, StoreUnderTest, StoredLetter,
    queue_conformance, store_conformance,
};
use sync_engine::testkit::{MemoryQueue, MemoryStore};

use crate::world::object;

#[tokio::test(start_paused = true)]
async fn the_queue_in_memory_keeps_the_contract() {
    let missing = MemoryQueue::new();
    missing.set_missing(true);
    let harness = QueueHarness {
        fresh: Box::new(|()| async { queue() }.boxed()),
        missing: Arc::new(missing),
        stale_delete: StaleDelete::IsIgnored,
    };
    queue_conformance(&harness).await;
}

fn queue() -> QueueUnderTest {
    let queue = MemoryQueue::new();
    let (sender, reader) = (queue.clone(), queue.clone());
    QueueUnderTest {
        queue: Arc::new(queue),
        send: Box::new(move |body| {
            sender.send(body);
            async {}.boxed()
        }),
        dead_letters: Box::new(move |()| {
            let letters = reader
                .dead_letters()
                .into_iter()
                .map(|letter| StoredLetter {
                    body: letter.body,
                    reason: letter.reason.to_owned(),
                });
            let letters = letters.collect();
            async { letters }.boxed()
        }),
    }
}

#[tokio::test(start_paused = true)]
async fn the_store_in_memory_keeps_the_contract() {
    let harness = StoreHarness {
        fresh: Box::new(|versioned| async move { store(versioned) }.boxed()),
    };
    store_conformance(&harness).await;
}

fn store(versioned: bool) -> StoreUnderTest {
    let store = MemoryStore::new();
    if versioned {
        store.keep_versions();
    }
    let (writer, deleter) = (store.clone(), store.clone());
    StoreUnderTest {
        store: Arc::new(store),
        bucket: "bucket".to_owned(),
        missing: None,
        put: Box::new(move |put: Put| {
            writer.put_with(&object(&put.key), put.bytes, |state| {
                state.metadata = put.metadata;
            });
            async {}.boxed()
        }),
        delete: Box::new(move |key| {
            deleter.delete(&object(&key));
            async {}.boxed()
        }),
        fetch: None,
    }
}
