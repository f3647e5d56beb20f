//! What the in-process calls take and give back.
//!
//! Plain data for callers outside this crate, made from and into the types of the two services.

use std::collections::BTreeMap;

use bytes::Bytes;
use time::OffsetDateTime;

use crate::s3::bucket::{Bucket, Deleted};
use crate::s3::object::{Object, Properties};
use crate::s3::store::{Written, shown};
use crate::sqs::message::{Message, Payload};

/// An object to store.
#[derive(Debug, Clone, Default)]
pub struct NewObject {
    /// Its bytes.
    pub bytes: Bytes,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// User metadata, without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// Its storage class; `STANDARD` when absent.
    pub storage_class: Option<String>,
}

/// What a write of an object is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutResult {
    /// The `ETag`, without quotes.
    pub etag: String,
    /// The version; absent without versioning, `null` while it is suspended.
    pub version_id: Option<String>,
}

/// What a delete is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteResult {
    /// Whether a delete marker was made or removed.
    pub delete_marker: bool,
    /// The version made or removed, where there are versions.
    pub version_id: Option<String>,
}

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectSummary {
    /// Its key.
    pub key: String,
    /// Its `ETag`, without quotes.
    pub etag: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written.
    pub last_modified: OffsetDateTime,
    /// Its version, where there are versions.
    pub version_id: Option<String>,
    /// Its storage class; `STANDARD` when absent.
    pub storage_class: Option<String>,
}

/// Which keys a queue is told about. Both parts are as S3 wants them: url-encoded where needed.
#[derive(Debug, Clone, Default)]
pub struct KeyFilter {
    /// What keys start with.
    pub prefix: String,
    /// What keys end with.
    pub suffix: String,
}

/// A message as it lies in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedMessage {
    /// Its id.
    pub message_id: String,
    /// Its body.
    pub body: String,
    /// How often it was received.
    pub receive_count: u32,
    /// Its message attributes that are text.
    pub attributes: BTreeMap<String, String>,
}

impl From<NewObject> for Object {
    fn from(new: NewObject) -> Self {
        let NewObject {
            bytes,
            content_type,
            metadata,
            storage_class,
        } = new;
        Self::new(
            bytes,
            Properties {
                content_type,
                metadata,
                storage_class,
                ..Properties::default()
            },
        )
    }
}

impl<B: Into<Bytes>> From<B> for NewObject {
    fn from(bytes: B) -> Self {
        Self {
            bytes: bytes.into(),
            ..Self::default()
        }
    }
}

impl From<Written> for PutResult {
    fn from(written: Written) -> Self {
        Self {
            etag: written.etag,
            version_id: written.version_id,
        }
    }
}

impl From<Deleted> for DeleteResult {
    fn from(deleted: Deleted) -> Self {
        match deleted {
            Deleted::Nothing => Self {
                delete_marker: false,
                version_id: None,
            },
            Deleted::Marked { version_id } => Self {
                delete_marker: true,
                version_id,
            },
            Deleted::Removed {
                version_id,
                was_marker,
                ..
            } => Self {
                delete_marker: was_marker,
                version_id,
            },
        }
    }
}

impl ObjectSummary {
    /// What a listing says about a key, unless a delete marker hides it.
    pub(super) fn of(bucket: &Bucket, key: &str) -> Option<Self> {
        let version = bucket.current(key)?;
        let object = version.object()?;
        Some(Self {
            key: key.to_owned(),
            etag: object.etag.clone(),
            size: object.size(),
            last_modified: version.modified,
            version_id: shown(bucket, version.id.as_ref()),
            storage_class: object.properties.storage_class.clone(),
        })
    }
}

impl From<&Message> for QueuedMessage {
    fn from(message: &Message) -> Self {
        let content = &message.content;
        let attributes =
            content
                .attributes
                .iter()
                .filter_map(|(name, value)| match &value.payload {
                    Payload::Text(text) => Some((name.clone(), text.clone())),
                    Payload::Binary(_) => None,
                });
        Self {
            message_id: content.id.clone(),
            body: content.body.clone(),
            receive_count: message.receive_count,
            attributes: attributes.collect(),
        }
    }
}
