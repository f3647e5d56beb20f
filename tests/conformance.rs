//! The adapters keep the ports' contracts with LocalStack at the other end, as they do with the
//! embedded emulator: the suite that proves a fake is the one that proves the real protocol.
//!
//! The harness is the adapters' own; only the server differs.

#[path = "../crates/aws-adapters/tests/adapters/endpoint.rs"]
mod endpoint;

use sync_engine::testkit::conformance::{StaleDelete, queue_conformance, store_conformance};

use self::endpoint::Endpoint;
use crate::localstack::LocalStack;

#[tokio::test(flavor = "multi_thread")]
async fn the_adapters_conform_against_localstack() {
    let Some(localstack) = LocalStack::start("conformance against LocalStack").await else {
        return;
    };
    let endpoint = Endpoint::new(localstack.endpoint().to_owned()).await;
    // LocalStack deletes by any handle that it ever gave out.
    queue_conformance(&endpoint.queues(StaleDelete::MayDelete)).await;
    store_conformance(&endpoint.buckets()).await;
}
