//! What clients do with messages: send, receive, delete, change visibility, alone and in batches.
//!
//! Checks parameters as AWS documents them, then asks the registry. Answers are JSON text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::sqs::attributes::{MAX_MESSAGE_BYTES, unknown_attribute};
use crate::sqs::batch::{self, Done};
use crate::sqs::error::{Kind, SqsError, invalid_parameter, missing_parameter};
use crate::sqs::message::{AttributeValue, Content, attributes_md5, has_legal_characters};
use crate::sqs::protocol::{Entry, Messages, Request, Sent, WireAttribute, WireMessage};
use crate::sqs::queue::{Ask, Delivery};
use crate::sqs::registry::Sqs;
use crate::sqs::service::to_json;
use crate::sqs::shared_queue::SharedQueue;
use crate::sqs::visibility::visibility_in_range;

/// The system attributes a receive can ask for; the others stay absent on a standard queue.
const SYSTEM_ATTRIBUTES: [&str; 10] = [
    "All",
    "AWSTraceHeader",
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "DeadLetterQueueSourceArn",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SenderId",
    "SentTimestamp",
    "SequenceNumber",
];
const SENDER_ID: &str = "AIDAEMULATOR000000000";

impl Sqs {
    pub(crate) fn send_message(
        &self,
        request: &Request<'_>,
        entry: Entry<'_>,
    ) -> Result<Vec<u8>, SqsError> {
        let queue = self.by_url(&request.queue_url)?;
        to_json(&self.send_entry(&queue, entry)?)
    }

    pub(crate) fn send_message_batch(
        &self,
        request: Request<'_>,
        fail: usize,
    ) -> Result<Vec<u8>, SqsError> {
        let queue = self.by_url(&request.queue_url)?;
        check_batch_size(&request.entries)?;
        to_json(&batch::run(request.entries, fail, |entry| {
            let id = entry.id.to_string();
            Ok(Sent {
                id: Some(id),
                ..self.send_entry(&queue, entry)?
            })
        })?)
    }

    pub(crate) async fn receive_message(&self, request: &Request<'_>) -> Result<Vec<u8>, SqsError> {
        let queue = self.by_url(&request.queue_url)?;
        let max = in_range(
            "MaxNumberOfMessages",
            request.max_number_of_messages.unwrap_or(1),
            1,
            10,
        )?;
        let default_wait = || i64::try_from(queue.lock().attributes.wait_seconds).unwrap_or(0);
        let wait = in_range(
            "WaitTimeSeconds",
            request.wait_time_seconds.unwrap_or_else(default_wait),
            0,
            20,
        )?;
        let visibility = request
            .visibility_timeout
            .map(visibility_in_range)
            .transpose()?;
        let wanted = Wanted::by(request)?;
        let ask = Ask {
            max: usize::try_from(max).unwrap_or(1),
            visibility,
            max_receives: None,
        };
        let deliveries = self.receive(&queue, ask, Duration::from_secs(wait)).await?;
        to_json(&Messages {
            messages: deliveries
                .iter()
                .map(|delivery| wanted.render(delivery))
                .collect(),
        })
    }

    pub(crate) fn delete_message(
        &self,
        request: &Request<'_>,
        entry: &Entry<'_>,
    ) -> Result<Vec<u8>, SqsError> {
        let queue = self.by_url(&request.queue_url)?;
        queue.delete(self.clock.millis(), &entry.receipt_handle)?;
        Ok(b"{}".to_vec())
    }

    pub(crate) fn delete_message_batch(
        &self,
        request: Request<'_>,
        fail: usize,
    ) -> Result<Vec<u8>, SqsError> {
        let queue = self.by_url(&request.queue_url)?;
        let now = self.clock.millis();
        to_json(&batch::run(request.entries, fail, |entry| {
            queue.delete(now, &entry.receipt_handle)?;
            Ok(Done {
                id: entry.id.into_owned(),
            })
        })?)
    }

    pub(crate) fn change_message_visibility(
        &self,
        request: &Request<'_>,
        entry: &Entry<'_>,
    ) -> Result<Vec<u8>, SqsError> {
        let queue = self.by_url(&request.queue_url)?;
        self.change_entry(&queue, entry)?;
        Ok(b"{}".to_vec())
    }

    pub(crate) fn change_message_visibility_batch(
        &self,
        request: Request<'_>,
        fail: usize,
    ) -> Result<Vec<u8>, SqsError> {
        let queue = self.by_url(&request.queue_url)?;
        to_json(&batch::run(request.entries, fail, |entry| {
            self.change_entry(&queue, &entry)?;
            Ok(Done {
                id: entry.id.into_owned(),
            })
        })?)
    }

    fn send_entry(&self, queue: &SharedQueue, entry: Entry<'_>) -> Result<Sent, SqsError> {
        let delay = entry
            .delay_seconds
            .map(|delay| in_range("DelaySeconds", delay, 0, 900))
            .transpose()?;
        let content = self.content(queue, entry)?;
        let sent = Sent {
            id: None,
            message_id: content.id.clone(),
            md5_of_message_body: content.body_md5.clone(),
            md5_of_message_attributes: attributes_md5(content.attributes.iter()),
        };
        self.send(queue, Arc::new(content), delay)?;
        Ok(sent)
    }

