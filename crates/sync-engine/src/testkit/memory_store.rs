//! Buckets in memory, with versions and delete markers, that notify a queue of every change as
//! S3 does. Reads see every write at once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use event_mapper::ObjectRef;
use futures_util::StreamExt;
use secrecy::SecretString;
use time::OffsetDateTime;

use super::MemoryQueue;
use super::content::content_etag;
use crate::ports::{
    Encryption, ListPage, ListedObject, ObjectBody, ObjectState, ObjectStore, StoreError,
    StoreErrorKind,
};

/// The store. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Newest version last. A version without content is a delete marker.
    objects: BTreeMap<ObjectRef, Vec<Version>>,
    is_versioned: bool,
    /// Counts writes; also the clock, one second a write, so that the newest is always known.
    writes: u64,
    queue: Option<MemoryQueue>,
    refuses: Vec<(ObjectRef, StoreErrorKind)>,
    refuses_all: Option<StoreErrorKind>,
    refuses_listing: Option<StoreErrorKind>,
    /// The operations asked for, in order.
    looks: Vec<&'static str>,
}

#[derive(Debug, Clone)]
struct Version {
    id: String,
    object: Option<(ObjectState, Bytes)>,
}

impl MemoryStore {
    /// An empty store without versioning.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps old versions from now on.
    pub fn keep_versions(&self) {
        self.inner().is_versioned = true;
    }

    /// Notifies this queue of every change from now on.
    pub fn notify(&self, queue: &MemoryQueue) {
        self.inner().queue = Some(queue.clone());
    }

    /// Writes an object; returns its version.
    pub fn put(&self, object: &ObjectRef, content: impl Into<Bytes>) -> String {
        self.put_with(object, content, |_| {})
    }

    /// Writes an object whose state differs from the ordinary.
    pub fn put_with(
        &self,
        object: &ObjectRef,
        content: impl Into<Bytes>,
        change: impl FnOnce(&mut ObjectState),
    ) -> String {
        let content = content.into();
        let mut inner = self.inner();
        let (id, last_modified) = inner.tick();
        let mut state = ObjectState {
            etag: content_etag(&content),
            size: content.len() as u64,
            version_id: inner.is_versioned.then(|| id.clone()),
            last_modified,
            encryption: Encryption::None,
            archived: false,
            metadata: BTreeMap::new(),
        };
        change(&mut state);
        inner.push(
            object,
            Version {
                id: id.clone(),
                object: Some((state, content)),
            },
        );
        inner.tell(object, "ObjectCreated:Put");
        id
    }

    /// Deletes an object; with versioning this only adds a delete marker, whose id it returns.
    pub fn delete(&self, object: &ObjectRef) -> String {
        let mut inner = self.inner();
        let (id, _) = inner.tick();
        if inner.is_versioned {
            inner.push(
                object,
                Version {
                    id: id.clone(),
                    object: None,
                },
            );
            inner.tell(object, "ObjectRemoved:DeleteMarkerCreated");
        } else {
            inner.objects.remove(object);
            inner.tell(object, "ObjectRemoved:Delete");
        }
        id
    }

    /// Deletes one version or delete marker for good.
    pub fn delete_version(&self, object: &ObjectRef, id: &str) {
        let mut inner = self.inner();
        if let Some(versions) = inner.objects.get_mut(object) {
            versions.retain(|version| version.id != id);
        }
        inner.tell(object, "ObjectRemoved:Delete");
    }

    /// Makes every look at this object fail, or `None`: succeed again.
    pub fn refuse(&self, object: &ObjectRef, kind: Option<StoreErrorKind>) {
        let mut inner = self.inner();
        inner.refuses.retain(|(refused, _)| refused != object);
        inner
            .refuses
            .extend(kind.map(|kind| (object.clone(), kind)));
    }

    /// Makes every call fail, or `None`: succeed again.
    pub fn refuse_all(&self, kind: Option<StoreErrorKind>) {
        self.inner().refuses_all = kind;
    }

    /// Makes every listing fail, or `None`: succeed again.
    pub fn refuse_listing(&self, kind: Option<StoreErrorKind>) {
        self.inner().refuses_listing = kind;
    }

