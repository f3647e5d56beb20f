//! The promises that can be checked at a single call, from what the witness has seen.

use std::time::Duration;

use cloudinary_core::AssetId;
use sync_engine::ports::{DeadLetter, MAX_BATCH};

use super::bucket::{KEYS, family, object};
use super::messages::{Lease, MessageNumber};
use super::plan::Moment;
use super::witness::{Look, Witness, Write};
use super::world::{MemberId, State};

/// SQS keeps no message invisible longer, counted from its receive.
const LONGEST_LEASE: Duration = Duration::from_hours(12);
/// From here on giving back because of throttling is right: the lease cannot last.
const LONG_HELD: Duration = Duration::from_hours(11);
/// Between the first answer of a look and the write that follows: listings in pages take time.
const JUST_NOW: Duration = Duration::from_secs(62);

impl State {
    /// A destroy has evidence: since the member was told of the asset it has looked at every key
    /// of it and found nothing, and either that is still so or it was just now.
    pub(crate) fn check_destroy(&mut self, member: MemberId, asset: &AssetId) {
        let log = &self.witness.members[member];
        let since = log.told_of_something();
        let keys = self.witness.keys_of(asset);
        let unproven = keys.into_iter().find(|key| {
            let is_there = self.bucket.state(key).is_some();
            let mut looks = log
                .looks
                .iter()
                .filter(|look| look.key == **key && look.asked >= since);
            !looks.any(|look| look.seen.is_none() && (!is_there || look.at + JUST_NOW > self.now))
        });
        if let Some(key) = unproven {
            self.witness
                .violate(format!("{member} destroys {asset} without a 404 for {key}"));
        }
    }

    /// No message is deleted without proof, or before it is safe elsewhere.
    pub(crate) fn check_delete(&mut self, member: MemberId, message: MessageNumber) {
        let subject = self.messages.subjects[&message].clone();
        if let Some(reason) = subject.letter
            && !self.messages.reasons(message).contains(&reason)
        {
            self.witness.violate(format!(
                "message {message} is deleted before it is a letter"
            ));
        }
        for key in subject.keys {
            if !self.witness.is_proven(member, message, key) {
                let what = format!("{member} deletes message {message} without a proof for {key}");
                self.witness.violate(what);
            }
        }
    }

    /// A message is given back for a reason, and throttling is none.
    pub(crate) fn check_release(&mut self, member: MemberId, lease: &Lease) {
        let keys = self.messages.subjects[&lease.message].keys.clone();
        if !self.witness.holds(member, lease) {
            // Said once more, of a receive that the member has another one of by now.
            return;
        }
        let is_long_held = self.now.saturating_sub(lease.since) > LONG_HELD;
        if !is_long_held && !self.witness.has_cause(member, lease.message, &keys) {
            let what = format!(
                "{member} gives message {} back for nothing but throttling",
                lease.message
            );
            self.witness.violate(what);
        }
        self.witness.let_go(member, lease);
    }

    /// Only what can never succeed becomes a letter, and it says why.
    pub(crate) fn check_letter(&mut self, letter: &DeadLetter) {
        let number: MessageNumber = letter.id.0.parse().unwrap_or_default();
        let wanted = self
            .messages
            .subjects
            .get(&number)
            .and_then(|subject| subject.letter);
        if wanted != Some(letter.reason) {
            self.witness.violate(format!(
                "message {number} became a letter: {}",
                letter.reason
            ));
        }
    }
}

impl Witness {
    pub(crate) fn check_batch(&mut self, entries: usize) {
        if entries > MAX_BATCH {
            self.violate(format!("a batch of {entries} entries"));
        }
    }

    /// No lease is extended past twelve hours.
    pub(crate) fn check_lease(&mut self, lease: &Lease, until: Moment) {
        if until > lease.since + LONGEST_LEASE {
            let held = until.saturating_sub(lease.since);
            self.violate(format!(
                "message {} was to be held for {held:?}",
                lease.message
            ));
        }
    }

    /// Some look at the asset of `key`, made since the message came, agrees with the member's
    /// last write before it.
    fn is_proven(&self, member: MemberId, message: MessageNumber, key: &str) -> bool {
        let log = &self.members[member];
        let since = log.since(message);
        let family = family(&self.rules, key);
        let Some(asset) = self.rules.map(&object(key), None).asset().cloned() else {
            return true;
        };
        let looks = log.looks.iter().filter(|look| look.asked > since);
        let mut looks = looks.filter(|look| family.contains(&look.key.as_str()));
        looks.any(|look| {
            let before = log.writes.iter().filter(|write| {
                let is_between = write.began > since && write.began < look.asked;
                write.asset == asset && is_between && !write.was_throttled()
            });
            let is_delivered = || {
                log.comparisons.iter().any(|(stamp, of, etag)| {
                    *stamp > look.asked && *of == asset && look.has_etag(etag)
                })
            };
            self.agrees(look, &before.collect::<Vec<_>>()) || is_delivered()
        })
    }

    fn agrees(&self, look: &Look, writes: &[&Write]) -> bool {
        if writes
            .iter()
            .any(|write| write.ended.is_none_or(|(ended, _)| ended > look.asked))
        {
            return false;
        }
        let is_archived = look.seen.as_ref().is_some_and(|seen| seen.archived);
        if is_archived || (look.seen.is_none() && self.upload_only) {
            return true;
        }
        let last = writes.last().map(|last| (&last.wrote, last.ended));
        matches!(last, Some((wrote, Some((_, Ok(()))))) if wrote.is_what(look))
    }

    /// Whether something else than throttling stands in the way of a message of these keys.
    fn has_cause(&self, member: MemberId, message: MessageNumber, keys: &[&'static str]) -> bool {
        let log = &self.members[member];
        let since = log.since(message);
        let families: Vec<_> = keys
            .iter()
            .flat_map(|key| family(&self.rules, key))
            .collect();
        let failed_looks = log.failed_looks.iter().filter(|(stamp, _)| *stamp > since);
        let mut writes = log.writes.iter().filter(|write| {
            let keys = self.keys_of(&write.asset);
            write.began > since && keys.iter().any(|key| families.contains(key))
        });
        log.is_stopping
            || log.failed_letter
            || failed_looks
                .into_iter()
                .any(|(_, prefix)| families.iter().any(|key| key.starts_with(prefix.as_str())))
            || writes.any(|write| !write.was_throttled())
    }

    fn keys_of(&self, asset: &AssetId) -> Vec<&'static str> {
        let maps = |key: &str| self.rules.map(&object(key), None).asset() == Some(asset);
        KEYS.into_iter().filter(|key| maps(key)).collect()
    }
}
