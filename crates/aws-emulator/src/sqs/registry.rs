//! All queues by name: locks around the pure machines, waiting receives, dead-lettering.
//!
//! Both doors, the HTTP protocol and the in-process API, come through here. Locks are held only for
//! one step of one queue and never two at a time.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::sqs::attributes::{AttributeMap, Attributes, no_fifo};
use crate::sqs::error::{Kind, SqsError, invalid_parameter, queue_does_not_exist};
use crate::sqs::message::{Content, Message};
use crate::sqs::move_task::MoveTask;
use crate::sqs::queue::{Ask, Delivery, Received};
use crate::sqs::redrive;
use crate::sqs::shared_queue::{LONGEST_WAIT_MILLIS, SharedQueue};

/// The queues of one emulator.
#[derive(Debug)]
pub(crate) struct Sqs {
    pub(crate) clock: Clock,
    pub(crate) moves: Mutex<Vec<Arc<MoveTask>>>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    region: String,
    max_messages: usize,
    queues: RwLock<BTreeMap<String, Arc<SharedQueue>>>,
}

impl Sqs {
    pub(crate) fn new(
        region: String,
        max_messages: usize,
        clock: Clock,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self {
            clock,
            moves: Mutex::default(),
            tasks,
            stop,
            region,
            max_messages,
            queues: RwLock::default(),
        }
    }

    /// Creates a queue, or finds the one that has this name and these attributes already.
    pub(crate) fn create(
        &self,
        name: &str,
        attributes: &AttributeMap,
    ) -> Result<Arc<SharedQueue>, SqsError> {
        check_name(name)?;
        let wanted = Attributes::default().with(attributes)?;
        self.check_redrive(&wanted)?;
        let mut queues = self.queues.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(existing) = queues.get(name) {
            let present = existing.lock().attributes.clone();
            let same = present.with(attributes)? == present;
            return if same {
                Ok(Arc::clone(existing))
            } else {
                Err(name_exists())
            };
        }
        let queue = Arc::new(SharedQueue::new(
            name,
            &self.region,
            wanted,
            self.clock.millis(),
        ));
        queues.insert(name.to_owned(), Arc::clone(&queue));
        Ok(queue)
    }

    /// The queue of this name.
    pub(crate) fn by_name(&self, name: &str) -> Result<Arc<SharedQueue>, SqsError> {
        let queues = self.queues.read().unwrap_or_else(PoisonError::into_inner);
        queues.get(name).cloned().ok_or_else(queue_does_not_exist)
    }

    /// The queue a URL names; only its last segment counts, so any host will do.
    pub(crate) fn by_url(&self, url: &str) -> Result<Arc<SharedQueue>, SqsError> {
        self.by_name(url.rsplit('/').next().unwrap_or_default())
    }

    /// The queue an ARN names, if it exists.
    pub(crate) fn by_arn(&self, arn: &str) -> Option<Arc<SharedQueue>> {
        self.by_name(redrive::queue_name_of_arn(arn)?)
            .ok()
            .filter(|queue| queue.arn == arn)
    }

    /// Every queue, by name.
    pub(crate) fn all(&self) -> Vec<Arc<SharedQueue>> {
        self.queues
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .cloned()
            .collect()
    }

