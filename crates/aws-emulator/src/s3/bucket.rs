//! One bucket: keys with their versions, and the versioning rules of S3.
//!
//! Pure state. Limits and notifications are other files' business; this one says what was freed and
//! what changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::s3::error::S3Failure;
use crate::s3::multipart::Upload;
use crate::s3::notification::Target;
use crate::s3::object::Object;
use crate::s3::sequencer::Sequencer;

/// A bucket and everything in it.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) created: OffsetDateTime,
    pub(crate) versioning: Option<Versioning>,
    pub(crate) targets: Vec<Target>,
    pub(crate) sequencer: Sequencer,
    pub(crate) uploads: BTreeMap<String, Upload>,
    /// Versions of each key, newest last; never empty.
    pub(crate) keys: BTreeMap<String, Vec<Version>>,
}

/// Whether a bucket keeps versions. A bucket that never did has no such setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioning {
    /// Every write adds a version.
    Enabled,
    /// Writes replace the null version; older versions stay.
    Suspended,
}

/// One version of a key.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    /// Absent for the null version.
    pub(crate) id: Option<String>,
    pub(crate) modified: OffsetDateTime,
    pub(crate) content: Content,
}

/// What a version is.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Object(Arc<Object>),
    DeleteMarker,
}

/// What a delete did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deleted {
    /// There was nothing to delete.
    Nothing,
    /// A delete marker now hides the key.
    Marked { version_id: Option<String> },
    /// A version is gone for good.
    Removed {
        version_id: Option<String>,
        was_marker: bool,
        freed: u64,
    },
}

impl Version {
    /// The id as listings and headers show it.
    pub(crate) fn shown_id(&self) -> String {
        self.id.clone().unwrap_or_else(|| "null".to_owned())
    }

    /// The object, unless this is a delete marker.
    pub(crate) fn object(&self) -> Option<&Arc<Object>> {
        match &self.content {
            Content::Object(object) => Some(object),
            Content::DeleteMarker => None,
        }
    }

    fn bytes(&self) -> u64 {
        self.object().map_or(0, |object| object.size())
    }

    fn has_id(&self, id: &str) -> bool {
        self.id.as_deref().unwrap_or("null") == id
    }
}

impl Bucket {
    pub(crate) fn new(created: OffsetDateTime) -> Self {
        Self {
            created,
            versioning: None,
            targets: Vec::new(),
            sequencer: Sequencer::default(),
            uploads: BTreeMap::new(),
            keys: BTreeMap::new(),
        }
    }

    /// The newest version of a key, if it is an object.
    pub(crate) fn current(&self, key: &str) -> Option<&Version> {
        self.keys
            .get(key)?
            .last()
            .filter(|version| version.object().is_some())
    }

    /// The object a reader gets: the newest version, or the one named.
    pub(crate) fn find(
        &self,
        key: &str,
        version_id: Option<&str>,
    ) -> Result<(&Version, &Arc<Object>), S3Failure> {
        let versions = self.keys.get(key).map_or(&[][..], Vec::as_slice);
        let version = match version_id {
            None => versions.last().ok_or(S3Failure::NoSuchKey {
                delete_marker: None,
            })?,
            Some(id) => versions
                .iter()
                .find(|version| version.has_id(id))
                .ok_or(S3Failure::NoSuchVersion)?,
        };
        match (&version.content, version_id) {
            (Content::Object(object), _) => Ok((version, object)),
            (Content::DeleteMarker, None) => Err(S3Failure::NoSuchKey {
                delete_marker: Some(version.shown_id()),
            }),
            (Content::DeleteMarker, Some(_)) => Err(S3Failure::IsDeleteMarker {
                version_id: version.shown_id(),
            }),
        }
    }

    /// Like [`find`](Self::find), to change the object in place.
    pub(crate) fn find_mut(
        &mut self,
        key: &str,
        version_id: Option<&str>,
    ) -> Result<(Option<String>, &mut Object), S3Failure> {
        self.find(key, version_id)?;
        let versions = self.keys.get_mut(key).into_iter().flatten().rev();
        let mut wanted = versions.filter(|version| version_id.is_none_or(|id| version.has_id(id)));
        match wanted.next() {
            Some(Version {
                id,
                content: Content::Object(object),
                ..
            }) => Ok((id.clone(), Arc::make_mut(object))),
            _ => Err(S3Failure::NoSuchVersion),
        }
    }

    /// Bytes that a write of this key would free.
    pub(crate) fn replaced_bytes(&self, key: &str) -> u64 {
        match self.versioning {
            Some(Versioning::Enabled) => 0,
            _ => self
                .keys
                .get(key)
                .into_iter()
                .flatten()
                .filter(|v| v.id.is_none())
                .map(Version::bytes)
                .sum(),
        }
    }

    /// Makes an object the newest version of a key and tells its version id.
    pub(crate) fn put(
        &mut self,
        key: &str,
        object: Arc<Object>,
        now: OffsetDateTime,
    ) -> Option<String> {
        self.push(key, Content::Object(object), now)
    }

    /// Deletes as a client without a version id does: for good without versioning, else by a marker.
    pub(crate) fn delete(&mut self, key: &str, now: OffsetDateTime) -> Deleted {
        match self.versioning {
            None => self.delete_version(key, "null"),
            Some(_) => Deleted::Marked {
                version_id: self.push(key, Content::DeleteMarker, now),
            },
        }
    }

    /// Removes one version, object or marker, for good.
    pub(crate) fn delete_version(&mut self, key: &str, id: &str) -> Deleted {
        let Some(versions) = self.keys.get_mut(key) else {
            return Deleted::Nothing;
        };
        let Some(at) = versions.iter().position(|version| version.has_id(id)) else {
            return Deleted::Nothing;
        };
        let version = versions.remove(at);
        if versions.is_empty() {
            self.keys.remove(key);
        }
        Deleted::Removed {
            was_marker: version.object().is_none(),
            freed: version.bytes(),
            version_id: version.id,
        }
    }

    /// Whether nothing is left, so that the bucket may go.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Bytes of all versions and unfinished uploads.
    pub(crate) fn bytes(&self) -> u64 {
        let versions: u64 = self.keys.values().flatten().map(Version::bytes).sum();
        versions + self.uploads.values().map(Upload::bytes).sum::<u64>()
    }

    fn push(&mut self, key: &str, content: Content, modified: OffsetDateTime) -> Option<String> {
        let versions = self.keys.entry(key.to_owned()).or_default();
        let id = if self.versioning == Some(Versioning::Enabled) {
            Some(crate::ids::version_id())
        } else {
            versions.retain(|version| version.id.is_some());
            None
        };
        versions.push(Version {
            id: id.clone(),
            modified,
            content,
        });
        id
    }
}

#[cfg(test)]
#[path = "bucket/tests.rs"]
mod tests;
