//! Deliberate bugs, put between an engine that is right and the world, so that the engine acts as
//! if it had them. The simulation must find each.
//!
//! The witness stands behind the saboteur: it sees what is really asked and answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cloudinary_core::{AssetId, Disposition, UploadParams};
use event_mapper::{Content, Hint, ObjectRef, Record, Rules, decode};
use secrecy::SecretString;
use sync_engine::ports::{
    AssetLibrary, DeadLetter, Delivery, Destroyed, EntryFailure, LibraryError, ListPage,
    ListedObject, MessageId, ObjectBody, ObjectState, ObjectStore, Ports, Queue, QueueError,
    Receipt, ReceiveRequest, Source, StoreError, StoreErrorKind, Uploaded, VisibilityChange,
};

/// A mistake that an engine could make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    /// Takes `ObjectRemoved` for a command to destroy.
    ActOnTheEventType,
    /// Does not look again after a write.
    NoSecondLook,
    /// Takes a write without an answer for done.
    AcknowledgeUnclear,
    /// Takes a 403 for a 404.
    DestroyOnDenial,
    /// Does not ask for other objects of the same asset.
    NoSiblings,
    /// Takes a listed key for the object that it last saw there, whatever the listing says of it.
    BelieveTheKey,
    /// Deletes a message first and then makes it a letter.
    DeleteBeforeLetter,
    /// Gives a message back when the library throttles.
    GiveBackOnThrottling,
}

/// The same ports, for an engine with a bug.
pub(crate) fn spoil(ports: Ports, bug: Bug, rules: &Rules) -> Ports {
    let Ports {
        queue,
        store,
        library,
    } = ports;
    let memory = Arc::new(Memory {
        rules: rules.clone(),
        notes: Mutex::default(),
    });
    Ports {
        queue: Arc::new(SpoiltQueue {
            bug,
            queue,
            memory: Arc::clone(&memory),
        }),
        store: Arc::new(SpoiltStore {
            bug,
            store,
            memory: Arc::clone(&memory),
        }),
        library: Arc::new(SpoiltLibrary {
            bug,
            library,
            memory,
        }),
    }
}

/// What the three wrappers know together.
struct Memory {
    rules: Rules,
    notes: Mutex<Notes>,
}

#[derive(Default)]
struct Notes {
    receipts: BTreeMap<MessageId, Receipt>,
    /// The keys of which the last event said that they were removed.
    removed: BTreeSet<String>,
    /// What the last look at a key found.
    seen: BTreeMap<String, ObjectState>,
    /// The assets written since, of which no new look is taken.
    written: BTreeSet<AssetId>,
}

impl Memory {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the state before the write is believed of this key, without another look.
    fn takes_no_look(&self, key: &str) -> bool {
        let mapping = self.rules.map(&ObjectRef::new("bucket", key), None);
        let mut notes = self.notes();
        mapping
            .asset()
            .is_some_and(|asset| notes.written.remove(asset))
    }
}

struct SpoiltQueue {
    bug: Bug,
    queue: Arc<dyn Queue>,
    memory: Arc<Memory>,
}

#[async_trait]
impl Queue for SpoiltQueue {
    async fn receive(&self, request: ReceiveRequest) -> Result<Vec<Delivery>, QueueError> {
        let batch = self.queue.receive(request).await?;
        let mut notes = self.memory.notes();
        for delivery in &batch {
            let receipt = Receipt {
                id: delivery.id.clone(),
                handle: delivery.receipt.clone(),
            };
            notes.receipts.insert(delivery.id.clone(), receipt);
            notes.believe(&delivery.body);
        }
        drop(notes);
        Ok(batch)
    }

    async fn delete(&self, receipts: &[Receipt]) -> Result<Vec<EntryFailure>, QueueError> {
        self.queue.delete(receipts).await
    }

    async fn change_visibility(
        &self,
        changes: &[VisibilityChange],
    ) -> Result<Vec<EntryFailure>, QueueError> {
        self.queue.change_visibility(changes).await
    }

    async fn dead_letter(&self, letter: &DeadLetter) -> Result<(), QueueError> {
        if self.bug == Bug::DeleteBeforeLetter {
            let receipt = self.memory.notes().receipts.get(&letter.id).cloned();
            self.queue
                .delete(&receipt.into_iter().collect::<Vec<_>>())
                .await?;
        }
        self.queue.dead_letter(letter).await
    }

    fn has_dead_letter_queue(&self) -> bool {
        self.queue.has_dead_letter_queue()
    }

