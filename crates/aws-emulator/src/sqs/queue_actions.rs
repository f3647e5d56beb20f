//! What clients do with queues: create, find, list, configure, purge, delete, move dead letters.
//!
//! Answers are JSON text; the work is the registry's and the move tasks'.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Map, Value, json};

use crate::sqs::attributes::{AttributeMap, unknown_attribute};
use crate::sqs::error::{SqsError, missing_parameter};
use crate::sqs::message_actions::in_range;
use crate::sqs::move_task::{MoveTask, Status};
use crate::sqs::protocol::Request;
use crate::sqs::registry::Sqs;
use crate::sqs::service::to_json;
use crate::sqs::shared_queue::SharedQueue;

/// Attributes that only describe a queue, beside those that can be set.
const DESCRIPTIVE: [&str; 6] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];
/// Settable attributes that are absent until set.
const OPTIONAL: [&str; 5] = [
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "Policy",
    "RedriveAllowPolicy",
    "RedrivePolicy",
];

impl Sqs {
    pub(crate) fn create_queue(
        &self,
        request: &Request<'_>,
        endpoint: &str,
    ) -> Result<Vec<u8>, SqsError> {
        let queue = self.create(&request.queue_name, &request.attributes)?;
        to_json(&json!({"QueueUrl": queue.url(endpoint)}))
    }

    pub(crate) fn get_queue_url(
        &self,
        request: &Request<'_>,
        endpoint: &str,
    ) -> Result<Vec<u8>, SqsError> {
        to_json(&json!({"QueueUrl": self.by_name(&request.queue_name)?.url(endpoint)}))
    }

    pub(crate) fn list_queues(
        &self,
        request: &Request<'_>,
        endpoint: &str,
    ) -> Result<Vec<u8>, SqsError> {
        let named: Vec<_> = self
            .all()
            .into_iter()
            .filter(|queue| queue.name.starts_with(&request.queue_name_prefix))
            .collect();
        page("QueueUrls", &named, request, endpoint)
    }

    pub(crate) fn list_dead_letter_source_queues(
        &self,
        request: &Request<'_>,
        endpoint: &str,
    ) -> Result<Vec<u8>, SqsError> {
        let queue = self.by_url(&request.queue_url)?;
        // AWS spells this member in lower case, unlike ListQueues.
        page("queueUrls", &self.sources_of(&queue.arn), request, endpoint)
    }

    pub(crate) fn delete_queue(&self, request: &Request<'_>) -> Result<Vec<u8>, SqsError> {
        self.remove(&*self.by_url(&request.queue_url)?);
        Ok(b"{}".to_vec())
    }

    pub(crate) fn purge_queue(&self, request: &Request<'_>) -> Result<Vec<u8>, SqsError> {
        self.by_url(&request.queue_url)?.lock().purge();
        Ok(b"{}".to_vec())
    }

    pub(crate) fn get_queue_attributes(&self, request: &Request<'_>) -> Result<Vec<u8>, SqsError> {
        let queue = self.by_url(&request.queue_url)?;
        let all = self.describe(&queue);
        let names = &request.attribute_names;
        let known =
            |name: &str| all.contains_key(name) || OPTIONAL.contains(&name) || name == "All";
        if let Some(unknown) = names.iter().find(|name| !known(name)) {
            return Err(unknown_attribute(unknown));
        }
        let wanted = |name: &String| names.iter().any(|n| n == "All" || n == name);
        let chosen: AttributeMap = all.into_iter().filter(|(name, _)| wanted(name)).collect();
        to_json(&json!({"Attributes": chosen}))
    }

    pub(crate) fn set_queue_attributes(&self, request: &Request<'_>) -> Result<Vec<u8>, SqsError> {
        let queue = self.by_url(&request.queue_url)?;
        self.set_attributes(&queue, &request.attributes)?;
        Ok(b"{}".to_vec())
    }

