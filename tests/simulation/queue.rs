//! SQS as one member reaches it: at least once, in any order, with batches that fail in part,
//! deletes that get lost, receives that come back empty, late or never.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sync_engine::ports::{
    DeadLetter, Delivery, EntryFailure, EntryFailureKind, MessageId, Queue, QueueError,
    QueueErrorKind, Receipt, ReceiptHandle, ReceiveRequest, VisibilityChange,
};
use tokio::time::timeout_at;

use super::messages::HandedOut;
use super::plan::{Fate, Moment};
use super::world::{MemberId, State, World};

/// One member's way to the queue.
#[derive(Clone)]
pub(crate) struct SimQueue {
    pub(crate) world: Arc<World>,
    pub(crate) member: MemberId,
}

/// The service number of the queue among those that can lock us out.
const QUEUE: usize = 1;

impl SimQueue {
    async fn call(&self, operation: &'static str) -> Result<(), QueueError> {
        self.world.peril(self.member).await;
        self.world.travel().await;
        let mut state = self.world.state();
        if state.is_locked_out(QUEUE) {
            return Err(failure(operation, QueueErrorKind::Denied));
        }
        let rate = state.plan.rates.queue_fails;
        if state.chance(rate) {
            return Err(failure(operation, QueueErrorKind::Transient));
        }
        Ok(())
    }

    /// Back from a call that has had its effect: the answer may get lost.
    async fn answer<T>(&self, operation: &'static str, answer: T) -> Result<T, QueueError> {
        self.world.travel().await;
        let is_lost = {
            let mut state = self.world.state();
            let rate = state.plan.rates.queue_fails;
            state.chance(rate)
        };
        self.world.peril(self.member).await;
        if is_lost {
            return Err(failure(operation, QueueErrorKind::Transient));
        }
        Ok(answer)
    }

    fn delivery(&self, out: HandedOut, now: Moment) -> Delivery {
        Delivery {
            id: MessageId(out.lease.message.to_string()),
            receipt: ReceiptHandle(out.handle),
            body: out.body,
            receive_count: out.receive_count,
            first_received_at: None,
            sent_at: None,
            trace_header: None,
            leased_at: self.world.instant(now),
        }
    }

    /// What a receive finds now.
    fn take(&self, request: ReceiveRequest) -> (Vec<Delivery>, Option<Moment>) {
        let mut state = self.world.state();
        let now = state.now;
        let ids = state.choose(request.max);
        let outs: Vec<_> = ids
            .into_iter()
            .filter_map(|id| {
                state
                    .messages
                    .hand_out(id, self.member, now, request.visibility_timeout)
            })
            .collect();
        for out in &outs {
            state.note(format_args!(
                "{}: receives {} ({})",
                self.member, out.lease.message, out.receive_count
            ));
            state.witness.received(&out.lease);
        }
        let batch = outs
            .into_iter()
            .map(|out| self.delivery(out, now))
            .collect();
        (batch, state.messages.next_visible())
    }

    /// Deletes one message, or says that it did.
    fn delete_one(&self, state: &mut State, receipt: &Receipt) -> Option<EntryFailure> {
        let lease = state.messages.lease(receipt)?.clone();
        state.note(format_args!("{}: deletes {}", self.member, lease.message));
        state.check_delete(self.member, lease.message);
        state.witness.proved(self.member, lease.message);
        let (fails, lost) = (state.plan.rates.entry_fails, state.plan.rates.delete_lost);
        if state.chance(fails) {
            return Some(refused(receipt, EntryFailureKind::Retryable));
        }
        let is_stale = !state.messages.is_current(receipt);
        if is_stale && state.rng.bool() {
            return Some(refused(receipt, EntryFailureKind::LeaseLost));
        }
        state.witness.let_go(self.member, &lease);
        // A stale handle may be taken, and delete or not.
        let is_ineffective = is_stale && state.rng.bool();
        if !is_ineffective && !state.chance(lost) {
            state.messages.remove(lease.message);
            state.witness.deleted(self.member, lease.message);
        }
        None
    }

    fn change_one(&self, state: &mut State, change: &VisibilityChange) -> Option<EntryFailure> {
        let lease = state.messages.lease(&change.receipt)?.clone();
        let until = state.now + change.timeout;
        state.note(format_args!(
            "{}: hides {} for {:?}",
            self.member, lease.message, change.timeout
        ));
        state.witness.check_lease(&lease, until);
        let is_renewal = change.timeout == state.plan.settings.visibility_timeout;
        if is_renewal && state.renewal_fails() {
            return Some(refused(&change.receipt, EntryFailureKind::Retryable));
        }
        if !is_renewal {
            state.check_release(self.member, &lease);
        }
        let fails = state.plan.rates.entry_fails;
        if !is_renewal && state.chance(fails) {
            return Some(refused(&change.receipt, EntryFailureKind::Retryable));
        }
        if !state.messages.is_current(&change.receipt) {
            // Sometimes taken, and without effect.
            return state
                .rng
                .bool()
                .then(|| refused(&change.receipt, EntryFailureKind::LeaseLost));
        }
        state.messages.hide(lease.message, until);
        None
    }
}

