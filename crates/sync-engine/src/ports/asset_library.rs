//! The `AssetLibrary` port: Cloudinary, as far as a sync needs it.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use cloudinary_core::{AssetId, Disposition, UploadParams};
use event_mapper::ObjectRef;
use secrecy::SecretString;

use super::ObjectBody;

/// A media library. Implementations make one exchange per call: they never sleep and never retry.
#[async_trait]
pub trait AssetLibrary: Send + Sync {
    /// Stores what `source` gives under `asset`, replacing what is there.
    ///
    /// `Ok` means that the library has stored it. An error with [`Disposition::Unclear`] means
    /// that it may have, or still may.
    async fn upload(
        &self,
        asset: &AssetId,
        params: &UploadParams,
        source: Source,
    ) -> Result<Uploaded, LibraryError>;

    /// Removes `asset`. Not being there is a success.
    async fn destroy(&self, asset: &AssetId) -> Result<Destroyed, LibraryError>;

    /// The MD5 of the original that is delivered for `asset` now, past any cache; `None` when
    /// nothing is delivered.
    async fn etag(&self, asset: &AssetId) -> Result<Option<String>, LibraryError>;

    /// Asks whether the library is there and takes our credentials; changes nothing.
    async fn ping(&self) -> Result<(), LibraryError>;
}

/// Where the library gets the bytes from.
#[derive(Debug)]
pub enum Source {
    /// It pulls the object itself, by its own grant on the bucket.
    S3(ObjectRef),
    /// It pulls a URL that carries its own permission, hence a secret.
    Url(SecretString),
    /// We send the bytes.
    Stream {
        /// The file name to send along.
        file_name: String,
        /// The bytes.
        body: ObjectBody,
    },
}

/// The library's answer to an upload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uploaded {
    /// The MD5 of the stored bytes, where the library says so.
    pub etag: Option<String>,
    /// How many bytes were stored, where the library says so.
    pub bytes: Option<u64>,
}

/// The library's answer to a destroy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destroyed {
    /// It was there and is gone.
    Removed,
    /// It was not there.
    WasAbsent,
}

/// A call to the library that failed, already classified.
#[derive(thiserror::Error)]
#[error("{operation} of {asset}")]
pub struct LibraryError {
    /// The operation, for example `upload`.
    pub operation: &'static str,
    /// The asset, or what stands in its place for calls about none.
    pub asset: String,
    /// What the engine should do about it.
    pub disposition: Disposition,
    /// How long the library asked us to wait, if it did.
    pub retry_after: Option<Duration>,
    /// What happened.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl fmt::Debug for LibraryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} ({:?}): {}", self.disposition, self.source)
    }
}
