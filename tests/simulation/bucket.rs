//! What S3 holds: objects with versions, delete markers and archived content. Changes give the
//! event that S3 would send; the world sends it.

use std::collections::BTreeMap;
use std::time::Duration;

use event_mapper::{ObjectRef, Rules};
use sync_engine::ports::{Encryption, ObjectState};
use sync_engine::testkit::content_etag;
use time::OffsetDateTime;

use super::plan::{BucketKind, Moment};

pub(crate) const BUCKET: &str = "bucket";

/// Keys that share an asset, keys that do not, and one whose name needs decoding.
pub(crate) const KEYS: [&str; 8] = [
    "cat.jpg",
    "cat.png",
    "cat.webp",
    "dog.jpg",
    "notes.txt",
    "a b/ü+1.mp4",
    "a b/ü+1.mp3",
    "cat.jpg.txt",
];

/// The current and former content of every key.
#[derive(Debug)]
pub(crate) struct Bucket {
    kind: BucketKind,
    keys: BTreeMap<&'static str, Vec<Version>>,
    writes: u64,
}

#[derive(Debug, Clone)]
struct Version {
    id: String,
    /// `None`: a delete marker.
    content: Option<String>,
    written: Moment,
    archived: bool,
}

/// A change that S3 tells about.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) key: &'static str,
    pub(crate) event: &'static str,
    pub(crate) version_id: Option<String>,
}

impl Bucket {
    pub(crate) fn new(kind: BucketKind) -> Self {
        Self {
            kind,
            keys: BTreeMap::new(),
            writes: 0,
        }
    }

    pub(crate) fn put(
        &mut self,
        key: &'static str,
        content: String,
        archived: bool,
        now: Moment,
    ) -> Change {
        let id = self.push(key, Some(content), archived, now);
        Change {
            key,
            event: "ObjectCreated:Put",
            version_id: id,
        }
    }

    /// Without versions the object is gone, with versions there is a delete marker.
    pub(crate) fn delete(&mut self, key: &'static str, now: Moment) -> Change {
        if self.kind == BucketKind::Versioned {
            let id = self.push(key, None, false, now);
            return Change {
                key,
                event: "ObjectRemoved:DeleteMarkerCreated",
                version_id: id,
            };
        }
        self.keys.remove(key);
        Change {
            key,
            event: "ObjectRemoved:Delete",
            version_id: None,
        }
    }

    /// Removes the version or delete marker that `nth` picks: perhaps the current one.
    pub(crate) fn delete_version(&mut self, key: &'static str, nth: usize) -> Option<Change> {
        let versions = self
            .keys
            .get_mut(key)
            .filter(|_| self.kind == BucketKind::Versioned)?;
        if versions.is_empty() {
            return None;
        }
        // Mostly the newest ones: those are the ones that change what is visible.
        let at = versions.len() - 1 - nth % versions.len();
        let removed = versions.remove(at);
        Some(Change {
            key,
            event: "ObjectRemoved:Delete",
            version_id: Some(removed.id),
        })
    }

    /// Makes the content of an archived object readable.
    pub(crate) fn restore(&mut self, key: &'static str) -> Option<Change> {
        let version = self
            .keys
            .get_mut(key)?
            .last_mut()
            .filter(|version| version.archived)?;
        version.archived = false;
        let version_id = (self.kind == BucketKind::Versioned).then(|| version.id.clone());
        Some(Change {
            key,
            event: "ObjectRestore:Completed",
            version_id,
        })
    }

    pub(crate) fn content(&self, key: &str) -> Option<&str> {
        self.current(key)?.content.as_deref()
    }

    pub(crate) fn content_of_version(&self, key: &str, id: &str) -> Option<&str> {
        let mut versions = self.keys.get(key)?.iter();
        versions
            .find(|version| version.id == id)?
            .content
            .as_deref()
    }

    pub(crate) fn state(&self, key: &str) -> Option<ObjectState> {
        let version = self.current(key)?;
        let content = version.content.as_deref()?;
        Some(ObjectState {
            etag: self.etag(content),
            size: content.len() as u64,
            version_id: (self.kind == BucketKind::Versioned).then(|| version.id.clone()),
            last_modified: last_modified(version.written),
            encryption: Encryption::None,
            archived: version.archived,
            metadata: BTreeMap::new(),
        })
    }

    /// The keys that hold something now.
    pub(crate) fn present(&self) -> Vec<(&'static str, ObjectState)> {
        let keys = self.keys.keys();
        keys.filter_map(|key| Some((*key, self.state(key)?)))
            .collect()
    }

    fn etag(&self, content: &str) -> String {
        let etag = content_etag(content.as_bytes());
        if self.kind == BucketKind::Opaque {
            format!("{etag}-2")
        } else {
            etag
        }
    }

    fn current(&self, key: &str) -> Option<&Version> {
        self.keys.get(key)?.last()
    }

    fn push(
        &mut self,
        key: &'static str,
        content: Option<String>,
        archived: bool,
        now: Moment,
    ) -> Option<String> {
        self.writes += 1;
        let id = format!("v{}", self.writes);
        let versions = self.keys.entry(key).or_default();
        if self.kind != BucketKind::Versioned {
            versions.clear();
        }
        versions.push(Version {
            id: id.clone(),
            content,
            written: now,
            archived,
        });
        (self.kind == BucketKind::Versioned).then_some(id)
    }
}

/// The keys that map to the same asset as this one, itself included.
pub(crate) fn family(rules: &Rules, key: &str) -> Vec<&'static str> {
    let asset_of = |key: &str| rules.map(&object(key), None).asset().cloned();
    let asset = asset_of(key);
    KEYS.into_iter()
        .filter(|other| asset_of(other) == asset)
        .collect()
}

pub(crate) fn object(key: &str) -> ObjectRef {
    ObjectRef::new(BUCKET, key)
}

/// S3 tells when an object was written only to the second.
fn last_modified(written: Moment) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000 + written.as_secs())
}
