//! What `GetQueueAttributes` says of a queue: for checks at the start and for gauges.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use serde::Deserialize;

use crate::errors::AwsError;

/// The settings and the depth of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueAttributes {
    /// The queue's ARN.
    pub arn: String,
    /// The lease of a message when a receive asks for none.
    pub visibility_timeout: Duration,
    /// After how many receives SQS itself moves a message to the dead-letter queue.
    pub max_receive_count: Option<u32>,
    /// Where SQS itself moves it to.
    pub dead_letter_target_arn: Option<String>,
    /// Bytes; S3 drops a notification that is larger, silently.
    pub maximum_message_size: u64,
    /// How many messages there are, about.
    pub depth: QueueDepth,
}

/// Approximate counts of messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueDepth {
    /// Waiting to be received.
    pub visible: u64,
    /// Received and leased.
    pub in_flight: u64,
    /// Sent with a delay that has not ended.
    pub delayed: u64,
}

impl QueueAttributes {
    /// The largest notification that S3 sends, in bytes. What does not fit is dropped silently.
    pub const NOTIFICATION_MAX: u64 = 65_536;
    /// Fewer receives than this are used up by a few restarts while a message waits its turn.
    pub const RECEIVES_ADVISED: u32 = 20;

    pub(crate) fn from_answer(
        answer: &HashMap<QueueAttributeName, String>,
    ) -> Result<Self, AwsError> {
        let redrive = redrive_policy(answer)?;
        Ok(Self {
            arn: text(answer, &QueueAttributeName::QueueArn)?.to_owned(),
            visibility_timeout: Duration::from_secs(number(
                answer,
                &QueueAttributeName::VisibilityTimeout,
            )?),
            max_receive_count: redrive
                .as_ref()
                .map(|policy| policy.max_receive_count.number()),
            dead_letter_target_arn: redrive.map(|policy| policy.dead_letter_target_arn),
            maximum_message_size: number(answer, &QueueAttributeName::MaximumMessageSize)?,
            depth: QueueDepth::from_answer(answer)?,
        })
    }
}

impl QueueDepth {
    pub(super) const ASKED_FOR: [QueueAttributeName; 3] = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ];

    pub(crate) fn from_answer(
        answer: &HashMap<QueueAttributeName, String>,
    ) -> Result<Self, AwsError> {
        let [visible, in_flight, delayed] = &Self::ASKED_FOR;
        Ok(Self {
            visible: number(answer, visible)?,
            in_flight: number(answer, in_flight)?,
            delayed: number(answer, delayed)?,
        })
    }

    /// Messages in whatever state.
    pub fn total(&self) -> u64 {
        self.visible + self.in_flight + self.delayed
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    dead_letter_target_arn: String,
    max_receive_count: Count,
}

/// SQS gives back what it was given: some tools write the number as a string.
#[derive(Deserialize)]
#[serde(untagged)]
enum Count {
    Number(u32),
    Text(String),
}

impl Count {
    fn number(&self) -> u32 {
        match self {
            Self::Number(count) => *count,
            Self::Text(text) => text.parse().unwrap_or_default(),
        }
    }
}

fn redrive_policy(
    answer: &HashMap<QueueAttributeName, String>,
) -> Result<Option<RedrivePolicy>, AwsError> {
    match answer
        .get(&QueueAttributeName::RedrivePolicy)
        .map(String::as_str)
    {
        None | Some("") => Ok(None),
        Some(json) => serde_json::from_str(json)
            .map(Some)
            .map_err(|error| AwsError::answer(format!("RedrivePolicy: {error}"))),
    }
}

fn text<'a>(
    answer: &'a HashMap<QueueAttributeName, String>,
    name: &QueueAttributeName,
) -> Result<&'a str, AwsError> {
    answer
        .get(name)
        .map(String::as_str)
        .ok_or_else(|| AwsError::answer(format!("no {}", name.as_str())))
}

fn number(
    answer: &HashMap<QueueAttributeName, String>,
    name: &QueueAttributeName,
) -> Result<u64, AwsError> {
    let text = text(answer, name)?;
    text.parse()
        .map_err(|_| AwsError::answer(format!("{} is {text:?}", name.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> HashMap<QueueAttributeName, String> {
        [
            ("QueueArn", "arn:aws:sqs:eu-central-1:000000000000:events"),
            ("VisibilityTimeout", "120"),
            ("MaximumMessageSize", "1048576"),
            ("ApproximateNumberOfMessages", "7"),
            ("ApproximateNumberOfMessagesNotVisible", "2"),
            ("ApproximateNumberOfMessagesDelayed", "1"),
        ]
        .into_iter()
        .map(|(name, value)| (name.into(), value.to_owned()))
        .collect()
    }

    #[test]
    fn settings_and_depth_are_read() {
        assert_eq!(
            QueueAttributes::from_answer(&answer()),
            Ok(QueueAttributes {
                arn: "arn:aws:sqs:eu-central-1:000000000000:events".into(),
                visibility_timeout: Duration::from_mins(2),
                max_receive_count: None,
                dead_letter_target_arn: None,
                maximum_message_size: 1_048_576,
                depth: QueueDepth {
                    visible: 7,
                    in_flight: 2,
                    delayed: 1
                },
            })
        );
    }

    #[test]
    fn the_depth_is_read_from_an_answer_that_holds_nothing_else() {
        let mut answer = answer();
        answer.retain(|name, _| QueueDepth::ASKED_FOR.contains(name));
        assert_eq!(answer.len(), 3);
        let depth = QueueDepth::from_answer(&answer).unwrap();
        assert_eq!((depth.visible, depth.total()), (7, 10));
    }

    #[test]
    fn the_receive_count_of_a_redrive_policy_may_be_a_string() {
        for count in ["20", "\"20\""] {
            let mut answer = answer();
            let json = format!(r#"{{"deadLetterTargetArn":"arn:dlq","maxReceiveCount":{count}}}"#);
            answer.insert(QueueAttributeName::RedrivePolicy, json);
            let attributes = QueueAttributes::from_answer(&answer).unwrap();
            assert_eq!(attributes.max_receive_count, Some(20));
            assert_eq!(
                attributes.dead_letter_target_arn.as_deref(),
                Some("arn:dlq")
            );
        }
    }

    #[test]
    fn what_is_missing_or_no_number_is_named() {
        let mut lacking = answer();
        lacking.remove(&QueueAttributeName::QueueArn);
        let error = QueueAttributes::from_answer(&lacking).unwrap_err();
        assert_eq!(error.to_string(), "answer not understood: no QueueArn");

        let mut odd = answer();
        odd.insert(QueueAttributeName::VisibilityTimeout, "long".into());
        let error = QueueAttributes::from_answer(&odd).unwrap_err();
        assert_eq!(
            error.to_string(),
            "answer not understood: VisibilityTimeout is \"long\""
        );
    }
}
