//! All buckets, and the bounds on what they hold.
//!
//! Pure state that is told the time: each method checks, changes, keeps the count of bytes, and
//! returns the [`Change`]s that somebody may want to hear about. Nothing here locks or sends.

mod uploads;

use std::collections::BTreeMap;
use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::s3::bucket::{Bucket, Deleted};
use crate::s3::conditions::Conditions;
use crate::s3::error::S3Failure;
use crate::s3::events::{Change, Event};
use crate::s3::object::Object;

/// Every bucket of one emulator.
#[derive(Debug)]
pub(crate) struct Store {
    buckets: BTreeMap<String, Bucket>,
    used: u64,
    limits: Limits,
}

/// How much may be stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) total_bytes: u64,
    pub(crate) object_bytes: u64,
}

/// What a writer is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) etag: String,
    /// As headers show it: absent without versioning, `null` while it is suspended.
    pub(crate) version_id: Option<String>,
}

impl Store {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            buckets: BTreeMap::new(),
            used: 0,
            limits,
        }
    }

    /// Bytes of all objects and unfinished uploads.
    pub(crate) fn used(&self) -> u64 {
        self.used
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Every bucket by name.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = (&String, &Bucket)> {
        self.buckets.iter()
    }

    pub(crate) fn bucket(&self, name: &str) -> Result<&Bucket, S3Failure> {
        self.buckets
            .get(name)
            .ok_or_else(|| S3Failure::NoSuchBucket(name.to_owned()))
    }

    pub(crate) fn bucket_mut(&mut self, name: &str) -> Result<&mut Bucket, S3Failure> {
        self.buckets
            .get_mut(name)
            .ok_or_else(|| S3Failure::NoSuchBucket(name.to_owned()))
    }

    pub(crate) fn create_bucket(
        &mut self,
        name: &str,
        now: OffsetDateTime,
    ) -> Result<(), S3Failure> {
        if self.buckets.contains_key(name) {
            return Err(S3Failure::BucketAlreadyOwnedByYou);
        }
        self.buckets.insert(name.to_owned(), Bucket::new(now));
        Ok(())
    }

    pub(crate) fn delete_bucket(&mut self, name: &str) -> Result<(), S3Failure> {
        if !self.bucket(name)?.is_empty() {
            return Err(S3Failure::BucketNotEmpty);
        }
        let freed = self.buckets.remove(name).map_or(0, |bucket| bucket.bytes());
        self.used -= freed;
        Ok(())
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.buckets.clear();
        self.used = 0;
    }

    /// Stores an object as the newest version of its key.
    pub(crate) fn put(
        &mut self,
        bucket: &str,
        key: &str,
        object: Object,
        conditions: &Conditions,
        event: Event,
        now: OffsetDateTime,
    ) -> Result<(Written, Change), S3Failure> {
        check_key(key)?;
        let found = self.bucket(bucket)?;
        conditions.check_write(
            found
                .current(key)
                .and_then(|version| version.object())
                .map(AsRef::as_ref),
        )?;
        let freed = found.replaced_bytes(key);
        self.charge(object.size(), freed)?;
        let bucket = self.bucket_mut(bucket)?;
        let object = Arc::new(object);
        let id = bucket.put(key, Arc::clone(&object), now);
        let written = Written {
            etag: object.etag.clone(),
            version_id: shown(bucket, id.as_ref()),
        };
        let sequencer = bucket.sequencer.next(now);
        Ok((
            written,
            Change::of_object(event, key, &object, id, sequencer),
        ))
    }

    /// Deletes a key, or one version of it. Deleting what is not there succeeds and changes nothing.
    pub(crate) fn delete(
        &mut self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<(Deleted, Option<Change>), S3Failure> {
        let found = self.bucket_mut(bucket)?;
        let deleted = match version_id {
            Some(id) => found.delete_version(key, id),
            None => found.delete(key, now),
        };
        self.after_delete(
            bucket,
            key,
            deleted,
            (Event::RemovedDelete, Event::RemovedMarker),
            now,
        )
    }

    /// Deletes a key as a lifecycle rule does, which S3 tells by events of its own.
    pub(crate) fn expire(
        &mut self,
        bucket: &str,
        key: &str,
        now: OffsetDateTime,
    ) -> Result<(Deleted, Option<Change>), S3Failure> {
        self.bucket(bucket)?.find(key, None)?;
        let deleted = self.bucket_mut(bucket)?.delete(key, now);
        self.after_delete(
            bucket,
            key,
            deleted,
            (Event::ExpiredDelete, Event::ExpiredMarker),
            now,
        )
    }

    /// Replaces the tags of an object; none at all is another event than an empty set.
    pub(crate) fn tag(
        &mut self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        tags: Option<BTreeMap<String, String>>,
    ) -> Result<(Option<String>, Change), S3Failure> {
        let event = if tags.is_some() {
            Event::TaggingPut
        } else {
            Event::TaggingDelete
        };
        let found = self.bucket_mut(bucket)?;
        let (id, object) = found.find_mut(key, version_id)?;
        object.tags = tags.unwrap_or_default();
        let change = Change::tagged(event, key, object, id.clone());
        Ok((shown(found, id.as_ref()), change))
    }

    /// Makes an archived object readable for so many days. Tells whether it was already.
    pub(crate) fn restore(
        &mut self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        days: i32,
        now: OffsetDateTime,
    ) -> Result<(bool, Vec<Change>), S3Failure> {
        let found = self.bucket_mut(bucket)?;
        let sequencers = [found.sequencer.next(now), found.sequencer.next(now)];
        let (id, object) = found.find_mut(key, version_id)?;
        if !object.is_archived() {
            return Err(S3Failure::InvalidObjectState);
        }
        let already = object.check_readable(now).is_ok();
        object.restored_until = Some(now + Duration::days(i64::from(days)));
        let events = if already {
            &[][..]
        } else {
            &[Event::RestorePost, Event::RestoreCompleted]
        };
        let changes = events.iter().zip(sequencers);
        Ok((
            already,
            changes
                .map(|(event, at)| Change::of_object(*event, key, object, id.clone(), at))
                .collect(),
        ))
    }

    fn after_delete(
        &mut self,
        bucket: &str,
        key: &str,
        deleted: Deleted,
        (removed, marked): (Event, Event),
        now: OffsetDateTime,
    ) -> Result<(Deleted, Option<Change>), S3Failure> {
        let sequencer = self.bucket_mut(bucket)?.sequencer.next(now);
        let change = match &deleted {
            Deleted::Nothing => None,
            Deleted::Marked { version_id } => {
                Some(Change::marked(marked, key, version_id.clone(), sequencer))
            }
            Deleted::Removed {
                version_id, freed, ..
            } => {
                self.used -= freed;
                Some(Change::removed(removed, key, version_id.clone(), sequencer))
            }
        };
        Ok((deleted, change))
    }

    /// Counts bytes in, or refuses them.
    fn charge(&mut self, added: u64, freed: u64) -> Result<(), S3Failure> {
        let Limits {
            total_bytes,
            object_bytes,
        } = self.limits;
        if added > object_bytes {
            return Err(S3Failure::EntityTooLarge {
                limit: object_bytes,
            });
        }
        let used = (self.used + added).saturating_sub(freed);
        if used > total_bytes {
            return Err(S3Failure::StorageFull { limit: total_bytes });
        }
        self.used = used;
        Ok(())
    }
}

/// A version id as headers show it.
pub(crate) fn shown(bucket: &Bucket, id: Option<&String>) -> Option<String> {
    bucket
        .versioning
        .map(|_| id.cloned().unwrap_or_else(|| "null".to_owned()))
}

fn check_key(key: &str) -> Result<(), S3Failure> {
    let legal = (1..=1024).contains(&key.len());
    if legal {
        Ok(())
    } else {
        Err(S3Failure::InvalidArgument(
            "A key has 1 to 1024 bytes.".to_owned(),
        ))
    }
}

#[cfg(test)]
#[path = "store/tests.rs"]
mod tests;