    async fn check(&self) -> Result<(), QueueError> {
        self.queue.check().await
    }
}

impl Notes {
    fn believe(&mut self, body: &str) {
        let Content::Changes(records) = decode(body.as_bytes()).content else {
            return;
        };
        for record in records {
            let Record::Change(change) = record else {
                continue;
            };
            if change.hint == Hint::Removed {
                self.removed.insert(change.object.key);
            } else {
                self.removed.remove(&change.object.key);
            }
        }
    }
}

impl Notes {
    /// What the last look said, instead of what the listing says.
    fn recall(&self, listed: &mut ListedObject) {
        let Some(seen) = self.seen.get(&listed.key) else {
            return;
        };
        listed.etag = Some(seen.etag.clone());
        listed.size = seen.size;
        listed.last_modified = seen.last_modified;
    }
}

struct SpoiltStore {
    bug: Bug,
    store: Arc<dyn ObjectStore>,
    memory: Arc<Memory>,
}

#[async_trait]
impl ObjectStore for SpoiltStore {
    async fn head(&self, object: &ObjectRef) -> Result<Option<ObjectState>, StoreError> {
        if self.bug == Bug::NoSecondLook && self.memory.takes_no_look(&object.key) {
            return Ok(self.memory.notes().seen.get(&object.key).cloned());
        }
        let found = self.store.head(object).await;
        let mut notes = self.memory.notes();
        match (self.bug, found) {
            (Bug::DestroyOnDenial, Err(error)) if error.kind == StoreErrorKind::Denied => Ok(None),
            (Bug::ActOnTheEventType, Ok(_)) if notes.removed.contains(&object.key) => Ok(None),
            (_, Ok(Some(state))) => {
                notes.seen.insert(object.key.clone(), state.clone());
                Ok(Some(state))
            }
            (_, found) => found,
        }
    }

    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        token: Option<&str>,
    ) -> Result<ListPage, StoreError> {
        let page = match (self.bug, self.store.list(bucket, prefix, token).await) {
            (Bug::NoSiblings | Bug::NoSecondLook, Ok(_)) => ListPage::default(),
            (Bug::DestroyOnDenial, Err(error)) if error.kind == StoreErrorKind::Denied => {
                ListPage::default()
            }
            (Bug::BelieveTheKey, page) => {
                let mut page = page?;
                let notes = self.memory.notes();
                page.objects.iter_mut().for_each(|it| notes.recall(it));
                page
            }
            (_, page) => page?,
        };
        Ok(page)
    }

    async fn presign(
        &self,
        object: &ObjectRef,
        version_id: Option<&str>,
        valid_for: Duration,
    ) -> Result<SecretString, StoreError> {
        self.store.presign(object, version_id, valid_for).await
    }

    async fn read(
        &self,
        object: &ObjectRef,
        state: &ObjectState,
    ) -> Result<ObjectBody, StoreError> {
        self.store.read(object, state).await
    }
}

struct SpoiltLibrary {
    bug: Bug,
    library: Arc<dyn AssetLibrary>,
    memory: Arc<Memory>,
}

impl SpoiltLibrary {
    fn answer<T>(
        &self,
        asset: &AssetId,
        answer: Result<T, LibraryError>,
        done: T,
    ) -> Result<T, LibraryError> {
        self.memory.notes().written.insert(asset.clone());
        match (self.bug, answer) {
            (Bug::AcknowledgeUnclear, Err(error)) if error.disposition == Disposition::Unclear => {
                Ok(done)
            }
            (Bug::GiveBackOnThrottling, Err(error))
                if error.disposition == Disposition::Throttled =>
            {
                Err(LibraryError {
                    disposition: Disposition::Transient,
                    ..error
                })
            }
            (_, answer) => answer,
        }
    }
}

#[async_trait]
impl AssetLibrary for SpoiltLibrary {
    async fn upload(
        &self,
        asset: &AssetId,
        params: &UploadParams,
        source: Source,
    ) -> Result<Uploaded, LibraryError> {
        let answer = self.library.upload(asset, params, source).await;
        self.answer(asset, answer, Uploaded::default())
    }

    async fn destroy(&self, asset: &AssetId) -> Result<Destroyed, LibraryError> {
        let answer = self.library.destroy(asset).await;
        self.answer(asset, answer, Destroyed::Removed)
    }

    async fn etag(&self, asset: &AssetId) -> Result<Option<String>, LibraryError> {
        self.library.etag(asset).await
    }

    async fn ping(&self) -> Result<(), LibraryError> {
        self.library.ping().await
    }
}
