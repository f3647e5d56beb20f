//! Carries out settlements: acknowledged messages are deleted and others made visible again, in
//! batches; a message that can never succeed is stored in the dead-letter queue and only then
//! deleted.
//!
//! A message stays held, with its lease and its place among the messages in flight, until the
//! queue has answered. What the queue refuses is tried again while the lease lasts; a message
//! whose lease is lost comes back by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use adaptive_limit::backoff::Backoff;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::sync::CancellationToken;

use crate::batch;
use crate::context::Context;
use crate::error_chain::error_chain;
use crate::leases::Leases;
use crate::observation::Observation;
use crate::outcome::{Hold, Rejection};
use crate::ports::{
    DeadLetter, Delivery, EntryFailure, EntryFailureKind, MessageId, QueueError, QueueErrorKind,
    Receipt, VisibilityChange,
};
use crate::rights::Right;
use crate::settle::{Settlement, retry_wait};
use crate::stop::StopReport;
use crate::tasks::Tasks;

/// Tries of one batch call; the waits in between add up to less than a lease.
const TRIES: u32 = 5;
const RETRY_WAIT: Backoff = Backoff {
    base: Duration::from_millis(200),
    cap: Duration::from_secs(5),
};

/// The same while the queue refuses deletes altogether, for as long as the leases last.
const REFUSED_WAIT: Backoff = Backoff {
    base: Duration::from_secs(1),
    cap: Duration::from_mins(1),
};

/// A message in flight: its place is free again when this is dropped.
pub(crate) struct InFlight {
    pub(crate) delivery: Delivery,
    pub(crate) place: OwnedSemaphorePermit,
}

/// Where settlements go.
pub(crate) struct Outbox {
    cx: Arc<Context>,
    deletes: mpsc::Sender<InFlight>,
    changes: mpsc::Sender<(InFlight, Duration)>,
    closed: CancellationToken,
    tally: Arc<Tally>,
}

/// How many messages left the member, and how.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) deleted: AtomicUsize,
    pub(crate) released: AtomicUsize,
    pub(crate) dead_lettered: AtomicUsize,
    pub(crate) abandoned: AtomicUsize,
}

impl Tally {
    /// The sums, and how many messages are `left`.
    pub(crate) fn report(&self, left: usize) -> StopReport {
        StopReport {
            deleted: self.deleted.load(Ordering::Relaxed),
            dead_lettered: self.dead_lettered.load(Ordering::Relaxed),
            released: self.released.load(Ordering::Relaxed),
            abandoned: self.abandoned.load(Ordering::Relaxed),
            left,
        }
    }
}

