//! What SQS holds: messages, their leases and receipt handles, and the dead letters.

use std::collections::BTreeMap;
use std::time::Duration;

use sync_engine::ports::{DeadLetter, Receipt};

use super::plan::Moment;
use super::world::MemberId;

pub(crate) type MessageNumber = u64;
/// All receives, counted.
pub(crate) type Receive = u64;

/// The queue's side of the world.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    waiting: BTreeMap<MessageNumber, Message>,
    /// What every message ever sent is about.
    pub(crate) subjects: BTreeMap<MessageNumber, Subject>,
    leases: BTreeMap<String, Lease>,
    pub(crate) letters: Vec<DeadLetter>,
    sent: MessageNumber,
    receives: Receive,
}

/// What must have been done before a message may be deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Subject {
    /// The keys that it hints at and that map to an asset.
    pub(crate) keys: Vec<&'static str>,
    /// The reason with which it must be in the dead-letter queue.
    pub(crate) letter: Option<&'static str>,
}

#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) body: String,
    pub(crate) receive_count: u32,
    pub(crate) visible_at: Moment,
    handle: String,
}

/// One receive of one message.
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    pub(crate) message: MessageNumber,
    pub(crate) member: MemberId,
    pub(crate) since: Moment,
    pub(crate) receive: Receive,
}

/// One message handed out.
pub(crate) struct HandedOut {
    pub(crate) lease: Lease,
    pub(crate) handle: String,
    pub(crate) body: String,
    pub(crate) receive_count: u32,
}

impl Messages {
    pub(crate) fn send(
        &mut self,
        body: String,
        subject: Subject,
        visible_at: Moment,
    ) -> MessageNumber {
        self.sent += 1;
        self.subjects.insert(self.sent, subject);
        let message = Message {
            body,
            receive_count: 0,
            visible_at,
            handle: String::new(),
        };
        self.waiting.insert(self.sent, message);
        self.sent
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Those that a receive may answer with now, and those that somebody holds.
    pub(crate) fn visible_and_held(&self, now: Moment) -> (Vec<MessageNumber>, Vec<MessageNumber>) {
        let (visible, hidden): (Vec<_>, Vec<_>) = self
            .waiting
            .iter()
            .partition(|(_, message)| message.visible_at <= now);
        let held = hidden
            .into_iter()
            .filter(|(_, message)| message.receive_count > 0);
        (
            visible.into_iter().map(|(id, _)| *id).collect(),
            held.map(|(id, _)| *id).collect(),
        )
    }

    pub(crate) fn next_visible(&self) -> Option<Moment> {
        self.waiting
            .values()
            .map(|message| message.visible_at)
            .min()
    }

    pub(crate) fn hand_out(
        &mut self,
        message: MessageNumber,
        member: MemberId,
        now: Moment,
        lease: Duration,
    ) -> Option<HandedOut> {
        self.receives += 1;
        let handle = format!("{message}#{}", self.receives);
        let held = self.waiting.get_mut(&message)?;
        held.receive_count += 1;
        held.visible_at = now + lease;
        held.handle.clone_from(&handle);
        let lease = Lease {
            message,
            member,
            since: now,
            receive: self.receives,
        };
        self.leases.insert(handle.clone(), lease.clone());
        Some(HandedOut {
            lease,
            handle,
            body: held.body.clone(),
            receive_count: held.receive_count,
        })
    }

    /// The lease that a receipt speaks of, over or not.
    pub(crate) fn lease(&self, receipt: &Receipt) -> Option<&Lease> {
        self.leases.get(&receipt.handle.0)
    }

    /// Whether the receipt is of the newest receive of a message that is still there.
    pub(crate) fn is_current(&self, receipt: &Receipt) -> bool {
        self.lease(receipt)
            .and_then(|lease| self.waiting.get(&lease.message))
            .is_some_and(|message| message.handle == receipt.handle.0)
    }

    pub(crate) fn hide(&mut self, message: MessageNumber, until: Moment) {
        if let Some(held) = self.waiting.get_mut(&message) {
            held.visible_at = until;
        }
    }

    pub(crate) fn remove(&mut self, message: MessageNumber) {
        self.waiting.remove(&message);
    }

    /// The reasons with which a message was put into the dead-letter queue.
    pub(crate) fn reasons(&self, message: MessageNumber) -> Vec<&'static str> {
        let id = message.to_string();
        let letters = self.letters.iter().filter(|letter| letter.id.0 == id);
        letters.map(|letter| letter.reason).collect()
    }

    /// For people: what is left, and until when it is hidden.
    pub(crate) fn left(&self) -> Vec<(MessageNumber, Moment)> {
        self.waiting
            .iter()
            .map(|(id, message)| (*id, message.visible_at))
            .collect()
    }
}
