//! Sees every call at the ports and remembers what the members asked, were told and did. It knows
//! nothing of how they work inside. What must hold of it is in `promises`.

use std::collections::{BTreeMap, BTreeSet};

use cloudinary_core::{AssetId, Disposition};
use event_mapper::Rules;
use sync_engine::Observation;
use sync_engine::ports::ObjectState;

use super::messages::{Lease, MessageNumber, Receive};
use super::plan::{Moment, Plan};
use super::world::MemberId;

/// Order of calls, finer than time.
pub(crate) type Stamp = u64;

/// What has been seen.
#[derive(Debug)]
pub(crate) struct Witness {
    clock: Stamp,
    pub(super) rules: Rules,
    pub(super) upload_only: bool,
    messages_most: usize,
    calls_most: usize,
    pub(super) members: Vec<Log>,
    /// Messages that somebody else deleted while the member still worked on them: should it give
    /// up now, nobody would look at what it has written.
    overtaken: BTreeSet<(MemberId, MessageNumber)>,
    /// The first broken promise.
    violation: Option<String>,
}

/// What one member did in its present life.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// The messages it was given.
    pub(super) held: BTreeMap<MessageNumber, Held>,
    pub(super) looks: Vec<Look>,
    pub(super) writes: Vec<Write>,
    /// When it asked what is delivered, and was told this entity tag.
    pub(super) comparisons: Vec<(Stamp, AssetId, String)>,
    pub(super) calls: usize,
    /// When a look failed, and at which key or prefix.
    pub(super) failed_looks: Vec<(Stamp, String)>,
    pub(super) failed_letter: bool,
    /// Messages in hand, by its own account.
    pub(super) in_hand: usize,
    pub(super) is_stopping: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    since: Stamp,
    newest: Receive,
}

#[derive(Debug)]
pub(super) struct Look {
    pub(super) key: String,
    pub(super) asked: Stamp,
    pub(super) at: Moment,
    pub(super) seen: Option<ObjectState>,
}

#[derive(Debug)]
pub(super) struct Write {
    pub(super) asset: AssetId,
    pub(super) wrote: Wrote,
    pub(super) began: Stamp,
    pub(super) ended: Option<(Stamp, Result<(), Disposition>)>,
}

impl Write {
    /// A throttled write was none.
    pub(super) fn was_throttled(&self) -> bool {
        matches!(self.ended, Some((_, Err(Disposition::Throttled))))
    }
}

/// What a member meant to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrote {
    Upload { key: String, etag: String },
    Destroy,
}

impl Witness {
    pub(crate) fn new(plan: &Plan) -> Self {
        let settings = &plan.settings;
        Self {
            clock: 0,
            rules: settings.rules.clone(),
            upload_only: settings.upload_only,
            messages_most: settings.messages_in_flight.get(),
            calls_most: settings.calls_in_flight.get(),
            members: (0..plan.members).map(|_| Log::default()).collect(),
            overtaken: BTreeSet::new(),
            violation: None,
        }
    }

    pub(crate) fn violation(&self) -> Option<&str> {
        self.violation.as_deref()
    }

    pub(crate) fn violate(&mut self, what: String) {
        self.violation.get_or_insert(what);
    }

    /// The next moment in the order of calls.
    pub(crate) fn stamp(&mut self) -> Stamp {
        self.clock += 1;
        self.clock
    }

    /// A member begins a new life.
    pub(crate) fn born(&mut self, member: MemberId) {
        self.members[member] = Log::default();
    }

    pub(crate) fn stops(&mut self, member: MemberId) {
        self.members[member].is_stopping = true;
    }

    pub(crate) fn received(&mut self, lease: &Lease) {
        let since = self.stamp();
        let newest = lease.receive;
        let held = self.members[lease.member].held.entry(lease.message);
        held.or_insert(Held { since, newest }).newest = newest;
    }

    /// The member has done its part for a message.
    pub(crate) fn proved(&mut self, member: MemberId, message: MessageNumber) {
        self.overtaken.remove(&(member, message));
    }

    /// A message is really gone. Whoever else holds it is on its own.
    pub(crate) fn deleted(&mut self, member: MemberId, message: MessageNumber) {
        let others = self
            .members
            .iter()
            .enumerate()
            .filter(|(other, log)| *other != member && log.held.contains_key(&message));
        self.overtaken
            .extend(others.map(|(other, _)| (other, message)));
    }