    /// Deletes a queue with its messages; receives that wait on it end.
    pub(crate) fn remove(&self, queue: &SharedQueue) {
        self.queues
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&queue.name);
        queue.deleted.store(true, Ordering::Relaxed);
        queue.wake.notify_waiters();
    }

    /// Deletes every queue and forgets every move task.
    pub(crate) fn clear(&self) {
        for queue in self.all() {
            self.remove(&queue);
        }
        for task in self
            .moves
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            task.cancel();
        }
    }

    /// Changes attributes, all or none.
    pub(crate) fn set_attributes(
        &self,
        queue: &SharedQueue,
        changes: &AttributeMap,
    ) -> Result<(), SqsError> {
        let attributes = queue.lock().attributes.with(changes)?;
        self.check_redrive(&attributes)?;
        queue.lock().attributes = attributes;
        queue
            .modified_at
            .store(self.clock.millis(), Ordering::Relaxed);
        Ok(())
    }

    /// Accepts a message.
    pub(crate) fn send(
        &self,
        queue: &SharedQueue,
        content: Arc<Content>,
        delay: Option<u64>,
    ) -> Result<(), SqsError> {
        let now = self.clock.millis();
        queue.step(now, |state| {
            if state.len() >= self.max_messages {
                return Err(SqsError::new(
                    Kind::OverLimit,
                    "The queue holds as many messages as this emulator allows.",
                ));
            }
            state.send(now, content, delay);
            Ok(())
        })?;
        queue.wake.notify_one();
        Ok(())
    }

    /// Puts a message that another queue gave up into this one.
    pub(crate) fn adopt(queue: &SharedQueue, message: Message) {
        queue.lock().adopt(message);
        queue.wake.notify_one();
    }

    /// Receives, waiting up to `wait` for the first message.
    pub(crate) async fn receive(
        &self,
        queue: &SharedQueue,
        ask: Ask,
        wait: Duration,
    ) -> Result<Vec<Delivery>, SqsError> {
        let give_up = Instant::now() + wait;
        loop {
            // Listen before looking: a message sent in between must not be missed.
            let woken = queue.wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let received = self.receive_now(queue, ask)?;
            if !received.deliveries.is_empty() {
                return Ok(received.deliveries);
            }
            if received.over_limit && wait.is_zero() {
                return Err(SqsError::new(
                    Kind::OverLimit,
                    "Too many messages are in flight for this queue.",
                ));
            }
            if Instant::now() >= give_up || self.stop.is_cancelled() {
                return Ok(Vec::new());
            }
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep_until(self.next_look(queue).min(give_up)) => {}
                () = self.stop.cancelled() => {}
            }
        }
    }

    /// One look at the queue; messages whose receives are used up go to the dead-letter queue.
    fn receive_now(&self, queue: &SharedQueue, ask: Ask) -> Result<Received, SqsError> {
        if queue.deleted.load(Ordering::Relaxed) {
            return Err(queue_does_not_exist());
        }
        let policy = queue.lock().attributes.redrive.clone();
        let target = policy
            .as_ref()
            .and_then(|policy| self.by_arn(&policy.target_arn));
        let max_receives = target
            .as_ref()
            .and(policy.map(|policy| policy.max_receive_count));
        let now = self.clock.millis();
        let mut received = queue.step(now, |state| {
            state.receive(
                now,
                &Ask {
                    max_receives,
                    ..ask
                },
            )
        });
        if let Some(target) = target {
            let source: Arc<str> = Arc::from(queue.arn.as_str());
            for message in received.dead.drain(..) {
                Self::adopt(
                    &target,
                    Message {
                        dead_letter_source: Some(Arc::clone(&source)),
                        ..message
                    },
                );
            }
        }
        Ok(received)
    }

    fn next_look(&self, queue: &SharedQueue) -> Instant {
        let now = self.clock.millis();
        let next = queue
            .lock()
            .next_deadline()
            .unwrap_or(now + LONGEST_WAIT_MILLIS);
        Instant::now() + Duration::from_millis(next.saturating_sub(now).max(1))
    }

    fn check_redrive(&self, attributes: &Attributes) -> Result<(), SqsError> {
        match &attributes.redrive {
            Some(policy) if self.by_arn(&policy.target_arn).is_none() => {
                Err(redrive::no_target(policy))
            }
            _ => Ok(()),
        }
    }
}

fn check_name(name: &str) -> Result<(), SqsError> {
    // FIFO queues are told apart by this suffix; the case matters to AWS too.
    if name.strip_suffix(".fifo").is_some() {
        return Err(no_fifo());
    }
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if name.is_empty() || name.len() > 80 || !name.bytes().all(legal) {
        return Err(invalid_parameter(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        ));
    }
    Ok(())
}

fn name_exists() -> SqsError {
    SqsError::new(
        Kind::QueueNameExists,
        "A queue already exists with the same name and a different value for an attribute.",
    )
}
