//! What happened to an object, as a notification tells it.
//!
//! A [`Change`] already leaves out what S3 leaves out: which events have a size, an `ETag`, a version
//! or a sequencer is decided here, once.

use time::OffsetDateTime;

use crate::s3::object::{EMPTY_MD5, Object};

/// One change of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) event: Event,
    pub(crate) key: String,
    pub(crate) size: Option<u64>,
    pub(crate) etag: Option<String>,
    /// Absent for the null version and without versioning.
    pub(crate) version_id: Option<String>,
    pub(crate) sequencer: Option<String>,
    pub(crate) restore_expiry: Option<OffsetDateTime>,
}

/// The kinds of change this emulator produces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    CreatedPut,
    CreatedCopy,
    CreatedMultipart,
    RemovedDelete,
    RemovedMarker,
    ExpiredDelete,
    ExpiredMarker,
    TaggingPut,
    TaggingDelete,
    RestorePost,
    RestoreCompleted,
}

impl Event {
    /// The name in records, without the `s3:` of configurations.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CreatedPut => "ObjectCreated:Put",
            Self::CreatedCopy => "ObjectCreated:Copy",
            Self::CreatedMultipart => "ObjectCreated:CompleteMultipartUpload",
            Self::RemovedDelete => "ObjectRemoved:Delete",
            Self::RemovedMarker => "ObjectRemoved:DeleteMarkerCreated",
            Self::ExpiredDelete => "LifecycleExpiration:Delete",
            Self::ExpiredMarker => "LifecycleExpiration:DeleteMarkerCreated",
            Self::TaggingPut => "ObjectTagging:Put",
            Self::TaggingDelete => "ObjectTagging:Delete",
            Self::RestorePost => "ObjectRestore:Post",
            Self::RestoreCompleted => "ObjectRestore:Completed",
        }
    }

    /// The version of the record format; S3 writes these kinds in a later one.
    pub(crate) fn record_version(self) -> &'static str {
        match self {
            Self::ExpiredDelete | Self::ExpiredMarker | Self::TaggingPut | Self::TaggingDelete => {
                "2.3"
            }
            _ => "2.1",
        }
    }
}

impl Change {
    /// An object appeared, or its archived bytes did.
    pub(crate) fn of_object(
        event: Event,
        key: &str,
        object: &Object,
        version_id: Option<String>,
        sequencer: String,
    ) -> Self {
        Self {
            event,
            key: key.to_owned(),
            size: Some(object.size()),
            etag: Some(object.etag.clone()),
            version_id,
            sequencer: Some(sequencer),
            restore_expiry: if event == Event::RestoreCompleted {
                object.restored_until
            } else {
                None
            },
        }
    }

    /// Something is gone for good: S3 tells neither size nor `ETag`.
    pub(crate) fn removed(
        event: Event,
        key: &str,
        version_id: Option<String>,
        sequencer: String,
    ) -> Self {
        Self {
            event,
            key: key.to_owned(),
            size: None,
            etag: None,
            version_id,
            sequencer: Some(sequencer),
            restore_expiry: None,
        }
    }

    /// A delete marker appeared: S3 tells the `ETag` of nothing.
    pub(crate) fn marked(
        event: Event,
        key: &str,
        version_id: Option<String>,
        sequencer: String,
    ) -> Self {
        Self {
            etag: Some(EMPTY_MD5.to_owned()),
            ..Self::removed(event, key, version_id, sequencer)
        }
    }

    /// Tags changed: S3 tells the `ETag`, but neither size nor sequencer.
    pub(crate) fn tagged(
        event: Event,
        key: &str,
        object: &Object,
        version_id: Option<String>,
    ) -> Self {
        Self {
            event,
            key: key.to_owned(),
            size: None,
            etag: Some(object.etag.clone()),
            version_id,
            sequencer: None,
            restore_expiry: None,
        }
    }
}
