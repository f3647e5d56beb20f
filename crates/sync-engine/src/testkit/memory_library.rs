//! A media library in memory that pulls from a [`MemoryStore`]. Answers can be scripted: refused,
//! lost after the write was applied, or applied long after the caller gave up.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cloudinary_core::{AssetId, Disposition, UploadParams};
use event_mapper::ObjectRef;
use futures_util::TryStreamExt;
use secrecy::ExposeSecret;

use super::MemoryStore;
use super::content::content_etag;
use crate::ports::{AssetLibrary, Destroyed, LibraryError, Source, Uploaded};

/// The library. Clones share it.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "scripts hold closures")]
pub struct MemoryLibrary {
    store: MemoryStore,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    assets: BTreeMap<AssetId, StoredAsset>,
    scripts: VecDeque<Script>,
    refuses: Option<Rule>,
    calls: Vec<String>,
    in_flight: usize,
    peak: usize,
    latency: Duration,
    alters_bytes: bool,
}

/// What the library holds for an asset.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAsset {
    /// The entity tag of the stored bytes.
    pub etag: String,
    /// Their number.
    pub bytes: u64,
    /// What came along with the upload.
    pub params: UploadParams,
}

/// Which writes are refused, by their names as in [`MemoryLibrary::calls`].
type Rule = Box<dyn Fn(&str) -> Option<Disposition> + Send>;

/// How the next write goes.
pub enum Script {
    /// Refused with this disposition; nothing is applied.
    Fail(Disposition),
    /// Applied, but the answer is an error with this disposition.
    ApplyThenFail(Disposition),
    /// Something happens between the library's pull and its answer.
    Meanwhile(Box<dyn FnOnce() + Send>),
    /// Something happens, and then it is refused with this disposition; nothing is applied.
    MeanwhileThenFail(Box<dyn FnOnce() + Send>, Disposition),
}

impl MemoryLibrary {
    /// An empty library that pulls from this store.
    pub fn new(store: &MemoryStore) -> Self {
        Self {
            store: store.clone(),
            inner: Arc::default(),
        }
    }

    /// The next writes go like this, one each, and the others go well.
    pub fn script(&self, scripts: impl IntoIterator<Item = Script>) {
        self.inner().scripts.extend(scripts);
    }

    /// From now on writes without a script are refused by this rule, given their names as in
    /// [`MemoryLibrary::calls`]. A later rule replaces it.
    pub fn refuse(&self, rule: impl Fn(&str) -> Option<Disposition> + Send + 'static) {
        self.inner().refuses = Some(Box::new(rule));
    }

    /// Every write takes this long.
    pub fn set_latency(&self, latency: Duration) {
        self.inner().latency = latency;
    }

    /// Stores other bytes than it is given, as an incoming transformation does.
    pub fn alter_bytes(&self) {
        self.inner().alters_bytes = true;
    }

    /// Everything it holds, by name.
    pub fn assets(&self) -> BTreeMap<AssetId, StoredAsset> {
        self.inner().assets.clone()
    }

    /// The writes it was asked for, in order: `upload image/upload/a`.
    pub fn calls(&self) -> Vec<String> {
        self.inner().calls.clone()
    }

    /// The most writes that were in flight at once.
    pub fn peak(&self) -> usize {
        self.inner().peak
    }

    async fn write<T>(
        &self,
        operation: &'static str,
        asset: &AssetId,
        pull: impl Future<Output = Result<Option<(String, u64)>, LibraryError>>,
        apply: impl FnOnce(&mut Inner, Option<(String, u64)>) -> T,
    ) -> Result<T, LibraryError> {
        let (script, latency) = self.inner().begin(format!("{operation} {asset}"));
        let pulled = pull.await;
        tokio::time::sleep(latency).await;
        self.inner().in_flight -= 1;
        match script {
            Some(Script::Fail(disposition)) => Err(failure(operation, asset, disposition)),
            Some(Script::ApplyThenFail(disposition)) => {
                apply(&mut self.inner(), pulled?);
                Err(failure(operation, asset, disposition))
            }
            Some(Script::MeanwhileThenFail(happen, disposition)) => {
                happen();
                Err(failure(operation, asset, disposition))
            }
            Some(Script::Meanwhile(happen)) => {
                happen();
                Ok(apply(&mut self.inner(), pulled?))
            }
            None => Ok(apply(&mut self.inner(), pulled?)),
        }
    }

    async fn pull(&self, asset: &AssetId, source: Source) -> Result<(String, u64), LibraryError> {
        let gone = || failure("upload", asset, Disposition::SourceGone);
        match source {
            Source::S3(object) => self.copy(&object).ok_or_else(gone),
            Source::Url(url) => {
                let rest = url
                    .expose_secret()
                    .strip_prefix("memory://")
                    .ok_or_else(gone)?;
                let (bucket, key) = rest.split_once('/').ok_or_else(gone)?;
                self.copy(&ObjectRef::new(bucket, key)).ok_or_else(gone)
            }
            Source::Stream { body, .. } => {
                let pieces: Vec<_> = body.stream.try_collect().await.map_err(|_| gone())?;
                let content = pieces.concat();
                Ok((content_etag(&content), content.len() as u64))
            }
        }
    }

    fn copy(&self, object: &ObjectRef) -> Option<(String, u64)> {
        let (_, content) = self.store.content(object)?;
        Some((content_etag(&content), content.len() as u64))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn begin(&mut self, call: String) -> (Option<Script>, Duration) {
        let refused = self.refuses.as_ref().and_then(|rule| rule(&call));
        let refused = refused.map(Script::Fail);
        self.calls.push(call);
        self.in_flight += 1;
        self.peak = self.peak.max(self.in_flight);
        let script = self.scripts.pop_front().or(refused);
        (script, self.latency)
    }
}

fn failure(operation: &'static str, asset: &AssetId, disposition: Disposition) -> LibraryError {
    LibraryError {
        operation,
        asset: asset.to_string(),
        disposition,
        retry_after: None,
        source: "as the test asked for".into(),
    }
}

#[async_trait]
impl AssetLibrary for MemoryLibrary {
    async fn upload(
        &self,
        asset: &AssetId,
        params: &UploadParams,
        source: Source,
    ) -> Result<Uploaded, LibraryError> {
        let pull = async { self.pull(asset, source).await.map(Some) };
        self.write("upload", asset, pull, |inner, pulled| {
            let (mut etag, bytes) = pulled.unwrap_or_default();
            if inner.alters_bytes {
                etag = content_etag(etag.as_bytes());
            }
            let stored = StoredAsset {
                etag: etag.clone(),
                bytes,
                params: params.clone(),
            };
            inner.assets.insert(asset.clone(), stored);
            Uploaded {
                etag: Some(etag),
                bytes: Some(bytes),
            }
        })
        .await
    }

    async fn destroy(&self, asset: &AssetId) -> Result<Destroyed, LibraryError> {
        self.write(
            "destroy",
            asset,
            async { Ok(None) },
            |inner, _| match inner.assets.remove(asset) {
                Some(_) => Destroyed::Removed,
                None => Destroyed::WasAbsent,
            },
        )
        .await
    }

    async fn etag(&self, asset: &AssetId) -> Result<Option<String>, LibraryError> {
        Ok(self
            .inner()
            .assets
            .get(asset)
            .map(|stored| stored.etag.clone()))
    }

    async fn ping(&self) -> Result<(), LibraryError> {
        Ok(())
    }
}