impl Outbox {
    /// The batches are sent by tasks on `tasks`, which end when the outbox is closed and empty.
    pub(crate) fn start(cx: &Arc<Context>, leases: &Arc<Leases>, tasks: &Tasks) -> Self {
        // Every entry has a place among the messages in flight, so a send never waits.
        let capacity = cx.settings.messages_in_flight.get();
        let (deletes, deletes_out) = mpsc::channel(capacity);
        let (changes, changes_out) = mpsc::channel(capacity);
        let tally = Arc::new(Tally::default());
        let sender = Arc::new(Sender {
            cx: Arc::clone(cx),
            leases: Arc::clone(leases),
            tally: Arc::clone(&tally),
        });
        let closed = CancellationToken::new();
        tasks.spawn(send_deletes(
            Arc::clone(&sender),
            deletes_out,
            closed.clone(),
            tasks.clone(),
        ));
        tasks.spawn(send_changes(
            sender,
            changes_out,
            closed.clone(),
            tasks.clone(),
        ));
        Self {
            cx: Arc::clone(cx),
            deletes,
            changes,
            closed,
            tally,
        }
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Nothing more will come; what is inside is still sent.
    pub(crate) fn close(&self) {
        self.closed.cancel();
    }

    /// Carries out one settlement. Returns when the message is in good hands.
    pub(crate) async fn carry_out(&self, settlement: Settlement, message: InFlight) {
        match settlement {
            Settlement::Acknowledge => self.delete(message).await,
            Settlement::RetryAfter { wait, reason } => self.release(message, wait, reason).await,
            Settlement::DeadLetter(why) => self.dead_letter(message, why).await,
        }
    }

    async fn delete(&self, message: InFlight) {
        // Closed only when the tasks are gone, and then the message comes back by itself.
        let _ = self.deletes.send(message).await;
    }

    async fn release(&self, message: InFlight, wait: Duration, reason: &'static str) {
        tracing::info!(
            message_id = %message.delivery.id,
            reason,
            wait_seconds = wait.as_secs(),
            receive_count = message.delivery.receive_count,
            "Gave a message back"
        );
        self.cx.observer.tell(&Observation::Released { reason });
        if reason == Hold::MassDelete.as_str() {
            self.cx.brake.held_back(wait);
        }
        let _ = self.changes.send((message, wait)).await;
    }

    async fn dead_letter(&self, message: InFlight, why: Rejection) {
        let queue = &self.cx.ports.queue;
        let wait = retry_wait(message.delivery.receive_count, self.cx.random());
        if !queue.has_dead_letter_queue() {
            tracing::error!(
                message_id = %message.delivery.id,
                reason = why.reason,
                detail = why.detail,
                "A message can never succeed; leaving it to the queue's redrive policy"
            );
            return self.release(message, wait, "no_dead_letter_queue").await;
        }
        match queue.dead_letter(&letter(&message.delivery, &why)).await {
            Ok(()) => {
                tracing::error!(
                    message_id = %message.delivery.id,
                    reason = why.reason,
                    detail = why.detail,
                    "Dead-lettered a message"
                );
                self.tally.dead_lettered.fetch_add(1, Ordering::Relaxed);
                self.cx
                    .observer
                    .tell(&Observation::DeadLettered { reason: why.reason });
                self.delete(message).await;
            }
            Err(error) => {
                tracing::warn!(%error, source = %error.source, "Dead-lettering failed");
                self.release(message, wait, "dead_letter_failed").await;
            }
        }
    }
}

fn letter(delivery: &Delivery, why: &Rejection) -> DeadLetter {
    DeadLetter {
        id: delivery.id.clone(),
        body: delivery.body.clone(),
        reason: why.reason,
        detail: why.detail.clone(),
        first_received_at: delivery.first_received_at,
        receive_count: delivery.receive_count,
    }
}

async fn send_deletes(
    sender: Arc<Sender>,
    mut messages: mpsc::Receiver<InFlight>,
    closed: CancellationToken,
    tasks: Tasks,
) {
    while let Some(batch) = batch::next(&mut messages, &closed).await {
        let sender = Arc::clone(&sender);
        tasks.spawn(async move { sender.delete(batch).await });
    }
}

async fn send_changes(
    sender: Arc<Sender>,
    mut messages: mpsc::Receiver<(InFlight, Duration)>,
    closed: CancellationToken,
    tasks: Tasks,
) {
    while let Some(batch) = batch::next(&mut messages, &closed).await {
        let sender = Arc::clone(&sender);
        tasks.spawn(async move { sender.change(batch).await });
    }
}

/// Sends batches to the queue until every entry is answered for.
struct Sender {
    cx: Arc<Context>,
    leases: Arc<Leases>,
    tally: Arc<Tally>,
}

impl Sender {
    async fn delete(&self, batch: Vec<InFlight>) {
        let mut ids: Vec<MessageId> = batch.iter().map(|held| held.delivery.id.clone()).collect();
        for attempt in 1.. {
            let receipts: Vec<Receipt> = ids
                .iter()
                .filter_map(|id| self.leases.receipt(id))
                .collect();
            if receipts.is_empty() {
                break;
            }
            let answer = self.cx.ports.queue.delete(&receipts).await;
            let is_refused = self.is_refused(&answer);
            let (done, again) = self.sort(&receipts, answer);
            self.tally.deleted.fetch_add(done, Ordering::Relaxed);
            self.cx.observer.tell(&Observation::Deleted(done));
            ids = again;
            if ids.is_empty() || (attempt >= TRIES && !is_refused) {
                break;
            }
            tokio::time::sleep(self.wait(attempt, is_refused)).await;
        }
        self.let_go(batch);
    }

