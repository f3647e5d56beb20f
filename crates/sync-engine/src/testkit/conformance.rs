//! What every `Queue` and every `ObjectStore` must do, as suites that run against any of them.
//!
//! A fake that has not passed the suite of the real thing proves nothing. So the in-memory ports,
//! the emulator and LocalStack all pass the same checks. A runner brings a harness, which knows
//! how to make a fresh queue or bucket and how to do what the ports cannot: send, put, delete.
//!
//! Time is tokio's: on a paused clock the checks take no time, against a real server they take
//! as long as the leases, which are a few seconds. A check that fails panics and says what was
//! expected.

mod queue;
mod store;

pub use queue::{QueueHarness, QueueUnderTest, StaleDelete, StoredLetter, queue_conformance};
pub use store::{Put, StoreHarness, StoreUnderTest, store_conformance};

use futures_util::future::BoxFuture;

/// Something that only the runner can do to the thing under test.
pub type Action<I, O> = Box<dyn Fn(I) -> BoxFuture<'static, O> + Send + Sync>;
