//! Batches on their way to the queue: sent until every entry is answered for, or given up when
//! the tries or the leases are used up.
//!
//! A queue that refuses deletes altogether is asked for as long as there are leases: the work is
//! done, and a message that came again would be worked on for nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use adaptive_limit::backoff::Backoff;

use super::{InFlight, Tally};
use crate::context::Context;
use crate::error_chain::error_chain;
use crate::leases::Leases;
use crate::observation::Observation;
use crate::ports::{
    EntryFailure, EntryFailureKind, MessageId, QueueError, QueueErrorKind, Receipt,
    VisibilityChange,
};
use crate::rights::Right;

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

/// Sends batches to the queue until every entry is answered for.
pub(super) struct Sender {
    pub(super) cx: Arc<Context>,
    pub(super) leases: Arc<Leases>,
    pub(super) tally: Arc<Tally>,
}

impl Sender {
    pub(super) async fn delete(&self, batch: Vec<InFlight>) {
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
    pub(super) async fn change(&self, batch: Vec<(InFlight, Duration)>) {
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