    /// Whether we may not delete at all. Then everybody waits, or done work would come again and
    /// again until the queue moves it to the dead letters.
    fn is_refused(&self, answer: &Result<Vec<EntryFailure>, QueueError>) -> bool {
        match answer {
            Ok(_) => self.cx.pause.granted(Right::Delete),
            Err(error) if error.kind == QueueErrorKind::Transient => {}
            Err(error) => {
                self.cx.pause.begin(Right::Delete, error_chain(error));
                return true;
            }
        }
        false
    }

    fn wait(&self, attempt: u32, is_refused: bool) -> Duration {
        let random = self.cx.random();
        if is_refused {
            REFUSED_WAIT.ceiling(attempt).mul_f64(0.5 + random / 2.0)
        } else {
            RETRY_WAIT.wait(attempt, random)
        }
    }

    /// A message that all tries miss comes back when its lease ends: perhaps before a late write
    /// has landed. It is let go first, so that the keeper does not renew what was given back.
    async fn change(&self, batch: Vec<(InFlight, Duration)>) {
        let mut changes: Vec<VisibilityChange> = batch
            .iter()
            .filter_map(|(held, wait)| {
                let id = &held.delivery.id;
                let timeout = (*wait).min(self.leases.longest_wait(id));
                Some(VisibilityChange {
                    receipt: self.leases.receipt(id)?,
                    timeout,
                })
            })
            .collect();
        let count = batch.len();
        self.let_go(batch.into_iter().map(|(held, _)| held).collect());
        for attempt in 1..=TRIES {
            let answer = self.cx.ports.queue.change_visibility(&changes).await;
            let asked: Vec<_> = changes
                .iter()
                .map(|change| change.receipt.clone())
                .collect();
            let (_, again) = self.sort(&asked, answer);
            changes.retain(|change| again.contains(&change.receipt.id));
            if changes.is_empty() || attempt == TRIES {
                break;
            }
            tokio::time::sleep(RETRY_WAIT.wait(attempt, self.cx.random())).await;
        }
        self.tally.released.fetch_add(count, Ordering::Relaxed);
    }

    /// Splits what was asked into the number done and the entries worth another try.
    fn sort(
        &self,
        asked: &[Receipt],
        answer: Result<Vec<EntryFailure>, QueueError>,
    ) -> (usize, Vec<MessageId>) {
        let failures = match answer {
            Ok(failures) => failures,
            Err(error) => {
                // While paused, the pause speaks for all.
                if !self.cx.pause.is_on() {
                    tracing::warn!(%error, source = %error.source, "A batch failed as a whole");
                }
                self.cx.observer.tell(&Observation::DeleteFailed);
                return (0, asked.iter().map(|receipt| receipt.id.clone()).collect());
            }
        };
        let mut again = Vec::new();
        for failure in &failures {
            tracing::warn!(message_id = %failure.id, code = failure.code, "The queue refused an entry");
            match failure.kind {
                EntryFailureKind::LeaseLost => self.lost(asked, &failure.id),
                EntryFailureKind::Retryable => again.push(failure.id.clone()),
            }
        }
        (asked.len().saturating_sub(failures.len()), again)
    }

    fn lost(&self, asked: &[Receipt], id: &MessageId) {
        let receipt = asked.iter().find(|receipt| receipt.id == *id);
        if let Some(receipt) = receipt {
            self.leases.lose_if_current(receipt);
        }
    }

    fn let_go(&self, batch: Vec<InFlight>) {
        for held in batch {
            self.leases.let_go(&held.delivery.id);
            drop(held.place);
        }
    }
}
