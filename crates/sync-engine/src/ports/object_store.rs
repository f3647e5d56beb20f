//! The `ObjectStore` port: what the bucket holds now. Reads are strongly consistent, as S3's are.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use event_mapper::ObjectRef;
use futures_util::stream::BoxStream;
use secrecy::SecretString;
use time::OffsetDateTime;

/// A bucket store whose reads see every write that finished before them.
///
/// Implementations may retry transient failures a bounded number of times; they never wait
/// longer than their own request timeout in total.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// What the key holds now. `Ok(None)` is a proven absence (404, or a delete marker), never
    /// a refusal: a 403 is [`StoreErrorKind::Denied`].
    async fn head(&self, object: &ObjectRef) -> Result<Option<ObjectState>, StoreError>;

    /// One page of the keys that start with `prefix`, in key order; `token` continues a page.
    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        token: Option<&str>,
    ) -> Result<ListPage, StoreError>;

    /// An HTTPS URL that reads this version of the object without credentials for `valid_for`.
    async fn presign(
        &self,
        object: &ObjectRef,
        version_id: Option<&str>,
        valid_for: Duration,
    ) -> Result<SecretString, StoreError>;

    /// Opens the object's bytes, provided it still has `state.etag`; otherwise
    /// [`StoreErrorKind::Changed`].
    async fn read(&self, object: &ObjectRef, state: &ObjectState)
    -> Result<ObjectBody, StoreError>;
}

/// What a HEAD says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectState {
    /// S3's entity tag, without quotes.
    pub etag: String,
    /// Bytes.
    pub size: u64,
    /// The version, in a bucket that keeps them.
    pub version_id: Option<String>,
    /// When this content was written, to the second.
    pub last_modified: OffsetDateTime,
    /// How it is encrypted at rest.
    pub encryption: Encryption,
    /// Whether the bytes are in an archive and not restored.
    pub archived: bool,
    /// User metadata, names in lower case.
    pub metadata: BTreeMap<String, String>,
}

impl ObjectState {
    /// The MD5 of the bytes, where the entity tag is one: written in one part and not encrypted
    /// with a key of KMS or of the customer.
    pub fn md5(&self) -> Option<&str> {
        let plain = matches!(self.encryption, Encryption::None | Encryption::S3Managed);
        let hex = self.etag.len() == 32 && self.etag.bytes().all(|b| b.is_ascii_hexdigit());
        (plain && hex).then_some(self.etag.as_str())
    }

    /// Whether both describe the same write. Metadata and encryption cannot change without one.
    pub fn same_write(&self, other: &Self) -> bool {
        self.etag == other.etag
            && self.size == other.size
            && self.version_id == other.version_id
            && self.last_modified == other.last_modified
    }

    /// Whether a listing that says this of the key shows the same write as a HEAD would. It tells
    /// no version, so of an object that has one it shows nothing: another write of the same bytes
    /// within the same second would be listed alike.
    pub fn is_shown_by(&self, listed: &ListedObject) -> bool {
        self.version_id.is_none()
            && listed.etag.as_ref() == Some(&self.etag)
            && listed.size == self.size
            && listed.last_modified == self.last_modified
    }
}

/// Server-side encryption, as far as it decides what the entity tag means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encryption {
    /// None that is told.
    #[default]
    None,
    /// SSE-S3: the entity tag is still an MD5.
    S3Managed,
    /// SSE-KMS or DSSE-KMS.
    Kms,
    /// SSE-C.
    Customer,
}

/// One page of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    /// In key order.
    pub objects: Vec<ListedObject>,
    /// Where the next page starts, if there is one.
    pub next: Option<String>,
}

/// What a listing says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// The key.
    pub key: String,
    /// The same entity tag as a HEAD's, where the listing tells it.
    pub etag: Option<String>,
    /// Bytes.
    pub size: u64,
    /// When it was last written, to the second, as a HEAD tells it.
    pub last_modified: OffsetDateTime,
}

/// A stream of an object's bytes.
pub type ByteStream = BoxStream<'static, Result<Bytes, std::io::Error>>;

/// An object opened for reading.
pub struct ObjectBody {
    /// Bytes in all.
    pub length: u64,
    /// The bytes, in pieces.
    pub stream: ByteStream,
}

impl fmt::Debug for ObjectBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectBody")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// A call to the object store that failed.
#[derive(Debug, thiserror::Error)]
#[error("{operation} on {object}")]
pub struct StoreError {
    /// The operation, for example `HeadObject`.
    pub operation: &'static str,
    /// The object or prefix.
    pub object: ObjectRef,
    /// What it means for us.
    pub kind: StoreErrorKind,
    /// What happened.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// What a failed store call means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// The network, the service or its rate limit: try again later.
    Transient,
    /// This object, or all of them, may not be read by us. Not an absence.
    Denied,
    /// Our credentials are wrong or expired: nothing will work until that is put right.
    Credentials,
    /// There is no such bucket.
    NoBucket,
    /// The object is not, or no longer, the one that was asked for.
    Changed,
}
