//! The three doors to the outside. The engine knows queues, buckets and media libraries only
//! through these traits; their doc comments are contracts, and the conformance suites in
//! `testkit` hold every implementation to them.

mod asset_library;
mod object_store;
mod queue;

pub use asset_library::{AssetLibrary, Destroyed, LibraryError, Source, Uploaded};
pub use object_store::{
    ByteStream, Encryption, ListPage, ListedObject, ObjectBody, ObjectState, ObjectStore,
    StoreError, StoreErrorKind,
};
pub use queue::{
    DeadLetter, Delivery, EntryFailure, EntryFailureKind, MAX_BATCH, MAX_LEASE, MessageId, Queue,
    QueueError, QueueErrorKind, Receipt, ReceiptHandle, ReceiveRequest, VisibilityChange,
};

use std::sync::Arc;

/// One implementation of each port.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "ports need not be printable")]
pub struct Ports {
    /// Where hints come from.
    pub queue: Arc<dyn Queue>,
    /// What is true.
    pub store: Arc<dyn ObjectStore>,
    /// What shall be made equal to it.
    pub library: Arc<dyn AssetLibrary>,
}
