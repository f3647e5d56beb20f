//! Message move tasks: giving dead letters back to the queue they came from, or to another.
//!
//! A moved message is a new message, as AWS documents: new id, new send time, no receives. Tasks run
//! beside the server, at the requested rate, and can be listed and cancelled.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Millis;
use crate::sqs::error::{Kind, SqsError, invalid_parameter};
use crate::sqs::message::{Content, Message};
use crate::sqs::queue::Queue;
use crate::sqs::registry::Sqs;
use crate::sqs::shared_queue::SharedQueue;

/// The fastest rate a task can be given, in messages per second.
const MAX_RATE: i64 = 500;
/// Messages moved between two looks at the cancellation of a task without a rate.
const STRIDE: usize = 100;

/// One task, running or finished.
#[derive(Debug)]
pub(crate) struct MoveTask {
    pub(crate) handle: String,
    pub(crate) source_arn: String,
    pub(crate) destination_arn: Option<String>,
    pub(crate) rate: Option<u32>,
    pub(crate) to_move: u64,
    pub(crate) started_at: Millis,
    pub(crate) moved: AtomicU64,
    status: Mutex<Status>,
    cancelled: CancellationToken,
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Running,
    Completed,
    Cancelled,
    Failed(&'static str),
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Failed(_) => "FAILED",
        }
    }
}

impl MoveTask {
    pub(crate) fn status(&self) -> Status {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn cancel(&self) {
        self.cancelled.cancel();
        self.finish(Status::Cancelled);
    }

    fn finish(&self, end: Status) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        if *status == Status::Running {
            *status = end;
        }
    }
}

impl Sqs {
    /// Starts moving what a dead-letter queue holds.
    pub(crate) fn start_move(
        self: &Arc<Self>,
        source_arn: &str,
        destination_arn: Option<&str>,
        rate: Option<i64>,
    ) -> Result<Arc<MoveTask>, SqsError> {
        let source = self
            .by_arn(source_arn)
            .ok_or_else(|| no_resource("SourceArn"))?;
        if let Some(arn) = destination_arn {
            self.by_arn(arn)
                .ok_or_else(|| no_resource("DestinationArn"))?;
        }
        if self.sources_of(source_arn).is_empty() {
            return Err(invalid_parameter(
                "Source queue must be configured as a Dead Letter Queue.",
            ));
        }
        let task = Arc::new(MoveTask {
            handle: crate::ids::upload_id(),
            source_arn: source_arn.to_owned(),
            destination_arn: destination_arn.map(str::to_owned),
            rate: rate.map(rate_in_range).transpose()?,
            to_move: source.depth(self.clock.millis()).visible as u64,
            started_at: self.clock.millis(),
            moved: AtomicU64::new(0),
            status: Mutex::new(Status::Running),
            cancelled: CancellationToken::new(),
        });
        self.register(&task)?;
        self.tasks
            .spawn(run(Arc::clone(self), source, Arc::clone(&task)));
        Ok(task)
    }

    /// The tasks of a source queue, newest first.
    pub(crate) fn moves_of(
        &self,
        source_arn: &str,
        max: usize,
    ) -> Result<Vec<Arc<MoveTask>>, SqsError> {
        self.by_arn(source_arn)
            .ok_or_else(|| no_resource("SourceArn"))?;
        let moves = self.moves.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(moves
            .iter()
            .rev()
            .filter(|task| task.source_arn == source_arn)
            .take(max)
            .cloned()
            .collect())
    }

    /// Stops a running task; what it moved stays moved.
    pub(crate) fn cancel_move(&self, handle: &str) -> Result<u64, SqsError> {
        let moves = self.moves.lock().unwrap_or_else(PoisonError::into_inner);
        let running =
            |task: &&Arc<MoveTask>| task.handle == handle && task.status() == Status::Running;
        let task = moves
            .iter()
            .find(running)
            .ok_or_else(|| no_resource("TaskHandle"))?;
        task.cancel();
        Ok(task.moved.load(Ordering::Relaxed))
    }

    /// The queues whose redrive policy names this one.
    pub(crate) fn sources_of(&self, arn: &str) -> Vec<Arc<SharedQueue>> {
        let redrives_here = |queue: &Queue| {
            queue
                .attributes
                .redrive
                .as_ref()
                .is_some_and(|p| p.target_arn == arn)
        };
        self.all()
            .into_iter()
            .filter(|queue| redrives_here(&queue.lock()))
            .collect()
    }

    fn register(&self, task: &Arc<MoveTask>) -> Result<(), SqsError> {
        let mut moves = self.moves.lock().unwrap_or_else(PoisonError::into_inner);
        if moves
            .iter()
            .any(|other| other.source_arn == task.source_arn && other.status() == Status::Running)
        {
            return Err(invalid_parameter(
                "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
            ));
        }
        moves.push(Arc::clone(task));
        Ok(())
    }

    /// Moves one message, or says why it cannot be moved and leaves it where it was.
    fn move_one(
        &self,
        source: &SharedQueue,
        task: &MoveTask,
        message: Message,
    ) -> Result<(), &'static str> {
        let arn = task
            .destination_arn
            .as_deref()
            .or(message.dead_letter_source.as_deref());
        let target = arn.ok_or("CouldNotDetermineMessageSource").and_then(|arn| {
            self.by_arn(arn)
                .ok_or("AWS.SimpleQueueService.NonExistentQueue")
        });
        match target {
            Ok(target) => Self::adopt(&target, renewed(&message, self.clock.millis())),
            Err(reason) => {
                Self::adopt(source, message);
                return Err(reason);
            }
        }
        task.moved.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

async fn run(sqs: Arc<Sqs>, source: Arc<SharedQueue>, task: Arc<MoveTask>) {
    let stride = if task.rate.is_some() { 1 } else { STRIDE };
    while !task.cancelled.is_cancelled() && !sqs.stop.is_cancelled() {
        let batch = source.lock().take_visible(sqs.clock.millis(), stride);
        if batch.is_empty() {
            return task.finish(Status::Completed);
        }
        for message in batch {
            if let Err(reason) = sqs.move_one(&source, &task, message) {
                task.finish(Status::Failed(reason));
            }
        }
        if task.status() != Status::Running {
            return;
        }
        match task.rate {
            Some(rate) => tokio::time::sleep(Duration::from_secs(1) / rate).await,
            None => tokio::task::yield_now().await,
        }
    }
    task.finish(Status::Cancelled);
}

fn renewed(message: &Message, now: Millis) -> Message {
    let content = Content {
        id: crate::ids::uuid(),
        sent_at: now,
        ..Content::clone(&message.content)
    };
    Message::from(Arc::new(content))
}

fn rate_in_range(rate: i64) -> Result<u32, SqsError> {
    u32::try_from(rate)
        .ok()
        .filter(|_| (1..=MAX_RATE).contains(&rate))
        .ok_or_else(|| invalid_parameter("MaxNumberOfMessagesPerSecond must be between 1 and 500."))
}

fn no_resource(parameter: &str) -> SqsError {
    SqsError::new(
        Kind::ResourceNotFound,
        format!("The resource that you specified for the {parameter} parameter doesn't exist."),
    )
}
