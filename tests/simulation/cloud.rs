//! What Cloudinary holds, and the writes it is at. A write goes its own way once it has begun: it
//! pulls and it lands when it does, whether or not its caller still waits.

use std::collections::BTreeMap;

use cloudinary_core::AssetId;
use sync_engine::testkit::content_etag;

use super::bucket::Bucket;
use super::plan::Moment;
use super::trace::Trace;
use super::world::MemberId;

/// The library's side of the world.
#[derive(Debug, Default)]
pub(crate) struct Cloud {
    pub(crate) assets: BTreeMap<AssetId, String>,
    works: BTreeMap<WorkId, Progress>,
    begun: WorkId,
}

pub(crate) type WorkId = u64;

/// A write under way.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) caller: MemberId,
    pub(crate) asset: AssetId,
    pub(crate) intent: Intent,
    /// When the library reads the source.
    pub(crate) pulls_at: Moment,
    /// When the write takes effect, if it ever does.
    pub(crate) lands_at: Option<Moment>,
}

/// A write and how far it is.
#[derive(Debug)]
struct Progress {
    work: Work,
    stage: Stage,
}

/// What a write is to do.
#[derive(Debug, Clone)]
pub(crate) enum Intent {
    Pull {
        key: String,
        version_id: Option<String>,
    },
    Store(String),
    Destroy,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    Begun,
    /// With this content, or nothing for a destroy.
    Ready(Option<String>),
    SourceGone,
    Landed(Option<String>),
}

/// How a write that is over ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Stored(String),
    Destroyed,
    SourceGone,
}

impl Cloud {
    pub(crate) fn begin(&mut self, work: Work) -> WorkId {
        self.begun += 1;
        let stage = Stage::Begun;
        self.works.insert(self.begun, Progress { work, stage });
        self.begun
    }

    /// Lets everything happen that is due.
    pub(crate) fn advance(&mut self, now: Moment, bucket: &Bucket, trace: &mut Trace) {
        while let Some((at, id)) = self.next_step().filter(|(at, _)| *at <= now) {
            self.step(id, at, bucket, trace);
        }
    }

    /// How a write ended that its caller waited for; `None` while it has not.
    pub(crate) fn take(&mut self, id: WorkId) -> Option<Ending> {
        let ending = match &self.works.get(&id)?.stage {
            Stage::Landed(Some(content)) => Ending::Stored(content.clone()),
            Stage::Landed(None) => Ending::Destroyed,
            Stage::SourceGone => Ending::SourceGone,
            Stage::Begun | Stage::Ready(_) => return None,
        };
        self.works.remove(&id);
        Some(ending)
    }

    /// Nobody waits for this write any more. It lands by `latest`, or never.
    pub(crate) fn orphan(&mut self, id: WorkId, latest: Option<Moment>) {
        let Some(Progress { work, .. }) = self.works.get_mut(&id) else {
            return;
        };
        work.lands_at = match (work.lands_at, latest) {
            (Some(lands), Some(latest)) => Some(lands.min(latest)),
            _ => None,
        };
        work.pulls_at = work.pulls_at.min(work.lands_at.unwrap_or(work.pulls_at));
    }

    /// The caller is dead. Whatever it left behind lands by `latest`.
    pub(crate) fn bury(&mut self, caller: MemberId, latest: Moment) {
        let left = self
            .works
            .iter()
            .filter(|(_, left)| left.work.caller == caller);
        for id in left.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.orphan(id, Some(latest));
        }
    }

    /// Whether some write may still land.
    pub(crate) fn is_busy(&self) -> bool {
        self.next_step().is_some()
    }

    fn next_step(&self) -> Option<(Moment, WorkId)> {
        let steps = self
            .works
            .iter()
            .filter_map(|(id, Progress { work, stage })| {
                let at = match stage {
                    Stage::Begun => work.pulls_at,
                    Stage::Ready(_) => work.lands_at?,
                    Stage::SourceGone | Stage::Landed(_) => return None,
                };
                Some((at, *id))
            });
        steps.min()
    }

    fn step(&mut self, id: WorkId, at: Moment, bucket: &Bucket, trace: &mut Trace) {
        let Some(Progress { work, stage }) = self.works.get_mut(&id) else {
            return;
        };
        *stage = match std::mem::replace(stage, Stage::SourceGone) {
            Stage::Begun => work.intent.pull(bucket),
            Stage::Ready(content) => {
                trace.note(
                    at,
                    format_args!("cloud: {} lands {content:?} ({id})", work.asset),
                );
                match &content {
                    Some(content) => self.assets.insert(work.asset.clone(), content.clone()),
                    None => self.assets.remove(&work.asset),
                };
                Stage::Landed(content)
            }
            over @ (Stage::SourceGone | Stage::Landed(_)) => over,
        };
    }

    /// The entity tag of what is delivered.
    pub(crate) fn etag(&self, asset: &AssetId) -> Option<String> {
        self.assets
            .get(asset)
            .map(|content| content_etag(content.as_bytes()))
    }
}

impl Intent {
    fn pull(&self, bucket: &Bucket) -> Stage {
        let content = match self {
            Self::Destroy => return Stage::Ready(None),
            Self::Store(content) => Some(content.as_str()),
            Self::Pull {
                key,
                version_id: None,
            } => bucket.content(key),
            Self::Pull {
                key,
                version_id: Some(id),
            } => bucket.content_of_version(key, id),
        };
        content.map_or(Stage::SourceGone, |content| {
            Stage::Ready(Some(content.to_owned()))
        })
    }
}