    fn content(&self, queue: &SharedQueue, entry: Entry<'_>) -> Result<Content, SqsError> {
        let body = entry
            .message_body
            .filter(|body| !body.is_empty())
            .ok_or_else(|| missing_parameter("MessageBody"))?;
        let mut content = Content::new(body, typed(entry.message_attributes)?, self.clock.millis());
        content.trace_header = entry
            .message_system_attributes
            .get("AWSTraceHeader")
            .and_then(|a| a.string_value.clone());
        if !has_legal_characters(&content.body) {
            return Err(SqsError::new(
                Kind::InvalidMessageContents,
                "Invalid characters found in the message body.",
            ));
        }
        let limit = queue.lock().attributes.max_message_bytes;
        if content.size() as u64 > limit {
            let message = format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes."
            );
            return Err(invalid_parameter(message));
        }
        Ok(content)
    }

    fn change_entry(&self, queue: &SharedQueue, entry: &Entry<'_>) -> Result<(), SqsError> {
        let seconds = entry
            .visibility_timeout
            .ok_or_else(|| missing_parameter("VisibilityTimeout"))?;
        queue.change_visibility(self.clock.millis(), &entry.receipt_handle, seconds)
    }
}

/// Which attributes a receive asked for.
struct Wanted<'a> {
    system: Vec<&'a str>,
    custom: &'a [String],
}

impl<'a> Wanted<'a> {
    fn by(request: &'a Request<'_>) -> Result<Self, SqsError> {
        let names = request
            .attribute_names
            .iter()
            .chain(&request.message_system_attribute_names);
        let system: Vec<_> = names.map(String::as_str).collect();
        if let Some(unknown) = system.iter().find(|name| !SYSTEM_ATTRIBUTES.contains(name)) {
            return Err(unknown_attribute(unknown));
        }
        Ok(Self {
            system,
            custom: &request.message_attribute_names,
        })
    }

    fn render<'d>(&self, delivery: &'d Delivery) -> WireMessage<'d> {
        let content = &delivery.content;
        let custom = || {
            content
                .attributes
                .iter()
                .filter(|(name, _)| self.wants_custom(name))
        };
        WireMessage {
            message_id: &content.id,
            receipt_handle: &delivery.handle,
            md5_of_body: &content.body_md5,
            body: &content.body,
            attributes: self.system_attributes(delivery),
            md5_of_message_attributes: attributes_md5(custom()),
            message_attributes: custom()
                .map(|(name, value)| (name.as_str(), WireAttribute::from(value)))
                .collect(),
        }
    }

    fn system_attributes<'d>(
        &self,
        delivery: &'d Delivery,
    ) -> BTreeMap<&'static str, Cow<'d, str>> {
        if self.system.is_empty() {
            return BTreeMap::new();
        }
        let all = [
            (
                "ApproximateFirstReceiveTimestamp",
                Some(delivery.first_received_at.to_string().into()),
            ),
            (
                "ApproximateReceiveCount",
                Some(delivery.receive_count.to_string().into()),
            ),
            (
                "AWSTraceHeader",
                delivery.content.trace_header.as_deref().map(Cow::Borrowed),
            ),
            (
                "DeadLetterQueueSourceArn",
                delivery.dead_letter_source.as_deref().map(Cow::Borrowed),
            ),
            ("SenderId", Some(Cow::Borrowed(SENDER_ID))),
            (
                "SentTimestamp",
                Some(delivery.content.sent_at.to_string().into()),
            ),
        ];
        let wanted = |name: &str| self.system.contains(&"All") || self.system.contains(&name);
        all.into_iter()
            .filter(|(name, _)| wanted(name))
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// A name, a prefix followed by `.*`, or everything.
    fn wants_custom(&self, name: &str) -> bool {
        self.custom
            .iter()
            .any(|pattern| match pattern.strip_suffix(".*") {
                Some(prefix) => name.starts_with(prefix),
                None => pattern == "All" || pattern == name,
            })
    }
}

fn typed(
    wire: BTreeMap<String, WireAttribute>,
) -> Result<BTreeMap<String, AttributeValue>, SqsError> {
    if wire.len() > 10 {
        return Err(invalid_parameter(
            "Number of message attributes exceeds the allowed maximum [10].",
        ));
    }
    wire.into_iter()
        .map(|(name, value)| Ok((name, value.try_into()?)))
        .collect()
}

fn check_batch_size(entries: &[Entry<'_>]) -> Result<(), SqsError> {
    let bytes: usize = entries
        .iter()
        .filter_map(|entry| entry.message_body.as_ref())
        .map(String::len)
        .sum();
    if bytes as u64 > MAX_MESSAGE_BYTES {
        let message = format!(
            "Batch requests cannot be longer than {MAX_MESSAGE_BYTES} bytes. You have sent {bytes} bytes."
        );
        return Err(SqsError::new(Kind::BatchRequestTooLong, message));
    }
    Ok(())
}

/// A number as a request gives it, checked.
pub(crate) fn in_range(name: &str, value: i64, min: i64, max: i64) -> Result<u64, SqsError> {
    let in_range = u64::try_from(value)
        .ok()
        .filter(|_| (min..=max).contains(&value));
    in_range.ok_or_else(|| {
        invalid_parameter(format!(
            "Value {value} for parameter {name} is invalid. Reason: Must be between {min} and {max}, if provided."
        ))
    })
}