#[async_trait]
impl Queue for SimQueue {
    async fn receive(&self, request: ReceiveRequest) -> Result<Vec<Delivery>, QueueError> {
        let gives_up = self.world.state().now + request.wait;
        self.call("ReceiveMessage").await?;
        let hangs = {
            let mut state = self.world.state();
            let rate = state.plan.rates.receive_hangs;
            state.chance(rate)
        };
        if hangs {
            pending::<()>().await;
        }
        loop {
            let arrived = self.world.arrived.notified();
            let (batch, next) = self.take(request);
            if !batch.is_empty() {
                // Handed out; should the answer get lost, they come back when their leases end.
                return self.answer("ReceiveMessage", batch).await;
            }
            if self.world.state().now >= gives_up {
                return Ok(batch);
            }
            let soon = self.world.state().now + Duration::from_millis(500);
            let wake = next.unwrap_or(gives_up).max(soon).min(gives_up);
            let _ = timeout_at(self.world.instant(wake), arrived).await;
        }
    }

    async fn delete(&self, receipts: &[Receipt]) -> Result<Vec<EntryFailure>, QueueError> {
        if receipts.is_empty() {
            return Ok(Vec::new());
        }
        self.call("DeleteMessageBatch").await?;
        let failures = {
            let mut state = self.world.state();
            state.witness.check_batch(receipts.len());
            receipts
                .iter()
                .filter_map(|receipt| self.delete_one(&mut state, receipt))
                .collect()
        };
        self.answer("DeleteMessageBatch", failures).await
    }

    async fn change_visibility(
        &self,
        changes: &[VisibilityChange],
    ) -> Result<Vec<EntryFailure>, QueueError> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        self.call("ChangeMessageVisibilityBatch").await?;
        let failures = {
            let mut state = self.world.state();
            state.witness.check_batch(changes.len());
            changes
                .iter()
                .filter_map(|change| self.change_one(&mut state, change))
                .collect()
        };
        self.world.arrived.notify_waiters();
        self.answer("ChangeMessageVisibilityBatch", failures).await
    }

    async fn dead_letter(&self, letter: &DeadLetter) -> Result<(), QueueError> {
        if let Err(error) = self.call("SendMessage").await {
            self.world.state().witness.letter_failed(self.member);
            return Err(error);
        }
        {
            let mut state = self.world.state();
            state.note(format_args!(
                "{}: dead-letters {} ({})",
                self.member, letter.id, letter.reason
            ));
            state.check_letter(letter);
            state.messages.letters.push(letter.clone());
        }
        let answer = self.answer("SendMessage", ()).await;
        if answer.is_err() {
            self.world.state().witness.letter_failed(self.member);
        }
        answer
    }

    fn has_dead_letter_queue(&self) -> bool {
        true
    }

    async fn check(&self) -> Result<(), QueueError> {
        self.call("GetQueueAttributes").await
    }
}

impl State {
    /// The messages that one receive answers with: some of those that are visible, in any order,
    /// and in some worlds one that somebody holds.
    fn choose(&mut self, most: usize) -> Vec<u64> {
        let rate = self.plan.rates.receive_empty;
        if self.chance(rate) {
            return Vec::new();
        }
        let (mut visible, held) = self.messages.visible_and_held(self.now);
        let twice = match self.plan.fate {
            Fate::Doubled { twice, .. } => twice,
            Fate::Mortal { .. } => 0.0,
        };
        if !held.is_empty() && self.chance(twice) {
            visible.push(held[self.rng.usize(..held.len())]);
        }
        self.rng.shuffle(&mut visible);
        if !visible.is_empty() {
            let count = self.rng.usize(1..=visible.len());
            visible.truncate(count.min(most));
        }
        visible
    }

    fn renewal_fails(&mut self) -> bool {
        match self.plan.fate {
            Fate::Doubled { renewals_fail, .. } => self.chance(renewals_fail),
            Fate::Mortal { .. } => false,
        }
    }
}

fn refused(receipt: &Receipt, kind: EntryFailureKind) -> EntryFailure {
    EntryFailure {
        id: receipt.id.clone(),
        kind,
        code: "Simulated".to_owned(),
    }
}

fn failure(operation: &'static str, kind: QueueErrorKind) -> QueueError {
    QueueError {
        operation,
        kind,
        source: "the simulation said so".into(),
    }
}
