//! The `Queue` port on an SQS standard queue.
//!
//! One call to SQS per method call, no retry on any of them: the engine decides what is worth
//! another try, for whole calls and for single entries. Receiving, batches, dead letters and
//! attributes each have their file; this one holds the queue together.

mod attributes;
mod batches;
mod dead_letter;
mod receive;

pub use attributes::{QueueAttributes, QueueDepth};

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use sync_engine::ports::{
    DeadLetter, Delivery, EntryFailure, Queue, QueueError, Receipt, ReceiveRequest,
    VisibilityChange,
};

use crate::clients;
use crate::errors::AwsError;
use crate::errors::queue::queue_error;
use crate::sdk_config::Aws;

/// A queue, and the dead-letter queue where the worker itself puts what can never succeed.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    receiving: Client,
    settling: Client,
    queue_url: String,
    dead_letter_queue_url: Option<String>,
    options: SqsOptions,
}

/// How long calls to SQS may take.
#[derive(Debug, Clone)]
pub struct SqsOptions {
    /// How much longer than the wait asked for a `ReceiveMessage` may take. Without an end a
    /// poll whose connection died silently waits for ever, and the worker with it.
    pub receive_margin: Duration,
    /// How long any other call may take. Well below the visibility timeout, so that there is
    /// time for another try.
    pub call_timeout: Duration,
}

impl Default for SqsOptions {
    fn default() -> Self {
        Self {
            receive_margin: Duration::from_secs(10),
            call_timeout: Duration::from_secs(10),
        }
    }
}

impl SqsQueue {
    /// A queue by its URL. Nothing is sent until it is used.
    pub fn new(
        aws: &Aws,
        queue_url: String,
        dead_letter_queue_url: Option<String>,
        options: SqsOptions,
    ) -> Self {
        Self {
            receiving: clients::receiving(aws),
            settling: clients::settling(aws, &options),
            queue_url,
            dead_letter_queue_url,
            options,
        }
    }

    /// What the queue is set up for, and how much is in it.
    pub async fn attributes(&self) -> Result<QueueAttributes, QueueError> {
        let answer = self.get_attributes(&[QueueAttributeName::All]).await?;
        QueueAttributes::from_answer(&answer)
            .map_err(|error| queue_error("GetQueueAttributes", error))
    }

    /// How many messages there are, and nothing else.
    pub async fn depth(&self) -> Result<QueueDepth, QueueError> {
        let answer = self.get_attributes(&QueueDepth::ASKED_FOR).await?;
        QueueDepth::from_answer(&answer).map_err(|error| queue_error("GetQueueAttributes", error))
    }

    async fn get_attributes(
        &self,
        names: &[QueueAttributeName],
    ) -> Result<HashMap<QueueAttributeName, String>, QueueError> {
        let answer = self
            .settling
            .get_queue_attributes()
            .queue_url(&self.queue_url)
            .set_attribute_names(Some(names.to_vec()))
            .send()
            .await
            .map_err(|error| queue_error("GetQueueAttributes", AwsError::from_sdk(&error)))?;
        Ok(answer.attributes.unwrap_or_default())
    }
}

#[async_trait]
impl Queue for SqsQueue {
    async fn receive(&self, request: ReceiveRequest) -> Result<Vec<Delivery>, QueueError> {
        receive::receive(
            &self.receiving,
            &self.queue_url,
            request,
            self.options.receive_margin,
        )
        .await
    }

    async fn delete(&self, receipts: &[Receipt]) -> Result<Vec<EntryFailure>, QueueError> {
        batches::delete(&self.settling, &self.queue_url, receipts).await
    }

    async fn change_visibility(
        &self,
        changes: &[VisibilityChange],
    ) -> Result<Vec<EntryFailure>, QueueError> {
        batches::change_visibility(&self.settling, &self.queue_url, changes).await
    }

    async fn dead_letter(&self, letter: &DeadLetter) -> Result<(), QueueError> {
        let Some(url) = &self.dead_letter_queue_url else {
            let error = AwsError::request("no dead-letter queue is configured");
            return Err(queue_error("SendMessage", error));
        };
        dead_letter::send(&self.settling, url, letter).await
    }

    fn has_dead_letter_queue(&self) -> bool {
        self.dead_letter_queue_url.is_some()
    }

    async fn check(&self) -> Result<(), QueueError> {
        self.get_attributes(&[QueueAttributeName::QueueArn])
            .await
            .map(drop)
    }
}
