//! The embedded emulator: starting and stopping it, and calls that skip HTTP.
//!
//! The calls take the same way as their HTTP counterparts behind the protocol, so the notifications
//! are the same. They pass no faults and are not counted in the statistics.

mod types;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::faults::{Fault, Gate};
use crate::options::Options;
use crate::s3::bucket::Versioning;
use crate::s3::conditions::Conditions;
use crate::s3::error::S3Failure;
use crate::s3::events::Event;
use crate::s3::front::BucketInHost;
use crate::s3::notification::{MIRROR_EVENTS, Target};
use crate::s3::object::Object;
use crate::s3::service::{S3, Source};
use crate::s3::store::Limits;
use crate::s3::wire::Wire;
use crate::server;
use crate::sqs::error::SqsError;
use crate::sqs::message::Content;
use crate::sqs::queue::QueueDepth;
use crate::sqs::registry::Sqs;

pub use self::types::{
    DeleteResult, KeyFilter, NewObject, ObjectSummary, PutResult, QueuedMessage,
};

/// What a call of the emulator returns.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address could not be listened on.
    #[error("listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// S3 refused.
    #[error("s3 request")]
    S3(#[from] S3Failure),
    /// SQS refused.
    #[error("sqs request")]
    Sqs(#[from] SqsError),
}

/// A handle on a running emulator. Cheap to clone; it does not keep the server alive.
#[derive(Debug, Clone)]
pub struct Emulator {
    inner: Arc<Inner>,
}

/// A running emulator. Dropping it stops the server without waiting.
#[derive(Debug)]
pub struct Running {
    emulator: Emulator,
    tasks: TaskTracker,
    stop: DropGuard,
}

/// What the handle and the server share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) endpoint: String,
    pub(crate) s3: Arc<S3>,
    pub(crate) sqs: Arc<Sqs>,
    pub(crate) gate: Arc<Gate>,
}

impl Emulator {
    /// Starts an emulator on the runtime this is called on.
    pub async fn start(options: Options) -> Result<Running> {
        let address = options.listen;
        let listen = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let endpoint = format!("http://{}", listener.local_addr().map_err(listen)?);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let inner = Arc::new(Inner::new(endpoint, options, &tasks, &stop));
        let mut s3 =
            S3ServiceBuilder::new(Wire::new(Arc::clone(&inner.s3), Arc::clone(&inner.gate)));
        s3.set_host(BucketInHost);
        tasks.spawn(server::run(
            listener,
            Arc::clone(&inner),
            s3.build(),
            tasks.clone(),
            stop.clone(),
        ));
        Ok(Running {
            emulator: Self { inner },
            tasks,
            stop: stop.drop_guard(),
        })
    }

    /// Creates a bucket.
    pub fn create_bucket(&self, bucket: &str) -> Result<()> {
        if !s3s::path::check_bucket_name(bucket) {
            return Err(S3Failure::InvalidBucketName.into());
        }
        let now = self.inner.s3.clock.now();
        Ok(self.inner.s3.lock().create_bucket(bucket, now)?)
    }

    /// Turns versioning on, or suspends it.
    pub fn set_versioning(&self, bucket: &str, versioning: Versioning) -> Result<()> {
        self.inner.s3.lock().bucket_mut(bucket)?.versioning = Some(versioning);
        Ok(())
    }

    /// Stores an object, as `PutObject` does.
    pub fn put_object(&self, bucket: &str, key: &str, object: NewObject) -> Result<PutResult> {
        let object = Object::from(object);
        let written = self.inner.s3.put(
            bucket,
            key,
            object,
            &Conditions::default(),
            Event::CreatedPut,
        )?;
        Ok(written.into())
    }

    /// Copies an object with its properties, as `CopyObject` does.
    pub fn copy_object(&self, from: (&str, &str), to: (&str, &str)) -> Result<PutResult> {
        let source = Source {
            bucket: from.0,
            key: from.1,
            version_id: None,
        };
        let written = self.inner.s3.copy(&source, to.0, to.1, Object::clone)?;
        Ok(written.into())
    }

    /// Deletes a key, or one of its versions, as `DeleteObject` does.
    pub fn delete_object(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
    ) -> Result<DeleteResult> {
        let deleted = self.inner.s3.change(bucket, |store, now| {
            store.delete(bucket, key, version_id, now)
        })?;
        Ok(deleted.into())
    }

    /// Deletes a key as a lifecycle rule does.
    pub fn expire_object(&self, bucket: &str, key: &str) -> Result<DeleteResult> {
        let deleted = self
            .inner
            .s3
            .change(bucket, |store, now| store.expire(bucket, key, now))?;
        Ok(deleted.into())
    }

    /// Every object that readers can see, by key.
    pub fn list_objects(&self, bucket: &str) -> Result<Vec<ObjectSummary>> {
        let store = self.inner.s3.lock();
        let bucket = store.bucket(bucket)?;
        Ok(bucket
            .keys
            .keys()
            .filter_map(|key| ObjectSummary::of(bucket, key))
            .collect())
    }

