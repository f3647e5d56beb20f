//! The `Queue` port: at-least-once delivery under a lease, as SQS standard queues do it.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;
use tokio::time::Instant;

/// The most entries one receive or one batch call may carry.
pub const MAX_BATCH: usize = 10;

/// The longest a message can be kept invisible, counted from its receive. SQS allows twelve
/// hours; the five seconds less keep a slow call from asking for more than is left.
pub const MAX_LEASE: Duration = Duration::from_secs(12 * 60 * 60 - 5);

/// A queue with visibility timeouts and receipt handles.
///
/// Implementations never retry on their own beyond what they document and count: the engine
/// decides what is worth another try. All methods may be called concurrently.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Long-polls for at most `request.max` messages, each invisible to others for
    /// `request.visibility_timeout` from now.
    ///
    /// An empty list is a normal answer. The same message may be delivered again at any time,
    /// even while it is held and even after it was deleted, each time with a new receipt handle.
    /// Dropping the future may leave messages invisible until their timeout ends.
    async fn receive(&self, request: ReceiveRequest) -> Result<Vec<Delivery>, QueueError>;

    /// Deletes at most [`MAX_BATCH`] messages; returns the entries that failed.
    ///
    /// `Ok` without a failure does not promise that a message never comes back: a stale handle
    /// may be accepted and change nothing. An empty list is a no-op.
    async fn delete(&self, receipts: &[Receipt]) -> Result<Vec<EntryFailure>, QueueError>;

    /// Sets how long from now at most [`MAX_BATCH`] messages stay invisible; zero makes them
    /// available at once. Returns the entries that failed.
    ///
    /// The caller keeps the sum within [`MAX_LEASE`] from the receive.
    async fn change_visibility(
        &self,
        changes: &[VisibilityChange],
    ) -> Result<Vec<EntryFailure>, QueueError>;

    /// Puts a message that can never succeed, with its reason, where people look for it.
    ///
    /// `Ok` means that it is stored durably; only then may the original be deleted. The letter
    /// may arrive more than once. Must not be called when [`Queue::has_dead_letter_queue`] is
    /// false.
    async fn dead_letter(&self, letter: &DeadLetter) -> Result<(), QueueError>;

    /// Whether [`Queue::dead_letter`] has somewhere to put a message.
    fn has_dead_letter_queue(&self) -> bool;

    /// Asks whether the queue exists and may be used by us; changes nothing.
    async fn check(&self) -> Result<(), QueueError>;
}

/// What one receive asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiveRequest {
    /// At most this many messages, 1 to [`MAX_BATCH`].
    pub max: usize,
    /// How long the queue may wait for the first message; at most 20 seconds.
    pub wait: Duration,
    /// The lease on every message of the answer.
    pub visibility_timeout: Duration,
}

/// One receive of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The same for every receive of the message.
    pub id: MessageId,
    /// Only valid for this receive.
    pub receipt: ReceiptHandle,
    /// The body, as the sender wrote it.
    pub body: String,
    /// How often the message has been received, this time included.
    pub receive_count: u32,
    /// When it was first received, where the queue says so.
    pub first_received_at: Option<OffsetDateTime>,
    /// When it was put into the queue, where the queue says so.
    pub sent_at: Option<OffsetDateTime>,
    /// The trace that the sender was in, as the queue passes it on: SQS's `AWSTraceHeader`.
    pub trace_header: Option<String>,
    /// A moment not after the start of the lease: taken before the receive was answered.
    pub leased_at: Instant,
}

/// A message's name in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub String);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The right to delete or extend one receive of a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReceiptHandle(pub String);

/// Which message, by which right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The message.
    pub id: MessageId,
    /// The newest handle known for it.
    pub handle: ReceiptHandle,
}

/// A new end of a lease, counted from now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibilityChange {
    /// The message and the right to change it.
    pub receipt: Receipt,
    /// Invisible for this long from now.
    pub timeout: Duration,
}

/// A message that can never succeed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The original message's name.
    pub id: MessageId,
    /// The original body, unchanged.
    pub body: String,
    /// A word from a bounded list, for filters and metrics.
    pub reason: &'static str,
    /// One sentence for people.
    pub detail: String,
    /// When the original was first received, where the queue said so.
    pub first_received_at: Option<OffsetDateTime>,
    /// How often the original had been received.
    pub receive_count: u32,
}

/// One entry of a batch that the queue refused while it took the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryFailure {
    /// Which message.
    pub id: MessageId,
    /// What it means for us.
    pub kind: EntryFailureKind,
    /// The queue's own code, for logs.
    pub code: String,
}

/// What a refused entry means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryFailureKind {
    /// The handle is no longer ours to use: the lease ended.
    LeaseLost,
    /// Worth another try while the lease lasts.
    Retryable,
}

/// A call to the queue that failed as a whole.
#[derive(Debug, thiserror::Error)]
#[error("{operation} on the queue")]
pub struct QueueError {
    /// The operation, for example `ReceiveMessage`.
    pub operation: &'static str,
    /// What it means for us.
    pub kind: QueueErrorKind,
    /// What happened.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// What a failed queue call means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueErrorKind {
    /// The network, the service or its rate limit: try again later.
    Transient,
    /// Our credentials or permissions: nothing will work until a person puts them right.
    Denied,
    /// There is no such queue.
    Missing,
}
