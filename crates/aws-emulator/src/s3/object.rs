//! An object: its bytes and what S3 remembers about them.
//!
//! Knows how `ETags` come about and when an archived object can be read; knows no bucket.

use std::collections::BTreeMap;

use bytes::Bytes;
use md5::{Digest, Md5};
use time::OffsetDateTime;

use crate::s3::error::S3Failure;

/// The MD5 of nothing, which S3 reports as the `ETag` of a delete marker.
pub(crate) const EMPTY_MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";

/// A stored object.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) body: Bytes,
    /// Without quotes.
    pub(crate) etag: String,
    pub(crate) properties: Properties,
    pub(crate) tags: BTreeMap<String, String>,
    /// Until when an archived object is readable.
    pub(crate) restored_until: Option<OffsetDateTime>,
}

/// What a writer says about an object, returned with it later.
#[derive(Debug, Clone, Default)]
pub(crate) struct Properties {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) expires: Option<OffsetDateTime>,
    pub(crate) metadata: BTreeMap<String, String>,
    /// Absent means `STANDARD`.
    pub(crate) storage_class: Option<String>,
    pub(crate) encryption: Encryption,
}

/// How an object is said to be encrypted. Nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// With keys of S3 (`AES256`): the `ETag` stays an MD5.
    #[default]
    Managed,
    /// With a key of KMS: the `ETag` is not an MD5.
    Kms {
        algorithm: String,
        key_id: Option<String>,
    },
    /// With the client's key, which every reader must name again.
    Customer {
        algorithm: String,
        key_md5: Option<String>,
    },
}

impl Object {
    /// An object as one request uploads it.
    pub(crate) fn new(body: Bytes, properties: Properties) -> Self {
        let etag = match properties.encryption {
            Encryption::Managed => hex::encode(Md5::digest(&body)),
            Encryption::Kms { .. } | Encryption::Customer { .. } => opaque_etag(&body),
        };
        Self {
            body,
            etag,
            properties,
            tags: BTreeMap::new(),
            restored_until: None,
        }
    }

    pub(crate) fn size(&self) -> u64 {
        self.body.len() as u64
    }

    /// Whether the bytes lie in a class from which they must be restored first.
    pub(crate) fn is_archived(&self) -> bool {
        matches!(
            self.properties.storage_class.as_deref(),
            Some("GLACIER" | "DEEP_ARCHIVE")
        )
    }

    /// Fails for an archived object that is not restored at this time.
    pub(crate) fn check_readable(&self, now: OffsetDateTime) -> Result<(), S3Failure> {
        let restored = self.restored_until.is_some_and(|until| until > now);
        if self.is_archived() && !restored {
            Err(S3Failure::InvalidObjectState)
        } else {
            Ok(())
        }
    }
}

/// An `ETag` that is no MD5 of the bytes, but looks like one and repeats for the same bytes.
fn opaque_etag(body: &Bytes) -> String {
    hex::encode(
        Md5::new_with_prefix(b"encrypted")
            .chain_update(body)
            .finalize(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_etag_is_the_md5_unless_a_key_is_involved() {
        let plain = Object::new(Bytes::new(), Properties::default());
        assert_eq!(plain.etag, EMPTY_MD5);
        let encryption = Encryption::Kms {
            algorithm: "aws:kms".to_owned(),
            key_id: None,
        };
        let kms = Object::new(
            Bytes::new(),
            Properties {
                encryption,
                ..Properties::default()
            },
        );
        assert_ne!(kms.etag, EMPTY_MD5);
        assert_eq!(kms.etag.len(), 32);
    }

    #[test]
    fn an_archived_object_is_readable_only_while_restored() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let properties = Properties {
            storage_class: Some("GLACIER".to_owned()),
            ..Properties::default()
        };
        let mut object = Object::new(Bytes::new(), properties);
        assert!(object.check_readable(now).is_err());
        object.restored_until = Some(now + time::Duration::DAY);
        assert!(object.check_readable(now).is_ok());
        assert!(object.check_readable(now + time::Duration::DAY).is_err());
    }
}
