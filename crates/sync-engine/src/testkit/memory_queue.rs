//! A queue in memory that behaves like an SQS standard queue: leases end and messages come again
//! with new receipt handles, receives are counted, and a redrive policy moves what comes too
//! often. Time is tokio's, so paused tests see hours pass at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::ports::{
    DeadLetter, Delivery, EntryFailure, EntryFailureKind, MessageId, Queue, QueueError,
    QueueErrorKind, Receipt, ReceiptHandle, ReceiveRequest, VisibilityChange,
};

/// The queue. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct MemoryQueue {
    inner: Arc<Mutex<Inner>>,
    arrived: Arc<Notify>,
}

#[derive(Debug)]
struct Inner {
    messages: BTreeMap<u64, Message>,
    next_id: u64,
    next_receipt: u64,
    dead_letters: Vec<DeadLetter>,
    has_dead_letter_queue: bool,
    max_receive_count: Option<u32>,
    redriven: Vec<String>,
    is_missing: bool,
    refuses_deletes: bool,
}

#[derive(Debug)]
struct Message {
    body: String,
    receive_count: u32,
    visible_at: Instant,
    receipt: Option<String>,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            messages: BTreeMap::new(),
            next_id: 0,
            next_receipt: 0,
            dead_letters: Vec::new(),
            has_dead_letter_queue: true,
            max_receive_count: None,
            redriven: Vec::new(),
            is_missing: false,
            refuses_deletes: false,
        }
    }
}

impl MemoryQueue {
    /// An empty queue with a dead-letter queue beside it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Without a place for dead letters; after `max_receive_count` receives a message is moved
    /// away by the queue itself.
    #[must_use]
    pub fn with_redrive_only(self, max_receive_count: u32) -> Self {
        {
            let mut inner = self.inner();
            inner.has_dead_letter_queue = false;
            inner.max_receive_count = Some(max_receive_count);
        }
        self
    }

    /// Puts a message in.
    pub fn send(&self, body: impl Into<String>) {
        let mut inner = self.inner();
        let id = inner.next_id;
        inner.next_id += 1;
        let message = Message {
            body: body.into(),
            receive_count: 0,
            visible_at: Instant::now(),
            receipt: None,
        };
        inner.messages.insert(id, message);
        drop(inner);
        self.arrived.notify_waiters();
    }

    /// Messages that are neither deleted nor moved away.
    pub fn len(&self) -> usize {
        self.inner().messages.len()
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Messages that a receive would find now.
    pub fn visible(&self) -> usize {
        let now = Instant::now();
        self.inner()
            .messages
            .values()
            .filter(|message| message.visible_at <= now)
            .count()
    }

    /// What was put into the dead-letter queue.
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.inner().dead_letters.clone()
    }

    /// The bodies that the redrive policy moved away.
    pub fn redriven(&self) -> Vec<String> {
        self.inner().redriven.clone()
    }

    /// Makes the queue cease, or come, to exist.
    pub fn set_missing(&self, is_missing: bool) {
        self.inner().is_missing = is_missing;
    }

    /// Takes the right to delete away, or gives it back.
    pub fn refuse_deletes(&self, refuse: bool) {
        self.inner().refuses_deletes = refuse;
    }

