//! Which uploads run now: an `AssetLibrary` that notes when each begins and ends.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use cloudinary_core::{AssetId, UploadParams};
use sync_engine::ports::{AssetLibrary, Destroyed, LibraryError, Source, Uploaded};
use tokio::time::Instant;

/// The beginnings of all uploads that run. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Uploads(Arc<Mutex<Running>>);

#[derive(Debug, Default)]
struct Running {
    /// With a number, because two may begin at the same instant.
    beginnings: BTreeSet<(Instant, u64)>,
    next: u64,
}

impl Uploads {
    /// When the upload began that has run longest.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.lock().beginnings.first().map(|(began, _)| *began)
    }

    fn begin(&self) -> Upload {
        let mut running = self.lock();
        let beginning = (Instant::now(), running.next);
        running.next += 1;
        running.beginnings.insert(beginning);
        Upload {
            uploads: self.clone(),
            beginning,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One upload that runs until this is dropped, by its end or by being given up.
struct Upload {
    uploads: Uploads,
    beginning: (Instant, u64),
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.uploads.lock().beginnings.remove(&self.beginning);
    }
}

/// A library whose uploads are noted.
#[derive(Debug)]
pub(crate) struct WatchedLibrary<L> {
    inner: L,
    uploads: Uploads,
}

impl<L> WatchedLibrary<L> {
    pub(super) fn new(inner: L, uploads: Uploads) -> Self {
        Self { inner, uploads }
    }
}

#[async_trait]
impl<L: AssetLibrary> AssetLibrary for WatchedLibrary<L> {
    async fn upload(
        &self,
        asset: &AssetId,
        params: &UploadParams,
        source: Source,
    ) -> Result<Uploaded, LibraryError> {
        let _running = self.uploads.begin();
        self.inner.upload(asset, params, source).await
    }

    async fn destroy(&self, asset: &AssetId) -> Result<Destroyed, LibraryError> {
        self.inner.destroy(asset).await
    }

    async fn etag(&self, asset: &AssetId) -> Result<Option<String>, LibraryError> {
        self.inner.etag(asset).await
    }

    async fn ping(&self) -> Result<(), LibraryError> {
        self.inner.ping().await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_oldest_upload_is_the_one_that_counts_until_it_ends() {
        let uploads = Uploads::default();
        assert_eq!(uploads.oldest(), None);
        let began = Instant::now();
        let first = uploads.begin();
        let twin = uploads.begin();
        tokio::time::advance(Duration::from_secs(1)).await;
        let second = uploads.begin();
        assert_eq!(uploads.oldest(), Some(began));
        drop(first);
        assert_eq!(uploads.oldest(), Some(began), "its twin still runs");
        drop(twin);
        assert_eq!(uploads.oldest(), Some(began + Duration::from_secs(1)));
        drop(second);
        assert_eq!(uploads.oldest(), None);
    }
}
