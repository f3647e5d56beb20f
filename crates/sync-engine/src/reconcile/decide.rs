//! From what was seen and what was last written to what to do next. Pure: everything that makes
//! the sync right or wrong is decided here, and nowhere else.

use cloudinary_core::AssetId;
use event_mapper::{MappedAsset, ObjectRef, SkipReason};

use crate::observation::RerunCause;
use crate::outcome::{Outcome, Skip};
use crate::ports::{ObjectState, Uploaded};
use crate::settings::Settings;

/// What a look at the bucket has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a run has one at a time; a box would only add a hop"
)]
pub(crate) enum Seen {
    /// The asset shall be equal to this object.
    Owner(Owner),
    /// Only objects of zero bytes map to the asset. They are not synced, but they are there.
    OnlyEmpty,
    /// Nothing maps to the asset: every key that could is proven absent.
    Absent,
}

/// The newest object that maps to the asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) object: ObjectRef,
    pub(crate) state: ObjectState,
    pub(crate) mapped: MappedAsset,
}

impl Owner {
    pub(crate) fn asset(&self) -> &AssetId {
        &self.mapped.asset
    }

    fn is_same_write(&self, other: &Self) -> bool {
        self.object == other.object && self.state.same_write(&other.state)
    }
}

/// A write that the library has confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a run has one at a time; a box would only add a hop"
)]
pub(crate) enum Written {
    Upload {
        owner: Owner,
        answer: Uploaded,
        /// What the library stored the time before, when that was not what the bucket held.
        mismatched: Option<String>,
    },
    Destroy,
}

/// The choices of the configuration that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) upload_only: bool,
    pub(crate) skip_same_etag: bool,
    /// A preset may change the bytes on their way in, so the library's entity tag proves nothing.
    pub(crate) stored_as_sent: bool,
}

impl From<&Settings> for Policy {
    fn from(settings: &Settings) -> Self {
        Self {
            upload_only: settings.upload_only,
            skip_same_etag: settings.skip_same_etag,
            stored_as_sent: settings.upload.upload_preset.is_none(),
        }
    }
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Nothing more; this is how it ended.
    Done(Outcome),
    /// Ask what is delivered, and upload unless it is the same bytes.
    Compare(Owner),
    /// Upload.
    Upload {
        owner: Owner,
        /// Why this is not the first write of the run.
        cause: Option<RerunCause>,
        /// What the library stored instead, when that is the cause.
        mismatched: Option<String>,
    },
    /// Remove the asset.
    Destroy { cause: Option<RerunCause> },
}

/// Decides. A write proves itself only by a look that came after it, so `seen` must be newer than
/// `written`.
pub(crate) fn decide(seen: &Seen, written: Option<&Written>, policy: Policy) -> Plan {
    let cause = written.map(|_| RerunCause::Changed);
    match (seen, written) {
        (Seen::Absent, Some(Written::Destroy)) => Plan::Done(Outcome::Destroyed),
        (Seen::Absent, _) if policy.upload_only => skip(Skip::UploadOnly),
        (Seen::Absent, _) => Plan::Destroy { cause },
        (Seen::OnlyEmpty, _) => skip(Skip::ByRules(SkipReason::ZeroBytes)),
        (
            Seen::Owner(now),
            Some(Written::Upload {
                owner,
                answer,
                mismatched,
            }),
        ) if now.is_same_write(owner) => prove(now, answer, mismatched.as_ref(), policy),
        (Seen::Owner(now), _) if now.state.archived => skip(Skip::Archived),
        (Seen::Owner(now), None) if policy.skip_same_etag && now.state.md5().is_some() => {
            Plan::Compare(now.clone())
        }
        (Seen::Owner(now), _) => Plan::Upload {
            owner: now.clone(),
            cause,
            mismatched: None,
        },
    }
}

/// The bucket has not changed since we wrote. Where both sides name an MD5 they must agree; a
/// second upload that gives the same other MD5 shows that the account changes bytes on their way
/// in (an incoming transformation, stripped metadata), and that is then as equal as it gets.
fn prove(now: &Owner, answer: &Uploaded, mismatched: Option<&String>, policy: Policy) -> Plan {
    let (Some(wanted), Some(stored), true) = (now.state.md5(), &answer.etag, policy.stored_as_sent)
    else {
        return Plan::Done(Outcome::Uploaded);
    };
    if stored.eq_ignore_ascii_case(wanted) || mismatched == Some(stored) {
        return Plan::Done(Outcome::Uploaded);
    }
    Plan::Upload {
        owner: now.clone(),
        cause: Some(RerunCause::Mismatch),
        mismatched: Some(stored.clone()),
    }
}

fn skip(skip: Skip) -> Plan {
    Plan::Done(Outcome::Skipped(skip))
}

#[cfg(test)]
mod tests;