    /// Hands every message that is held now to somebody else, who keeps it for this long.
    pub fn hand_to_others(&self, keeps: Duration) {
        let mut inner = self.inner();
        let now = Instant::now();
        for message in inner.messages.values_mut() {
            if message.visible_at > now {
                message.receive_count += 1;
                message.visible_at = now + keeps;
                message.receipt = None;
            }
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn exists(&self, operation: &'static str) -> Result<(), QueueError> {
        if self.is_missing {
            let source = "there is no such queue".into();
            return Err(QueueError {
                operation,
                kind: QueueErrorKind::Missing,
                source,
            });
        }
        Ok(())
    }

    fn take(&mut self, request: ReceiveRequest) -> Vec<Delivery> {
        let now = Instant::now();
        self.redrive(now);
        let visible: Vec<u64> = self
            .messages
            .iter()
            .filter(|(_, message)| message.visible_at <= now)
            .map(|(id, _)| *id)
            .take(request.max)
            .collect();
        visible
            .into_iter()
            .filter_map(|id| self.lease(id, now, request))
            .collect()
    }

    fn lease(&mut self, id: u64, now: Instant, request: ReceiveRequest) -> Option<Delivery> {
        self.next_receipt += 1;
        let handle = format!("{id}#{}", self.next_receipt);
        let message = self.messages.get_mut(&id)?;
        message.receive_count += 1;
        message.visible_at = now + request.visibility_timeout;
        message.receipt = Some(handle.clone());
        Some(Delivery {
            id: MessageId(id.to_string()),
            receipt: ReceiptHandle(handle),
            body: message.body.clone(),
            receive_count: message.receive_count,
            first_received_at: None,
            sent_at: None,
            trace_header: None,
            leased_at: now,
        })
    }

    fn redrive(&mut self, now: Instant) {
        let Some(max) = self.max_receive_count else {
            return;
        };
        let moved = self.messages.extract_if(.., |_, message| {
            message.visible_at <= now && message.receive_count >= max
        });
        self.redriven.extend(moved.map(|(_, message)| message.body));
    }

    fn has_issued(&self, receipt: &Receipt) -> bool {
        let number = receipt
            .handle
            .0
            .split_once('#')
            .and_then(|(_, number)| number.parse().ok());
        number.is_some_and(|number: u64| number <= self.next_receipt)
    }

    /// The message that this receipt still leases.
    fn leased(&mut self, receipt: &Receipt) -> Option<u64> {
        let id = receipt.id.0.parse().ok()?;
        let message = self.messages.get(&id)?;
        let is_current = message.receipt.as_ref() == Some(&receipt.handle.0);
        (is_current && message.visible_at > Instant::now()).then_some(id)
    }
}

fn lease_lost(receipt: &Receipt, code: &str) -> EntryFailure {
    EntryFailure {
        id: receipt.id.clone(),
        kind: EntryFailureKind::LeaseLost,
        code: code.to_owned(),
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn receive(&self, request: ReceiveRequest) -> Result<Vec<Delivery>, QueueError> {
        let give_up = Instant::now() + request.wait;
        loop {
            let arrived = self.arrived.notified();
            let next_visible = {
                let mut inner = self.inner();
                inner.exists("ReceiveMessage")?;
                let batch = inner.take(request);
                if !batch.is_empty() || Instant::now() >= give_up {
                    return Ok(batch);
                }
                inner
                    .messages
                    .values()
                    .map(|message| message.visible_at)
                    .min()
            };
            let wake = next_visible.map_or(give_up, |visible| visible.min(give_up));
            let _ = timeout_at(wake, arrived).await;
        }
    }

    async fn delete(&self, receipts: &[Receipt]) -> Result<Vec<EntryFailure>, QueueError> {
        let mut inner = self.inner();
        inner.exists("DeleteMessageBatch")?;
        if inner.refuses_deletes {
            return Err(QueueError {
                operation: "DeleteMessageBatch",
                kind: QueueErrorKind::Denied,
                source: "as the test asked for".into(),
            });
        }
        let mut failures = Vec::new();
        for receipt in receipts {
            // As SQS: a stale handle is taken and changes nothing; one that never was is refused.
            if !inner.has_issued(receipt) {
                failures.push(lease_lost(receipt, "ReceiptHandleIsInvalid"));
            } else if let Some(id) = inner.leased(receipt) {
                inner.messages.remove(&id);
            }
        }
        Ok(failures)
    }

    async fn change_visibility(
        &self,
        changes: &[VisibilityChange],
    ) -> Result<Vec<EntryFailure>, QueueError> {
        let mut inner = self.inner();
        inner.exists("ChangeMessageVisibilityBatch")?;
        let mut failures = Vec::new();
        for change in changes {
            match inner
                .leased(&change.receipt)
                .and_then(|id| inner.messages.get_mut(&id))
            {
                Some(message) => message.visible_at = Instant::now() + change.timeout,
                None => failures.push(lease_lost(&change.receipt, "MessageNotInflight")),
            }
        }
        drop(inner);
        self.arrived.notify_waiters();
        Ok(failures)
    }

    async fn dead_letter(&self, letter: &DeadLetter) -> Result<(), QueueError> {
        self.inner().dead_letters.push(letter.clone());
        Ok(())
    }

    fn has_dead_letter_queue(&self) -> bool {
        self.inner().has_dead_letter_queue
    }

    async fn check(&self) -> Result<(), QueueError> {
        self.inner().exists("GetQueueAttributes")
    }
}
