//! S3 as a whole: locks the store, changes it, and publishes what changed to the queues.
//!
//! Both doors, the HTTP protocol and the in-process API, come through here, so both send the same
//! notifications. Messages are sent after the lock is released.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;

use crate::clock::{Clock, millis_of};
use crate::s3::conditions::Conditions;
use crate::s3::error::S3Failure;
use crate::s3::events::{Change, Event};
use crate::s3::notification::{self, Target};
use crate::s3::object::Object;
use crate::s3::record::{self, Scene};
use crate::s3::store::{Limits, Store, Written};
use crate::sqs::message::Content;
use crate::sqs::registry::Sqs;

/// The S3 of one emulator.
#[derive(Debug)]
pub(crate) struct S3 {
    pub(crate) clock: Clock,
    pub(crate) region: String,
    store: Mutex<Store>,
    sqs: Arc<Sqs>,
}

/// An object that is read to be copied.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    pub(crate) version_id: Option<&'a str>,
}

impl S3 {
    pub(crate) fn new(limits: Limits, region: String, clock: Clock, sqs: Arc<Sqs>) -> Self {
        Self {
            clock,
            region,
            store: Mutex::new(Store::new(limits)),
            sqs,
        }
    }

    /// The state, for reading and for changes that nobody hears of.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state of a bucket and sends what its notification configuration asks for.
    pub(crate) fn change<T, C: IntoIterator<Item = Change>>(
        &self,
        bucket: &str,
        run: impl FnOnce(&mut Store, OffsetDateTime) -> Result<(T, C), S3Failure>,
    ) -> Result<T, S3Failure> {
        let now = self.clock.now();
        let mut store = self.lock();
        let (result, changes) = run(&mut store, now)?;
        let changes: Vec<Change> = changes.into_iter().collect();
        let targets = if changes.is_empty() {
            Vec::new()
        } else {
            wanting(&store, bucket, &changes)
        };
        drop(store);
        for change in &changes {
            for target in targets
                .iter()
                .filter(|target| target.wants(change.event, &change.key))
            {
                let scene = Scene {
                    bucket,
                    region: &self.region,
                    now,
                };
                self.send(
                    &target.queue_arn,
                    record::notification(scene, target, change),
                    now,
                );
            }
        }
        Ok(result)
    }

    /// Stores an object.
    pub(crate) fn put(
        &self,
        bucket: &str,
        key: &str,
        object: Object,
        conditions: &Conditions,
        event: Event,
    ) -> Result<Written, S3Failure> {
        self.change(bucket, |store, now| {
            let (written, change) = store.put(bucket, key, object, conditions, event, now)?;
            Ok((written, [change]))
        })
    }

    /// Copies an object as `adapt` makes it. The copy is one part, so its `ETag` is a new one.
    pub(crate) fn copy(
        &self,
        source: &Source<'_>,
        bucket: &str,
        key: &str,
        adapt: impl FnOnce(&Object) -> Object,
    ) -> Result<Written, S3Failure> {
        let Object {
            body,
            properties,
            tags,
            ..
        } = adapt(&*self.readable(source)?);
        let object = Object {
            tags,
            ..Object::new(body, properties)
        };
        self.put(
            bucket,
            key,
            object,
            &Conditions::default(),
            Event::CreatedCopy,
        )
    }

    /// The object of a copy, if its bytes can be read now.
    pub(crate) fn readable(&self, source: &Source<'_>) -> Result<Arc<Object>, S3Failure> {
        let store = self.lock();
        let (_, object) = store
            .bucket(source.bucket)?
            .find(source.key, source.version_id)?;
        object.check_readable(self.clock.now())?;
        Ok(Arc::clone(object))
    }

    /// Replaces the notification configuration of a bucket; each queue gets a test event, as from S3.
    pub(crate) fn configure(&self, bucket: &str, targets: Vec<Target>) -> Result<(), S3Failure> {
        self.lock().bucket(bucket)?;
        notification::check(&targets)?;
        if targets
            .iter()
            .any(|target| self.sqs.by_arn(&target.queue_arn).is_none())
        {
            let message = "Unable to validate the following destination configurations";
            return Err(S3Failure::InvalidArgument(message.to_owned()));
        }
        let now = self.clock.now();
        let arns: Vec<String> = targets
            .iter()
            .map(|target| target.queue_arn.clone())
            .collect();
        self.lock().bucket_mut(bucket)?.targets = targets;
        for arn in arns {
            self.send(
                &arn,
                record::test_event(Scene {
                    bucket,
                    region: &self.region,
                    now,
                }),
                now,
            );
        }
        Ok(())
    }

    /// A queue that is gone or full loses the event, as it would with S3.
    fn send(&self, queue_arn: &str, body: String, now: OffsetDateTime) {
        let content = Arc::new(Content::new(
            body,
            std::collections::BTreeMap::new(),
            millis_of(now),
        ));
        let sent = self
            .sqs
            .by_arn(queue_arn)
            .map(|queue| self.sqs.send(&queue, content, None));
        match sent {
            Some(Ok(())) => {}
            Some(Err(error)) => tracing::warn!(%queue_arn, %error, "Lost a notification"),
            None => tracing::warn!(%queue_arn, "Lost a notification because its queue is gone"),
        }
    }
}

/// The targets of a bucket that want any of these changes.
fn wanting(store: &Store, bucket: &str, changes: &[Change]) -> Vec<Target> {
    let targets = store
        .bucket(bucket)
        .map_or(&[][..], |bucket| &bucket.targets);
    let wanted = |target: &&Target| {
        changes
            .iter()
            .any(|change| target.wants(change.event, &change.key))
    };
    targets.iter().filter(wanted).cloned().collect()
}
