//! S3 as one member reaches it: slow, refusing or failing, but never telling what was not so
//! between question and answer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use event_mapper::ObjectRef;
use futures_util::StreamExt;
use secrecy::SecretString;
use sync_engine::ports::{
    ListPage, ListedObject, ObjectBody, ObjectState, ObjectStore, StoreError, StoreErrorKind,
};
use tokio::time::sleep;

use super::bucket::{BUCKET, KEYS};
use super::world::{MemberId, World};

/// One member's way to S3.
#[derive(Clone)]
pub(crate) struct SimStore {
    pub(crate) world: Arc<World>,
    pub(crate) member: MemberId,
}

/// Objects on one page of a listing.
const PAGE: usize = 2;
/// The service number of S3 among those that can lock us out.
const STORE: usize = 2;

impl SimStore {
    async fn call(&self, operation: &'static str, object: &ObjectRef) -> Result<(), StoreError> {
        self.world.peril(self.member).await;
        self.world.travel().await;
        let (slow, failed) = {
            let mut state = self.world.state();
            let rates = state.plan.rates.clone();
            let is_slow = state.chance(rates.store_slow);
            let slow = state.span(Duration::from_secs(if is_slow { 15 } else { 0 }));
            let failed = if state.is_locked_out(STORE) {
                Some(StoreErrorKind::Credentials)
            } else if state.chance(rates.store_denies) {
                Some(StoreErrorKind::Denied)
            } else {
                state
                    .chance(rates.store_fails)
                    .then_some(StoreErrorKind::Transient)
            };
            (slow, failed)
        };
        sleep(slow).await;
        let Some(kind) = failed else { return Ok(()) };
        let mut state = self.world.state();
        state.note(format_args!(
            "{}: {operation} {}: {kind:?}",
            self.member, object.key
        ));
        state.witness.store_failed(self.member, &object.key);
        Err(failure(operation, object, kind))
    }
}

#[async_trait]
impl ObjectStore for SimStore {
    async fn head(&self, object: &ObjectRef) -> Result<Option<ObjectState>, StoreError> {
        let asked = self.world.state().witness.stamp();
        self.call("HeadObject", object).await?;
        let found = {
            let mut state = self.world.state();
            let found = state.bucket.state(&object.key);
            let etag = found.as_ref().map(|found| found.etag.as_str());
            state.note(format_args!(
                "{}: head {}: {etag:?}",
                self.member, object.key
            ));
            let now = state.now;
            state
                .witness
                .looked(self.member, &object.key, asked, now, found.clone());
            found
        };
        self.world.travel().await;
        self.world.peril(self.member).await;
        Ok(found)
    }

    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        token: Option<&str>,
    ) -> Result<ListPage, StoreError> {
        let asked = self.world.state().witness.stamp();
        self.call("ListObjectsV2", &ObjectRef::new(bucket, prefix))
            .await?;
        let page = {
            let mut state = self.world.state();
            let is_asked_for =
                |key: &str| key.starts_with(prefix) && token.is_none_or(|last| key > last);
            let mut found = state.bucket.present();
            found.retain(|(key, _)| is_asked_for(key));
            let next = found.get(PAGE).map(|_| found[PAGE - 1].0.to_owned());
            found.truncate(PAGE);
            for key in KEYS {
                if is_asked_for(key) && next.as_deref().is_none_or(|last| key <= last) {
                    let seen = state.bucket.state(key);
                    let now = state.now;
                    state.witness.looked(self.member, key, asked, now, seen);
                }
            }
            let keys: Vec<_> = found.iter().map(|(key, _)| *key).collect();
            state.note(format_args!("{}: list {prefix}: {keys:?}", self.member));
            let objects = found
                .into_iter()
                .map(|(key, state)| listed(key, &state))
                .collect();
            ListPage { objects, next }
        };
        self.world.travel().await;
        self.world.peril(self.member).await;
        Ok(page)
    }

    async fn presign(
        &self,
        object: &ObjectRef,
        version_id: Option<&str>,
        _valid_for: Duration,
    ) -> Result<SecretString, StoreError> {
        let version = version_id.unwrap_or_default();
        Ok(format!("sim://{BUCKET}/{}?{version}", object.key).into())
    }

    async fn read(
        &self,
        object: &ObjectRef,
        state: &ObjectState,
    ) -> Result<ObjectBody, StoreError> {
        self.call("GetObject", object).await?;
        let world = self.world.state();
        let content = world.bucket.content(&object.key).map(str::to_owned);
        match (world.bucket.state(&object.key), content) {
            (Some(now), Some(content)) if now.etag == state.etag => Ok(ObjectBody {
                length: now.size,
                stream: futures_util::stream::iter([Ok(Bytes::from(content))]).boxed(),
            }),
            _ => Err(failure("GetObject", object, StoreErrorKind::Changed)),
        }
    }
}

fn listed(key: &str, state: &ObjectState) -> ListedObject {
    ListedObject {
        key: key.to_owned(),
        etag: Some(state.etag.clone()),
        size: state.size,
        last_modified: state.last_modified,
    }
}

fn failure(operation: &'static str, object: &ObjectRef, kind: StoreErrorKind) -> StoreError {
    StoreError {
        operation,
        object: object.clone(),
        kind,
        source: "the simulation said so".into(),
    }
}