    /// The operations that looked at the bucket, in order: `HeadObject` and `ListObjectsV2`.
    pub fn looks(&self) -> Vec<&'static str> {
        self.inner().looks.clone()
    }

    /// What every key holds now.
    pub fn current(&self) -> BTreeMap<ObjectRef, ObjectState> {
        let inner = self.inner();
        let current = inner
            .objects
            .keys()
            .filter_map(|object| Some((object, inner.now(object)?)));
        current
            .map(|(object, (state, _))| (object.clone(), state.clone()))
            .collect()
    }

    pub(super) fn content(&self, object: &ObjectRef) -> Option<(ObjectState, Bytes)> {
        self.inner().now(object).cloned()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn tick(&mut self) -> (String, OffsetDateTime) {
        self.writes += 1;
        let clock = OffsetDateTime::UNIX_EPOCH + Duration::from_secs(self.writes);
        (format!("v{}", self.writes), clock)
    }

    fn push(&mut self, object: &ObjectRef, version: Version) {
        let versions = self.objects.entry(object.clone()).or_default();
        if !self.is_versioned {
            versions.clear();
        }
        versions.push(version);
    }

    fn now(&self, object: &ObjectRef) -> Option<&(ObjectState, Bytes)> {
        self.objects.get(object)?.last()?.object.as_ref()
    }

    fn may_look(&self, operation: &'static str, object: &ObjectRef) -> Result<(), StoreError> {
        let this = self.refuses.iter().find(|(refused, _)| refused == object);
        match self.refuses_all.or(this.map(|(_, kind)| *kind)) {
            Some(kind) => Err(failure(operation, object, kind)),
            None => Ok(()),
        }
    }

    fn tell(&self, object: &ObjectRef, event: &str) {
        if let Some(queue) = &self.queue {
            queue.send(notification(object, event));
        }
    }
}

/// The body that S3 would send. Sizes and tags are left out: they are hints that nobody needs.
pub fn notification(object: &ObjectRef, event: &str) -> String {
    let key = object.key.bytes().fold(String::new(), |mut key, byte| {
        let _ = write!(key, "%{byte:02X}");
        key
    });
    let bucket = &object.bucket;
    format!(
        r#"{{"Records":[{{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"{event}","eventTime":"2026-01-02T03:04:05.678Z","s3":{{"bucket":{{"name":"{bucket}"}},"object":{{"key":"{key}"}}}}}}]}}"#
    )
}

fn failure(operation: &'static str, object: &ObjectRef, kind: StoreErrorKind) -> StoreError {
    StoreError {
        operation,
        object: object.clone(),
        kind,
        source: "as the test asked for".into(),
    }
}

#[async_trait]
impl ObjectStore for MemoryStore {
    async fn head(&self, object: &ObjectRef) -> Result<Option<ObjectState>, StoreError> {
        let mut inner = self.inner();
        inner.looks.push("HeadObject");
        inner.may_look("HeadObject", object)?;
        Ok(inner.now(object).map(|(state, _)| state.clone()))
    }

    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        token: Option<&str>,
    ) -> Result<ListPage, StoreError> {
        const PAGE: usize = 2;
        let mut inner = self.inner();
        inner.looks.push("ListObjectsV2");
        if let Some(kind) = inner.refuses_all.or(inner.refuses_listing) {
            let object = ObjectRef::new(bucket, prefix);
            return Err(failure("ListObjectsV2", &object, kind));
        }
        let listed = inner.objects.keys().filter(|object| {
            object.bucket == bucket
                && object.key.starts_with(prefix)
                && token.is_none_or(|last| object.key.as_str() > last)
        });
        let mut objects: Vec<ListedObject> = listed
            .filter_map(|object| {
                let (state, _) = inner.now(object)?;
                Some(ListedObject {
                    key: object.key.clone(),
                    etag: Some(state.etag.clone()),
                    size: state.size,
                    last_modified: state.last_modified,
                })
            })
            .take(PAGE + 1)
            .collect();
        let is_more = objects.len() > PAGE;
        objects.truncate(PAGE);
        let next = objects
            .last()
            .filter(|_| is_more)
            .map(|last| last.key.clone());
        Ok(ListPage { objects, next })
    }

    async fn presign(
        &self,
        object: &ObjectRef,
        _version_id: Option<&str>,
        _valid_for: Duration,
    ) -> Result<SecretString, StoreError> {
        Ok(format!("memory://{}/{}", object.bucket, object.key).into())
    }

    async fn read(
        &self,
        object: &ObjectRef,
        state: &ObjectState,
    ) -> Result<ObjectBody, StoreError> {
        self.inner().may_look("GetObject", object)?;
        match self.content(object) {
            Some((now, content)) if now.etag == state.etag => Ok(ObjectBody {
                length: now.size,
                stream: futures_util::stream::iter([Ok(content)]).boxed(),
            }),
            _ => Err(failure("GetObject", object, StoreErrorKind::Changed)),
        }
    }
}
