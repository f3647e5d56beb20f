//! One `ReceiveMessage`: a long poll that always ends, and its messages as deliveries.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use sync_engine::ports::{
    Delivery, MAX_BATCH, MessageId, QueueError, ReceiptHandle, ReceiveRequest,
};
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::errors::AwsError;
use crate::errors::queue::queue_error;

/// Attributes come only when they are asked for.
const ASKED_FOR: [MessageSystemAttributeName; 4] = [
    MessageSystemAttributeName::ApproximateReceiveCount,
    MessageSystemAttributeName::ApproximateFirstReceiveTimestamp,
    MessageSystemAttributeName::SentTimestamp,
    MessageSystemAttributeName::AwsTraceHeader,
];

/// Polls once. Answers or fails within the wait plus `margin`.
pub(super) async fn receive(
    client: &Client,
    queue_url: &str,
    request: ReceiveRequest,
    margin: Duration,
) -> Result<Vec<Delivery>, QueueError> {
    // SQS starts the lease at some moment of the poll; its beginning is the one that is proven.
    let leased_at = Instant::now();
    let call = client
        .receive_message()
        .queue_url(queue_url)
        .max_number_of_messages(whole(request.max.clamp(1, MAX_BATCH)))
        .wait_time_seconds(whole(request.wait.as_secs()))
        .visibility_timeout(seconds_up(request.visibility_timeout))
        .set_message_system_attribute_names(Some(ASKED_FOR.to_vec()))
        .send();
    let limit = request.wait + margin;
    let answer = match tokio::time::timeout(limit, call).await {
        Ok(answer) => answer.map_err(|error| AwsError::from_sdk(&error)),
        Err(_) => Err(AwsError::timeout(format!(
            "gave up after {} s",
            limit.as_secs()
        ))),
    };
    let messages = answer
        .map_err(|error| queue_error("ReceiveMessage", error))?
        .messages;
    Ok(messages
        .unwrap_or_default()
        .into_iter()
        .filter_map(|message| delivery(message, leased_at))
        .collect())
}

/// Whole seconds for SQS, rounded up: a lease or delay is never shorter than what was asked for.
pub(super) fn seconds_up(duration: Duration) -> i32 {
    whole(duration.as_secs() + u64::from(duration.subsec_nanos() > 0))
}

fn whole<N: TryInto<i32>>(number: N) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

/// A message without an identifier or a handle could not be settled. SQS sends none.
fn delivery(message: Message, leased_at: Instant) -> Option<Delivery> {
    let (Some(id), Some(receipt)) = (message.message_id, message.receipt_handle) else {
        tracing::warn!("Received a message without an ID or a receipt handle");
        return None;
    };
    let attributes = message.attributes.unwrap_or_default();
    let attribute = |name| attributes.get(&name).map(String::as_str);
    Some(Delivery {
        id: MessageId(id),
        receipt: ReceiptHandle(receipt),
        body: message.body.unwrap_or_default(),
        receive_count: attribute(MessageSystemAttributeName::ApproximateReceiveCount)
            .and_then(|count| count.parse().ok())
            .unwrap_or(1),
        first_received_at: attribute(MessageSystemAttributeName::ApproximateFirstReceiveTimestamp)
            .and_then(milliseconds),
        sent_at: attribute(MessageSystemAttributeName::SentTimestamp).and_then(milliseconds),
        trace_header: attribute(MessageSystemAttributeName::AwsTraceHeader).map(str::to_owned),
        leased_at,
    })
}

fn milliseconds(text: &str) -> Option<OffsetDateTime> {
    let nanoseconds = text.parse::<i128>().ok()?.checked_mul(1_000_000)?;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_message_becomes_a_delivery_with_its_times() {
        let message = Message::builder()
            .message_id("m-1")
            .receipt_handle("h-1")
            .body("{}")
            .attributes(MessageSystemAttributeName::ApproximateReceiveCount, "3")
            .attributes(MessageSystemAttributeName::SentTimestamp, "1760000000123")
            .attributes(
                MessageSystemAttributeName::ApproximateFirstReceiveTimestamp,
                "soon",
            )
            .attributes(MessageSystemAttributeName::AwsTraceHeader, "Root=1-a-b")
            .build();
        let leased_at = Instant::now();
        assert_eq!(
            delivery(message, leased_at),
            Some(Delivery {
                id: MessageId("m-1".into()),
                receipt: ReceiptHandle("h-1".into()),
                body: "{}".into(),
                receive_count: 3,
                first_received_at: None,
                sent_at: Some(datetime!(2025-10-09 8:53:20.123 UTC)),
                trace_header: Some("Root=1-a-b".into()),
                leased_at,
            })
        );
    }

    #[test]
    fn a_message_that_could_not_be_settled_is_left_out() {
        let message = Message::builder().message_id("m-1").body("{}").build();
        assert_eq!(delivery(message, Instant::now()), None);
    }

    #[test]
    fn times_out_of_range_are_no_times() {
        for text in [
            "",
            "-",
            "999999999999999999999999999999",
            "9223372036854775807",
        ] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }

    #[test]
    fn leases_are_rounded_up_to_whole_seconds() {
        for (milliseconds, seconds) in [(0, 0), (1, 1), (1000, 1), (1001, 2)] {
            assert_eq!(seconds_up(Duration::from_millis(milliseconds)), seconds);
        }
    }
}
