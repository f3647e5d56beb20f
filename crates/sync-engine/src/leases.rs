//! Keeps the leases of all held messages alive, and knows the newest receipt handle of each.
//!
//! A lease is renewed when half of it is over, in batches, for as long as the message is held -
//! while it waits for a slot, while it is being worked on, while it waits to be deleted, and
//! during the drain - but never past the queue's limit from the receive. A lease that ended
//! anyway is lost: its message is worked on to the end, for that does no harm, but not deleted.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::Instant;

use crate::observation::{Observation, Observer};
use crate::ports::{
    Delivery, EntryFailure, EntryFailureKind, MAX_BATCH, MAX_LEASE, MessageId, Queue, Receipt,
    ReceiptHandle, VisibilityChange,
};

/// The keeper looks this often within one visibility timeout.
const LOOKS_PER_TIMEOUT: u32 = 20;
const LOOK_MIN: Duration = Duration::from_millis(100);

/// The leases of one member.
pub(crate) struct Leases {
    /// In a fixed order, so that a run can be repeated.
    held: Mutex<BTreeMap<MessageId, Lease>>,
    visibility_timeout: Duration,
    observer: Observer,
}

#[derive(Debug)]
struct Lease {
    handle: ReceiptHandle,
    sent_at: Option<OffsetDateTime>,
    received_at: Instant,
    renew_at: Instant,
    ends_at: Instant,
    is_lost: bool,
}

impl Leases {
    pub(crate) fn new(visibility_timeout: Duration, observer: Observer) -> Self {
        Self {
            held: Mutex::default(),
            visibility_timeout,
            observer,
        }
    }

    /// Starts to hold a delivered message. `false`: it is held already, and from now on by the
    /// newer handle.
    pub(crate) fn hold(&self, delivery: &Delivery) -> bool {
        let lease = Lease {
            handle: delivery.receipt.clone(),
            sent_at: delivery.sent_at,
            received_at: delivery.leased_at,
            renew_at: delivery.leased_at + self.visibility_timeout / 2,
            ends_at: delivery.leased_at + self.visibility_timeout,
            is_lost: false,
        };
        let mut held = self.held();
        let before = held.insert(delivery.id.clone(), lease);
        let count = held.len();
        drop(held);
        self.observer.tell(&Observation::MessagesInFlight(count));
        let is_new = before.is_none();
        if is_new {
            let sent_at = delivery.sent_at;
            self.observer.tell(&Observation::Held { sent_at });
        }
        is_new
    }

    /// The right to act on a held message; `None` once its lease is lost.
    pub(crate) fn receipt(&self, id: &MessageId) -> Option<Receipt> {
        let held = self.held();
        let lease = held.get(id).filter(|lease| !lease.is_lost)?;
        Some(Receipt {
            id: id.clone(),
            handle: lease.handle.clone(),
        })
    }

    /// How much longer the queue could keep the message invisible for us.
    pub(crate) fn longest_wait(&self, id: &MessageId) -> Duration {
        let held = self.held();
        held.get(id).map_or(Duration::ZERO, |lease| {
            MAX_LEASE.saturating_sub(lease.received_at.elapsed())
        })
    }

    /// Messages held now.
    pub(crate) fn count(&self) -> usize {
        self.held().len()
    }

    /// Stops holding a message.
    pub(crate) fn let_go(&self, id: &MessageId) {
        let mut held = self.held();
        let lease = held.remove(id);
        let count = held.len();
        drop(held);
        self.observer.tell(&Observation::MessagesInFlight(count));
        if let Some(Lease { sent_at, .. }) = lease {
            self.observer.tell(&Observation::LetGo { sent_at });
        }
    }

    /// The queue said that this lease is no longer ours.
    fn lose(&self, id: &MessageId) {
        match self.held().get_mut(id) {
            Some(lease) if !lease.is_lost => lease.is_lost = true,
            // Given back or lost before: nothing is lost now.
            _ => return,
        }
        tracing::warn!(message_id = %id, "Lost the lease on a message");
        self.observer.tell(&Observation::LeaseLost);
    }

    /// Renews leases until dropped.
    pub(crate) async fn keep(&self, queue: &dyn Queue) {
        let pause = (self.visibility_timeout / LOOKS_PER_TIMEOUT).max(LOOK_MIN);
        loop {
            tokio::time::sleep(pause).await;
            self.lose_ended();
            let due = self.due(Instant::now());
            let batches = due.chunks(MAX_BATCH).map(|batch| self.renew(queue, batch));
            futures_util::future::join_all(batches).await;
        }
    }

    async fn renew(&self, queue: &dyn Queue, changes: &[VisibilityChange]) {
        let asked_at = Instant::now();
        match queue.change_visibility(changes).await {
            Ok(failures) => self.renewed(changes, &failures, asked_at),
            Err(error) => {
                tracing::warn!(%error, source = %error.source, "Renewing leases failed");
                self.observer
                    .tell(&Observation::LeaseExtensionFailed(changes.len()));
            }
        }
    }

    /// The leases that are half over, each with the longest renewal the queue allows.
    fn due(&self, now: Instant) -> Vec<VisibilityChange> {
        let held = self.held();
        let due = held
            .iter()
            .filter(|(_, lease)| !lease.is_lost && lease.renew_at <= now);
        due.filter_map(|(id, lease)| {
            let allowed =
                MAX_LEASE.saturating_sub(now.saturating_duration_since(lease.received_at));
            let timeout = self.visibility_timeout.min(allowed);
            // Nothing to win any more: the lease ends at the queue's limit.
            let gains = !timeout.is_zero() && now + timeout > lease.ends_at;
            let receipt = Receipt {
                id: id.clone(),
                handle: lease.handle.clone(),
            };
            gains.then_some(VisibilityChange { receipt, timeout })
        })
        .collect()
    }

    fn renewed(&self, changes: &[VisibilityChange], failures: &[EntryFailure], asked_at: Instant) {
        let mut extended = 0;
        for change in changes {
            match failures
                .iter()
                .find(|failure| failure.id == change.receipt.id)
            {
                None => {
                    extended += 1;
                    self.extend(change, asked_at);
                }
                Some(failure) if failure.kind == EntryFailureKind::LeaseLost => {
                    self.lose_if_current(&change.receipt);
                }
                // Tried again at the next look; the lease still has time.
                Some(_) => self.observer.tell(&Observation::LeaseExtensionFailed(1)),
            }
        }
        self.observer.tell(&Observation::LeasesExtended(extended));
    }

    fn extend(&self, change: &VisibilityChange, asked_at: Instant) {
        if let Some(lease) = self.held().get_mut(&change.receipt.id)
            && lease.handle == change.receipt.handle
        {
            lease.renew_at = asked_at + change.timeout / 2;
            lease.ends_at = asked_at + change.timeout;
        }
    }

    /// A refusal of an older handle says nothing about the newer one.
    pub(crate) fn lose_if_current(&self, receipt: &Receipt) {
        let current = self.receipt(&receipt.id);
        if current.is_some_and(|current| current.handle == receipt.handle) {
            self.lose(&receipt.id);
        }
    }

    fn lose_ended(&self) {
        let now = Instant::now();
        let ended: Vec<_> = {
            let held = self.held();
            let ended = held
                .iter()
                .filter(|(_, lease)| !lease.is_lost && lease.ends_at <= now);
            ended.map(|(id, _)| id.clone()).collect()
        };
        for id in &ended {
            self.lose(id);
        }
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<MessageId, Lease>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
