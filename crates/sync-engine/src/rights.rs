//! What we are allowed, judged by what is granted and what is refused. Pure: its clock ticks with
//! every refusal.
//!
//! A refusal can be one object's own (its policy, its key, a parameter that Cloudinary rewrites)
//! or everybody's (our credentials, permissions, plan). The answer looks the same; the neighbours
//! tell the difference. When enough different assets are refused and none is granted in between,
//! it is ours, and working on would only carry good messages into the dead letters. When others
//! are granted what one asset is refused, it is that asset's.

use std::collections::{BTreeMap, BTreeSet};

use cloudinary_core::AssetId;

use crate::observation::PauseReason;

/// What can be refused, each by itself: a role that may look may still not list, and an account
/// that takes destroys may still refuse uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Right {
    /// To receive from the queue.
    Receive,
    /// To delete what was received.
    Delete,
    /// To ask for the state of an object.
    Head,
    /// To list a bucket.
    List,
    /// To read, or to let read, an object.
    Read,
    /// To store an asset.
    Upload,
    /// To remove an asset.
    Destroy,
    /// Cloudinary's own right to pull from the bucket.
    Source,
}

/// A moment in the order of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tick(u64);

/// What has been granted and refused so far.
#[derive(Debug, Default)]
pub(crate) struct Rights {
    refusals: u64,
    records: BTreeMap<Right, Record>,
}

#[derive(Debug, Default)]
struct Record {
    /// Different assets refused since the last grant; no more than make it ours.
    refused: BTreeSet<AssetId>,
    /// When the latest try that was granted began.
    granted: Option<Tick>,
}

impl Right {
    /// What the member pauses for when it is missing.
    pub(crate) fn reason(self) -> PauseReason {
        match self {
            Self::Receive | Self::Delete => PauseReason::Queue,
            Self::Head | Self::List | Self::Read => PauseReason::Store,
            Self::Upload | Self::Destroy => PauseReason::Library,
            Self::Source => PauseReason::Source,
        }
    }

    /// Different assets refused in a row that make it ours.
    fn suspicious(self) -> usize {
        match self {
            // These answers are about credentials, rights or the plan from the first on.
            Self::Receive | Self::Delete | Self::Upload => 1,
            // A bucket may well close a few objects to us. As for destroys, uploads tell about
            // the credentials earlier.
            Self::Head | Self::List | Self::Read | Self::Destroy => 5,
            // Each of them is looked at twice before, and some sources are closed on purpose.
            Self::Source => 10,
        }
    }
}

impl Rights {
    /// The present moment, for a try that begins now.
    pub(crate) fn now(&self) -> Tick {
        Tick(self.refusals)
    }

    /// A try that began then was granted.
    pub(crate) fn granted(&mut self, right: Right, began: Tick) {
        let record = self.records.entry(right).or_default();
        record.refused.clear();
        record.granted = record.granted.max(Some(began));
    }

    /// A try for this asset was refused. Returns when that was.
    pub(crate) fn refused(&mut self, right: Right, asset: &AssetId) -> Tick {
        self.refusals += 1;
        let record = self.records.entry(right).or_default();
        if record.refused.len() < right.suspicious() {
            record.refused.insert(asset.clone());
        }
        self.now()
    }

    /// Whether so many different assets are refused in a row that it must be ours.
    pub(crate) fn is_missing(&self, right: Right) -> bool {
        let refused = self.records.get(&right).map_or(0, |it| it.refused.len());
        refused >= right.suspicious()
    }

    /// Whether others were granted what was refused then, by a try that began after that refusal.
    /// One that was under way already proves nothing: it may have been let in before the right
    /// was lost.
    pub(crate) fn was_granted_since(&self, right: Right, refusal: Tick) -> bool {
        let clearing = self
            .records
            .iter()
            .filter(|(granted, _)| self.clears(**granted, right));
        let began = clearing.filter_map(|(_, record)| record.granted).max();
        began.is_some_and(|began| began >= refusal)
    }

    /// Whether a grant of the one shows that a refusal of the other was not about us. Destroys can
    /// be so rare that none comes along to compare with, so uploads speak for them too, unless
    /// destroy after destroy is refused.
    pub(crate) fn clears(&self, granted: Right, refused: Right) -> bool {
        let for_destroy = (granted, refused) == (Right::Upload, Right::Destroy);
        granted == refused || (for_destroy && !self.is_missing(Right::Destroy))
    }
}

#[cfg(test)]
mod tests {
    use cloudinary_core::{DeliveryType, PublicId, ResourceType};

    use super::*;

    fn asset(n: usize) -> AssetId {
        AssetId {
            resource_type: ResourceType::Image,
            delivery_type: DeliveryType::Upload,
            public_id: PublicId::new(format!("{n}")).expect("valid"),
        }
    }

    fn refuse(rights: &mut Rights, right: Right, assets: std::ops::Range<usize>) {
        for n in assets {
            rights.refused(right, &asset(n));
        }
    }

    #[test]
    fn five_different_objects_that_may_not_be_looked_at_are_our_fault() {
        let mut rights = Rights::default();
        refuse(&mut rights, Right::Head, 0..4);
        assert!(!rights.is_missing(Right::Head));
        refuse(&mut rights, Right::Head, 4..5);
        assert!(rights.is_missing(Right::Head));
        assert!(!rights.is_missing(Right::List), "that is another right");
    }

    #[test]
    fn one_object_that_is_refused_again_and_again_is_its_own_fault() {
        let mut rights = Rights::default();
        for _ in 0..100 {
            rights.refused(Right::Head, &asset(7));
        }
        assert!(!rights.is_missing(Right::Head));
    }

    #[test]
    fn a_grant_in_between_clears_everybody() {
        let mut rights = Rights::default();
        refuse(&mut rights, Right::Source, 0..10);
        assert!(rights.is_missing(Right::Source));
        rights.granted(Right::Source, rights.now());
        assert!(!rights.is_missing(Right::Source));
        refuse(&mut rights, Right::Source, 0..9);
        assert!(!rights.is_missing(Right::Source));
    }

    #[test]
    fn only_a_try_that_began_after_the_refusal_is_evidence() {
        let mut rights = Rights::default();
        let early = rights.now();
        let refusal = rights.refused(Right::Upload, &asset(1));
        assert!(!rights.was_granted_since(Right::Upload, refusal));
        rights.granted(Right::Upload, early);
        assert!(
            !rights.was_granted_since(Right::Upload, refusal),
            "it began too early"
        );
        rights.granted(Right::Upload, rights.now());
        assert!(rights.was_granted_since(Right::Upload, refusal));
        rights.granted(Right::Upload, early);
        assert!(
            rights.was_granted_since(Right::Upload, refusal),
            "late news take nothing back"
        );
    }

    #[test]
    fn destroys_that_work_prove_nothing_about_uploads() {
        let mut rights = Rights::default();
        let refusal = rights.refused(Right::Upload, &asset(1));
        rights.granted(Right::Destroy, rights.now());
        assert!(!rights.was_granted_since(Right::Upload, refusal));
        assert!(rights.is_missing(Right::Upload));
    }

    #[test]
    fn uploads_that_work_clear_one_destroy_but_not_five() {
        let mut rights = Rights::default();
        let refusal = rights.refused(Right::Destroy, &asset(0));
        rights.granted(Right::Upload, rights.now());
        assert!(rights.was_granted_since(Right::Destroy, refusal));
        refuse(&mut rights, Right::Destroy, 1..5);
        assert!(!rights.was_granted_since(Right::Destroy, refusal));
    }
}
