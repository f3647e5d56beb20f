//! Carries out settlements: acknowledged messages are deleted and others made visible again, in
//! batches; a message that can never succeed is stored in the dead-letter queue and only then
//! deleted.
//!
//! A message stays held, with its lease and its place among the messages in flight, until the
//! queue has answered. What the queue refuses is tried again while the lease lasts; a message
//! whose lease is lost comes back by itself.

mod sender;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::sync::CancellationToken;

use crate::batch;
use crate::context::Context;
use crate::leases::Leases;
use crate::observation::Observation;
use crate::outcome::{Hold, Rejection};
use crate::ports::{DeadLetter, Delivery};
use crate::settle::{Settlement, retry_wait};
use crate::stop::StopReport;
use crate::tasks::Tasks;

use self::sender::Sender;

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
