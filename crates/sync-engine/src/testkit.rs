//! Ports in memory, and the suites that hold every implementation of a port to its contract.
//! Behind the feature `testkit`; never part of a product binary.

pub mod conformance;
mod content;
mod memory_library;
mod memory_queue;
mod memory_store;

pub use content::content_etag;
pub use memory_library::{MemoryLibrary, Script, StoredAsset};
pub use memory_queue::MemoryQueue;
pub use memory_store::{MemoryStore, notification};