    /// Messages that nobody was left to finish.
    pub(crate) fn overtaken(&self) -> impl Iterator<Item = MessageNumber> {
        self.overtaken.iter().map(|(_, message)| *message)
    }

    /// Whether this is the member's newest receive of a message that it still has.
    pub(super) fn holds(&self, member: MemberId, lease: &Lease) -> bool {
        let held = self.members[member].held.get(&lease.message);
        held.is_some_and(|held| held.newest == lease.receive)
    }

    /// Deleted or given back, unless the member has received it again meanwhile.
    pub(crate) fn let_go(&mut self, member: MemberId, lease: &Lease) {
        if self.holds(member, lease) {
            self.members[member].held.remove(&lease.message);
        }
    }

    pub(crate) fn looked(
        &mut self,
        member: MemberId,
        key: &str,
        asked: Stamp,
        at: Moment,
        seen: Option<ObjectState>,
    ) {
        let key = key.to_owned();
        self.members[member].looks.push(Look {
            key,
            asked,
            at,
            seen,
        });
    }

    pub(crate) fn store_failed(&mut self, member: MemberId, prefix: &str) {
        let stamp = self.stamp();
        self.members[member]
            .failed_looks
            .push((stamp, prefix.to_owned()));
    }

    pub(crate) fn letter_failed(&mut self, member: MemberId) {
        self.members[member].failed_letter = true;
    }

    pub(crate) fn write_begins(
        &mut self,
        member: MemberId,
        asset: &AssetId,
        wrote: Wrote,
    ) -> Stamp {
        let began = self.stamp();
        let log = &mut self.members[member];
        log.calls += 1;
        let (calls, asset) = (log.calls, asset.clone());
        log.writes.push(Write {
            asset,
            wrote,
            began,
            ended: None,
        });
        if calls > self.calls_most {
            self.violate(format!(
                "{calls} library calls in flight, {} allowed",
                self.calls_most
            ));
        }
        began
    }

    pub(crate) fn write_ends(
        &mut self,
        member: MemberId,
        began: Stamp,
        failure: Option<Disposition>,
    ) {
        let stamp = self.stamp();
        let log = &mut self.members[member];
        log.calls = log.calls.saturating_sub(1);
        if let Some(write) = log.writes.iter_mut().find(|write| write.began == began) {
            write.ended = Some((stamp, failure.map_or(Ok(()), Err)));
        }
    }

    /// The member was told what is delivered.
    pub(crate) fn compared(&mut self, member: MemberId, asset: &AssetId, etag: &str) {
        let stamp = self.stamp();
        self.members[member]
            .comparisons
            .push((stamp, asset.clone(), etag.to_owned()));
    }

    /// The member went away from a write.
    pub(crate) fn write_abandoned(&mut self, member: MemberId) {
        let log = &mut self.members[member];
        log.calls = log.calls.saturating_sub(1);
    }

    /// What the member tells of itself.
    pub(crate) fn told(&mut self, member: MemberId, fact: &Observation) {
        let Observation::MessagesInFlight(held) = fact else {
            return;
        };
        self.members[member].in_hand = *held;
        if *held > self.messages_most {
            self.violate(format!(
                "{held} messages held, {} allowed",
                self.messages_most
            ));
        }
    }

    /// Whether no member has anything to do.
    pub(crate) fn is_idle(&self) -> bool {
        self.members.iter().all(|log| log.in_hand == 0)
    }
}

impl Look {
    pub(super) fn has_etag(&self, etag: &str) -> bool {
        self.seen.as_ref().is_some_and(|seen| seen.etag == etag)
    }
}

impl Log {
    /// When the member was given a message.
    pub(super) fn since(&self, message: MessageNumber) -> Stamp {
        self.held.get(&message).map_or(0, |held| held.since)
    }

    /// When the member was given the oldest message it holds.
    pub(super) fn told_of_something(&self) -> Stamp {
        self.held.values().map(|held| held.since).min().unwrap_or(0)
    }
}

impl Wrote {
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::Upload { .. } => "upload",
            Self::Destroy => "destroy",
        }
    }

    pub(super) fn is_what(&self, look: &Look) -> bool {
        match (self, &look.seen) {
            (Self::Upload { key, etag }, Some(seen)) => *key == look.key && *etag == seen.etag,
            (Self::Destroy, None) => true,
            _ => false,
        }
    }
}