    /// The bytes of an object.
    pub fn object_bytes(&self, bucket: &str, key: &str) -> Result<Bytes> {
        let store = self.inner.s3.lock();
        let (_, object) = store.bucket(bucket)?.find(key, None)?;
        Ok(object.body.clone())
    }

    /// Creates a queue, or finds the one that has this name and these attributes, and tells its URL.
    pub fn create_queue(&self, name: &str, attributes: &[(&str, &str)]) -> Result<String> {
        let attributes = attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Ok(self
            .inner
            .sqs
            .create(name, &attributes)?
            .url(&self.inner.endpoint))
    }

    /// The URL of a queue.
    pub fn queue_url(&self, name: &str) -> Result<String> {
        Ok(self.inner.sqs.by_name(name)?.url(&self.inner.endpoint))
    }

    /// Every attribute of a queue, by URL or name.
    pub fn queue_attributes(&self, queue: &str) -> Result<BTreeMap<String, String>> {
        Ok(self.inner.sqs.describe(&*self.inner.sqs.by_url(queue)?))
    }

    /// Lets a queue, by URL or name, hear of everything a mirror of the bucket must know: created,
    /// removed, restored and expired objects. Added to what the bucket has configured already; every
    /// queue gets S3's test event.
    pub fn connect(&self, bucket: &str, queue: &str, filter: KeyFilter) -> Result<()> {
        let queue = self.inner.sqs.by_url(queue)?;
        let mut targets = self.inner.s3.lock().bucket(bucket)?.targets.clone();
        targets.push(Target {
            id: format!("mirror-{}", targets.len() + 1),
            queue_arn: queue.arn.clone(),
            events: MIRROR_EVENTS.map(str::to_owned).to_vec(),
            prefix: filter.prefix,
            suffix: filter.suffix,
        });
        Ok(self.inner.s3.configure(bucket, targets)?)
    }

    /// Sends a message to a queue, by URL or name, and tells its id.
    pub fn send_message(&self, queue: &str, body: &str) -> Result<String> {
        let sqs = &self.inner.sqs;
        let content = Content::new(body.to_owned(), BTreeMap::new(), sqs.clock.millis());
        let id = content.id.clone();
        sqs.send(&*sqs.by_url(queue)?, Arc::new(content), None)?;
        Ok(id)
    }

    /// How many messages a queue, by URL or name, holds in each state.
    pub fn queue_depth(&self, queue: &str) -> Result<QueueDepth> {
        Ok(self
            .inner
            .sqs
            .by_url(queue)?
            .depth(self.inner.sqs.clock.millis()))
    }

    /// Every message of a queue, by URL or name, oldest first, whatever its state; receives none.
    pub fn queue_messages(&self, queue: &str) -> Result<Vec<QueuedMessage>> {
        let messages = self
            .inner
            .sqs
            .by_url(queue)?
            .lock()
            .peek(self.inner.sqs.clock.millis());
        Ok(messages.iter().map(QueuedMessage::from).collect())
    }

    /// Deletes every message of a queue, by URL or name.
    pub fn purge_queue(&self, queue: &str) -> Result<()> {
        self.inner.sqs.by_url(queue)?.lock().purge();
        Ok(())
    }

    /// Replaces the armed faults.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.inner.gate.arm(faults);
    }

    /// How often an operation (`HeadObject`, `ReceiveMessage`) was called over HTTP.
    pub fn calls(&self, operation: &str) -> u64 {
        self.inner
            .gate
            .calls()
            .values()
            .filter_map(|calls| calls.get(operation))
            .sum()
    }

    /// Forgets buckets, queues, faults and counts.
    pub fn reset(&self) {
        self.inner.reset();
    }
}

impl Running {
    /// Where both services are, to be used as endpoint URL: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        self.emulator.inner.endpoint.clone()
    }

    /// The handle for calls that skip HTTP.
    pub fn handle(&self) -> &Emulator {
        &self.emulator
    }

    /// Stops: no new connections, waiting receives end empty, answers under way are finished.
    pub async fn stop(self) {
        drop(self.stop);
        self.tasks.close();
        if tokio::time::timeout(STOP_TIMEOUT, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("Some connections did not end in time");
        }
    }
}

const STOP_TIMEOUT: Duration = Duration::from_secs(5);

impl Inner {
    fn new(
        endpoint: String,
        options: Options,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Self {
        let clock = Clock::start();
        let limits = Limits {
            total_bytes: options.max_bytes,
            object_bytes: options.max_object_bytes,
        };
        let sqs = Arc::new(Sqs::new(
            options.region.clone(),
            options.max_queue_messages,
            clock,
            tasks.clone(),
            stop.clone(),
        ));
        let s3 = Arc::new(S3::new(limits, options.region, clock, Arc::clone(&sqs)));
        Self {
            endpoint,
            s3,
            sqs,
            gate: Arc::default(),
        }
    }

    /// Forgets buckets, queues, faults and counts.
    pub(crate) fn reset(&self) {
        self.s3.lock().clear();
        self.sqs.clear();
        self.gate.clear();
    }
}