    /// Every attribute of a queue.
    pub(crate) fn describe(&self, queue: &SharedQueue) -> AttributeMap {
        let depth = queue.depth(self.clock.millis());
        let values = [
            depth.visible.to_string(),
            depth.delayed.to_string(),
            depth.in_flight.to_string(),
            (queue.created_at / 1000).to_string(),
            (queue.modified_at.load(Ordering::Relaxed) / 1000).to_string(),
            queue.arn.clone(),
        ];
        let mut all = queue.lock().attributes.render();
        all.extend(DESCRIPTIVE.iter().map(ToString::to_string).zip(values));
        all
    }

    pub(crate) fn start_message_move_task(
        self: &Arc<Self>,
        request: &Request<'_>,
    ) -> Result<Vec<u8>, SqsError> {
        let rate = request.max_number_of_messages_per_second;
        let task = self.start_move(
            &request.source_arn,
            request.destination_arn.as_deref(),
            rate,
        )?;
        to_json(&json!({"TaskHandle": task.handle}))
    }

    pub(crate) fn list_message_move_tasks(
        &self,
        request: &Request<'_>,
    ) -> Result<Vec<u8>, SqsError> {
        if request.source_arn.is_empty() {
            return Err(missing_parameter("SourceArn"));
        }
        let max = in_range("MaxResults", request.max_results.unwrap_or(1), 1, 10)?;
        let tasks = self.moves_of(&request.source_arn, usize::try_from(max).unwrap_or(1))?;
        let results: Vec<Value> = tasks.iter().map(|task| describe_move(task)).collect();
        to_json(&json!({"Results": results}))
    }

    pub(crate) fn cancel_message_move_task(
        &self,
        request: &Request<'_>,
    ) -> Result<Vec<u8>, SqsError> {
        let moved = self.cancel_move(&request.task_handle)?;
        to_json(&json!({"ApproximateNumberOfMessagesMoved": moved}))
    }
}

/// One page of queue URLs. The token is the name of the last queue of the page before.
fn page(
    member: &str,
    queues: &[Arc<SharedQueue>],
    request: &Request<'_>,
    endpoint: &str,
) -> Result<Vec<u8>, SqsError> {
    let max = in_range("MaxResults", request.max_results.unwrap_or(1000), 1, 1000)?;
    let after = request.next_token.as_deref().unwrap_or_default();
    let mut rest = queues.iter().filter(|queue| queue.name.as_str() > after);
    let page: Vec<_> = rest
        .by_ref()
        .take(usize::try_from(max).unwrap_or(1000))
        .collect();
    let urls: Vec<String> = page.iter().map(|queue| queue.url(endpoint)).collect();
    let mut answer = Map::from_iter([(member.to_owned(), json!(urls))]);
    // AWS gives a token only to clients that asked for pages.
    if let (Some(last), true, Some(_)) = (page.last(), request.max_results.is_some(), rest.next()) {
        answer.insert("NextToken".to_owned(), json!(last.name));
    }
    to_json(&answer)
}

/// A task as `ListMessageMoveTasks` tells it: only running ones have a handle.
fn describe_move(task: &MoveTask) -> Value {
    let status = task.status();
    let mut told = json!({
        "Status": status.name(),
        "SourceArn": task.source_arn,
        "ApproximateNumberOfMessagesMoved": task.moved.load(Ordering::Relaxed),
        "ApproximateNumberOfMessagesToMove": task.to_move,
        "StartedTimestamp": task.started_at,
    });
    let optional = [
        (
            "TaskHandle",
            (status == Status::Running).then(|| json!(task.handle)),
        ),
        (
            "DestinationArn",
            task.destination_arn.as_ref().map(|arn| json!(arn)),
        ),
        (
            "MaxNumberOfMessagesPerSecond",
            task.rate.map(|rate| json!(rate)),
        ),
        (
            "FailureReason",
            if let Status::Failed(reason) = status {
                Some(json!(reason))
            } else {
                None
            },
        ),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            told[name] = value;
        }
    }
    told
}
