//! The adapters keep the ports' contracts over HTTP, with the embedded emulator at the other end.

use aws_emulator::{Emulator, Options};
use sync_engine::testkit::conformance::{StaleDelete, queue_conformance, store_conformance};

use crate::endpoint::Endpoint;

#[tokio::test(flavor = "multi_thread")]
async fn sqs_queue_conforms_against_the_emulator() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let endpoint = Endpoint::new(emulator.endpoint()).await;
    queue_conformance(&endpoint.queues(StaleDelete::IsIgnored)).await;
    emulator.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_store_conforms_against_the_emulator() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let endpoint = Endpoint::new(emulator.endpoint()).await;
    store_conformance(&endpoint.buckets()).await;
    emulator.stop().await;
}
